/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for packets without burning a processor.
 */
#include "idle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATIENCE_US 50

/* Nanoseconds. */
#define NAP_FIRST   50000u
#define NAP_BLIND   1000000u   /* a queue that tells nobody of its packets is looked at so often */
#define NAP_LONGEST 250000000u /* for transmit queues that need a push */

/* So many wake-ups without a packet, and a descriptor is not believed for the next nap: it may be in error for good. */
#define FALSE_ALARMS_MAX 4

int idle_init(struct idle *idle, enum idle_mode mode, int stop_fd, unsigned most)
{
	memset(idle, 0, sizeof(*idle));
	idle->rxq = calloc(most + 1, sizeof(struct weir_rxq *));
	idle->fds = calloc(most + 1, sizeof(struct pollfd));
	if (!idle->rxq || !idle->fds) {
		idle_fini(idle);
		return -ENOMEM;
	}
	idle->mode = mode;
	idle->patience = mode == IDLE_POLL ? UINT64_MAX : weir_clock_hz() / 1000000 * PATIENCE_US;
	idle->since = weir_clock();
	idle->fds[0] = (struct pollfd){ .fd = stop_fd, .events = POLLIN };
	return 0;
}

void idle_fini(struct idle *idle)
{
	free(idle->rxq);
	free(idle->fds);
	idle->rxq = NULL;
	idle->fds = NULL;
}

void idle_watch(struct idle *idle, struct weir_rxq *rxq)
{
	struct weir_port_info info;
	int fd = -ENOTSUP;

	weir_port_info(rxq->port, &info);
	if (idle->mode == IDLE_INTERRUPT && info.can_wait)
		fd = weir_rxq_fd(rxq);
	if (fd < 0) {
		idle->blind++;
		return;
	}
	idle->rxq[idle->count++] = rxq;
	idle->fds[idle->count] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

void idle_forget(struct idle *idle, struct weir_rxq *rxq)
{
	for (unsigned i = 0; i < idle->count; i++) {
		if (idle->rxq[i] != rxq)
			continue;
		idle->count--;
		idle->rxq[i] = idle->rxq[idle->count];
		idle->fds[i + 1] = idle->fds[idle->count + 1];
		return;
	}
	idle->blind--;
}

/* Asks every watched queue to tell of its next packet. False when one has packets already. */
static bool arm_all(const struct idle *idle)
{
	for (unsigned i = 0; i < idle->count; i++)
		if (weir_rxq_arm(idle->rxq[i]) > 0)
			return false;
	return true;
}

void idle_wait(struct idle *idle)
{
	bool listen = idle->count && idle->false_alarms < FALSE_ALARMS_MAX;
	uint64_t longest = listen && !idle->blind ? NAP_LONGEST : NAP_BLIND;
	struct timespec nap;

	if (listen && !arm_all(idle)) {
		idle->false_alarms++;
		return;
	}
	idle->nap_ns = idle->nap_ns ? idle->nap_ns * 2 : NAP_FIRST;
	if (idle->nap_ns > longest)
		idle->nap_ns = longest;
	nap.tv_sec = 0;
	nap.tv_nsec = (long)(idle->most_ns && idle->most_ns < idle->nap_ns ? idle->most_ns : idle->nap_ns);
	if (ppoll(idle->fds, listen ? idle->count + 1 : 1, &nap, NULL) > 0)
		idle->false_alarms++;
	else
		idle->false_alarms = 0;
}
