/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receive side coalescing (82599 datasheet 7.11): segments of one TCP connection over IPv4 that follow each other become
 * one packet. The first is written whole; of the others the payload follows, in the same buffer and then in the queue's
 * next ones, wherever in the ring those are by then: NEXTP leads from descriptor to descriptor. Nothing is written back
 * before the packet is closed; then the header in memory is made to fit all of it.
 *
 * A context is closed by a packet of its connection that does not continue it, by its limits (RSCCTL.MAXDESC, 14 packets
 * beginning in a buffer, 64 KiB), for want of descriptors, when a new connection needs its place, and when the throttle
 * of its queue's interrupt vector lets an interrupt through. A queue without a vector has nothing to end its waiting.
 */
#include "model.h"

#define TCP_HEADER  20
#define TCP_STAMPED 32 /* with two paddings and a time stamp, the only options that are coalesced */
#define STARTS_MAX  14 /* packets that begin in a buffer */
#define IP_MAX      65535
#define PORT_NFS    2049

/* A segment that is offered, without what the link layer put behind it. */
struct segment {
	const uint8_t *ip, *tcp, *payload;
	size_t header, len; /* bytes before the payload and of it */
	bool stamped;
};

static unsigned flags_of(const uint8_t *tcp)
{
	return weir_load_be16(tcp + 12) & 0x0fff;
}

static uint32_t queue_reg(const struct ix *ix, unsigned queue, uint32_t reg)
{
	return ix_get(ix, ix_rx_reg(queue, reg));
}

static bool enabled(const struct ix *ix, unsigned queue)
{
	return queue_reg(ix, queue, IXGBE_RSCCTL) & RSCCTL_RSCEN && !(ix_get(ix, IXGBE_RFCTL) & RFCTL_RSC_DIS) &&
	       field_of(SRRCTL_DESCTYPE, queue_reg(ix, queue, IXGBE_SRRCTL)) != DESCTYPE_LEGACY;
}

static unsigned descriptors_max(const struct ix *ix, unsigned queue)
{
	static const uint8_t counts[] = { 1, 4, 8, 16 };

	return counts[field_of(RSCCTL_MAXDESC, queue_reg(ix, queue, IXGBE_RSCCTL))];
}

/* What must be set up with it (4.6.7.2). Pools, of which there may be many PSRTYPE, are not modelled. */
void ix_rsc_check(struct ix *ix, unsigned queue)
{
	uint32_t split = queue_reg(ix, queue, IXGBE_SRRCTL), control = ix_get(ix, IXGBE_RDRXCTL);
	const char *what = NULL;

	if (!(queue_reg(ix, queue, IXGBE_RSCCTL) & RSCCTL_RSCEN) || ix_get(ix, IXGBE_RFCTL) & RFCTL_RSC_DIS)
		return;
	if (field_of(SRRCTL_DESCTYPE, split) == DESCTYPE_LEGACY)
		what = "its descriptors are legacy ones";
	else if (field_of(SRRCTL_BSIZEHDR, split) * 64 < IX_RSC_HEADER)
		what = "SRRCTL.BSIZEHEADER has less than 128 bytes";
	else if (field_of(SRRCTL_BSIZEPKT, split) * 1024 * descriptors_max(ix, queue) > IP_MAX + 1)
		what = "RSCCTL.MAXDESC buffers have more than 64 KiB";
	else if (!(ix_get(ix, IXGBE_PSRTYPE) & PSRTYPE_TCP))
		what = "PSRTYPE does not look for TCP headers";
	else if (!(ix_get(ix, IXGBE_HLREG0) & HLREG0_RXCRCSTRP))
		what = "the CRC is not stripped";
	else if (control & RDRXCTL_RSCFRSTSIZE || !(control & RDRXCTL_RSCACKC))
		what = "RDRXCTL.RSCFRSTSIZE is not 0 or RSCACKC not 1";
	if (what)
		sim_violation(&ix->nic, "4.6.7.2", "receive queue %u coalesces, but %s", queue, what);
}

