/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card of a simulator under our driver, and one of the same kind under DPDK's.
 */
#ifndef TESTS_BENCH_NIC_H
#define TESTS_BENCH_NIC_H

#include "dpdk.h"

#include "bench.h"
#include "weir/port.h"
#include "weir/sim.h"

#define NIC_QUEUES  8u
#define NIC_STRETCH 256u /* packets for each queue, at most */
#define NIC_ENTRIES 128u /* in a burst, at most */

enum nic_what { RECEIVE, SEND, FORWARD };
enum nic_touch { UNTOUCHED, MAC_SWAP, FIVE_TUPLE };

struct nic_setting {
	const char *model;
	enum nic_what what;
	enum nic_touch touch;
	unsigned burst, slots, queues;
	unsigned len;  /* of a frame without CRC; 0: IMIX, 7 of 60, 4 of 570, 1 of 1514 */
	bool offloads; /* checksums, VLAN tags and RSS both ways */
	bool threads;  /* the card moves on another processor */
	double mark;
};

struct nic_side {
	struct weir_sim_nic *nic;
	/* Polls the queues until @n packets are through. Returns how many were. */
	unsigned (*run)(const struct nic_setting *s, unsigned n);
};

/* Packets in a stretch: each queue gets what one alone would get, in as many bursts. */
unsigned nic_stretch(const struct nic_setting *s);

/* Opens and closes one's port; the card is made by open(). */
void nic_open_ours(const struct nic_setting *s, struct weir *weir, struct weir_sim *sim, struct nic_side *side);
void nic_close_ours(void);
void nic_open_theirs(const struct nic_setting *s, struct weir *weir, struct weir_sim *sim, struct nic_side *side);
void nic_close_theirs(void);

/* Makes packets to be sent, frees those that were received: what is not measured. */
void nic_prepare_ours(const struct nic_setting *s, unsigned n);
void nic_finish_ours(void);
void nic_prepare_theirs(const struct nic_setting *s, unsigned n);
void nic_finish_theirs(void);

/* The key of RSS. */
#define NIC_KEY 40u
extern uint8_t nic_key[NIC_KEY];

/* What an application does to a packet. */
extern uint32_t nic_sum;

static inline void nic_touch(enum nic_touch touch, uint8_t *data)
{
	uint8_t first[6];
	uint32_t words[3];

	if (touch == MAC_SWAP) {
		__builtin_memcpy(first, data, 6);
		__builtin_memcpy(data, data + 6, 6);
		__builtin_memcpy(data + 6, first, 6);
	} else {
		__builtin_memcpy(words, data + 26, 12);
		nic_sum += words[0] ^ words[1] ^ words[2] ^ data[23];
	}
}

#endif
