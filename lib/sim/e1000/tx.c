/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The transmit engine (317453, 3.3): gathers a packet from its descriptors, makes frames of it, sends them, and reports the
 * descriptors that asked for it. A packet whose descriptors are not all there yet waits.
 */
#include "model.h"

#define CHAIN_MAX 64 /* descriptors of a packet: more than any driver uses */

static bool may_send(struct e1 *e1)
{
	if (!(e1_get(e1, E1000_TCTL) & TCTL_EN))
		return false;
	if (e1_loops(e1))
		return true;
	return e1->link_told && (!e1->pause_until_ns || sim_now_ns(&e1->nic) >= e1->pause_until_ns);
}

static void stop_queue(struct e1 *e1, unsigned queue)
{
	e1->tx[queue].hung = true;
	e1->tx_dma++;
}

static int fetch(struct e1 *e1, unsigned queue, const struct e1_ring *ring, unsigned index, uint32_t word[4])
{
	return sim_dma_read(&e1->nic, ring->base + (uint64_t)(index % ring->count) * 16, word, 16, e1->tx_name[queue]);
}

static bool is_context(const struct e1 *e1, const uint32_t word[4])
{
	return word[2] & TXD_DEXT && field_of(TXD_DTYP, word[2]) == (e1_is_76(e1) ? TXD_CONTEXT : TX4_CONTEXT);
}

/* The 82576 numbers its contexts; the others have one for segmentation and one for all else. */
static void keep_context(struct e1 *e1, unsigned queue, const uint32_t word[4])
{
	unsigned slot = e1_is_76(e1) ? field_of(TXC_IDX, word[3]) : !!(word[2] & TX4_TSE);

	if (slot > 1)
		sim_violation(&e1->nic, "7.2.2.2", "transmit queue %u: context %u; there are 0 and 1", queue, slot);
	memcpy(e1->tx[queue].contexts[slot & 1].word, word, 16);
}

/* The length that the descriptors tell of must be that of the packet. */
static void check_packet(struct e1 *e1, unsigned queue, const struct e1_tx_packet *packet)
{
	const uint32_t *word;
	size_t payload = packet->len, told;

	if (!(packet->command & TXD_IFCS))
		sim_violation(&e1->nic, "3.3.3", "transmit queue %u: IFCS is clear, but no CRC was given", queue);
	if (!packet->context)
		return;
	word = packet->context->word;
	told = e1_is_76(e1) ? field_of(TXD_PAYLEN, packet->options) : word[2] & TX4_LEN;
	if (e1_is_76(e1) && packet->command & TXD_TSE)
		payload -= field_of(TXC_MACLEN, word[0]) + field_of(TXC_IPLEN, word[0]) + field_of(TXC_L4LEN, word[3]);
	else if (!e1_is_76(e1) && packet->command & TX4_TSE)
		payload -= field_of(TX4_HDRLEN, word[3]);
	else if (!e1_is_76(e1))
		return;
	if (payload != told)
		sim_violation(&e1->nic, "3.3.6", "transmit queue %u: PAYLEN is %zu, the packet has %zu bytes", queue,
		              told, payload);
}

static void begin(struct e1 *e1, unsigned queue, struct e1_tx_packet *packet, const uint32_t word[4])
{
	unsigned slot = e1_is_76(e1) ? field_of(TXD_IDX, word[3]) & 1 : !!(word[2] & TX4_TSE);

	*packet = (struct e1_tx_packet){ .data = e1->tx_buffer, .command = word[2], .options = word[3] };
	if (word[2] & TXD_DEXT)
		packet->context = &e1->tx[queue].contexts[slot];
}

/* Adds the data of one descriptor. */
static int append(struct e1 *e1, unsigned queue, struct e1_tx_packet *packet, const uint32_t word[4])
{
	uint32_t len = word[2] & (word[2] & TXD_DEXT && !e1_is_76(e1) ? TX4_LEN : TXD_LEN);
	uint64_t buffer;
	int err = 0;

	memcpy(&buffer, word, sizeof(buffer));
	if (packet->len + len > E1_TX_BUFFER)
		return -EMSGSIZE;
	if (len)
		err = sim_dma_read(&e1->nic, buffer, packet->data + packet->len, len, e1->tx_name[queue]);
	packet->len += len;
	return err;
}

