/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The receive engine (317453, 3.2): a frame passes the MAC's checks and the filters, is counted, and is written to the
 * buffers of its queue. If that has no descriptors the frame waits in the packet buffer, and all others behind it, unless the
 * 82576's SRRCTL.DROP_EN says to drop it. (The packet buffer is lib/sim's.)
 */
#include "model.h"

#include "sim/advanced.h"

#define QUANTUM_NS  512 /* 512 bit times at 1 Gbit/s */
#define STANDARD    1518
#define LONGEST_4X  16384
#define LONG_TAGGED 1522

/* --- the MAC ------------------------------------------------------------------------------------------------------------ */

/* The longest frame, CRC included. */
static size_t longest(const struct e1 *e1, const uint8_t *frame)
{
	bool tagged = weir_load_be16(frame + 12) == (e1_get(e1, E1000_VET) & 0xffff);
	bool jumbo = e1_get(e1, E1000_RCTL) & RCTL_LPE;

	if (!e1_is_76(e1))
		return jumbo ? LONGEST_4X : LONG_TAGGED;
	if (jumbo)
		return (e1_get(e1, IGB_RLPML) & RLPML_BYTES) + (tagged ? 4 : 0);
	return tagged ? LONG_TAGGED : STANDARD;
}

/* Counts what the MAC sees. Returns whether the frame goes on. */
static bool mac_pass(struct e1 *e1, const uint8_t *frame, size_t len, bool bad_crc)
{
	bool store_bad = e1_get(e1, E1000_RCTL) & RCTL_SBP;
	size_t bytes = len + FRAME_CRC;

	e1_count(e1, E1000_TPR, 1);
	e1_count_bytes(e1, E1000_TORL, bytes);
	if (len < FRAME_MIN) {
		e1_count(e1, bad_crc ? E1000_RFC : E1000_RUC, 1);
		return store_bad;
	}
	if (bytes > longest(e1, frame)) {
		e1_count(e1, bad_crc ? E1000_RJC : E1000_ROC, 1);
		return store_bad && bytes <= LONGEST_4X;
	}
	if (bad_crc)
		e1_count(e1, E1000_CRCERRS, 1);
	return !bad_crc || store_bad;
}

/* A pause: obeyed, counted, and passed on only if asked for. Returns whether the frame ends here. */
static bool pause_frame(struct e1 *e1, const uint8_t *frame, size_t len)
{
	bool pass = e1_get(e1, E1000_RCTL) & RCTL_PMCF;
	int quanta = frame_pause(frame, len);

	if (quanta < 0)
		return false;
	if (!(e1_get(e1, E1000_CTRL) & CTRL_RFCE)) {
		e1_count(e1, E1000_FCRUC, 1);
		return !pass;
	}
	e1_count(e1, quanta ? E1000_XOFFRXC : E1000_XONRXC, 1);
	e1->pause_until_ns = quanta ? sim_now_ns(&e1->nic) + (uint64_t)quanta * QUANTUM_NS : 0;
	return !pass || e1_get(e1, E1000_RCTL) & RCTL_DPF;
}

/* --- descriptors -------------------------------------------------------------------------------------------------------- */

static bool strips(const struct e1 *e1, const struct e1_packet *packet)
{
	return packet->tagged && e1_get(e1, E1000_CTRL) & CTRL_VME;
}

/* The bytes that go to memory: without the tag if it is stripped, with the CRC if that is not. */
static void dress(struct e1 *e1, struct e1_packet *packet)
{
	bool strip = strips(e1, packet), keep_crc = !(e1_get(e1, E1000_RCTL) & RCTL_SECRC);

	if (!strip)
		packet->tci = 0;
	if (!strip && !keep_crc)
		return;
	memcpy(e1->scratch, packet->frame, packet->len);
	if (keep_crc) {
		uint32_t crc = frame_crc(packet->frame, packet->len) ^ (packet->bad_crc ? 1 : 0);

		memcpy(e1->scratch + packet->len, &crc, FRAME_CRC);
		packet->len += FRAME_CRC;
	}
	if (strip) {
		packet->len = frame_untag(e1->scratch, packet->len, packet->outer_tagged ? 16 : 12);
		packet->class.parsed.l3_off -= 4;
		packet->class.parsed.l4_off -= 4;
		packet->class.parsed.end -= 4;
	}
	packet->frame = e1->scratch;
}

