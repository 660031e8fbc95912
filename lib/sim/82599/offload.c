/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is done to packets that are sent: checksums, segments, VLAN tags (82599 datasheet 7.2.4, 7.2.5).
 */
#include "model.h"

struct headers {
	size_t mac, ip, l4; /* lengths */
	unsigned protocol;  /* TXC_TCP and so on */
	bool ipv4;
	size_t mss;
};

static struct headers headers_of(const struct ix_tx_packet *packet)
{
	const uint32_t *word = packet->context->word;

	return (struct headers){
		.mac = field_of(TXC_MACLEN, word[0]),
		.ip = field_of(TXC_IPLEN, word[0]),
		.l4 = field_of(TXC_L4LEN, word[3]),
		.protocol = field_of(TXC_L4T, word[2]),
		.ipv4 = word[2] & TXC_IPV4,
		.mss = field_of(TXC_MSS, word[3]),
	};
}

/* The checksum over [from, end), which includes what its own field holds, into that field. */
static void put_sum(uint8_t *frame, size_t from, size_t end, size_t field_at, bool udp)
{
	uint16_t csum = weir_sum_csum(weir_sum(frame + from, end - from));

	if (udp)
		csum = weir_csum_udp(csum);
	memcpy(frame + field_at, &csum, sizeof(csum));
}

static void ip_sum(uint8_t *frame, const struct headers *h)
{
	memset(frame + h->mac + 10, 0, 2);
	put_sum(frame, h->mac, h->mac + h->ip, h->mac + 10, false);
}

static void sctp_sum(uint8_t *frame, size_t from, size_t end)
{
	uint32_t crc;

	memset(frame + from + 8, 0, 4);
	crc = ~weir_crc32c(~0u, frame + from, end - from);
	memcpy(frame + from + 8, &crc, sizeof(crc)); /* least significant byte first */
}

/* Whether the context describes headers that lie in the packet. */
static bool sane(const struct ix_tx_packet *packet, const struct headers *h)
{
	size_t l4 = h->mac + h->ip, need = h->mac;

	if (packet->options & TXD_IXSM)
		need = h->mac + 20;
	if (packet->options & TXD_TXSM)
		need = l4 + (h->protocol == TXC_TCP ? 18 : h->protocol == TXC_UDP ? 8 : 12);
	if (packet->command & TXD_TSE)
		need = l4 + (h->l4 > 20 ? h->l4 : h->protocol == TXC_UDP ? 8 : 20);
	if (packet->options & TXD_IXSM && (h->ip < 20 || l4 > packet->len))
		return false;
	return need <= packet->len && (h->mac >= 14 || need == h->mac);
}

static void sums(uint8_t *frame, size_t len, const struct ix_tx_packet *packet, const struct headers *h)
{
	size_t l4 = h->mac + h->ip;

	if (packet->options & TXD_IXSM && h->ipv4)
		ip_sum(frame, h);
	if (!(packet->options & TXD_TXSM))
		return;
	if (h->protocol == TXC_SCTP)
		sctp_sum(frame, l4, len);
	else
		put_sum(frame, l4, len, l4 + (h->protocol == TXC_TCP ? 16 : 6), h->protocol == TXC_UDP);
}

/* --- segments ------------------------------------------------------------------------------------------------------------- */

static void add_be16(uint8_t *at, unsigned n)
{
	weir_store_be16(at, (uint16_t)(weir_load_be16(at) + n));
}

/* The TCP flags that may stay, by place: DTXTCPFLGL, DTXTCPFLGH. */
static void mask_flags(const struct ix *ix, uint8_t *tcp, bool first, bool last)
{
	uint32_t low = ix_get(ix, IXGBE_DTXTCPFLGL), mask = last    ? ix_get(ix, IXGBE_DTXTCPFLGH)
	                                                    : first ? low
	                                                            : low >> 16;

	if (first && last)
		return;
	weir_store_be16(tcp + 12, weir_load_be16(tcp + 12) & (0xf000 | (mask & 0x0fff)));
}

/* The driver's pseudo-header sum leaves the length out, because only the card knows it. */
static void add_length(uint8_t *field_at, size_t len)
{
	uint16_t seed, swapped = weir_be16((uint16_t)len);

	memcpy(&seed, field_at, sizeof(seed));
	seed = weir_sum_fold((uint32_t)seed + swapped);
	memcpy(field_at, &seed, sizeof(seed));
}

