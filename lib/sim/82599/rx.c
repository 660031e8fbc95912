/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The receive engine (82599 datasheet 7.1): a frame passes the MAC's checks and the filters, is counted, and is written
 * to the buffers of its queue. If that has no descriptors the frame waits in the packet buffer, and all others behind
 * it, unless SRRCTL.DROP_EN says to drop it. (The packet buffer is lib/sim's.)
 */
#include "model.h"

/* --- the MAC ------------------------------------------------------------------------------------------------------------ */

/* The longest frame, CRC included. MAXFRS leaves a tag out of account. */
static size_t longest(const struct ix *ix, const uint8_t *frame)
{
	size_t max =
	    ix_get(ix, IXGBE_HLREG0) & HLREG0_JUMBOEN ? field_of(MAXFRS_BYTES, ix_get(ix, IXGBE_MAXFRS)) : 1518;

	if (ix_get(ix, IXGBE_CTRL_EXT) & CTRL_EXT_EXT_VLAN)
		return max + 8;
	return weir_load_be16(frame + 12) == (ix_get(ix, IXGBE_VLNCTRL) & VLNCTRL_VET) ? max + 4 : max;
}

/* Counts what the MAC sees. Returns whether the frame goes on. */
static bool mac_pass(struct ix *ix, const uint8_t *frame, size_t len, bool bad_crc)
{
	size_t bytes = len + FRAME_CRC;

	ix_count(ix, IXGBE_TPR, 1);
	ix_count_bytes(ix, IXGBE_TORL, bytes);
	if (len < FRAME_MIN) {
		ix_count(ix, bad_crc ? IXGBE_RFC : IXGBE_RUC, 1);
		return false;
	}
	if (bytes > longest(ix, frame)) {
		ix_count(ix, bad_crc ? IXGBE_RJC : IXGBE_ROC, 1);
		return false;
	}
	if (bad_crc) {
		ix_count(ix, IXGBE_CRCERRS, 1);
		return ix_get(ix, IXGBE_FCTRL) & FCTRL_SBP;
	}
	return true;
}

static void count_good(struct ix *ix, const uint8_t *frame, size_t bytes)
{
	ix_count(ix, IXGBE_GPRC, 1);
	ix_count_bytes(ix, IXGBE_GORCL, bytes);
	ix_count_rx_size(ix, bytes);
	if (frame_is_broadcast(frame))
		ix_count(ix, IXGBE_BPRC, 1);
	else if (frame[0] & 1)
		ix_count(ix, IXGBE_MPRC, 1);
}

/* --- descriptors -------------------------------------------------------------------------------------------------------- */

/* The bytes that go to memory: without the tag if the queue strips it, with the CRC if the MAC does not. */
static void dress(struct ix *ix, struct ix_rx_packet *packet, bool bad_crc)
{
	bool strip = packet->tagged && ix_get(ix, ix_rx_reg(packet->queue, IXGBE_RXDCTL)) & RXDCTL_VME;
	bool keep_crc = !(ix_get(ix, IXGBE_HLREG0) & HLREG0_RXCRCSTRP);
	size_t at = packet->status & RXD_VEXT ? 16 : 12;

	if (!strip)
		packet->tci = 0;
	if (!strip && !keep_crc)
		return;
	if (keep_crc) {
		uint32_t crc = frame_crc(packet->frame, packet->len) ^ (bad_crc ? 1 : 0);

		memcpy(ix->scratch, packet->frame, packet->len);
		memcpy(ix->scratch + packet->len, &crc, FRAME_CRC);
		packet->len += FRAME_CRC;
		if (strip)
			memmove(ix->scratch + at, ix->scratch + at + 4, packet->len - at - 4);
	} else {
		memcpy(ix->scratch, packet->frame, at);
		memcpy(ix->scratch + at, packet->frame + at + 4, packet->len - at - 4);
	}
	if (strip) {
		packet->len -= 4;
		packet->parsed.l3_off -= 4;
		packet->parsed.l4_off -= 4;
		packet->parsed.end -= 4;
	}
	packet->frame = ix->scratch;
}

static void legacy_words(const struct ix_rx_packet *packet, uint32_t len, bool last, uint32_t word[4])
{
	uint32_t errors = 0;

	if (last)
		errors = (packet->status & RXD_IPE ? RXL_IPE : 0) | (packet->status & RXD_L4E ? RXL_L4E : 0) |
		         (packet->status & RXD_CE ? RXL_CE : 0);
	word[0] = word[1] = 0;
	word[2] = len;
	word[3] = RXD_DD | (last ? RXD_EOP | (packet->status & 0xf8) | errors | (uint32_t)packet->tci << 16 : 0);
}

/* What a descriptor says is known with the last one of its packet. */
static void advanced_words(const struct ix_rx_packet *packet, uint32_t len, bool last, uint32_t word[4])
{
	word[0] = last ? packet->type : 0;
	word[1] = last ? packet->hash : 0;
	word[2] = RXD_DD | (last ? RXD_EOP | packet->status : 0);
	word[3] = len | (last ? (uint32_t)packet->tci << 16 : 0);
}

/* The write-back: status and length are one store, after everything else. */
int ix_rx_write_back(struct ix *ix, unsigned queue, uint64_t at, uint32_t word[4])
{
	uint64_t arg;

	if (sim_fault(&ix->nic, WEIR_SIM_RX_LENGTH, &arg))
		word[3] = (word[3] & 0xffff0000u) | (uint16_t)arg;
	if (sim_fault(&ix->nic, WEIR_SIM_RX_NO_DD, &arg)) {
		ix->late.iova = at + 8;
		memcpy(&ix->late.word, word + 2, 8);
		ix->late.runs = (unsigned)arg;
		word[2] &= ~RXD_DD;
	}
	return sim_dma_store(&ix->nic, at, word, 16, ix->rx_name[queue]);
}

/* What is in the queue's descriptors of a packet that has not ended stays without an end. */
static void forget_begun(struct ix *ix, unsigned queue)
{
	if (ix->begun.queue == queue)
		ix->begun.parts = 0;
}

void ix_rx_stop(struct ix *ix, unsigned queue)
{
	ix->rx[queue].hung = true;
	forget_begun(ix, queue);
	ix_rsc_forget(ix, queue);
	ix->rx_dma++;
	ix_irq_other(ix, EICR_PCI);
}

/* What one descriptor takes of the packet: @header bytes of its start, and the @len bytes at @from. */
static int write_buffers(struct ix *ix, const struct ix_rx_packet *packet, size_t header, const uint64_t buffer[2],
                         const uint8_t *from, size_t len)
{
	const char *what = ix->rx_name[packet->queue];
	int err = header ? sim_dma_write(&ix->nic, buffer[1] & ~1ull, packet->frame, header, what) : 0;

	if (!err && len)
		err = sim_dma_write(&ix->nic, buffer[0], from, len, what);
	return err;
}

/* Writes parts @first to @end - 1 of the @n parts of a packet to descriptors, which there are. */
static int write_packet(struct ix *ix, const struct ix_rx_packet *packet, const struct adv_split *split,
                        const struct ix_ring *ring, unsigned first, unsigned end, unsigned n, size_t room)
{
	const uint8_t *from = packet->frame + split->header + first * room;
	size_t left = packet->len - split->header - first * room;
	bool legacy = field_of(SRRCTL_DESCTYPE, ix_get(ix, ix_rx_reg(packet->queue, IXGBE_SRRCTL))) == DESCTYPE_LEGACY;
	const char *what = ix->rx_name[packet->queue];
	uint64_t unused;

	for (unsigned i = first; i < end; i++) {
		uint64_t at = ring->base + (uint64_t)((ring->head + i - first) % ring->count) * 16, buffer[2];
		size_t len = left < room ? left : room;
		bool early = sim_fault(&ix->nic, WEIR_SIM_RX_DD_EARLY, &unused);
		uint32_t word[4];
		int err;

		(legacy ? legacy_words : advanced_words)(packet, (uint32_t)len, i + 1 == n, word);
		if (!i) {
			word[0] |= split->type;
			word[2] |= split->status;
		}
		err = sim_dma_read(&ix->nic, at, buffer, sizeof(buffer), what);
		if (!err && early)
			err = ix_rx_write_back(ix, packet->queue, at, word);
		if (!err)
			err = write_buffers(ix, packet, i ? 0 : split->header, buffer, from, len);
		if (!err && !early)
			err = ix_rx_write_back(ix, packet->queue, at, word);
		if (err)
			return err;
		from += len;
		left -= len;
	}
	return 0;
}

/* --- queues ------------------------------------------------------------------------------------------------------------- */

static size_t buffer_room(const struct ix *ix, unsigned queue)
{
	size_t room = field_of(SRRCTL_BSIZEPKT, ix_get(ix, ix_rx_reg(queue, IXGBE_SRRCTL))) * 1024;

	return room ? room : 1024;
}

static void drop(struct ix *ix, unsigned queue, uint64_t *counter)
{
	(*counter)++;
	ix_count_rx_drop(ix, queue);
}

static unsigned free_descriptors(const struct ix_ring *ring)
{
	return (ring->tail - ring->head + ring->count) % ring->count;
}

static bool accepts(const struct ix *ix, unsigned queue)
{
	return ix_get(ix, ix_rx_reg(queue, IXGBE_RXDCTL)) & RXDCTL_ENABLE && !ix->rx[queue].hung;
}

/*
 * Writes the packet to its queue, as far as there are descriptors for it. Returns 0, -EAGAIN when there are too few, or
 * -EFAULT. One that shall not wait is not begun.
 */
static int store(struct ix *ix, struct ix_rx_packet *packet)
{
	struct adv_split split = ix_split(ix, packet);
	unsigned queue = packet->queue, first = ix->begun.parts, end, n;
	bool may_wait = !(ix_get(ix, ix_rx_reg(queue, IXGBE_SRRCTL)) & SRRCTL_DROP_EN);
	size_t room = buffer_room(ix, queue);
	int err = first ? 0 : ix_rsc_take(ix, packet, &split, room);
	struct ix_ring ring;

	if (err)
		return err < 0 ? err : 0;
	n = ix_descriptors(packet->len - split.header, room);
	first = first < n ? first : 0; /* buffers may have become larger */
	if (!ix_ring(ix, ix_rx_reg(queue, IXGBE_RDBAL), &ring)) {
		ix_rsc_end(ix, queue);
		return -EAGAIN;
	}
	end = n - first < free_descriptors(&ring) ? n : first + free_descriptors(&ring);
	if (end < n && !first && !may_wait)
		end = first;
	err = write_packet(ix, packet, &split, &ring, first, end, n, room);
	if (err)
		return err;
	ix_set(ix, ix_rx_reg(queue, IXGBE_RDH), (ring.head + end - first) % ring.count);
	ix->begun.queue = queue;
	ix->begun.parts = end < n ? end : 0;
	if (end < n) {
		ix_rsc_end(ix, queue);
		return -EAGAIN;
	}
	if (packet->immediate)
		ix_irq_immediate(ix, queue);
	else
		ix_irq_queue(ix, queue, false);
	return 0;
}

/* Takes the packet, which has passed the filters. Returns false when it has to wait for descriptors. */
static bool deliver(struct ix *ix, struct ix_rx_packet *packet, bool bad_crc)
{
	size_t len = packet->len;
	uint64_t unused;
	unsigned queue;
	int err;

	ix_steer(ix, packet);
	if (ix->begun.parts)
		packet->queue = ix->begun.queue;
	queue = packet->queue;
	packet->status |= bad_crc ? RXD_CE : 0;
	if (!accepts(ix, queue)) {
		/* What is to be dropped goes to a queue that is off. */
		drop(ix, queue, packet->drop ? &ix->rx_steered_drop : &ix->rx_no_queue);
		return true;
	}
	dress(ix, packet, bad_crc);
	if (!ix->begun.parts && sim_fault(&ix->nic, WEIR_SIM_RX_NO_BUFFER, &unused)) {
		drop(ix, queue, &ix->rx_no_descriptor);
		return true;
	}
	err = store(ix, packet);
	if (!err)
		ix_count_rx_queue(ix, queue, len + FRAME_CRC);
	else if (err != -EAGAIN)
		ix_rx_stop(ix, queue);
	else if (!ix->begun.parts && ix_get(ix, ix_rx_reg(queue, IXGBE_SRRCTL)) & SRRCTL_DROP_EN)
		drop(ix, queue, &ix->rx_no_descriptor);
	else
		return false;
	return true;
}

/* --- what lib/sim calls --------------------------------------------------------------------------------------------------- */

/* The frame that waits is lost. */
void ix_rx_unplugged(struct ix *ix)
{
	ix->waiting = false;
	ix->begun.parts = 0;
}

void ix_rx_reset(struct ix *ix)
{
	memset(ix->rx, 0, sizeof(ix->rx));
	ix_rsc_forget(ix, IX_QUEUES);
	ix_rx_unplugged(ix);
	ix->pausing = false;
}

void ix_rx_control(struct ix *ix, unsigned queue)
{
	bool enabled = ix_get(ix, ix_rx_reg(queue, IXGBE_RXDCTL)) & RXDCTL_ENABLE;

	/* In fast mode the driver has been told long ago that the queue stands still, and its buffers may be gone. */
	if (!enabled && !ix->nic.fast)
		ix_rsc_end(ix, queue);
	if (enabled && !ix->rx[queue].running) {
		ix_rsc_check(ix, queue);
		ix_split_check(ix, queue);
	}
	if (!enabled) {
		forget_begun(ix, queue);
		ix_rsc_forget(ix, queue);
		ix->rx[queue].hung = false;
	}
	ix->rx[queue].running = enabled;
}

static bool receiver_on(const struct ix *ix)
{
	return ix_get(ix, IXGBE_RXCTRL) & RXCTRL_RXEN && !(ix_get(ix, IXGBE_SECRXCTRL) & SECRXCTRL_RX_DIS);
}

bool ix_listening(const struct sim_nic *nic)
{
	const struct ix *ix = (const struct ix *)nic;

	for (unsigned i = 0; receiver_on(ix) && i < IX_QUEUES; i++)
		if (ix_get(ix, ix_rx_reg(i, IXGBE_RXDCTL)) & RXDCTL_ENABLE)
			return true;
	return false;
}

/* A frame that waits for descriptors is offered again and again, and was looked at the first time. */
bool ix_rx_frame(struct ix *ix, const uint8_t *frame, size_t len, unsigned flags)
{
	struct ix_rx_packet packet = { .frame = frame, .len = len, .again = ix->waiting };
	bool again = packet.again, bad_crc = flags & SIM_FRAME_BAD_CRC;

	ix->waiting = false;
	if (!again)
		ix->begun.parts = 0;
	if (!receiver_on(ix)) {
		ix->rx_disabled++;
		return true;
	}
	if (len < 14 || len > SIM_FRAME_MAX) {
		ix_count(ix, len < 14 ? IXGBE_RUC : IXGBE_ROC, 1);
		return true;
	}
	bad_crc |= again && ix->waiting_bad;
	packet.status |= again ? ix->waiting_stamp : 0;
	if (!again && (!mac_pass(ix, frame, len, bad_crc) || ix_pause_received(ix, frame)))
		return true;
	if (!ix_filter_pass(ix, &packet))
		return true;
	if (!again)
		count_good(ix, frame, len + FRAME_CRC);
	if (!deliver(ix, &packet, bad_crc)) {
		ix->waiting = true;
		ix->waiting_bad = bad_crc;
		ix->waiting_stamp = packet.status & RXD_TS;
		return false;
	}
	return true;
}

/* What comes from the wire while the card talks to itself is lost. */
bool ix_receive(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags)
{
	struct ix *ix = ix_of(nic);

	return ix_get(ix, IXGBE_HLREG0) & HLREG0_LPBK || ix_rx_frame(ix, frame, len, flags);
}

void ix_missed(struct sim_nic *nic, uint64_t frames)
{
	ix_count(ix_of(nic), IXGBE_MPC, frames > UINT32_MAX ? UINT32_MAX : (uint32_t)frames);
	ix_irq_other(ix_of(nic), EICR_RX_MISS);
}