/* What the checks came to, as far as RXCSUM lets them be made. */
static uint32_t verdict(const struct e1 *e1, const struct e1_packet *packet)
{
	uint32_t control = e1_get(e1, E1000_RXCSUM), status = 0;
	const struct sim_class *class = &packet->class;
	bool ip = control & RXCSUM_IPOFL, l4 = control & RXCSUM_TUOFL;

	if (class->type & RXD_TYPE_SCTP)
		l4 = control & RXCSUM_CRCOFL && e1_is_76(e1);
	if (!class->understood || (!ip && !l4))
		return e1_is_76(e1) ? 0 : RXS_IXSM;
	if (ip)
		status |= (class->status & RXD_IPCS) | (class->ip_bad ? RXS_IPE : 0);
	if (l4)
		status |= (class->status & (RXD_L4CS | RXD_UDPCS)) | (class->l4_bad ? RXS_L4E : 0);
	return e1_is_4x(e1) ? status & ~RXD_UDPCS : status;
}

uint32_t e1_rx_status(const struct e1 *e1, const struct e1_packet *packet)
{
	uint32_t status = RXD_DD | RXD_EOP | verdict(e1, packet);

	if (packet->by_hash)
		status |= RXD_PIF;
	/* The bit says that the tag is not in the data any more; on the 82576 that there is one. */
	if (strips(e1, packet) || (e1_is_76(e1) && packet->tagged))
		status |= RXD_VP;
	if (packet->bad_crc)
		status |= RXS_CE;
	if (packet->stamped)
		status |= RXD_TS;
	return status;
}

/* Legacy: the address stays; errors are a byte above status. */
static void legacy_words(const struct e1 *e1, const struct e1_packet *packet, uint32_t len, bool last, uint32_t word[4])
{
	uint32_t status = e1_rx_status(e1, packet);

	word[2] = len | (uint32_t)packet->csum << 16;
	word[3] = last ? (status & 0xff) | status >> 24 << 8 | (uint32_t)packet->tci << 16 : RXD_DD;
}

static uint32_t ip_id(const struct e1_packet *packet)
{
	const uint8_t *ip = packet->frame + packet->class.parsed.l3_off;

	return packet->class.type & RXD_TYPE_IPV4 ? weir_load_be16(ip + 4) : 0;
}

/* Extended and advanced: what a descriptor says is known with the last one of its packet. */
static void extended_words(const struct e1 *e1, const struct e1_packet *packet, uint32_t len, bool last,
                           uint32_t word[4])
{
	bool hashed = e1_get(e1, E1000_RXCSUM) & RXCSUM_PCSD;

	memset(word, 0, 16);
	word[2] = RXD_DD;
	word[3] = len;
	if (!last)
		return;
	word[0] = packet->rss_type;
	word[1] = hashed ? packet->hash : (uint32_t)packet->csum << 16 | ip_id(packet);
	if (e1_is_76(e1))
		word[0] |= packet->ether_filter < 0
		               ? packet->class.type
		               : RXD_TYPE_ETQF | field(RXD_TYPE_ETQF_INDEX, (uint32_t)packet->ether_filter);
	else
		word[0] |= packet->queue << 8;
	word[2] = e1_rx_status(e1, packet) | (!e1_is_76(e1) && !hashed && ip_id(packet) ? RXS_IPID : 0);
	word[3] = len | (uint32_t)packet->tci << 16;
}

