/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The virtio-net header: how the kernel says what a packet that never was on a wire still needs, and is told the same.
 *
 * Packets of the local stack come without their checksum, TCP ones up to 64 KiB long. A packet that weir_rx() returns
 * says so in its flags, and whoever sends it does the rest, or passes it on to a kernel or device that can. What the
 * flags cannot say is done here at once, so that a packet which is forwarded always leaves with right checksums.
 */
#include "host.h"

#include <string.h>

#include "weir/net.h"

#define CSUM_IN_TCP  offsetof(struct weir_tcp, csum)
#define CSUM_IN_UDP  offsetof(struct weir_udp, csum)
#define CSUM_IN_SCTP offsetof(struct weir_sctp, csum)

#define L2_MAX  126u /* what weir_txo() can say */
#define L3_MAX  508u
#define MSS_MAX 32767u

/* The length of everything before the layer-3 header, *@type its EtherType; 0 when it is not in the @len bytes. */
static unsigned find_l3(const uint8_t *data, unsigned len, unsigned *type)
{
	unsigned at = offsetof(struct weir_eth, type);

	while (at + 2 <= len && at <= L2_MAX - 2) {
		*type = weir_load_be16(data + at);
		if (*type != WEIR_ETHER_VLAN && *type != WEIR_ETHER_QINQ)
			return at + 2;
		at += sizeof(struct weir_vlan);
	}
	return 0;
}

/* The layer-4 type of a packet whose checksum field lies @offset bytes into the header: 0 when there is none such. */
static unsigned l4_type(unsigned offset, unsigned *protocol)
{
	switch (offset) {
	case CSUM_IN_TCP:
		*protocol = WEIR_IP_TCP;
		return WEIR_PKT_TCP;
	case CSUM_IN_UDP:
		*protocol = WEIR_IP_UDP;
		return WEIR_PKT_UDP;
	case CSUM_IN_SCTP:
		*protocol = WEIR_IP_SCTP;
		return WEIR_PKT_SCTP;
	default:
		return 0;
	}
}

/*
 * Finds the headers that end at byte @l4, of the layer-4 type that has its checksum at @offset, in the first @len bytes.
 * Returns WEIR_PKT_IPV4 or _IPV6 with the layer-4 type, or 0 when they are something else: a tunnel, say, whose inner
 * checksum is meant.
 */
static unsigned recognise(const uint8_t *data, unsigned len, unsigned l4, unsigned offset, unsigned *l2)
{
	unsigned type = 0, protocol = 0, l4_flag = l4_type(offset, &protocol), l3;

	*l2 = find_l3(data, len, &type);
	if (!*l2 || !l4_flag || l4 <= *l2 || l4 > len || *l2 & 1)
		return 0;
	l3 = l4 - *l2;
	if (l3 & 3 || l3 > L3_MAX)
		return 0;
	if (type == WEIR_ETHER_IPV4 && l3 >= sizeof(struct weir_ipv4)) {
		const struct weir_ipv4 *ip = (const void *)(data + *l2);

		if (ip->version_ihl == (0x40u | l3 >> 2) && ip->protocol == protocol)
			return WEIR_PKT_IPV4 | l4_flag;
	}
	if (type == WEIR_ETHER_IPV6 && l3 >= sizeof(struct weir_ipv6)) {
		const struct weir_ipv6 *ip = (const void *)(data + *l2);

		/* With extension headers the kernel's word is taken for what follows them. */
		if (data[*l2] >> 4 == 6 && (l3 > sizeof(*ip) || ip->next == protocol))
			return WEIR_PKT_IPV6 | l4_flag;
	}
	return 0;
}

/* The byte at @at of a packet. It must have one. */
static uint8_t *byte_at(uint8_t *base, const struct weir_pkt *pkts, size_t at)
{
	while (at >= pkts->len)
		at -= pkts++->len;
	return weir_pkt_data(base, pkts) + at;
}