/* --- which packets (7.11) ----------------------------------------------------------------------------------------------- */

static bool tcp_over_ipv4(const struct ix_rx_packet *packet)
{
	return packet->type & RXD_TYPE_TCP && packet->type & RXD_TYPE_IPV4;
}

/* Headers of NFS are looked for unless that is off; packets that have some are left alone. */
static bool nfs(const struct ix *ix, const struct ix_rx_packet *packet)
{
	uint32_t control = ix_get(ix, IXGBE_RFCTL);

	return (!(control & RFCTL_NFSW_DIS) && packet->parsed.dst_port == PORT_NFS) ||
	       (!(control & RFCTL_NFSR_DIS) && packet->parsed.src_port == PORT_NFS);
}

static bool known_options(const uint8_t *tcp, size_t len)
{
	static const uint8_t stamp[4] = { 1, 1, 8, 10 };

	return len == TCP_HEADER || (len == TCP_STAMPED && !memcmp(tcp + TCP_HEADER, stamp, sizeof(stamp)));
}

/* Fills @segment in. Returns whether the packet may be coalesced. */
static bool candidate(const struct ix *ix, const struct ix_rx_packet *packet, struct segment *segment)
{
	const struct weir_parsed *parsed = &packet->parsed;
	size_t tcp_len = parsed->l4_len, room;

	if (packet->type & RXD_TYPE_IPV4E || parsed->flags & WEIR_PARSED_FRAGMENT || parsed->errors ||
	    packet->status & (RXD_CE | RXD_IPE | RXD_L4E) || !(packet->status & RXD_L4CS) || nfs(ix, packet))
		return false;
	*segment = (struct segment){
		.ip = packet->frame + parsed->l3_off,
		.tcp = packet->frame + parsed->l4_off,
		.payload = packet->frame + parsed->l4_off + tcp_len,
		.header = parsed->l4_off + tcp_len,
		.len = parsed->end - parsed->l4_off - tcp_len,
		.stamped = tcp_len == TCP_STAMPED,
	};
	room = field_of(SRRCTL_BSIZEHDR, queue_reg(ix, packet->queue, IXGBE_SRRCTL)) * 64;
	if (segment->header > room || segment->header > IX_RSC_HEADER || !known_options(segment->tcp, tcp_len) ||
	    packet->immediate || flags_of(segment->tcp) & ~WEIR_TCP_ACK || (segment->ip[1] & 3) == 3)
		return false;
	return segment->len || (flags_of(segment->tcp) && !(ix_get(ix, IXGBE_RSCDBU) & RSCDBU_RSCACKDIS));
}

/* --- contexts (7.11) ------------------------------------------------------------------------------------------- */

static bool same_connection(const struct ix_rsc *rsc, const struct ix_rx_packet *packet)
{
	const uint8_t *frame = packet->frame;

	return rsc->open && !memcmp(rsc->header + rsc->ip_at + 12, frame + packet->parsed.l3_off + 12, 8) &&
	       !memcmp(rsc->header + rsc->tcp_at, frame + packet->parsed.l4_off, 4);
}

static struct ix_rsc *find(struct ix *ix, const struct ix_rx_packet *packet)
{
	for (unsigned i = 0; i < IX_RSC_CONTEXTS; i++)
		if (same_connection(&ix->rsc[i], packet))
			return &ix->rsc[i];
	return NULL;
}

/* Pure acknowledgements are coalesced among themselves, as long as they acknowledge more. */
static bool continues(const struct ix *ix, const struct ix_rsc *rsc, const struct ix_rx_packet *packet,
                      const struct segment *segment)
{
	bool ack = flags_of(segment->tcp), was_ack = flags_of(rsc->header + rsc->tcp_at);

	if (packet->queue != rsc->packet.queue || packet->tagged != rsc->packet.tagged ||
	    packet->tci != rsc->packet.tci || segment->header != rsc->header_len || !segment->len != rsc->acks)
		return false;
	if (ack != was_ack && ix_get(ix, IXGBE_RDRXCTL) & RDRXCTL_RSCACKC)
		return false;
	if (rsc->acks)
		return (int32_t)(weir_load_be32(segment->tcp + 8) - rsc->sequence) > 0;
	return weir_load_be32(segment->tcp + 4) == rsc->sequence;
}

