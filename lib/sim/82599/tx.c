/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The transmit engine (82599 datasheet 7.2): gathers a packet from its descriptors, makes frames of it, sends them, and
 * reports the descriptors that asked for it. A packet whose descriptors are not all there yet waits.
 */
#include "model.h"

#define CHAIN_MAX 40 /* descriptors of a packet (7.2.3) */

static bool may_send(struct ix *ix)
{
	if (!(ix_get(ix, IXGBE_DMATXCTL) & DMATXCTL_TE))
		return false;
	if (ix_get(ix, IXGBE_HLREG0) & HLREG0_LPBK)
		return true;
	return ix->link_told && !ix_paused(ix);
}

static void stop_queue(struct ix *ix, unsigned queue)
{
	ix->tx[queue].hung = true;
	ix->tx_dma++;
	ix_irq_other(ix, EICR_PCI);
}

static int fetch(struct ix *ix, unsigned queue, const struct ix_ring *ring, unsigned index, uint32_t word[4])
{
	return sim_dma_read(&ix->nic, ring->base + (uint64_t)(index % ring->count) * 16, word, 16, ix->tx_name[queue]);
}

static bool is_context(const uint32_t word[4])
{
	return word[2] & TXD_DEXT && field_of(TXD_DTYP, word[2]) == TXD_CONTEXT;
}

/* A context that says how its bits must not be is used all the same. */
static void keep_context(struct ix *ix, unsigned queue, const uint32_t word[4])
{
	unsigned slot = field_of(TXC_IDX, word[3]);

	if (slot > 1)
		sim_violation(&ix->nic, "7.2.3.2.3", "transmit queue %u: context %u; there are 0 and 1", queue, slot);
	memcpy(ix->tx[queue].contexts[slot & 1].word, word, 16);
}

static void check_packet(struct ix *ix, unsigned queue, const struct ix_tx_packet *packet)
{
	size_t payload = packet->len, told;

	if (!packet->context)
		return;
	told = field_of(TXD_PAYLEN, packet->options);
	if (packet->command & TXD_TSE) {
		const uint32_t *word = packet->context->word;

		payload -= field_of(TXC_MACLEN, word[0]) + field_of(TXC_IPLEN, word[0]) + field_of(TXC_L4LEN, word[3]);
	}
	if (payload != told)
		sim_violation(&ix->nic, "7.2.3.2.4", "transmit queue %u: PAYLEN is %zu, the packet has %zu bytes",
		              queue, told, payload);
	if (!(packet->command & TXD_IFCS))
		sim_violation(&ix->nic, "7.2.3.2.4", "transmit queue %u: IFCS is clear, but no CRC was given", queue);
}

static void begin(struct ix *ix, unsigned queue, struct ix_tx_packet *packet, const uint32_t word[4])
{
	*packet = (struct ix_tx_packet){ .data = ix->tx_buffer, .command = word[2], .options = word[3] };
	if (word[2] & TXD_DEXT) {
		packet->context = &ix->tx[queue].contexts[field_of(TXD_IDX, word[3]) & 1];
		packet->vlan = (uint16_t)field_of(TXC_VLAN, packet->context->word[0]);
	} else {
		packet->options = 0;
		packet->cso = (uint8_t)field_of(TXL_CSO, word[2]);
		packet->css = (uint8_t)field_of(TXL_CSS, word[3]);
		packet->vlan = (uint16_t)field_of(TXL_VLAN, word[3]);
	}
}

/*
 * Collects a packet from the head on, whose first descriptor is @word. Returns how many descriptors it has, 0 when they
 * are not all there, or -errno when memory cannot be read or the packet is none; then the queue must stop.
 */
static int gather(struct ix *ix, unsigned queue, const struct ix_ring *ring, uint32_t word[4],
                  struct ix_tx_packet *packet)
{
	unsigned there = (ring->tail - ring->head + ring->count) % ring->count;