/* Fills in the checksum of everything from byte @start on, whatever it is, as the kernel would have. */
static void complete(uint8_t *base, const struct weir_pkt *pkts, unsigned n, size_t start, size_t offset, size_t len)
{
	uint16_t csum = weir_sum_csum(weir_sum_pkt(base, pkts, n, start, len - start));
	uint8_t bytes[2];

	if (offset == CSUM_IN_UDP)
		csum = weir_csum_udp(csum);
	memcpy(bytes, &csum, sizeof(bytes));
	*byte_at(base, pkts, start + offset) = bytes[0];
	*byte_at(base, pkts, start + offset + 1) = bytes[1];
}

/* Whether the packet that was found to be of @types is of the kind that was put together. */
static bool gso_fits(const struct virtio_net_hdr *vnet, unsigned types)
{
	switch (vnet->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		return types == (WEIR_PKT_IPV4 | WEIR_PKT_TCP);
	case VIRTIO_NET_HDR_GSO_TCPV6:
		return types == (WEIR_PKT_IPV6 | WEIR_PKT_TCP);
	case HOST_GSO_UDP:
		return (types & WEIR_PKT_L4) == WEIR_PKT_UDP;
	default:
		return false;
	}
}

/* The length of the layer-4 header at @start, 0 when it is not all in the @len bytes. */
static unsigned l4_length(const uint8_t *data, size_t start, size_t len, unsigned types)
{
	unsigned l4 = sizeof(struct weir_udp);

	if (start + sizeof(struct weir_tcp) > len)
		return 0;
	if ((types & WEIR_PKT_L4) == WEIR_PKT_TCP)
		l4 = (data[start + offsetof(struct weir_tcp, offset)] & 0xf0u) >> 2;
	return l4 < sizeof(struct weir_udp) || start + l4 > len ? 0 : l4;
}