/* What the header says of the whole: its length, and what the last segment said of the way back. */
static int write_header(struct ix *ix, struct ix_rsc *rsc)
{
	uint8_t *ip = rsc->header + rsc->ip_at;
	uint16_t csum;

	weir_store_be16(ip + 2, (uint16_t)rsc->ip_len);
	memset(ip + 10, 0, 2);
	csum = weir_sum_csum(weir_sum(ip, 20));
	memcpy(ip + 10, &csum, sizeof(csum));
	return sim_dma_write(&ix->nic, rsc->header_at, rsc->header, rsc->header_len, ix->rx_name[rsc->packet.queue]);
}

/* Writes back what the context has. Whoever calls sees to the interrupt. */
static void close_context(struct ix *ix, struct ix_rsc *rsc)
{
	unsigned queue = rsc->packet.queue;
	struct ix_ring ring;
	int err = 0;

	rsc->open = false;
	ix->rsc_open--;
	if (!ix_ring(ix, ix_rx_reg(queue, IXGBE_RDBAL), &ring))
		return;
	if (rsc->packets > 1)
		err = write_header(ix, rsc);
	for (unsigned i = 0; !err && i < rsc->pieces; i++) {
		const struct ix_rsc_piece *piece = &rsc->piece[i];
		bool last = i + 1 == rsc->pieces;
		uint32_t word[4] = { field(RXD_RSC_COUNT, piece->starts + 1u), 0, RXD_DD, piece->used };

		if (last) {
			word[0] |= rsc->packet.type;
			word[1] = rsc->packet.hash;
			word[2] |= RXD_EOP | rsc->packet.status;
			word[3] |= (uint32_t)rsc->packet.tci << 16;
		} else {
			word[2] |= field(RXD_NEXTP, rsc->piece[i + 1].slot);
		}
		if (!i)
			word[0] |= rsc->split_type;
		err = ix_rx_write_back(ix, queue, ring.base + (uint64_t)piece->slot * 16, word);
	}
	if (err)
		ix_rx_stop(ix, queue);
}

static void complete(struct ix *ix, struct ix_rsc *rsc)
{
	unsigned queue = rsc->packet.queue;

	close_context(ix, rsc);
	ix_irq_queue(ix, queue, false);
}

/* A free one; else the oldest is closed. */
static struct ix_rsc *take_context(struct ix *ix)
{
	struct ix_rsc *oldest = &ix->rsc[0];

	for (unsigned i = 0; i < IX_RSC_CONTEXTS; i++) {
		if (!ix->rsc[i].open)
			return &ix->rsc[i];
		if (ix->rsc[i].opened < oldest->opened)
			oldest = &ix->rsc[i];
	}
	complete(ix, oldest);
	return oldest;
}

/* --- bytes to memory (7.11) ---------------------------------------------------------------------------------------------- */

/* Takes the next descriptor of the ring, which has one. What goes to a header buffer is in that of the first. */
static int next_piece(struct ix *ix, struct ix_rsc *rsc, struct ix_ring *ring)
{
	unsigned queue = rsc->packet.queue;
	struct ix_rsc_piece *piece = &rsc->piece[rsc->pieces++];
	uint64_t buffer[2];
	int err;

	*piece = (struct ix_rsc_piece){ .slot = (uint16_t)ring->head };
	ring->head = (ring->head + 1) % ring->count;
	ix_set(ix, ix_rx_reg(queue, IXGBE_RDH), ring->head);
	err =
	    sim_dma_read(&ix->nic, ring->base + (uint64_t)piece->slot * 16, buffer, sizeof(buffer), ix->rx_name[queue]);
	if (err)
		return err;
	piece->buffer = buffer[0];
	if (rsc->pieces > 1)
		return 0;
	rsc->header_at = rsc->split_type ? buffer[1] & ~1ull : buffer[0];
	return rsc->split_type
	           ? sim_dma_write(&ix->nic, rsc->header_at, rsc->header, rsc->header_len, ix->rx_name[queue])
	           : 0;
}