static size_t segment(struct ix *ix, const struct ix_tx_packet *packet, const struct headers *h, unsigned index,
                      uint8_t *frame)
{
	size_t head = h->mac + h->ip + h->l4, at = head + index * h->mss, len;
	uint8_t *ip = frame + h->mac, *l4 = ip + h->ip;
	bool last;

	if (index && at >= packet->len)
		return 0;
	last = packet->len - at <= h->mss;
	len = last ? packet->len - at : h->mss;
	if (head + len > SIM_FRAME_MAX - 4)
		return 0;
	memcpy(frame, packet->data, head);
	memcpy(frame + head, packet->data + at, len);
	if (h->ipv4) {
		weir_store_be16(ip + 2, (uint16_t)(h->ip + h->l4 + len));
		add_be16(ip + 4, index);
	} else {
		weir_store_be16(ip + 4, (uint16_t)(h->ip - 40 + h->l4 + len));
	}
	if (h->protocol == TXC_TCP) {
		weir_store_be32(l4 + 4, weir_load_be32(l4 + 4) + (uint32_t)(index * h->mss));
		mask_flags(ix, l4, !index, last);
		add_length(l4 + 16, h->l4 + len);
	} else {
		weir_store_be16(l4 + 4, (uint16_t)(h->l4 + len));
		add_length(l4 + 6, h->l4 + len);
	}
	sums(frame, head + len, packet, h);
	return head + len;
}

/* --- the rest ----------------------------------------------------------------------------------------------------------- */

/* Where packets have an outer tag, which is the driver's to write, the card adds the inner one (7.4). */
static size_t insert_tag(const struct ix *ix, uint8_t *frame, size_t len, uint16_t tci)
{
	uint32_t control = ix_get(ix, IXGBE_DMATXCTL);
	bool outer = control & DMATXCTL_GDV && len >= 18 &&
	             weir_load_be16(frame + 12) == field_of(EXVET_OUTER, ix_get(ix, IXGBE_EXVET));
	size_t at = outer ? 16 : 12;

	memmove(frame + at + 4, frame + at, len - at);
	weir_store_be16(frame + at, (uint16_t)field_of(DMATXCTL_VT, control));
	weir_store_be16(frame + at + 2, tci);
	return len + 4;
}

static size_t bad(struct ix *ix, const char *section, const char *what)
{
	ix->tx_bad++;
	sim_violation(&ix->nic, section, "%s", what);
	return 0;
}

static size_t legacy(struct ix *ix, const struct ix_tx_packet *packet, uint8_t *frame)
{
	memcpy(frame, packet->data, packet->len);
	if (packet->command & TXD_IC) {
		if (packet->css >= packet->len || packet->cso + 2u > packet->len)
			return bad(ix, "7.2.3.2.2", "a legacy descriptor's checksum lies outside the packet");
		put_sum(frame, packet->css, packet->len, packet->cso, false);
	}
	return packet->len;
}

static size_t advanced(struct ix *ix, const struct ix_tx_packet *packet, unsigned index, uint8_t *frame)
{
	bool tso = packet->command & TXD_TSE;
	struct headers h;

	if (!tso && index)
		return 0;
	if (!tso && !(packet->options & (TXD_IXSM | TXD_TXSM))) {
		memcpy(frame, packet->data, packet->len);
		return packet->len;
	}
	h = headers_of(packet);
	if (!sane(packet, &h))
		return bad(ix, "7.2.3.2.3", "a context's header lengths do not fit the packet");
	if (!tso) {
		memcpy(frame, packet->data, packet->len);
		sums(frame, packet->len, packet, &h);
		return packet->len;
	}
	if (!h.mss || h.protocol == TXC_SCTP || (!h.ipv4 && h.ip < 40) || (h.ipv4 && h.ip < 20))
		return bad(ix, "7.2.4", "a packet cannot be segmented as its context says");
	return segment(ix, packet, &h, index, frame);
}

size_t ix_offload(struct ix *ix, const struct ix_tx_packet *packet, unsigned index, uint8_t *frame)
{
	bool tso = packet->context && packet->command & TXD_TSE;
	size_t len;

	if (!tso && packet->len > SIM_FRAME_MAX - 4)
		return index ? 0 : bad(ix, "7.2.1", "a packet is longer than a frame can be");
	if (packet->len < 14)
		return index ? 0 : bad(ix, "7.2.1", "a packet is shorter than an Ethernet header");
	if (!packet->context)
		len = index ? 0 : legacy(ix, packet, frame);
	else
		len = advanced(ix, packet, index, frame);
	return len && packet->command & TXD_VLE ? insert_tag(ix, frame, len, packet->vlan) : len;
}
