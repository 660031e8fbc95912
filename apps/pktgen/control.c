/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The main thread's mailbox.
 */
#include "control.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "control_run.h"
#include "control_socket.h"
#include "pktgen.h"
#include "testing.h"

/* What somebody waits for. On his stack. */
struct call {
	struct call *next;
	void (*fn)(void *arg);
	void *arg;
	bool done;
	int err;
};

struct control {
	struct pktgen *pktgen;
	struct testing *testing;
	struct control_socket *socket;
	char **capture_files; /* one a port */
	bool ended;
	int epoll_fd, wake_fd;

	pthread_mutex_t lock;
	pthread_cond_t changed; /* a call is done, or all is over */
	bool closing, failed;
	unsigned threads;
	struct call *first, **last;
};

int control_open(struct control **out, struct pktgen *pktgen)
{
	struct control *control = calloc(1, sizeof(*control));
	struct epoll_event event = { .events = EPOLLIN };
	pthread_condattr_t attr;
	int err = -ENOMEM;

	*out = NULL;
	if (!control)
		goto fail;
	control->pktgen = pktgen;
	control->capture_files = calloc(pktgen->ports.count + 1, sizeof(*control->capture_files));
	control->last = &control->first;
	control->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	control->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&control->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&control->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (!control->capture_files)
		goto fail;
	if (control->epoll_fd < 0 || control->wake_fd < 0 ||
	    epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, control->wake_fd, &event)) {
		err = -errno;
		goto fail;
	}
	err = testing_open(&control->testing, control);
	if (err)
		goto fail;
	*out = control;
	return 0;

fail:
	log_say(&pktgen->log, "commands cannot be taken: %s", strerror(-err));
	control_close(control);
	return err;
}

static void cancel_calls(struct control *control)
{
	pthread_mutex_lock(&control->lock);
	control->closing = true;
	for (struct call *call = control->first; call; call = call->next) {
		call->err = -ECANCELED;
		call->done = true;
	}
	control->first = NULL;
	control->last = &control->first;
	pthread_cond_broadcast(&control->changed);
	while (control->threads)
		pthread_cond_wait(&control->changed, &control->lock);
	pthread_mutex_unlock(&control->lock);
}

void control_close(struct control *control)
{
	if (!control)
		return;
	cancel_calls(control);
	testing_close(control->testing);
	control_socket_close(control->socket);
	if (control->wake_fd >= 0)
		close(control->wake_fd);
	if (control->epoll_fd >= 0)
		close(control->epoll_fd);
	for (unsigned i = 0; control->capture_files && i < control->pktgen->ports.count; i++)
		free(control->capture_files[i]);
	free(control->capture_files);
	pthread_cond_destroy(&control->changed);
	pthread_mutex_destroy(&control->lock);
	free(control);
}

int control_listen(struct control *control, const char *path)
{
	struct epoll_event event = { .events = EPOLLIN };
	int err = control_socket_open(&control->socket, control, path);

	if (!err && epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, control_socket_fd(control->socket), &event))
		err = -errno;
	if (err)
		log_say(&control->pktgen->log, "no control socket at '%s': %s", path,
		        err == -EADDRINUSE ? "there is something; remove it if nobody uses it" : strerror(-err));
	return err;
}

int control_fd(const struct control *control)
{
	return control->epoll_fd;
}

static struct call *take_call(struct control *control)
{
	struct call *call;

	pthread_mutex_lock(&control->lock);
	call = control->first;
	if (call) {
		control->first = call->next;
		if (!control->first)
			control->last = &control->first;
	}
	pthread_mutex_unlock(&control->lock);
	return call;
}

void control_serve(struct control *control)
{
	uint64_t value;
	struct call *call;

	while (read(control->wake_fd, &value, sizeof(value)) < 0 && errno == EINTR)
		;
	while ((call = take_call(control))) {
		call->fn(call->arg);
		pthread_mutex_lock(&control->lock);
		call->done = true;
		pthread_cond_broadcast(&control->changed);
		pthread_mutex_unlock(&control->lock);
	}
	if (control->socket)
		control_socket_serve(control->socket);
	control_run_tick(control);
}

bool control_ended(const struct control *control)
{
	return control->ended;
}

void control_quit(struct control *control)
{
	control->ended = true;
}

bool control_busy(const struct control *control)
{
	struct control *mine = (struct control *)(uintptr_t)control;
	bool busy;

	pthread_mutex_lock(&mine->lock);
	busy = mine->threads;
	pthread_mutex_unlock(&mine->lock);
	return busy || control->socket;
}

struct pktgen *control_pktgen(struct control *control)
{
	return control->pktgen;
}

struct testing *control_testing(struct control *control)
{
	return control->testing;
}

char **control_capture_file(struct control *control, unsigned port)
{
	return &control->capture_files[port];
}

static void wake(struct control *control)
{
	uint64_t one = 1;

	while (write(control->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

int control_call(struct control *control, void (*fn)(void *arg), void *arg)
{
	struct call call = { .fn = fn, .arg = arg };

	pthread_mutex_lock(&control->lock);
	if (control->closing) {
		pthread_mutex_unlock(&control->lock);
		return -ECANCELED;
	}
	*control->last = &call;
	/* cppcheck-suppress autoVariables ; nobody returns from here before it is taken out again */
	control->last = &call.next;
	wake(control);
	while (!call.done)
		pthread_cond_wait(&control->changed, &control->lock);
	pthread_mutex_unlock(&control->lock);
	return call.err;
}

struct command_call {
	struct control *control;
	const json_t *command;
	json_t *answer;
};

static void execute_call(void *arg)
{
	struct command_call *call = arg;

	call->answer = control_execute(call->control, call->command);
}

json_t *control_command(struct control *control, const json_t *command)
{
	struct command_call call = { .control = control, .command = command };

	if (control_call(control, execute_call, &call))
		return control_refuse("the program is about to end");
	return call.answer;
}

void control_begin(struct control *control)
{
	pthread_mutex_lock(&control->lock);
	control->threads++;
	pthread_mutex_unlock(&control->lock);
}

void control_done(struct control *control)
{
	pthread_mutex_lock(&control->lock);
	control->threads--;
	pthread_cond_broadcast(&control->changed);
	/* The main thread may have waited for this. */
	wake(control);
	pthread_mutex_unlock(&control->lock);
}

void control_fail(struct control *control)
{
	__atomic_store_n(&control->failed, true, __ATOMIC_RELAXED);
}

bool control_failed(const struct control *control)
{
	return __atomic_load_n(&control->failed, __ATOMIC_RELAXED);
}

void control_finish(struct control *control)
{
	for (unsigned i = 0; i < control->pktgen->ports.count; i++) {
		struct capture *capture = receive_capture(control->pktgen->receiving, i);

		capture_stop(capture);
		capture_rest(capture);
	}
	control_run_tick(control);
}

int control_sleep(struct control *control, double seconds)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)seconds;
	until.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&control->lock);
	while (!control->closing && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&control->changed, &control->lock, &until);
	err = control->closing ? -ECANCELED : 0;
	pthread_mutex_unlock(&control->lock);
	return err;
}

json_t *control_refuse(const char *format, ...)
{
	char text[CONTROL_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}
