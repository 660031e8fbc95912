/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a network card says of the packets that it receives, found out in software.
 */
#include "net/net.h"

static unsigned verdict(bool right)
{
	return right ? WEIR_PKT_L4_GOOD : WEIR_PKT_L4_BAD;
}

/* The verdict on layer 4 of a packet without errors that is no fragment; 0 when there is nothing to check. */
static unsigned check_l4(uint8_t *base, const struct weir_pkt *pkts, unsigned n, const struct weir_parsed *parsed)
{
	const uint8_t *data = weir_pkt_data(base, &pkts[0]), *l4 = data + parsed->l4_off;
	bool ipv6 = parsed->flags & WEIR_PKT_IPV6;
	size_t at = parsed->l4_off, len = parsed->end - at;
	bool pseudo = true;

	switch (parsed->protocol) {
	case WEIR_IP_TCP:
		break;
	case WEIR_IP_UDP: {
		const struct weir_udp *udp = (const void *)l4;

		if (!udp->csum) /* none was sent, which IPv6 does not allow (RFC 8200, section 8.1) */
			return ipv6 ? WEIR_PKT_L4_BAD : 0;
		if (udp->len)
			len = weir_be16(udp->len);
		break;
	}
	case WEIR_IP_SCTP: {
		const struct weir_sctp *sctp = (const void *)l4;

		return verdict(sctp->csum == sctp_csum(base, pkts, n, at, len));
	}
	case WEIR_IP_ICMP:
	case WEIR_IP_ICMPV6:
		if (ipv6 != (parsed->protocol == WEIR_IP_ICMPV6) || len < sizeof(struct weir_icmp))
			return 0;
		pseudo = ipv6;
		break;
	default:
		return 0;
	}
	/* The pseudo-header has the last destination, which is elsewhere in a packet with a routing header. */
	if (pseudo && parsed->flags & WEIR_PARSED_ROUTED)
		return 0;
	return verdict(!weir_sum_csum(
	    weir_sum_add(weir_sum_pkt(base, pkts, n, at, len), pseudo ? pseudo_sum(data, parsed, len) : 0)));
}

unsigned weir_pkt_check(uint8_t *base, const struct weir_pkt *pkts, unsigned n, const struct weir_parsed *parsed)
{
	const uint8_t *data = weir_pkt_data(base, &pkts[0]);
	unsigned flags = parsed->flags & (WEIR_PKT_L3 | WEIR_PKT_L4);

	if (parsed->flags & WEIR_PKT_IPV4 && parsed->l3_len) {
		bool right = !weir_csum_ipv4((const void *)(data + parsed->l3_off));

		flags |= right ? WEIR_PKT_IP_GOOD : WEIR_PKT_IP_BAD;
	}
	if (!parsed->errors && parsed->l4_off && !(parsed->flags & WEIR_PARSED_FRAGMENT))
		flags |= check_l4(base, pkts, n, parsed);
	return flags;
}
