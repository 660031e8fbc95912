/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card's thread: it takes one client after the other, handles what they ask, and gets on with engine and wire.
 *
 * It sleeps in poll() until a client, a wire, the clock or another thread has something for it. Doorbells in mapped
 * memory tell nobody: in fast mode it looks again and again, ever more rarely when nothing comes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"
#include "sim/card.h"
#include "sim/wire.h"

#define FRAMES_MAX 256u     /* taken from the inbox at once */
#define SPIN_NS    20000u   /* for so long the next message is waited for without a pause, */
#define SPIN_FAST  5000u    /* ... and the next doorbell: others may want the processor */
#define LOOK_NS    5000u    /* while there is work, others are looked for after so long */
#define NAP_MIN_NS 50000u   /* then doorbells are looked at with pauses from here */
#define NAP_MAX_NS 500000u  /* to here */
#define STALL_NS   50000u   /* before a wire that had no room is tried again */
#define SLACK_NS   1000u    /* how late a pause may end; the kernel would make it 50,000 */
#define TICK_NS    1000000u /* for models that do not tell when they are due */
#define NEVER      UINT64_MAX
#define NAP_NS     1000000 /* between two tries to lock a folder, */
#define LOCK_TRIES 2000    /* ... and so many of them */

uint64_t sim_now_ns(struct sim_nic *nic)
{
	struct timespec now;

	(void)nic;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- the lock, and waking --------------------------------------------------------------------------------------------- */

void card_lock(struct weir_sim_nic *card)
{
	__atomic_fetch_add(&card->waiting, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&card->lock);
	__atomic_fetch_sub(&card->waiting, 1, __ATOMIC_RELAXED);
}

void card_unlock(struct weir_sim_nic *card)
{
	pthread_mutex_unlock(&card->lock);
}

void card_wake(struct weir_sim_nic *card)
{
	uint64_t one = 1;

	(void)!write(card->wake_fd, &one, sizeof(one));
}

/* --- engine and wire -------------------------------------------------------------------------------------------------- */

static void tell_missed(struct weir_sim_nic *card)
{
	uint64_t refused = count_read(&card->inbox.refused);

	if (refused != card->missed && card->nic->model->missed)
		card->nic->model->missed(card->nic, refused - card->missed);
	card->missed = refused;
}

/* Hands frames to the model that have arrived by @now. */
static unsigned receive(struct weir_sim_nic *card, uint64_t now)
{
	struct sim_nic *nic = card->nic;
	const struct inbox_frame *frame;
	unsigned n = 0;
	uint64_t unused;

	card->blocked = false;
	for (; n < FRAMES_MAX && (frame = inbox_first(&card->inbox)) && frame->due_ns <= now; n++) {
		unsigned flags = frame->flags;

		if (nic->gone || !nic->link_up) {
			card->unplugged++;
		} else {
			if (sim_fault(nic, WEIR_SIM_RX_CRC, &unused))
				flags |= SIM_FRAME_BAD_CRC;
			card->blocked = !nic->model->receive(nic, frame->bytes, frame->len, flags);
			if (card->blocked)
				break;
		}
		inbox_drop(&card->inbox);
	}
	return n;
}

unsigned card_run(struct weir_sim_nic *card)
{
	struct sim_nic *nic = card->nic;
	uint64_t now = card->now_ns = sim_now_ns(nic);
	unsigned work = 0;

	card->stalled = false;
	if (nic->wire->ops->run)
		work += nic->wire->ops->run(nic->wire, now);
	work += receive(card, now);
	if (nic->gone)
		return work;
	tell_missed(card);
	return work + nic->model->run(nic, now);
}

/* When card_run() has something to do next, as far as the clock alone decides. */
static uint64_t card_due(struct weir_sim_nic *card, uint64_t now)
{
	struct sim_nic *nic = card->nic;
	const struct inbox_frame *frame = inbox_first(&card->inbox);
	uint64_t due = card->stalled ? now + STALL_NS : NEVER, next = NEVER;

	if (frame && !card->blocked)
		due = frame->due_ns < due ? frame->due_ns : due;
	if (nic->wire->ops->due && !card->blocked)
		next = nic->wire->ops->due(nic->wire, now);
	due = next < due ? next : due;
	if (nic->gone || !card->served)
		return due;
	next = nic->model->due ? nic->model->due(nic, now) : now + TICK_NS;
	return next < due ? next : due;
}

/* --- clients ---------------------------------------------------------------------------------------------------------- */

static void client_drop(struct weir_sim_nic *card)
{
	card_forget_client(card);
	vu_server_fini(&card->server);
	card->served = false;
}

static void client_adopt(struct weir_sim_nic *card, int fd)
{
	int err = vu_server_init(&card->server, fd, &card->device, &card_ops, card->nic);

	if (err) {
		sim_log(card->nic, WEIR_LOG_ERROR, "no memory for a client");
		return;
	}
	card->dma.server = &card->server;
	card->served = true;
	sim_log(card->nic, WEIR_LOG_INFO, "has a client");
}

/* A client that closes the card takes its memory back first; one that is killed cannot. */
static void client_lost(struct weir_sim_nic *card, int err)
{
	if (err != -EPIPE)
		sim_log(card->nic, WEIR_LOG_WARNING, "its client is given up (%s); the card is as after a reset",
		        strerror(-err));
	else if (card->dma.count)
		sim_log(
		    card->nic, WEIR_LOG_WARNING,
		    "its client went away in the middle of its work (was it killed?); the card is as after a reset");
	else
		sim_log(card->nic, WEIR_LOG_INFO, "its client has closed it; the card is as after a reset");
	client_drop(card);
}

/* Takes a client that waits, when there is none. */
static void client_take(struct weir_sim_nic *card)
{
	int fd = card->next_fd;

	if (card->served)
		return;
	card->next_fd = -1;
	if (fd < 0 && card->listen_fd >= 0)
		fd = accept4(card->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		client_adopt(card, fd);
}

/* Handles a message, if the client has sent one. Returns how many. */
static unsigned client_step(struct weir_sim_nic *card, bool readable)
{
	int err;

	if (!card->served || !(card->server.first || readable))
		return 0;
	card->now_ns = sim_now_ns(card->nic);
	err = vu_server_step(&card->server, 0);
	if (err)
		client_lost(card, err);
	return 1;
}

/* --- the thread ------------------------------------------------------------------------------------------------------- */

/* Who can end a sleep. */
struct sleepers {
	struct pollfd fds[4];
	unsigned count;
	int client; /* the place of the client's socket, or -1 */
};

static int add(struct sleepers *s, int fd)
{
	s->fds[s->count] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return (int)s->count++;
}

/* Who is waited for, with the lock held. */
static void prepare(struct weir_sim_nic *card, struct sleepers *s)
{
	const struct wire_ops *wire = card->nic->wire->ops;

	s->count = 0;
	s->client = -1;
	add(s, card->wake_fd);
	if (card->served)
		s->client = add(s, card->server.socket.fd);
	else if (card->listen_fd >= 0)
		add(s, card->listen_fd);
	if (wire->fd && !card->nic->sim->conf.manual && wire_room(card->nic))
		add(s, wire->fd(card->nic->wire));
}

/* How long to sleep when a round did @work, with the lock held. *@idle_since is when there was last something to do. */
static uint64_t patience(struct weir_sim_nic *card, unsigned work, uint64_t *idle_since)
{
	uint64_t now = sim_now_ns(card->nic), due = NEVER, idle;

	if (work)
		*idle_since = now;
	idle = now - *idle_since;
	/* One message follows another, mostly; and what one round did may give the next one something to do. */
	if (idle < (card->nic->fast ? SPIN_FAST : SPIN_NS) && (card->served || work))
		return 0;
	if (card->served ? card->server.first != NULL : card->next_fd >= 0)
		return 0;
	if (card->nic->sim->conf.manual)
		return NEVER;
	due = card_due(card, now);
	due = due == NEVER ? NEVER : due > now ? due - now : 0;
	if (!card->nic->fast || !card->served || card->nic->gone)
		return due;
	idle = idle < NAP_MIN_NS ? NAP_MIN_NS : idle < NAP_MAX_NS ? idle : NAP_MAX_NS;
	return idle < due ? idle : due;
}

static void sleep_until(struct weir_sim_nic *card, struct sleepers *s, uint64_t ns)
{
	struct timespec time = { .tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u) };
	uint64_t events;

	ppoll(s->fds, s->count, ns == NEVER ? NULL : &time, NULL);
	if (s->fds[0].revents)
		(void)!read(card->wake_fd, &events, sizeof(events));
}

/* Whether nobody needs to be looked for between two rounds, of which one did @work, with the lock held. */
static bool goes_on(const struct weir_sim_nic *card, unsigned work, uint64_t *looked_ns)
{
	if (work && card->nic->fast && card->now_ns - *looked_ns < LOOK_NS)
		return true;
	*looked_ns = card->now_ns;
	return false;
}

static void *card_thread(void *arg)
{
	struct weir_sim_nic *card = arg;
	struct sleepers s = { .client = -1 };
	uint64_t idle_since = 0, looked_ns = 0, ns;
	unsigned work;
	bool hurries;

	prctl(PR_SET_TIMERSLACK, SLACK_NS);
	while (!__atomic_load_n(&card->quit, __ATOMIC_ACQUIRE)) {
		pthread_mutex_lock(&card->lock);
		work = client_step(card, s.client > 0 && s.fds[s.client].revents);
		client_take(card);
		if (!card->nic->sim->conf.manual)
			work += card_run(card);
		prepare(card, &s);
		if (!work)
			(void)__atomic_exchange_n(&card->asleep, true, __ATOMIC_ACQ_REL);
		ns = patience(card, work, &idle_since);
		hurries = !ns && goes_on(card, work, &looked_ns);
		pthread_mutex_unlock(&card->lock);
		while (__atomic_load_n(&card->waiting, __ATOMIC_RELAXED))
			sched_yield();
		if (!hurries)
			sleep_until(card, &s, ns);
		__atomic_store_n(&card->asleep, false, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Signals are the program's: the card's thread takes none. */
int card_start(struct weir_sim_nic *card)
{
	sigset_t all, before;
	int err;

	card->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (card->wake_fd < 0)
		return weir_fail(NULL, -errno, "cannot make an eventfd: %s", strerror(errno));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&card->thread, NULL, card_thread, card);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err)
		return weir_fail(NULL, -err, "cannot start a thread: %s", strerror(err));
	card->started = true;
	return 0;
}

void card_stop(struct weir_sim_nic *card)
{
	if (card->started) {
		__atomic_store_n(&card->quit, true, __ATOMIC_RELEASE);
		card_wake(card);
		pthread_join(card->thread, NULL);
		card->started = false;
	}
	if (card->served)
		client_drop(card);
	if (card->next_fd >= 0)
		close(card->next_fd);
	card->next_fd = -1;
	if (card->listen_fd >= 0) {
		unlink(card->address.sun_path);
		close(card->listen_fd);
	}
	card->listen_fd = -1;
}

/* --- who may be a client ---------------------------------------------------------------------------------------------- */

/*
 * Who takes the place of a socket that was left behind must not take one that another simulator has just made there: so
 * one at a time does, and holds a lock on the folder meanwhile, which no death can leave. Returns the folder, or -1 where
 * there can be no lock; a stranger who holds one is not waited for for ever.
 */
static int folder_lock(const char *path)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *end = strrchr(path, '/');
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", end ? (int)(end - path + 1) : 1, end ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (unsigned tries = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && tries < LOCK_TRIES; tries++)
		nanosleep(&nap, NULL);
	return fd;
}

static void folder_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* A socket file that nobody listens at is what a killed simulator has left. */
static void remove_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 && errno == ECONNREFUSED)
		unlink(address->sun_path);
	close(fd);
}