	begin(ix, queue, packet, word);
	for (unsigned i = 0; i < there && i < CHAIN_MAX; i++) {
		uint32_t len;
		uint64_t buffer;
		int err = i ? fetch(ix, queue, ring, ring->head + i, word) : 0;

		if (err)
			return err;
		if (is_context(word)) {
			sim_violation(&ix->nic, "7.2.3.2.3", "transmit queue %u: a context within a packet", queue);
			return -EINVAL;
		}
		memcpy(&buffer, word, sizeof(buffer));
		len = word[2] & TXD_LEN;
		if (packet->len + len > IX_TX_BUFFER)
			return -EMSGSIZE;
		if (len) {
			err = sim_dma_read(&ix->nic, buffer, packet->data + packet->len, len, ix->tx_name[queue]);
			if (err)
				return err;
		}
		packet->len += len;
		if (word[2] & TXD_RS)
			packet->report |= 1ull << i;
		if (word[2] & TXD_EOP)
			return (int)i + 1;
	}
	if (there < CHAIN_MAX)
		return 0;
	sim_violation(&ix->nic, "7.2.3", "transmit queue %u: a packet of more than %u descriptors", queue, CHAIN_MAX);
	return -EMSGSIZE;
}

/* Reports one descriptor: DD in it, or the head in memory. */
static int report(struct ix *ix, unsigned queue, const struct ix_ring *ring, unsigned index)
{
	uint32_t head_at = ix_get(ix, ix_tx_reg(queue, IXGBE_TDWBAL)), next = (index + 1) % ring->count, word[4];
	uint64_t at = ring->base + (uint64_t)index * 16 + 8, unused;
	int err;

	if (sim_fault(&ix->nic, WEIR_SIM_TX_NO_DD, &unused))
		return 0;
	if (head_at & TDWBAL_ENABLE) {
		at = (head_at & ~3u) | (uint64_t)ix_get(ix, ix_tx_reg(queue, IXGBE_TDWBAH)) << 32;
		return sim_dma_write(&ix->nic, at, &next, sizeof(next), ix->tx_name[queue]);
	}
	err = fetch(ix, queue, ring, index, word);
	if (err)
		return err;
	if (word[2] & TXD_DEXT)
		word[2] = word[3] = 0;
	word[3] |= TXD_DD;
	return sim_dma_store(&ix->nic, at, word + 2, 8, ix->tx_name[queue]);
}

/* @n descriptors from the head on are done with; those of the bits in @bits want to be reported. */
static int complete(struct ix *ix, unsigned queue, struct ix_ring *ring, unsigned n, uint64_t bits)
{
	for (uint64_t left = bits; left; left &= left - 1) {
		int err = report(ix, queue, ring, (ring->head + (unsigned)__builtin_ctzll(left)) % ring->count);

		if (err)
			return err;
	}
	ring->head = (ring->head + n) % ring->count;
	ix_set(ix, ix_tx_reg(queue, IXGBE_TDH), ring->head);
	if (bits)
		ix_irq_queue(ix, queue, true);
	return 0;
}

static void stamp(struct ix *ix, const struct ix_tx_packet *packet)
{
	if (packet->context && packet->command & TXD_TSTAMP)
		ix_time_sent(ix);
}

/* Returns false when the wire has no room for it. */
bool ix_tx_frame(struct ix *ix, unsigned queue, const uint8_t *frame, size_t len)
{
	bool sent = ix_get(ix, IXGBE_HLREG0) & HLREG0_LPBK ? ix_rx_frame(ix, frame, len, 0)
	                                                   : sim_wire_send(&ix->nic, frame, len);

	if (!sent)
		return false;
	ix_count_tx(ix, queue, frame, len + FRAME_CRC);
	return true;
}