/* Appends @len bytes, for which there are descriptors; a packet begins with them. */
static int put(struct ix *ix, struct ix_rsc *rsc, struct ix_ring *ring, size_t room, const uint8_t *from, size_t len)
{
	bool begun = false;

	while (len || !begun) {
		struct ix_rsc_piece *piece;
		size_t n;
		int err;

		if (!rsc->pieces || rsc->piece[rsc->pieces - 1].used == room) {
			err = next_piece(ix, rsc, ring);
			if (err)
				return err;
		}
		piece = &rsc->piece[rsc->pieces - 1];
		n = room - piece->used < len ? room - piece->used : len;
		err = n ? sim_dma_write(&ix->nic, piece->buffer + piece->used, from, n, ix->rx_name[rsc->packet.queue])
		        : 0;
		if (err)
			return err;
		piece->starts += !begun;
		begun = true;
		piece->used += (uint32_t)n;
		from += n;
		len -= n;
	}
	rsc->packets++;
	return 0;
}

/* How many more descriptors @len bytes need. */
static unsigned more_pieces(const struct ix_rsc *rsc, size_t len, size_t room)
{
	size_t left = rsc->pieces ? room - rsc->piece[rsc->pieces - 1].used : 0;

	return len > left ? (unsigned)((len - left + room - 1) / room) : 0;
}

static int open_context(struct ix *ix, const struct ix_rx_packet *packet, const struct segment *segment,
                        const struct adv_split *split, struct ix_ring *ring, size_t room)
{
	struct ix_rsc *rsc = take_context(ix);

	if (ix_irq_vector(ix, packet->queue) >= SIM_VECTORS && !ix->rx[packet->queue].told_vector) {
		ix->rx[packet->queue].told_vector = true;
		sim_violation(&ix->nic, "4.6.7.2", "receive queue %u coalesces, but has no vector to end it",
		              packet->queue);
	}
	*rsc = (struct ix_rsc){
		.open = true,
		.acks = !segment->len,
		.opened = ix->rsc_count++,
		.room = room,
		.packet = *packet,
		.header_len = segment->header,
		.split_type = split->header ? split->type : 0,
		.ip_at = packet->parsed.l3_off,
		.tcp_at = packet->parsed.l4_off,
		.sequence = segment->len ? weir_load_be32(segment->tcp + 4) + (uint32_t)segment->len
		                         : weir_load_be32(segment->tcp + 8),
		.ip_len = packet->parsed.end - packet->parsed.l3_off,
	};
	ix->rsc_open++;
	memcpy(rsc->header, packet->frame, segment->header);
	/* What pads a short frame would stand between this payload and the next. */
	return put(ix, rsc, ring, room, packet->frame + split->header, packet->parsed.end - split->header);
}

static int append(struct ix *ix, struct ix_rsc *rsc, const struct ix_rx_packet *packet, const struct segment *segment,
                  struct ix_ring *ring, size_t room)
{
	uint8_t *tcp = rsc->header + rsc->tcp_at;
	const struct ix_rsc_piece *last;
	int err = put(ix, rsc, ring, room, segment->payload, segment->len);

	if (err)
		return err;
	memcpy(tcp + 8, segment->tcp + 8, 4);   /* acknowledged */
	memcpy(tcp + 14, segment->tcp + 14, 2); /* window */
	if (segment->stamped)
		memcpy(tcp + 24, segment->tcp + 24, 8);
	rsc->packet = *packet;
	rsc->ip_len += (uint32_t)segment->len;
	rsc->sequence = segment->len ? rsc->sequence + (uint32_t)segment->len : weir_load_be32(segment->tcp + 8);
	last = &rsc->piece[rsc->pieces - 1];
	if (last->starts == STARTS_MAX ||
	    (rsc->pieces == descriptors_max(ix, packet->queue) && last->used == room && !rsc->acks))
		complete(ix, rsc);
	return 0;
}

