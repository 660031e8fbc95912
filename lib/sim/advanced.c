/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checksums and segments by an advanced context, and header split (82576 datasheet, 7.2.4, 7.2.5, 7.1.4; 82599 datasheet,
 * 7.2.4, 7.2.5, 7.1.10).
 */
#include "sim/advanced.h"

#include <string.h>

#include "regs/advanced.h"
#include "sim/frame.h"
#include "sim/nic.h"
#include "weir/net.h"

#define PSRTYPE_TCP  0x00000010u
#define PSRTYPE_UDP  0x00000020u
#define PSRTYPE_IPV4 0x00000100u
#define PSRTYPE_IPV6 0x00000200u
#define PSRTYPE_L2   0x00001000u

struct headers {
	size_t mac, ip, l4; /* lengths */
	unsigned protocol;  /* TXC_TCP and so on */
	bool ipv4;
	size_t mss;
};

static struct headers headers_of(const struct adv_tx *tx)
{
	const uint32_t *word = tx->context;

	return (struct headers){
		.mac = field_of(TXC_MACLEN, word[0]),
		.ip = field_of(TXC_IPLEN, word[0]),
		.l4 = field_of(TXC_L4LEN, word[3]),
		.protocol = field_of(TXC_L4T, word[2]),
		.ipv4 = word[2] & TXC_IPV4,
		.mss = field_of(TXC_MSS, word[3]),
	};
}

/* Whether the context describes headers that lie in the packet. */
static bool sane(const struct adv_tx *tx, const struct headers *h)
{
	size_t l4 = h->mac + h->ip, need = h->mac;

	if (tx->options & TXD_IXSM)
		need = h->mac + 20;
	if (tx->options & TXD_TXSM)
		need = l4 + (h->protocol == TXC_TCP ? 18 : h->protocol == TXC_UDP ? 8 : 12);
	if (tx->command & TXD_TSE)
		need = l4 + (h->l4 > 20 ? h->l4 : h->protocol == TXC_UDP ? 8 : 20);
	if (tx->options & TXD_IXSM && (h->ip < 20 || l4 > tx->len))
		return false;
	return need <= tx->len && (h->mac >= 14 || need == h->mac);
}

const char *adv_tx_wrong(const struct adv_tx *tx)
{
	struct headers h = headers_of(tx);

	if (!(tx->command & TXD_TSE) && !(tx->options & (TXD_IXSM | TXD_TXSM)))
		return NULL;
	if (!sane(tx, &h))
		return "a context's header lengths do not fit the packet";
	if (tx->command & TXD_TSE && (!h.mss || h.protocol == TXC_SCTP || h.ip < (h.ipv4 ? 20u : 40u)))
		return "a packet cannot be segmented as its context says";
	return NULL;
}

/* --- checksums ---------------------------------------------------------------------------------------------------------- */

static void sctp_sum(uint8_t *frame, size_t from, size_t end)
{
	uint32_t crc;

	memset(frame + from + 8, 0, 4);
	crc = ~weir_crc32c(~0u, frame + from, end - from);
	memcpy(frame + from + 8, &crc, sizeof(crc)); /* least significant byte first */
}

static void sums(uint8_t *frame, size_t len, const struct adv_tx *tx, const struct headers *h)
{
	size_t l4 = h->mac + h->ip;

	if (tx->options & TXD_IXSM && h->ipv4) {
		memset(frame + h->mac + 10, 0, 2);
		frame_put_sum(frame, h->mac, l4, h->mac + 10, false);
	}
	if (!(tx->options & TXD_TXSM))
		return;
	if (h->protocol == TXC_SCTP)
		sctp_sum(frame, l4, len);
	else
		frame_put_sum(frame, l4, len, l4 + (h->protocol == TXC_TCP ? 16 : 6), h->protocol == TXC_UDP);
}

/* --- segments ------------------------------------------------------------------------------------------------------------- */

