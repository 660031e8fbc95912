/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a network card does to packets that it sends, in software: for ports that are not one.
 */
#include "core/core.h"
#include "net/net.h"
#include "weir/net.h"

/* Where the checksum's field lies in a header, by the WEIR_PKT_L4 type of the packet, and the least such header. */
static const struct l4_shape {
	uint8_t csum;
	uint8_t size;
} l4_shapes[] = {
	[WEIR_PKT_TCP >> 6] = { offsetof(struct weir_tcp, csum), sizeof(struct weir_tcp) },
	[WEIR_PKT_UDP >> 6] = { offsetof(struct weir_udp, csum), sizeof(struct weir_udp) },
	[WEIR_PKT_SCTP >> 6] = { offsetof(struct weir_sctp, csum), sizeof(struct weir_sctp) },
};

/*
 * Checks that the IP header which .txo speaks of is where it says, and sets *@end to where the IP packet ends by its own
 * account, which padding may follow. Above 64 KiB a length of 0 stands for all there is, as Linux writes it. Returns 0
 * or -EINVAL.
 */
static int l3_check(const uint8_t *data, const struct weir_pkt *pkt, uint64_t bytes, uint64_t *end)
{
	unsigned l2 = weir_txo_l2(pkt->txo), l3 = weir_txo_l3(pkt->txo), said;

	switch (pkt->flags & WEIR_PKT_L3) {
	case WEIR_PKT_IPV4: {
		const struct weir_ipv4 *ip = (const void *)(data + l2);

		if (l3 < sizeof(*ip) || l2 + l3 > pkt->len || ip->version_ihl != (0x40u | l3 >> 2))
			return -EINVAL;
		said = weir_be16(ip->total_len);
		*end = l2 + said;
		break;
	}
	case WEIR_PKT_IPV6: {
		const struct weir_ipv6 *ip = (const void *)(data + l2);

		if (l3 < sizeof(*ip) || l2 + l3 > pkt->len || (data[l2] & 0xf0u) != 0x60u)
			return -EINVAL;
		said = weir_be16(ip->payload_len);
		*end = l2 + sizeof(*ip) + said;
		break;
	}
	default:
		return -EINVAL;
	}
	if (!said && bytes - l2 > UINT16_MAX)
		*end = bytes;
	return *end < l2 + l3 || *end > bytes ? -EINVAL : 0;
}

static int l4_check(const struct weir_pkt *pkt, uint64_t end)
{
	const struct l4_shape *shape = &l4_shapes[(pkt->flags & WEIR_PKT_L4) >> 6];
	unsigned l4 = weir_txo_l2(pkt->txo) + weir_txo_l3(pkt->txo);

	return !shape->size || l4 + shape->size > end || l4 + shape->size > pkt->len ? -EINVAL : 0;
}

static void l4_fill(uint8_t *base, const struct weir_pkt *pkts, unsigned n, uint64_t end)
{
	unsigned l4 = weir_txo_l2(pkts[0].txo) + weir_txo_l3(pkts[0].txo), type = pkts[0].flags & WEIR_PKT_L4;
	uint8_t *field = weir_pkt_data(base, &pkts[0]) + l4 + l4_shapes[type >> 6].csum;
	uint16_t csum;

	if (type == WEIR_PKT_SCTP) {
		uint32_t crc = sctp_csum(base, pkts, n, l4, end - l4);

		memcpy(field, &crc, sizeof(crc));
		return;
	}
	csum = weir_sum_csum(weir_sum_pkt(base, pkts, n, l4, end - l4));
	if (type == WEIR_PKT_UDP)
		csum = weir_csum_udp(csum);
	memcpy(field, &csum, sizeof(csum));
}

static void tag_insert(uint8_t *data, uint16_t tci)
{
	memmove(data, data + sizeof(struct weir_vlan), offsetof(struct weir_eth, type));
	weir_store_be16(data + offsetof(struct weir_eth, type), WEIR_ETHER_VLAN);
	weir_store_be16(data + sizeof(struct weir_eth), tci);
}

int weir_pkt_finish(uint8_t *base, struct weir_pkt *pkts, unsigned n)
{
	uint8_t *data = weir_pkt_data(base, &pkts[0]);
	unsigned flags = pkts[0].flags;
	uint64_t end = 0;
	struct weir_pkt tagged = pkts[0];
	int err;

	if (!(flags & (WEIR_PKT_TX | WEIR_PKT_VLAN)))
		return 0;
	if (flags & WEIR_PKT_TX_TSO)
		return -ENOTSUP;
	if (flags & WEIR_PKT_SHARED)
		return -EBUSY;

	/* Everything is checked before anything is written. */
	if (flags & WEIR_PKT_TX) {
		err = l3_check(data, &pkts[0], weir_pkt_bytes(pkts, n), &end);
		if (err)
			return err;
	}
	if (flags & WEIR_PKT_TX_IP && (flags & WEIR_PKT_L3) != WEIR_PKT_IPV4)
		return -EINVAL;
	if (flags & WEIR_PKT_TX_L4 && l4_check(&pkts[0], end))
		return -EINVAL;
	if (flags & WEIR_PKT_VLAN) {
		if (pkts[0].len < offsetof(struct weir_eth, type))
			return -EINVAL;
		err = weir_pkt_prepend(&tagged, sizeof(struct weir_vlan));
		if (err)
			return err;
	}

	if (flags & WEIR_PKT_TX_L4)
		l4_fill(base, pkts, n, end);
	if (flags & WEIR_PKT_TX_IP) {
		struct weir_ipv4 *ip = (void *)(data + weir_txo_l2(pkts[0].txo));

		ip->csum = 0;
		ip->csum = weir_csum_ipv4(ip);
	}
	if (flags & WEIR_PKT_VLAN) {
		pkts[0] = tagged;
		tag_insert(weir_pkt_data(base, &pkts[0]), pkts[0].vlan);
	}
	if (flags & WEIR_PKT_TX)
		pkts[0].txo = 0;
	pkts[0].flags = (uint16_t)(flags & ~(WEIR_PKT_TX | WEIR_PKT_VLAN));
	return 0;
}