/* --- what the receive engine calls ------------------------------------------------------------------------------------------ */

int ix_rsc_take(struct ix *ix, const struct ix_rx_packet *packet, const struct adv_split *split, size_t room)
{
	struct segment segment;
	struct ix_rsc *rsc;
	struct ix_ring ring;
	unsigned need;
	bool good;

	if (!enabled(ix, packet->queue) || !tcp_over_ipv4(packet))
		return 0;
	rsc = find(ix, packet);
	good = candidate(ix, packet, &segment) && (!split->header || split->header == segment.header) &&
	       ix_ring(ix, ix_rx_reg(packet->queue, IXGBE_RDBAL), &ring);
	if (rsc && (!good || rsc->room != room || !continues(ix, rsc, packet, &segment) ||
	            rsc->ip_len + segment.len > IP_MAX ||
	            rsc->pieces + more_pieces(rsc, segment.len, room) > descriptors_max(ix, packet->queue))) {
		complete(ix, rsc);
		rsc = NULL;
	}
	if (!good)
		return 0;
	need = rsc ? more_pieces(rsc, segment.len, room) : ix_descriptors(packet->parsed.end - split->header, room);
	if (need > descriptors_max(ix, packet->queue))
		return 0;
	if (need > (ring.tail - ring.head + ring.count) % ring.count) {
		/* The driver gets none back before it is told of those that are held here. */
		ix_rsc_end(ix, packet->queue);
		return -EAGAIN;
	}
	return (rsc ? append(ix, rsc, packet, &segment, &ring, room)
	            : open_context(ix, packet, &segment, split, &ring, room))
	           ? -EFAULT
	           : 1;
}

void ix_rsc_end(struct ix *ix, unsigned queue)
{
	for (unsigned i = 0; ix->rsc_open && i < IX_RSC_CONTEXTS; i++)
		if (ix->rsc[i].open && ix->rsc[i].packet.queue == queue)
			complete(ix, &ix->rsc[i]);
}

void ix_rsc_forget(struct ix *ix, unsigned queue)
{
	for (unsigned i = 0; ix->rsc_open && i < IX_RSC_CONTEXTS; i++) {
		if (!ix->rsc[i].open || (queue != IX_QUEUES && ix->rsc[i].packet.queue != queue))
			continue;
		ix->rsc[i].open = false;
		ix->rsc_open--;
	}
}

/* --- time: the throttle of the queue's vector ------------------------------------------------------------------------------- */

void ix_rsc_expire(struct ix *ix, unsigned vector)
{
	for (unsigned i = 0; ix->rsc_open && i < IX_RSC_CONTEXTS; i++) {
		unsigned queue = ix->rsc[i].packet.queue;

		if (!ix->rsc[i].open || ix_irq_vector(ix, queue) != vector)
			continue;
		close_context(ix, &ix->rsc[i]);
		ix_irq_note(ix, queue);
	}
}

unsigned ix_rsc_run(struct ix *ix, uint64_t now_ns)
{
	unsigned done = 0;

	for (unsigned i = 0; ix->rsc_open && i < IX_RSC_CONTEXTS; i++) {
		unsigned vector = ix_irq_vector(ix, ix->rsc[i].packet.queue);

		if (!ix->rsc[i].open || vector >= SIM_VECTORS || now_ns < ix->due_ns[vector])
			continue;
		complete(ix, &ix->rsc[i]);
		ix_rsc_expire(ix, vector);
		ix_irq_throttle(ix, vector, now_ns);
		done++;
	}
	return done;
}

uint64_t ix_rsc_due(const struct ix *ix)
{
	uint64_t due = UINT64_MAX;

	for (unsigned i = 0; ix->rsc_open && i < IX_RSC_CONTEXTS; i++) {
		unsigned vector = ix_irq_vector(ix, ix->rsc[i].packet.queue);

		if (ix->rsc[i].open && vector < SIM_VECTORS && ix->due_ns[vector] < due)
			due = ix->due_ns[vector];
	}
	return due;
}