static int listen_at(int fd, const struct sockaddr_un *address)
{
	int folder = folder_lock(address->sun_path), err = 0;

	remove_stale(address);
	if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 || listen(fd, 4) < 0)
		err = -errno;
	folder_unlock(folder);
	return err;
}

int weir_sim_nic_serve(struct weir_sim_nic *card, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, err;

	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return weir_fail(NULL, -EINVAL, "'%s' is no path for a socket; it needs 1 to %zu characters", path,
		                 sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return weir_fail(NULL, -errno, "cannot make a socket: %s", strerror(errno));
	err = listen_at(fd, &address);
	if (err) {
		close(fd);
		return weir_fail(NULL, err, "cannot serve at %s: %s", path, strerror(-err));
	}
	card_lock(card);
	err = card->listen_fd < 0 ? 0 : -EBUSY;
	if (!err) {
		card->listen_fd = fd;
		card->address = address;
	}
	card_unlock(card);
	if (err) {
		unlink(path);
		close(fd);
		return weir_fail(NULL, err, "%s is served at %s already", card->nic->name, card->address.sun_path);
	}
	card_wake(card);
	return 0;
}

/* Whether the client, if there is one, still holds its end. */
static bool client_lives(const struct weir_sim_nic *card)
{
	struct pollfd end = { .fd = card->server.socket.fd, .events = POLLIN };

	return card->served && !(poll(&end, 1, 0) > 0 && end.revents & (POLLHUP | POLLERR));
}

int weir_sim_nic_connect(struct weir_sim_nic *card, int *fd)
{
	int ends[2];
	bool busy;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return weir_fail(NULL, -errno, "cannot make a socket: %s", strerror(errno));
	card_lock(card);
	busy = client_lives(card) || card->next_fd >= 0;
	if (!busy)
		card->next_fd = ends[0];
	card_unlock(card);
	if (busy) {
		close(ends[0]);
		close(ends[1]);
		return weir_fail(NULL, -EBUSY, "%s has a client already; close that one first", card->nic->name);
	}
	card_wake(card);
	*fd = ends[1];
	return 0;
}
