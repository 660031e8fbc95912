/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signals as a file descriptor.
 */
#include "signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void ending_signals(sigset_t *set)
{
	struct sigaction hangup;

	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	/* nohup asks to outlive the terminal. */
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(set, SIGHUP);
}

int signals_catch(void)
{
	sigset_t set;
	int fd;

	ending_signals(&set);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	/* A reader that is gone, and a limit of file sizes, show as errors of what is written. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return fd;
}

void signals_release(int fd)
{
	struct signalfd_siginfo info;
	sigset_t set;

	/* What has arrived already was the request to end, not the second one. */
	while (read(fd, &info, sizeof(info)) > 0)
		;
	close(fd);
	ending_signals(&set);
	/* Scripts start background jobs with SIGINT ignored, and the screen leaves handlers of its own. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