/*
 * Collects a packet from the head on, whose first descriptor is @word. Returns how many descriptors it has, 0 when they
 * are not all there, or -errno when memory cannot be read or the packet is none; then the queue must stop.
 */
static int gather(struct e1 *e1, unsigned queue, const struct e1_ring *ring, uint32_t word[4],
                  struct e1_tx_packet *packet)
{
	unsigned there = (ring->tail - ring->head + ring->count) % ring->count;

	begin(e1, queue, packet, word);
	for (unsigned i = 0; i < there && i < CHAIN_MAX; i++) {
		int err = i ? fetch(e1, queue, ring, ring->head + i, word) : 0;

		if (err)
			return err;
		if (is_context(e1, word)) {
			sim_violation(&e1->nic, "3.3.6", "transmit queue %u: a context within a packet", queue);
			return -EINVAL;
		}
		err = append(e1, queue, packet, word);
		if (err)
			return err;
		if (word[2] & TXD_RS) {
			packet->report |= 1ull << i;
			packet->delay = word[2] & TX4_IDE && !e1_is_76(e1);
		}
		if (word[2] & TXD_EOP)
			return (int)i + 1;
	}
	if (there < CHAIN_MAX)
		return 0;
	sim_violation(&e1->nic, "3.3", "transmit queue %u: a packet of more than %u descriptors", queue, CHAIN_MAX);
	return -EMSGSIZE;
}

/* Reports one descriptor: DD in it, or the head in memory. */
static int report(struct e1 *e1, unsigned queue, const struct e1_ring *ring, unsigned index)
{
	uint32_t head_at = e1_is_76(e1) ? e1_get(e1, IGB_TX(IGB_TDWBAL, queue)) : 0, next = (index + 1) % ring->count;
	uint64_t at = ring->base + (uint64_t)index * 16 + 8, unused;
	uint32_t word[4];
	int err;

	if (sim_fault(&e1->nic, WEIR_SIM_TX_NO_DD, &unused))
		return 0;
	if (head_at & TDWBAL_ENABLE) {
		at = (head_at & ~3u) | (uint64_t)e1_get(e1, IGB_TX(IGB_TDWBAH, queue)) << 32;
		return sim_dma_write(&e1->nic, at, &next, sizeof(next), e1->tx_name[queue]);
	}
	err = fetch(e1, queue, ring, index, word);
	if (err)
		return err;
	if (e1_is_76(e1) && word[2] & TXD_DEXT)
		word[2] = word[3] = 0;
	word[3] = (word[3] & ~0xfu) | TXD_DD;
	return sim_dma_store(&e1->nic, at, word + 2, 8, e1->tx_name[queue]);
}

/* @n descriptors from the head on are done with; those of the bits in @bits want to be reported. */
static int complete(struct e1 *e1, unsigned queue, struct e1_ring *ring, unsigned n, uint64_t bits, bool delay)
{
	for (uint64_t left = bits; left; left &= left - 1) {
		int err = report(e1, queue, ring, (ring->head + (unsigned)__builtin_ctzll(left)) % ring->count);

		if (err)
			return err;
	}
	ring->head = (ring->head + n) % ring->count;
	e1_set(e1, IGB_TX(E1000_TDH, queue), ring->head);
	if (bits)
		e1_irq_tx(e1, queue, delay);
	return 0;
}

/* Returns false when the wire has no room for it. */
bool e1_tx_frame(struct e1 *e1, const uint8_t *frame, size_t len)
{
	bool sent = e1_loops(e1) ? e1_rx_frame(e1, frame, len, 0) : sim_wire_send(&e1->nic, frame, len);

	if (sent)
		e1_count_tx(e1, frame, len + FRAME_CRC);
	return sent;
}

/* Whether the packet is a frame as it is. */
static bool is_plain(const struct e1 *e1, const struct e1_tx_packet *packet)
{
	uint32_t tso = e1_is_76(e1) ? TXD_TSE : TX4_TSE, asked = packet->context ? tso | TXD_VLE : TXD_IC | TXD_VLE;

	return !(packet->command & asked) && (!packet->context || !(packet->options & (TX4_IXSM | TX4_TXSM))) &&
	       packet->len >= 14 && packet->len <= SIM_FRAME_MAX;
}

static size_t pad(const struct e1 *e1, uint8_t *frame, size_t len)
{
	return e1_get(e1, E1000_TCTL) & TCTL_PSP ? frame_pad(frame, len) : len;
}

