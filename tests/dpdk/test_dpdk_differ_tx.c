/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two cards of the same kind, DPDK's driver on one and ours on the other, are asked to send the same packets in the
 * same way. What leaves the cards is compared byte by byte.
 */
#include "both.h"

#include <string.h>

#include "frames.h"
#include "weir/net.h"
#include "weir/parse.h"

/* What is asked for a packet. */
struct request {
	unsigned pieces;
	size_t first; /* bytes of the first piece: its headers at least */
	bool sums, tag;
	uint16_t mss; /* 0: in one frame */
	size_t l2, l3, l4;
	uint16_t types;
};

#define TAG 0x7123

static size_t piece(const struct request *r, size_t len, unsigned i)
{
	size_t rest = (len - r->first) / (r->pieces > 1 ? r->pieces - 1 : 1);

	if (r->pieces == 1)
		return len;
	if (!i)
		return r->first;
	return i + 1 < r->pieces ? rest : len - r->first - rest * (r->pieces - 2);
}

static void send_ours(const uint8_t *frame, size_t len, const struct request *r)
{
	uint8_t *base = weir_mem_base(bench.weir);
	struct weir_pkt pkts[8];

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(ours.cache, pkts, r->pieces), r->pieces);
	for (unsigned i = 0; i < r->pieces; i++) {
		pkts[i].len = (uint16_t)piece(r, len, i);
		memcpy(weir_pkt_data(base, &pkts[i]), frame, pkts[i].len);
		frame += pkts[i].len;
		pkts[i].flags = i + 1 < r->pieces ? WEIR_PKT_MORE : 0;
	}
	if (r->sums)
		pkts->flags |= r->types | WEIR_PKT_TX_L4 | (r->types & WEIR_PKT_IPV4 ? WEIR_PKT_TX_IP : 0) |
		               (r->mss ? WEIR_PKT_TX_TSO : 0);
	pkts->txo = weir_txo((unsigned)r->l2, (unsigned)r->l3, r->mss ? (unsigned)r->l4 : 0, r->mss);
	pkts->flags |= r->tag ? WEIR_PKT_VLAN : 0;
	pkts->vlan = TAG;
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(ours.port, 0), pkts, r->pieces), r->pieces);
}

static uint64_t requests(const struct request *r)
{
	static const uint64_t sums[] = { [WEIR_PKT_TCP >> 6] = RTE_MBUF_F_TX_TCP_CKSUM,
		                         [WEIR_PKT_UDP >> 6] = RTE_MBUF_F_TX_UDP_CKSUM,
		                         [WEIR_PKT_SCTP >> 6] = RTE_MBUF_F_TX_SCTP_CKSUM };
	uint64_t flags = r->tag ? RTE_MBUF_F_TX_VLAN : 0;

	if (!r->sums)
		return flags;
	flags |= r->types & WEIR_PKT_IPV4 ? RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM : RTE_MBUF_F_TX_IPV6;
	return flags | sums[(r->types & WEIR_PKT_L4) >> 6] | (r->mss ? RTE_MBUF_F_TX_TCP_SEG : 0);
}

static void send_theirs(const uint8_t *frame, size_t len, const struct request *r)
{
	struct rte_mbuf *packet = NULL, *last = NULL;

	for (unsigned i = 0; i < r->pieces; i++) {
		size_t some = piece(r, len, i);
		struct rte_mbuf *one = pmd_packet(&bench.pmd, frame, some);

		frame += some;
		if (!packet) {
			packet = one;
		} else {
			last->next = one;
			packet->nb_segs = (uint16_t)(packet->nb_segs + one->nb_segs);
			packet->pkt_len += one->pkt_len;
		}
		last = rte_pktmbuf_lastseg(one);
	}
	packet->ol_flags = requests(r);
	packet->l2_len = r->l2;
	packet->l3_len = r->l3;
	packet->l4_len = r->l4;
	packet->tso_segsz = r->mss;
	packet->vlan_tci = TAG;
	/* Its preparation takes no notice of extension headers; the sum is there already. */
	if (!(r->types & WEIR_PKT_IPV6) || r->l3 == 40)
		CU_ASSERT_EQUAL(rte_eth_tx_prepare(bench.port, 0, &packet, 1), 1);
	CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
}

/* At least @pieces, more where a buffer does not hold one. */
static unsigned pieces_of(size_t len, unsigned pieces)
{
	unsigned least = len > BOTH_BUFFER - WEIR_HEADROOM ? 2 + (unsigned)(len / (BOTH_BUFFER - WEIR_HEADROOM)) : 1;

	return pieces > least ? pieces : least;
}

