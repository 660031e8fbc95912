/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet split of the 82574 (82574 datasheet, 7.1.5): descriptors of 32 bytes with four buffers. The headers of TCP and UDP
 * go to the first, if they fit, and what follows to the others; what has no such headers fills all four in order.
 */
#include "model.h"

#define DTYP_SPLIT 1u
#define BUFFERS    4u

bool e1_split_on(const struct e1 *e1)
{
	return e1_is_74(e1) && field_of(RCTL_DTYP, e1_get(e1, E1000_RCTL)) == DTYP_SPLIT &&
	       e1_get(e1, E1000_RFCTL) & RFCTL_EXTEN;
}

static void rooms(const struct e1 *e1, size_t room[BUFFERS])
{
	uint32_t control = e1_get(e1, E1000_PSRCTL);

	room[0] = field_of(PSRCTL_BSIZE0, control) * 128;
	room[1] = field_of(PSRCTL_BSIZE1, control) * 1024;
	room[2] = field_of(PSRCTL_BSIZE2, control) * 1024;
	room[3] = field_of(PSRCTL_BSIZE3, control) * 1024;
}

/* The bytes that go to the first buffer alone; 0: the packet is not split. */
static size_t header(const struct e1_packet *packet, size_t room)
{
	const struct weir_parsed *parsed = &packet->class.parsed;
	size_t end = parsed->l4_off + parsed->l4_len;

	return packet->class.type & (RXD_TYPE_TCP | RXD_TYPE_UDP) && end <= room && end <= packet->len ? end : 0;
}

unsigned e1_split_descriptors(const struct e1 *e1, const struct e1_packet *packet)
{
	size_t room[BUFFERS], head, rest;

	rooms(e1, room);
	head = header(packet, room[0]);
	rest = room[1] + room[2] + room[3] + (head ? 0 : room[0]);
	return rest ? e1_descriptors(packet->len - head, rest) : UINT32_MAX;
}

/* Fills the buffers of one descriptor from byte *@at of the packet on. */
static int fill(struct e1 *e1, const struct e1_packet *packet, const uint64_t buffer[BUFFERS],
                const size_t room[BUFFERS], size_t head, size_t *at, size_t used[BUFFERS])
{
	for (unsigned i = 0; i < BUFFERS; i++) {
		size_t left = packet->len - *at, n = left < room[i] ? left : room[i];
		int err;

		if (head && !i)
			n = *at ? 0 : head;
		used[i] = n;
		if (!n)
			continue;
		err = sim_dma_write(&e1->nic, buffer[i], packet->frame + *at, n, e1->rx_name[packet->queue]);
		if (err)
			return err;
		*at += n;
	}
	return 0;
}

static void words(const struct e1 *e1, const struct e1_packet *packet, const size_t used[BUFFERS], bool last,
                  size_t head, uint32_t word[8])
{
	memset(word, 0, 32);
	word[2] = RXD_DD;
	word[3] = (uint32_t)used[0];
	word[4] = (uint32_t)used[1] << 16 | (head ? RXS_SPLIT | (uint32_t)head : 0);
	word[5] = (uint32_t)used[2] | (uint32_t)used[3] << 16;
	if (!last)
		return;
	word[0] = packet->rss_type | packet->queue << 8;
	word[1] = e1_get(e1, E1000_RXCSUM) & RXCSUM_PCSD ? packet->hash : (uint32_t)packet->csum << 16;
	word[2] = e1_rx_status(e1, packet);
	word[3] |= (uint32_t)packet->tci << 16;
}

int e1_split_write(struct e1 *e1, const struct e1_packet *packet, const struct e1_ring *ring, unsigned n)
{
	const char *what = e1->rx_name[packet->queue];
	size_t room[BUFFERS], head, at = 0;

	rooms(e1, room);
	head = header(packet, room[0]);
	for (unsigned i = 0; i < n; i++) {
		uint64_t where = ring->base + (uint64_t)((ring->head + i) % ring->count) * 32, buffer[BUFFERS];
		int err = sim_dma_read(&e1->nic, where, buffer, sizeof(buffer), what);
		size_t used[BUFFERS];
		uint32_t word[8];

		if (!err)
			err = fill(e1, packet, buffer, room, head, &at, used);
		if (err)
			return err;
		words(e1, packet, used, i + 1 == n, i ? 0 : head, word);
		err = sim_dma_store(&e1->nic, where + 16, word + 4, 16, what);
		if (!err)
			err = e1_rx_write_back(e1, packet->queue, where, word);
		if (err)
			return err;
	}
	return 0;
}