/* The write-back: status and length are one store, after everything else. */
int e1_rx_write_back(struct e1 *e1, unsigned queue, uint64_t at, uint32_t word[4])
{
	bool legacy = e1_is_76(e1) ? !field_of(SRRCTL_DESCTYPE, e1_get(e1, IGB_RX(IGB_SRRCTL, queue)))
	                           : e1_is_4x(e1) || (!e1_split_on(e1) && !(e1_get(e1, E1000_RFCTL) & RFCTL_EXTEN));
	unsigned length = legacy ? 2 : 3, status = legacy ? 3 : 2;
	uint64_t arg;

	if (sim_fault(&e1->nic, WEIR_SIM_RX_LENGTH, &arg))
		word[length] = (word[length] & 0xffff0000u) | (uint16_t)arg;
	if (sim_fault(&e1->nic, WEIR_SIM_RX_NO_DD, &arg)) {
		e1->late.iova = at + 8;
		memcpy(&e1->late.word, word + 2, 8);
		e1->late.runs = (unsigned)arg;
		word[status] &= ~RXD_DD;
	}
	return sim_dma_store(&e1->nic, at, word, 16, e1->rx_name[queue]);
}

/* --- header split of the 82576 ------------------------------------------------------------------------------------------ */

static struct adv_split header_split(const struct e1 *e1, const struct e1_packet *packet)
{
	uint32_t control = e1_get(e1, IGB_RX(IGB_SRRCTL, packet->queue)), kinds;
	unsigned type = field_of(SRRCTL_DESCTYPE, control);

	if (!e1_is_76(e1) || (type != DESCTYPE_SPLIT && type != DESCTYPE_SPLIT_ALWAYS))
		return (struct adv_split){ 0 };
	kinds = e1_get(e1, IGB_AT(PSRTYPE, packet->queue % IGB_PSRTYPE_COUNT));
	return adv_split(control, kinds, packet->class.type, &packet->class.parsed, packet->len);
}

/* --- writing -------------------------------------------------------------------------------------------------------------- */

/* What one descriptor takes of the packet: @header bytes of its start, and the @len bytes at @from. */
static int write_buffers(struct e1 *e1, const struct e1_packet *packet, size_t header, const uint64_t buffer[2],
                         const uint8_t *from, size_t len)
{
	const char *what = e1->rx_name[packet->queue];
	int err = header ? sim_dma_write(&e1->nic, buffer[1] & ~1ull, packet->frame, header, what) : 0;

	if (!err && len)
		err = sim_dma_write(&e1->nic, buffer[0], from, len, what);
	return err;
}

static bool is_legacy(const struct e1 *e1, unsigned queue)
{
	if (e1_is_76(e1))
		return field_of(SRRCTL_DESCTYPE, e1_get(e1, IGB_RX(IGB_SRRCTL, queue))) == DESCTYPE_LEGACY;
	return e1_is_4x(e1) || !(e1_get(e1, E1000_RFCTL) & RFCTL_EXTEN);
}

/* Writes the packet to @n descriptors, which there are. */
static int write_packet(struct e1 *e1, const struct e1_packet *packet, const struct adv_split *split,
                        const struct e1_ring *ring, unsigned n, size_t room)
{
	const uint8_t *from = packet->frame + split->header;
	size_t left = packet->len - split->header;
	bool legacy = is_legacy(e1, packet->queue);
	uint64_t unused;

	for (unsigned i = 0; i < n; i++) {
		uint64_t at = ring->base + (uint64_t)((ring->head + i) % ring->count) * 16, buffer[2];
		size_t len = left < room ? left : room;
		bool early = sim_fault(&e1->nic, WEIR_SIM_RX_DD_EARLY, &unused);
		uint32_t word[4];
		int err = sim_dma_read(&e1->nic, at, buffer, sizeof(buffer), e1->rx_name[packet->queue]);

		memcpy(word, buffer, 8);
		(legacy ? legacy_words : extended_words)(e1, packet, (uint32_t)len, i + 1 == n, word);
		if (!i) {
			word[0] |= split->type;
			word[2] |= split->status;
		}
		if (!err && early)
			err = e1_rx_write_back(e1, packet->queue, at, word);
		if (!err)
			err = write_buffers(e1, packet, i ? 0 : split->header, buffer, from, len);
		if (!err && !early)
			err = e1_rx_write_back(e1, packet->queue, at, word);
		if (err)
			return err;
		from += len;
		left -= len;
	}
	return 0;
}

/* --- queues ------------------------------------------------------------------------------------------------------------- */

