/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a driver says of a packet that it received, in the words of weir/pkt.h, whichever driver it was.
 */
#ifndef TESTS_DPDK_SEEN_H
#define TESTS_DPDK_SEEN_H

#include "pmd.h"
#include "weir/pkt.h"

#define SEEN_VERDICTS (WEIR_PKT_IP_GOOD | WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD | WEIR_PKT_L4_BAD)

struct seen {
	uint16_t queue;
	uint16_t flags; /* types, verdicts, whether there is a tag, a hash */
	uint16_t vlan;
	uint32_t hash;
	size_t len;
	uint8_t bytes[FRAME_MAX];
};

void seen_by_dpdk(const struct rte_mbuf *packet, uint16_t queue, struct seen *seen);

/* A frame arrives at the card of the bench, and is received by queue 0. Returns whether it was. */
bool see(const uint8_t *frame, size_t len, struct seen *seen);

#endif
