/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rig with the model of the 82599: its queues.
 */
#ifndef TESTS_SIM_82599_H
#define TESTS_SIM_82599_H

#include "sim_rig.h"

static inline void rig_open(struct rig *r)
{
	rig_open_as(r, "82599,mac=02:00:00:00:00:01,wire=hold", false);
}

/* Starts receive queue @q with advanced descriptors and @n buffers of 2 KiB, the ring of queue q behind that of q - 1. */
static inline void rig_rx(struct rig *r, unsigned q, unsigned n)
{
	uint32_t ring = RX_RING + q * 0x4000, at = q * 0x40;

	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t buffer[2] = { IOVA + BUFFERS + i * 2048, 0 };

		memcpy(r->memory + ring + i * 16, buffer, 16);
	}
	set(r, 0x1000 + at, (uint32_t)(IOVA + ring));
	set(r, 0x1004 + at, (uint32_t)((IOVA + ring) >> 32));
	set(r, 0x1008 + at, ENTRIES * 16);
	set(r, 0x1014 + at, 0x02000002); /* advanced, 2 KiB */
	set(r, 0x1028 + at, get(r, 0x1028 + at) | 0x02000000);
	set(r, 0x1010 + at, 0);
	set(r, 0x2f00, get(r, 0x2f00) | 2); /* the CRC is stripped here as in HLREG0 */
	set(r, 0x3000, 1);
	set(r, 0x1018 + at, n);
	r->rx_tail = n;
}

static inline void rig_tx(struct rig *r)
{
	set(r, 0x6000, (uint32_t)(IOVA + TX_RING));
	set(r, 0x6004, (uint32_t)((IOVA + TX_RING) >> 32));
	set(r, 0x6008, ENTRIES * 16);
	set(r, 0x6010, 0);
	set(r, 0x6018, 0);
	set(r, 0x4a80, get(r, 0x4a80) | 1);
	set(r, 0x6028, 0x02000000);
}

static inline void rig_bell(struct rig *r)
{
	set(r, 0x6018, r->tx_tail % ENTRIES);
}

/* A data descriptor of the bytes at @offset of the memory; @command is added to "advanced, data, insert CRC". */
static inline void rig_data(struct rig *r, uint32_t offset, uint32_t len, uint32_t command, uint32_t options,
                            uint32_t paylen)
{
	rig_descriptor(r, (uint32_t)(IOVA + offset), (uint32_t)((IOVA + offset) >> 32), 0x22300000 | command | len,
	               options | paylen << 14);
}

#endif