/* The TCP flags that may stay, by place. */
static void mask_flags(const struct adv_tx *tx, uint8_t *tcp, bool first, bool last)
{
	uint32_t mask = last ? tx->flags_high : first ? tx->flags_low : tx->flags_low >> 16;

	if (!first || !last)
		weir_store_be16(tcp + 12, weir_load_be16(tcp + 12) & (0xf000 | (mask & 0x0fff)));
}

static size_t segment(const struct adv_tx *tx, const struct headers *h, unsigned index, uint8_t *frame)
{
	size_t head = h->mac + h->ip + h->l4, at = head + index * h->mss, len;
	uint8_t *ip = frame + h->mac, *l4 = ip + h->ip;
	bool last;

	if (index && at >= tx->len)
		return 0;
	last = tx->len - at <= h->mss;
	len = last ? tx->len - at : h->mss;
	if (head + len > SIM_FRAME_MAX - 4)
		return 0;
	memcpy(frame, tx->data, head);
	memcpy(frame + head, tx->data + at, len);
	if (h->ipv4) {
		weir_store_be16(ip + 2, (uint16_t)(h->ip + h->l4 + len));
		weir_store_be16(ip + 4, (uint16_t)(weir_load_be16(ip + 4) + index));
	} else {
		weir_store_be16(ip + 4, (uint16_t)(h->ip - 40 + h->l4 + len));
	}
	if (h->protocol == TXC_TCP) {
		weir_store_be32(l4 + 4, weir_load_be32(l4 + 4) + (uint32_t)(index * h->mss));
		mask_flags(tx, l4, !index, last);
		frame_add_length(l4 + 16, h->l4 + len);
	} else {
		weir_store_be16(l4 + 4, (uint16_t)(h->l4 + len));
		frame_add_length(l4 + 6, h->l4 + len);
	}
	sums(frame, head + len, tx, h);
	return head + len;
}

size_t adv_tx_frame(const struct adv_tx *tx, unsigned index, uint8_t *frame)
{
	struct headers h = headers_of(tx);

	if (tx->command & TXD_TSE)
		return segment(tx, &h, index, frame);
	if (index)
		return 0;
	memcpy(frame, tx->data, tx->len);
	sums(frame, tx->len, tx, &h);
	return tx->len;
}

/* --- header split --------------------------------------------------------------------------------------------------------- */

/* Where the header ends, or 0. */
static size_t header_end(uint32_t kinds, uint32_t type, const struct weir_parsed *parsed)
{
	if (kinds & PSRTYPE_TCP && type & RXD_TYPE_TCP)
		return parsed->l4_off + parsed->l4_len;
	if (kinds & PSRTYPE_UDP && type & RXD_TYPE_UDP)
		return parsed->l4_off + parsed->l4_len;
	if (kinds & PSRTYPE_IPV4 && type & RXD_TYPE_IPV4)
		return parsed->l4_off;
	if (kinds & PSRTYPE_IPV6 && type & RXD_TYPE_IPV6)
		return parsed->l4_off;
	return kinds & PSRTYPE_L2 ? parsed->l3_off - parsed->labels * 4u : 0;
}

struct adv_split adv_split(uint32_t control, uint32_t kinds, uint32_t type, const struct weir_parsed *parsed,
                           size_t len)
{
	bool always = field_of(SRRCTL_DESCTYPE, control) == DESCTYPE_SPLIT_ALWAYS;
	size_t room = field_of(SRRCTL_BSIZEHDR, control) * 64, end = header_end(kinds, type, parsed);
	struct adv_split split = { 0 };

	if (!end) {
		split.header = !always ? 0 : len < room ? len : room;
		split.type = field(RXD_HEADER_LEN, (uint32_t)split.header);
		return split;
	}
	end = end < len ? end : len;
	split.type = RXD_SPLIT | field(RXD_HEADER_LEN, (uint32_t)end);
	split.header = end;
	if (end > room) {
		split.status = RXD_HBO;
		split.header = always ? room : 0;
	}
	return split;
}