/* Whether the packet is a frame as it is. */
static bool is_plain(const struct ix_tx_packet *packet)
{
	return !(packet->command & (TXD_TSE | TXD_VLE | TXD_IC)) && !(packet->options & (TXD_IXSM | TXD_TXSM)) &&
	       packet->len >= 14 && packet->len <= SIM_FRAME_MAX;
}

static size_t pad(const struct ix *ix, uint8_t *frame, size_t len)
{
	return ix_get(ix, IXGBE_HLREG0) & HLREG0_TXPADEN ? frame_pad(frame, len) : len;
}

/* Sends all frames of a packet, going on where the wire had no room. Returns false when it has none again. */
static bool send_frames(struct ix *ix, unsigned queue, const struct ix_tx_packet *packet)
{
	unsigned *index = &ix->tx[queue].segments_sent;
	uint8_t frame[SIM_FRAME_MAX + 8];
	size_t len;

	if (is_plain(packet)) {
		if (!ix_tx_frame(ix, queue, packet->data, pad(ix, packet->data, packet->len)))
			return false;
		stamp(ix, packet);
		return true;
	}
	while ((len = ix_offload(ix, packet, *index, frame)) != 0) {
		if (!ix_tx_frame(ix, queue, frame, pad(ix, frame, len)))
			return false;
		++*index;
	}
	*index = 0;
	stamp(ix, packet);
	return true;
}

/* One context or packet. Returns frames sent (0 for a context, too), or -errno: -EAGAIN when nothing can be done now. */
static int step(struct ix *ix, unsigned queue, struct ix_ring *ring)
{
	struct ix_tx_packet packet;
	uint32_t word[4];
	int n = fetch(ix, queue, ring, ring->head, word);

	if (n)
		return n;
	if (is_context(word)) {
		keep_context(ix, queue, word);
		return complete(ix, queue, ring, 1, word[2] & TXD_RS ? 1 : 0);
	}
	n = gather(ix, queue, ring, word, &packet);
	if (n <= 0)
		return n ? n : -EAGAIN;
	if (!ix->tx[queue].segments_sent)
		check_packet(ix, queue, &packet);
	if (!send_frames(ix, queue, &packet))
		return -EAGAIN;
	n = complete(ix, queue, ring, (unsigned)n, packet.report);
	return n ? n : 1;
}

unsigned ix_tx_queue(struct ix *ix, unsigned queue)
{
	struct ix_tx_queue *q = &ix->tx[queue];
	uint64_t unused;
	unsigned sent = 0;
	struct ix_ring ring;

	if (!q->running || q->hung || !may_send(ix) || !ix_ring(ix, ix_tx_reg(queue, IXGBE_TDBAL), &ring))
		return 0;
	if (ring.head != ring.tail && sim_fault(&ix->nic, WEIR_SIM_TX_HANG, &unused)) {
		q->hung = true;
		return 0;
	}
	while (ring.head != ring.tail) {
		int n = step(ix, queue, &ring);

		if (n == -EAGAIN)
			break;
		if (n < 0) {
			stop_queue(ix, queue);
			break;
		}
		sent += (unsigned)n;
	}
	return sent;
}

unsigned ix_tx_all(struct ix *ix)
{
	unsigned sent = 0;

	for (unsigned i = 0; i < ix->tx_end; i++)
		if (ix->tx[i].running)
			sent += ix_tx_queue(ix, i);
	return sent;
}

void ix_tx_control(struct ix *ix, unsigned queue)
{
	bool enabled = ix_get(ix, ix_tx_reg(queue, IXGBE_TXDCTL)) & TXDCTL_ENABLE;

	ix->tx[queue].running = enabled;
	if (!enabled) {
		memset(&ix->tx[queue], 0, sizeof(ix->tx[queue]));
		while (ix->tx_end && !ix->tx[ix->tx_end - 1].running)
			ix->tx_end--;
		return;
	}
	ix->tx_end = queue < ix->tx_end ? ix->tx_end : queue + 1;
	ix_tx_queue(ix, queue);
}