static size_t buffer_room(const struct e1 *e1, unsigned queue)
{
	uint32_t control = e1_get(e1, E1000_RCTL);
	size_t room = 2048u >> field_of(RCTL_BSIZE, control);

	if (e1_is_76(e1) && field_of(SRRCTL_BSIZEPKT, e1_get(e1, IGB_RX(IGB_SRRCTL, queue))))
		return field_of(SRRCTL_BSIZEPKT, e1_get(e1, IGB_RX(IGB_SRRCTL, queue))) * 1024;
	if (e1_is_74(e1) && field_of(RCTL_FLXBUF, control))
		return field_of(RCTL_FLXBUF, control) * 1024;
	return control & RCTL_BSEX && room < 2048 ? room * 16 : room;
}

static void drop(struct e1 *e1, unsigned queue, uint64_t *counter)
{
	(*counter)++;
	if (e1_is_76(e1))
		e1_count(e1, IGB_RX(IGB_RQDPC, queue), 1);
}

static unsigned free_descriptors(const struct e1_ring *ring)
{
	return (ring->tail - ring->head + ring->count) % ring->count;
}

/* Says once that few descriptors are left, until there are more again. */
static void check_low(struct e1 *e1, unsigned queue, const struct e1_ring *ring)
{
	unsigned limit = ring->count >> (field_of(RCTL_RDMTS, e1_get(e1, E1000_RCTL)) + 1);
	bool low = free_descriptors(ring) <= limit;

	if (low && !e1->rx[queue].low) {
		e1_count(e1, E1000_ICRXDMTC, !e1_is_76(e1));
		e1_irq_other(e1, ICR_RXDMT0);
	}
	e1->rx[queue].low = low;
}

/* Writes the packet to its queue. Returns 0, -EAGAIN when there are no descriptors for it, or -EFAULT. */
static int store(struct e1 *e1, struct e1_packet *packet)
{
	struct adv_split split = header_split(e1, packet);
	bool splits = e1_split_on(e1);
	unsigned queue = packet->queue, size = splits ? 32 : 16, n;
	size_t room = buffer_room(e1, queue);
	struct e1_ring ring;
	int err;

	n = splits ? e1_split_descriptors(e1, packet) : e1_descriptors(packet->len - split.header, room);
	if (!e1_ring(e1, IGB_RX(E1000_RDBAL, queue), size, &ring) || free_descriptors(&ring) < n)
		return -EAGAIN;
	err = splits ? e1_split_write(e1, packet, &ring, n) : write_packet(e1, packet, &split, &ring, n, room);
	if (err)
		return err;
	ring.head = (ring.head + n) % ring.count;
	e1_set(e1, IGB_RX(E1000_RDH, queue), ring.head * size / 16);
	check_low(e1, queue, &ring);
	e1_irq_rx(e1, queue);
	return 0;
}

static void stop_queue(struct e1 *e1, unsigned queue)
{
	e1->rx[queue].hung = true;
	e1->rx_dma++;
}

/* Takes the packet, which has passed the filters. Returns false when it has to wait for descriptors. */
static bool deliver(struct e1 *e1, struct e1_packet *packet)
{
	size_t bytes = packet->len + FRAME_CRC;
	uint64_t unused;
	unsigned queue;
	int err;

	e1_steer(e1, packet);
	queue = packet->queue;
	if (!e1->rx[queue].running || e1->rx[queue].hung) {
		drop(e1, queue, &e1->rx_no_queue);
		return true;
	}
	dress(e1, packet);
	if (sim_fault(&e1->nic, WEIR_SIM_RX_NO_BUFFER, &unused)) {
		drop(e1, queue, &e1->rx_no_descriptor);
		return true;
	}
	err = store(e1, packet);
	if (err == -EAGAIN) {
		if (!e1_is_76(e1) || !(e1_get(e1, IGB_RX(IGB_SRRCTL, queue)) & SRRCTL_DROP_EN))
			return false;
		drop(e1, queue, &e1->rx_no_descriptor);
	} else if (err) {
		stop_queue(e1, queue);
	} else if (e1_is_76(e1)) {
		e1_count(e1, E1000_ICRXPTC, 1); /* RPTHC */
		e1_count_bytes(e1, IGB_HGORCL, bytes);
	}
	return true;
}

