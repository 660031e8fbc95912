/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The workers' loop: sends what is due, takes what came, and waits for either.
 */
#include <sched.h>
#include <sys/prctl.h>

#include "pktgen.h"
#include "receive.h"

/*
 * Nanoseconds. A wait ends so long before the next packet is due, and the rest is spent looking at the clock, with others going
 * first where processors are few: what is to be tested may run on the same ones.
 */
#define NAP_MARGIN 100000u
#define NAP_LEAST  50000u

/* Waits for packets until @due, unless that is too soon. */
static void rest(struct worker *worker, bool received, uint64_t now, uint64_t due)
{
	if (due != SEND_NEVER) {
		if (due < now + NAP_MARGIN + NAP_LEAST) {
			if (due > now && !received)
				sched_yield();
			return;
		}
		worker->idle.most_ns = due - now - NAP_MARGIN;
	} else {
		worker->idle.most_ns = 0;
	}
	idle_round(&worker->idle, received, weir_clock());
}

void *worker_run(void *arg)
{
	struct worker *worker = arg;
	struct pktgen *pktgen = worker->pktgen;

	/* Waits are to end when they should, and not with somebody else's. */
	prctl(PR_SET_TIMERSLACK, 1ul);
	while (!workers_stopping(&pktgen->workers)) {
		uint64_t now = pktgen_now(&pktgen->clock);
		uint64_t due = send_round(worker->sender, now);
		bool received = receive_round(worker->receiver);

		if (!received && due == SEND_NEVER && !worker->dry && !receive_unfinished(worker->receiver)) {
			worker->dry = true;
			workers_done(&pktgen->workers);
		}
		rest(worker, received, now, due);
	}
	return NULL;
}