int host_vnet_receive(uint8_t *base, const struct virtio_net_hdr *vnet, uint32_t offloads, struct weir_pkt *pkts,
                      unsigned n)
{
	const uint8_t *data = weir_pkt_data(base, pkts);
	size_t len = weir_pkt_bytes(pkts, n), start = vnet->csum_start, offset = vnet->csum_offset;
	unsigned l2 = 0, l4 = 0, mss = 0, types;

	if (offloads & WEIR_OFFLOAD_RX_CSUM &&
	    vnet->flags & (VIRTIO_NET_HDR_F_DATA_VALID | VIRTIO_NET_HDR_F_NEEDS_CSUM))
		pkts->flags |= WEIR_PKT_L4_GOOD;
	if (!(vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return vnet->gso_type == VIRTIO_NET_HDR_GSO_NONE ? 0 : -EINVAL;
	if (start + offset + 2 > len)
		return -EINVAL;
	types = recognise(data, pkts->len, (unsigned)start, (unsigned)offset, &l2);
	if (vnet->gso_type != VIRTIO_NET_HDR_GSO_NONE) {
		if (!gso_fits(vnet, types))
			return -ENOTSUP;
		mss = vnet->gso_size;
		l4 = l4_length(data, start, pkts->len, types);
		if (!mss || mss > MSS_MAX || !l4)
			return -EINVAL;
		pkts->flags |= WEIR_PKT_TX_TSO;
	}
	if (!types && offset == CSUM_IN_SCTP)
		return -ENOTSUP; /* a CRC, in a place where nobody looks for SCTP */
	if (!types) {
		complete(base, pkts, n, start, offset, len);
		return 0;
	}
	pkts->txo = weir_txo(l2, (unsigned)start - l2, l4, mss);
	pkts->flags &= (uint16_t)~WEIR_PKT_HASH; /* .txo is where it was */
	pkts->flags |= (uint16_t)(types | WEIR_PKT_TX_L4);
	return 0;
}

int host_vnet_send(const struct weir_pkt *pkt, unsigned tag_len, struct virtio_net_hdr *vnet)
{
	unsigned l3_end = weir_txo_l2(pkt->txo) + weir_txo_l3(pkt->txo), header = l3_end + weir_txo_l4(pkt->txo);
	unsigned type = pkt->flags & WEIR_PKT_L4;

	memset(vnet, 0, sizeof(*vnet));
	if (!(pkt->flags & (WEIR_PKT_TX_L4 | WEIR_PKT_TX_TSO)))
		return 0;
	if (type == WEIR_PKT_SCTP && !(pkt->flags & WEIR_PKT_TX_TSO))
		return 0; /* a CRC: not the kernel's to fill, by this header */
	if ((type != WEIR_PKT_TCP && type != WEIR_PKT_UDP) || header > pkt->len)
		return -EINVAL;
	vnet->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	vnet->csum_start = (uint16_t)(l3_end + tag_len);
	vnet->csum_offset = type == WEIR_PKT_TCP ? CSUM_IN_TCP : CSUM_IN_UDP;
	if (!(pkt->flags & WEIR_PKT_TX_TSO))
		return l3_end + vnet->csum_offset + 2 > pkt->len ? -EINVAL : 0;
	if (type != WEIR_PKT_TCP || header < l3_end + sizeof(struct weir_tcp) || !weir_txo_mss(pkt->txo))
		return -EINVAL;
	switch (pkt->flags & WEIR_PKT_L3) {
	case WEIR_PKT_IPV4:
		vnet->gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		break;
	case WEIR_PKT_IPV6:
		vnet->gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
		break;
	default:
		return -EINVAL;
	}
	vnet->gso_size = (uint16_t)weir_txo_mss(pkt->txo);
	vnet->hdr_len = (uint16_t)(header + tag_len);
	return 0;
}

/* The IPv4 header checksum of a frame laid out at @data. */
static int fill_ipv4(const struct weir_pkt *pkt, unsigned tag_len, uint8_t *data)
{
	unsigned l2 = weir_txo_l2(pkt->txo), l3 = weir_txo_l3(pkt->txo);
	struct weir_ipv4 *ip = (void *)(data + l2 + tag_len);

	if (l2 + l3 > pkt->len || l3 < sizeof(*ip) || ip->version_ihl != (0x40u | l3 >> 2))
		return -EINVAL;
	ip->csum = 0;
	ip->csum = weir_csum_ipv4(ip);
	return 0;
}

/* The CRC of an SCTP packet: the frame is described as a packet of its own, in an arena that begins with it. */
static int fill_sctp(const struct weir_pkt *pkt, unsigned tag_len, uint8_t *data, size_t len)
{
	struct weir_pkt frame = *pkt;

	if (len - tag_len > UINT16_MAX)
		return -EINVAL;
	frame.buf = 0;
	frame.off = (uint16_t)tag_len;
	frame.len = (uint16_t)(len - tag_len);
	frame.flags = (uint16_t)(pkt->flags & (WEIR_PKT_L3 | WEIR_PKT_L4 | WEIR_PKT_TX_L4));
	return weir_pkt_finish(data, &frame, 1);
}

size_t host_frame_out(uint8_t *base, const struct weir_pkt *pkts, unsigned n, struct virtio_net_hdr *vnet, uint8_t *to)
{
	unsigned tag_len = pkts->flags & WEIR_PKT_VLAN ? HOST_VLAN_LEN : 0;
	struct weir_pkt rest = *pkts;
	uint8_t *end = to;

	if (host_vnet_send(pkts, tag_len, vnet))
		return 0;
	if (tag_len) {
		if (weir_pkt_adjust(&rest, HOST_VLAN_AT))
			return 0;
		memcpy(to, weir_pkt_data(base, pkts), HOST_VLAN_AT);
		host_put_tag(to + HOST_VLAN_AT, WEIR_ETHER_VLAN, pkts->vlan);
		end += HOST_VLAN_AT + HOST_VLAN_LEN;
	}
	end = host_copy_out(base, &rest, 1, end);
	end = host_copy_out(base, pkts + 1, n - 1, end);
	if (pkts->flags & WEIR_PKT_TX_IP && fill_ipv4(pkts, tag_len, to))
		return 0;
	if (pkts->flags & WEIR_PKT_TX_L4 && (pkts->flags & WEIR_PKT_L4) == WEIR_PKT_SCTP &&
	    fill_sctp(pkts, tag_len, to, (size_t)(end - to)))
		return 0;
	return (size_t)(end - to);
}