/* --- pauses that are sent ------------------------------------------------------------------------------------------------ */

/*
 * The packet buffer is lib/sim's, which does not say how full it is: the partner is asked to stop when the first frame
 * has to wait, and to go on when none does any more.
 */
static void send_pause(struct e1 *e1, bool stop)
{
	bool enabled = e1_get(e1, E1000_CTRL) & CTRL_TFCE && e1_get(e1, E1000_FCRTH) & FCRT_BYTES;
	uint8_t frame[FRAME_MIN];

	if (e1->pausing == stop || !enabled || (!stop && !(e1_get(e1, E1000_FCRTL) & FCRTL_XONE)))
		return;
	frame_make_pause(frame, e1->nic.mac, stop ? (uint16_t)e1_get(e1, E1000_FCTTV) : 0);
	if (!sim_wire_send(&e1->nic, frame, sizeof(frame)))
		return;
	e1->pausing = stop;
	e1_count(e1, stop ? E1000_XOFFTXC : E1000_XONTXC, 1);
}

/* --- what lib/sim calls --------------------------------------------------------------------------------------------------- */

void e1_rx_reset(struct e1 *e1)
{
	memset(e1->rx, 0, sizeof(e1->rx));
	e1->waiting = false;
	e1->pausing = false;
}

static bool receiver_on(const struct e1 *e1)
{
	return e1_get(e1, E1000_RCTL) & RCTL_EN;
}

void e1_rx_control(struct e1 *e1, unsigned queue)
{
	bool enabled = receiver_on(e1);

	if (e1_is_76(e1))
		enabled &= !!(e1_get(e1, IGB_RX(E1000_RXDCTL, queue)) & XDCTL_ENABLE);
	if (!enabled)
		e1->rx[queue].hung = e1->rx[queue].low = false;
	e1->rx[queue].running = enabled;
}

bool e1_listening(const struct sim_nic *nic)
{
	const struct e1 *e1 = (const struct e1 *)nic;

	for (unsigned i = 0; receiver_on(e1) && i < e1->variant->queues; i++)
		if (!e1_is_76(e1) || e1_get(e1, IGB_RX(E1000_RXDCTL, i)) & XDCTL_ENABLE)
			return true;
	return false;
}

/* A frame that waits for descriptors is offered again and again, and was looked at the first time. */
bool e1_rx_frame(struct e1 *e1, const uint8_t *frame, size_t len, unsigned flags)
{
	bool again = e1->waiting;
	struct e1_packet packet = { .frame = frame, .len = len, .bad_crc = flags & SIM_FRAME_BAD_CRC };

	e1->waiting = false;
	if (!receiver_on(e1)) {
		e1->rx_disabled++;
		return true;
	}
	if (len < 14 || len > SIM_FRAME_MAX) {
		e1_count(e1, len < 14 ? E1000_RUC : E1000_ROC, 1);
		return true;
	}
	packet.bad_crc |= again && e1->waiting_bad;
	if (!again && (!mac_pass(e1, frame, len, packet.bad_crc) || pause_frame(e1, frame, len)))
		return true;
	if (!e1_filter_pass(e1, &packet))
		return true;
	if (!again && !packet.bad_crc)
		e1_count_rx_good(e1, frame, len + FRAME_CRC);
	if (!deliver(e1, &packet)) {
		if (!again)
			e1_count(e1, E1000_RNBC, 1);
		e1->waiting = true;
		e1->waiting_bad = packet.bad_crc;
		send_pause(e1, true);
		return false;
	}
	send_pause(e1, false);
	return true;
}

/* What comes from the wire while the card talks to itself is lost. */
bool e1_receive(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags)
{
	struct e1 *e1 = e1_of(nic);

	return e1_loops(e1) || !e1->link_told || e1_rx_frame(e1, frame, len, flags);
}

void e1_missed(struct sim_nic *nic, uint64_t frames)
{
	e1_count(e1_of(nic), E1000_MPC, frames > UINT32_MAX ? UINT32_MAX : (uint32_t)frames);
	e1_irq_other(e1_of(nic), ICR_RXO);
}