static void stamp(struct e1 *e1, const struct e1_tx_packet *packet)
{
	bool wanted = e1_is_76(e1) ? packet->command & TXD_TSTAMP : e1_is_74(e1) && packet->options & TX4_STAMP;

	if (packet->context && wanted)
		e1_time_stamp_tx(e1);
}

/* Sends all frames of a packet, going on where the wire had no room. Returns false when it has none again. */
static bool send_frames(struct e1 *e1, unsigned queue, const struct e1_tx_packet *packet)
{
	unsigned *index = &e1->tx[queue].segments_sent;
	uint8_t frame[SIM_FRAME_MAX + 8];
	size_t len;

	if (is_plain(e1, packet)) {
		if (!e1_tx_frame(e1, packet->data, pad(e1, packet->data, packet->len)))
			return false;
		stamp(e1, packet);
		return true;
	}
	while ((len = e1_offload(e1, packet, *index, frame)) != 0) {
		if (!e1_tx_frame(e1, frame, pad(e1, frame, len)))
			return false;
		++*index;
	}
	if (packet->context && packet->command & (e1_is_76(e1) ? TXD_TSE : TX4_TSE))
		e1_count(e1, *index ? E1000_TSCTC : E1000_TSCTFC, 1);
	*index = 0;
	stamp(e1, packet);
	return true;
}

/* One context or packet. Returns frames sent (0 for a context, too), or -errno: -EAGAIN when nothing can be done now. */
static int step(struct e1 *e1, unsigned queue, struct e1_ring *ring)
{
	struct e1_tx_packet packet;
	uint32_t word[4];
	int n = fetch(e1, queue, ring, ring->head, word);

	if (n)
		return n;
	if (is_context(e1, word)) {
		keep_context(e1, queue, word);
		return complete(e1, queue, ring, 1, word[2] & TXD_RS ? 1 : 0, false);
	}
	n = gather(e1, queue, ring, word, &packet);
	if (n <= 0)
		return n ? n : -EAGAIN;
	if (!e1->tx[queue].segments_sent)
		check_packet(e1, queue, &packet);
	if (!send_frames(e1, queue, &packet))
		return -EAGAIN;
	n = complete(e1, queue, ring, (unsigned)n, packet.report, packet.delay);
	return n ? n : 1;
}

unsigned e1_tx_queue(struct e1 *e1, unsigned queue)
{
	struct e1_tx_queue *q = &e1->tx[queue];
	unsigned sent = 0, done = 0;
	struct e1_ring ring;
	uint64_t unused;

	if (!q->running || q->hung || !may_send(e1) || !e1_ring(e1, IGB_TX(E1000_TDBAL, queue), 16, &ring))
		return 0;
	if (ring.head != ring.tail && sim_fault(&e1->nic, WEIR_SIM_TX_HANG, &unused)) {
		q->hung = true;
		return 0;
	}
	while (ring.head != ring.tail) {
		int n = step(e1, queue, &ring);

		if (n == -EAGAIN)
			break;
		if (n < 0) {
			stop_queue(e1, queue);
			break;
		}
		sent += (unsigned)n;
		done++;
	}
	if (done && ring.head == ring.tail && !e1_is_76(e1)) {
		e1_count(e1, E1000_ICTXQEC, 1);
		e1_irq_other(e1, ICR_TXQE);
	}
	return sent;
}

unsigned e1_tx_all(struct e1 *e1)
{
	unsigned sent = 0;

	for (unsigned i = 0; i < e1->variant->queues; i++)
		if (e1->tx[i].running)
			sent += e1_tx_queue(e1, i);
	return sent;
}

static bool is_enabled(const struct e1 *e1, unsigned queue)
{
	if (!(e1_get(e1, E1000_TCTL) & TCTL_EN))
		return false;
	if (e1_is_76(e1))
		return e1_get(e1, IGB_TX(E1000_TXDCTL, queue)) & XDCTL_ENABLE;
	return !e1_is_74(e1) || e1_get(e1, E1000_AT(TARC, queue)) & TARC_ENABLE;
}

void e1_tx_control(struct e1 *e1, unsigned queue)
{
	bool enabled = is_enabled(e1, queue);

	e1->tx[queue].running = enabled;
	if (!enabled) {
		memset(&e1->tx[queue], 0, sizeof(e1->tx[queue]));
		return;
	}
	e1_tx_queue(e1, queue);
}
