/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rig with the model of the 82576: its sixteen queues and advanced descriptors.
 */
#ifndef TESTS_SIM_82576_H
#define TESTS_SIM_82576_H

#include "sim_e1000.h"

#define RX76(q) ((q) < 4 ? RXQ(q) : 0xc000u + (q)*0x40u)
#define TX76(q) ((q) < 4 ? TXQ(q) : 0xe000u + (q)*0x40u)
#define RING(q) (0x80000u + (q)*0x1000u) /* receive rings, in the memory */

#define ADVANCED 0x02000002u /* SRRCTL: advanced descriptors, buffers of 2 KiB */

/* Starts receive queue @q with advanced descriptors and @n buffers. */
static inline void rig_rx76(struct rig *r, unsigned q, unsigned n)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t buffer[2] = { IOVA + BUFFERS + i * 2048, IOVA + 0xa0000 + i * 256 };

		memcpy(r->memory + RING(q) + i * 16, buffer, 16);
	}
	set(r, RX76(q) + 0x00, (uint32_t)(IOVA + RING(q)));
	set(r, RX76(q) + 0x04, (uint32_t)((IOVA + RING(q)) >> 32));
	set(r, RX76(q) + 0x08, ENTRIES * 16);
	set(r, RX76(q) + 0x0c, ADVANCED);
	set(r, RX76(q) + 0x28, 0x02000000);
	set(r, RX76(q) + 0x18, n);
}

/* Opens the card and starts @queues receive queues. */
static inline void rig_open76(struct rig *r, unsigned queues)
{
	rig_open(r, "82576");
	for (unsigned q = 0; q < queues; q++)
		rig_rx76(r, q, 40);
	set(r, 0x5000, 0x2300); /* PCSD, TUOFL, IPOFL */
	set(r, 0x0100, RCTL_ON);
}

static inline void rig_tx76(struct rig *r, unsigned q)
{
	set(r, TX76(q) + 0x00, (uint32_t)(IOVA + TX_RING));
	set(r, TX76(q) + 0x04, (uint32_t)((IOVA + TX_RING) >> 32));
	set(r, TX76(q) + 0x08, ENTRIES * 16);
	set(r, TX76(q) + 0x28, 0x02000000);
	set(r, 0x0400, 0x0004010a);
}

static inline void rig_bell76(struct rig *r, unsigned q)
{
	set(r, TX76(q) + 0x18, r->tx_tail % ENTRIES);
}

static inline uint32_t *words76(struct rig *r, unsigned q, unsigned i)
{
	return words(r, RING(q) + i * 16);
}

#endif