/* Sends the packet through both, and compares all frames that leave. */
static void send_both(const uint8_t *frame, size_t len, const struct request *r)
{
	static uint8_t a[FRAME_MAX], b[FRAME_MAX];
	size_t frames = 0, expected;
	int n, m;

	send_ours(frame, len, r);
	send_theirs(frame, len, r);
	run();
	for (;; frames++) {
		n = weir_sim_take(ours.nic, a, sizeof(a));
		m = weir_sim_take(bench.nic, b, sizeof(b));
		if (n <= 0 && m <= 0)
			break;
		if (n == m && !memcmp(a, b, (size_t)n))
			continue;
		CU_FAIL("what leaves the cards differs");
		printf("%u pieces, first %zu, sums %d, tag %d, mss %u, headers %zu %zu %zu, types %04x\n", r->pieces,
		       r->first, r->sums, r->tag, r->mss, r->l2, r->l3, r->l4, r->types);
		hex("ours", a, n);
		hex("DPDK", b, m);
	}
	expected = r->mss ? (len - r->l2 - r->l3 - r->l4 + r->mss - 1) / r->mss : 1;
	CU_ASSERT_EQUAL(frames, expected);
}

/* Puts the pseudo-header's sum where both want it. Returns false for what no card can sum. */
static bool prepare(uint8_t *frame, size_t *len, struct request *r)
{
	struct weir_parsed parsed;
	uint32_t below, sum;
	uint16_t seed;

	if (weir_parse(frame, *len, &parsed) || !(parsed.flags & WEIR_PKT_L4) ||
	    parsed.flags & (WEIR_PARSED_FRAGMENT | WEIR_PARSED_ROUTED | WEIR_PARSED_UNSIZED))
		return false;
	*len = parsed.end;
	r->types = parsed.flags & BOTH_TYPES;
	r->l2 = parsed.l3_off;
	r->l3 = parsed.l3_len;
	r->l4 = parsed.l4_len;
	r->sums = true;
	below = r->mss ? 0 : parsed.end - parsed.l4_off;
	sum = r->types & WEIR_PKT_IPV4 ? weir_sum_pseudo4((void *)(frame + r->l2), parsed.protocol, below)
	                               : weir_sum_pseudo6((void *)(frame + r->l2), parsed.protocol, below);
	seed = weir_sum_fold(sum);
	if ((r->types & WEIR_PKT_L4) != WEIR_PKT_SCTP)
		memcpy(frame + parsed.l4_off + ((r->types & WEIR_PKT_L4) == WEIR_PKT_TCP ? 16 : 6), &seed, 2);
	return true;
}

static void send_frame(const uint8_t *bytes, size_t len)
{
	static uint8_t frame[FRAME_MAX];
	struct request r = { .pieces = pieces_of(len, 1), .first = len < 200 ? len / 2 : 200 };

	if (len < 14 || len > BOTH_MTU)
		return;
	send_both(bytes, len, &r);
	r.tag = true;
	send_both(bytes, len, &r);
	if (r.first >= 14 && len > 64) {
		r.pieces = pieces_of(len, 2 + (unsigned)len % 4);
		send_both(bytes, len, &r);
	}
	memcpy(frame, bytes, len);
	if (!prepare(frame, &len, &r))
		return;
	r.pieces = pieces_of(len, len > 300 ? 3 : 1);
	send_both(frame, len, &r);
	r.tag = false;
	send_both(frame, len, &r);
	r.mss = 536;
	if ((r.types & WEIR_PKT_L4) != WEIR_PKT_TCP || len <= r.l2 + r.l3 + r.l4)
		return;
	if (prepare(frame, &len, &r))
		send_both(frame, len, &r);
}

static void captured_packets(const struct both_conf *conf)
{
	begin_both(conf);
	captures(send_frame);
	end_both();
}

static void made_packets(const struct both_conf *conf)
{
	static uint8_t frame[FRAME_MAX];

	begin_both(conf);
	for (unsigned i = 0; i < 256; i++) {
		struct frame_ip what = {
			.protocol = i % 3 ? WEIR_IP_TCP : WEIR_IP_SCTP,
			.ipv6 = i & 4,
			.options = i & 8 ? 2 : 0,
			.tcp_flags = (uint8_t)(i | 1),
			.id = (uint16_t)(i << 8),
			.seq = i * 0x01234567u,
			.payload = i * 31,
		};

		send_frame(frame, frame_ip(frame, &what));
	}
	end_both();
}

static const struct both_conf the_82599 = { .model = "82599", .vector = true }, the_82576 = { .model = "82576" };

static void captured_by_the_82599(void)
{
	captured_packets(&the_82599);
}

static void made_by_the_82599(void)
{
	made_packets(&the_82599);
}

static void captured_by_the_82576(void)
{
	captured_packets(&the_82576);
}

static void made_by_the_82576(void)
{
	made_packets(&the_82576);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "those of captures", captured_by_the_82599 },
		{ "those of all kinds", made_by_the_82599 },
		{ "by the 82576, those of captures", captured_by_the_82576 },
		{ "by the 82576, those of all kinds", made_by_the_82576 },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("sent by DPDK's driver and by ours", cases);
}
