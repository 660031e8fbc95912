/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rig with the model of one of Intel's gigabit cards: link, queues, and a few frames.
 */
#ifndef TESTS_SIM_E1000_H
#define TESTS_SIM_E1000_H

#include "sim_rig.h"

#define RCTL_ON 0x04000002u /* enable, strip the CRC; buffers of 2 KiB */

/* The registers of queues begin here: those of one queue are 0x100 bytes from the next's. */
#define RXQ(q) (0x2800u + (q)*0x100u)
#define TXQ(q) (0x3800u + (q)*0x100u)

/* Opens a card "82540EM" and so on, whose link is up. */
static inline void rig_open(struct rig *r, const char *model)
{
	char text[80];

	snprintf(text, sizeof(text), "%s,mac=02:00:00:00:00:01,wire=hold", model);
	rig_open_as(r, text, false);
	set(r, 0x0000, get(r, 0x0000) | 0x40);
	(void)get(r, 0x00c0); /* the link's interrupt */
}

static inline uint32_t config(struct rig *r, unsigned offset)
{
	uint32_t value;

	pci_read(r->nic, offset, &value, 4);
	return value;
}

/* What a BAR reads after all ones were written. */
static inline uint32_t bar_mask(struct rig *r, unsigned bar)
{
	const uint32_t ones = ~0u;

	pci_write(r->nic, 0x10 + 4 * bar, &ones, 4);
	return config(r, 0x10 + 4 * bar);
}

/* Starts receive queue @q with @n buffers of 2 KiB, the ring of queue q behind that of q - 1. */
static inline void rig_rx(struct rig *r, unsigned q, unsigned n)
{
	uint32_t ring = RX_RING + q * 0x4000;

	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t buffer[2] = { IOVA + BUFFERS + i * 2048, 0 };

		memcpy(r->memory + ring + i * 16, buffer, 16);
	}
	set(r, RXQ(q) + 0x00, (uint32_t)(IOVA + ring));
	set(r, RXQ(q) + 0x04, (uint32_t)((IOVA + ring) >> 32));
	set(r, RXQ(q) + 0x08, ENTRIES * 16);
	set(r, RXQ(q) + 0x18, n);
	r->rx_tail = n;
}

static inline void rig_tx(struct rig *r)
{
	set(r, 0x3800, (uint32_t)(IOVA + TX_RING));
	set(r, 0x3804, (uint32_t)((IOVA + TX_RING) >> 32));
	set(r, 0x3808, ENTRIES * 16);
	set(r, 0x0400, 0x0004010a); /* enable, pad short packets */
}

static inline void rig_bell(struct rig *r)
{
	set(r, 0x3818, r->tx_tail % ENTRIES);
}

/* A descriptor of the bytes at @offset of the memory. */
static inline void rig_data(struct rig *r, uint32_t offset, uint32_t w2, uint32_t w3)
{
	rig_descriptor(r, (uint32_t)(IOVA + offset), (uint32_t)((IOVA + offset) >> 32), w2, w3);
}

static inline uint32_t *tx_words(struct rig *r, unsigned i)
{
	return words(r, TX_RING + i * 16);
}

static inline void put_be16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Sums 16-bit words, carries around: RFC 1071 by the letter. */
static inline unsigned sum16(const uint8_t *at, size_t len, unsigned sum)
{
	for (size_t i = 0; i < len; i += 2)
		sum += (unsigned)at[i] << 8 | (i + 1 < len ? at[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A frame of type 0x88b5 (local experiments) to ours, of @len bytes counting up. */
static inline void plain(uint8_t *frame, size_t len)
{
	static const uint8_t head[14] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	for (size_t i = 0; i < len; i++)
		frame[i] = (uint8_t)i;
	memcpy(frame, head, sizeof(head));
}

/* 02:00:00:00:00:01 <- 02:00:00:00:00:02, 66.9.149.187:2794 -> 161.142.100.80:1766 TCP SYN, both checksums right. */
static inline void good_tcp(uint8_t frame[60])
{
	static const uint8_t tcp[60] = {
		0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00, /* Ethernet */
		0x45, 0x00, 0x00, 0x28, 0x00, 0x01, 0x00, 0x00, 0x40, 0x06, 0x00, 0x00,             /* IPv4 */
		0x42, 0x09, 0x95, 0xbb, 0xa1, 0x8e, 0x64, 0x50,                                     /* ... addresses */
		0x0a, 0xea, 0x06, 0xe6, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,             /* TCP */
		0x50, 0x02, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00,                                     /* ... SYN */
	};

	memcpy(frame, tcp, 60);
	put_be16(frame + 24, ~sum16(frame + 14, 20, 0));
	put_be16(frame + 50, ~sum16(frame + 34, 20, sum16(frame + 26, 8, 6 + 20)));
}

static inline unsigned violations(struct rig *r)
{
	char text[400] = "";
	unsigned n = weir_sim_violations(r->card, text, sizeof(text));

	if (n)
		printf("%s\n", text);
	return n;
}

#endif
