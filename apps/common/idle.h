/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a worker does when no packet comes.
 *
 * For a while it goes on polling, since packets often come in trains. Then it waits: for the file descriptors of its
 * receive queues, or where there is none (or none is wanted) for a time that grows from 50 microseconds to one
 * millisecond. A wait for descriptors ends by itself too, ever more rarely down to four times a second, so that
 * transmit queues which need a push from time to time get it.
 */
#ifndef COMMON_IDLE_H
#define COMMON_IDLE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include <weir/port.h>

#include "options.h"

struct idle {
	enum idle_mode mode;
	uint64_t patience; /* in ticks of weir_clock(): for how long to go on polling */
	uint64_t since;    /* when the last packet came */
	uint64_t nap_ns;   /* how long the last wait might have taken; 0: there was none since the last packet */
	uint64_t most_ns;  /* no wait takes longer, whatever it is for; 0: any */
	unsigned false_alarms;

	unsigned blind;        /* queues that have nothing to wait for */
	unsigned count;        /* queues that have */
	struct weir_rxq **rxq; /* @count of them */
	struct pollfd *fds;    /* 0: the request to stop; then theirs */
};

/* Prepares for at most @most queues. @stop_fd becomes readable when waiting must end for good. Returns 0 or -ENOMEM. */
int idle_init(struct idle *idle, enum idle_mode mode, int stop_fd, unsigned most);
void idle_fini(struct idle *idle);

/* Watches a queue of a started port; stops watching one that has run dry. */
void idle_watch(struct idle *idle, struct weir_rxq *rxq);
void idle_forget(struct idle *idle, struct weir_rxq *rxq);

/* Waits for a packet, for a time. For idle_round(). */
void idle_wait(struct idle *idle);

/* A queue that is not watched has something to do soon: naps stay short until it is taken back. */
static inline void idle_hurry(struct idle *idle, bool hurry)
{
	if (hurry)
		idle->blind++;
	else
		idle->blind--;
}

/*
 * To be called after each round over all queues; @now is weir_clock(). May block when the round moved nothing. Returns
 * weir_clock() after that.
 */
static inline uint64_t idle_round(struct idle *idle, bool moved, uint64_t now)
{
	if (moved) {
		idle->since = now;
		idle->nap_ns = 0;
		idle->false_alarms = 0;
	} else if (now - idle->since > idle->patience) {
		idle_wait(idle);
		return weir_clock();
	}
	return now;
}

#endif
