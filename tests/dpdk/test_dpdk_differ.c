/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two cards of the same kind, DPDK's driver on one and ours on the other, with the same traffic: captures, damaged frames,
 * and what frames.c makes. What the two say of a received packet is compared field by field, and what leaves the cards
 * byte by byte. Neither knows of the other, so where they agree the model is not bent to suit ours.
 */
#include "bench.h"

#include <glob.h>
#include <pcap/pcap.h>
#include <string.h>

#include "frames.h"
#include "seen.h"
#include "weir/net.h"
#include "weir/parse.h"
#include "weir/port.h"

#define QUEUES     4
#define MTU        9000u
#define BUFFER     2048u
#define FRAMES     400 /* of each capture */
#define ONE_BY_ONE 16
#define TYPES      (WEIR_PKT_L3 | WEIR_PKT_L4)
#define BAD        (WEIR_PKT_IP_BAD | WEIR_PKT_L4_BAD)

/* The second card, with our driver. */
static struct {
	struct weir_sim_nic *nic;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct weir_port *port;
} ours;

static bool vector; /* DPDK's driver receives by its vector function */

/* The key of our driver. */
static uint8_t key[WEIR_RSS_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* --- both ----------------------------------------------------------------------------------------------------------------- */

static void open_theirs(const char *model, uint16_t rx_refill)
{
	struct pmd_conf conf = {
		.queues = QUEUES,
		.rx_refill = rx_refill,
		.drop = true,
		.eth.rxmode.mtu = MTU,
		.eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS,
		.eth.rxmode.offloads = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM |
		                       RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_VLAN_STRIP |
		                       RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_RSS_HASH,
		.eth.rx_adv_conf.rss_conf = { .rss_key = key,
		                              .rss_key_len = sizeof(key),
		                              .rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
		                                        RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 |
		                                        RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP },
		.eth.txmode.offloads = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM |
		                       RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM |
		                       RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS |
		                       RTE_ETH_TX_OFFLOAD_VLAN_INSERT,
	};

	bench_open(model, EXACT);
	bench_vector(vector);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &conf), 0);
	CU_ASSERT_EQUAL(rte_eth_promiscuous_enable(bench.port), 0);
}

static void open_ours(const char *model)
{
	struct weir_port_conf conf = {
		.rx_queues = QUEUES,
		.tx_queues = QUEUES,
		.mtu = MTU,
		.offloads = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_HASH,
		.promiscuous = true,
	};
	char spec[96];

	memset(&ours, 0, sizeof(ours));
	conf.pool = ours.pool = make_pool(bench.weir, 8192, true);
	ours.cache = make_cache(ours.pool, 0);
	CU_ASSERT_EQUAL_FATAL(weir_sim_enable(bench.weir, bench.sim), 0);
	snprintf(spec, sizeof(spec), "sim:%s,mac=02:00:00:00:00:01,wire=hold", model);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(bench.weir, spec, &conf, &ours.port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(ours.port), 0);
	ours.nic = weir_sim_nic(bench.sim, 1);
}

static void begin_both(const char *model, uint16_t rx_refill)
{
	open_theirs(model, rx_refill);
	open_ours(model);
}

static void end_both(void)
{
	char text[4096] = "";

	CU_ASSERT_EQUAL(weir_port_stop(ours.port), 0);
	weir_port_close(ours.port);
	CU_ASSERT_EQUAL(weir_sim_violations(ours.nic, text, sizeof(text)), 0);
	fputs(text, stdout);
	weir_pool_cache_flush(ours.cache);
	CU_ASSERT_EQUAL(info_of(ours.pool).in_use, 0);
	weir_pool_cache_destroy(ours.cache);
	end();
}

/* --- receiving -------------------------------------------------------------------------------------------------------------- */

/* The packet that our driver received, if any. Returns how many there were. */
static unsigned seen_by_us(struct seen *seen)
{
	uint8_t *base = weir_mem_base(bench.weir);
	struct weir_pkt pkts[BURST];
	unsigned packets = 0;

	for (uint16_t q = 0; q < QUEUES; q++) {
		unsigned n = weir_rx(weir_port_rxq(ours.port, q), pkts, BURST);

		packets += weir_pkt_count(pkts, n);
		if (!n)
			continue;
		seen->queue = q;
		seen->flags = pkts->flags & (TYPES | SEEN_VERDICTS | WEIR_PKT_VLAN | WEIR_PKT_HASH);
		seen->vlan = pkts->flags & WEIR_PKT_VLAN ? pkts->vlan : 0;
		seen->hash = pkts->flags & WEIR_PKT_HASH ? pkts->hash : 0;
		seen->len = 0;
		for (unsigned i = 0; i < n; seen->len += pkts[i++].len)
			memcpy(seen->bytes + seen->len, weir_pkt_data(base, &pkts[i]), pkts[i].len);
		weir_pool_free(ours.cache, pkts, n);
	}
	return packets;
}

static unsigned seen_by_them(struct seen *seen)
{
	struct rte_mbuf *packets[BURST];
	unsigned all = 0;

	for (uint16_t q = 0; q < QUEUES; q++) {
		unsigned n = pmd_receive(&bench.pmd, q, packets, BURST);

		if (n)
			seen_by_dpdk(packets[0], q, seen);
		rte_pktmbuf_free_bulk(packets, n);
		all += n;
	}
	return all;
}

/*
 * DPDK's driver calls good what is not bad; ours says so only of what was checked. That was everything that has a
 * checksum: an IPv4 header, and TCP, UDP and SCTP, except UDP without a checksum, and UDP that the 82599 calls bad.
 */
static bool verdicts_agree(const struct seen *a, const struct seen *b)
{
	bool ip = a->flags & (WEIR_PKT_IP_GOOD | WEIR_PKT_IP_BAD), l4 = a->flags & (WEIR_PKT_L4_GOOD | WEIR_PKT_L4_BAD);
	unsigned type = b->flags & WEIR_PKT_L4;

	if ((a->flags & BAD) != (b->flags & BAD) || (a->flags & SEEN_VERDICTS & ~b->flags))
		return false;
	if (ip != ((b->flags & WEIR_PKT_L3) == WEIR_PKT_IPV4))
		return false;
	return l4 ? type != 0 : !type || type == WEIR_PKT_UDP;
}

static bool agree(const struct seen *a, const struct seen *b)
{
	unsigned same = TYPES | WEIR_PKT_VLAN | WEIR_PKT_HASH;

	if (a->queue != b->queue || a->hash != b->hash || a->len != b->len || memcmp(a->bytes, b->bytes, a->len))
		return false;
	/*
	 * Of a packet of several buffers, the vector function of DPDK 22.11 takes types and tag from the first descriptor,
	 * but the card says them in the last one (7.1.6.2). Later versions take the tag from there.
	 */
	if (vector && a->len > BUFFER)
		return ((a->flags ^ b->flags) & (BAD | WEIR_PKT_VLAN | WEIR_PKT_HASH)) == 0;
	return (a->flags & same) == (b->flags & same) && a->vlan == b->vlan && verdicts_agree(a, b);
}

static void tell(const char *who, const struct seen *s)
{
	printf("%s: queue %u, flags %04x, tag %04x, hash %08x, %zu bytes\n", who, s->queue, s->flags, s->vlan, s->hash,
	       s->len);
}

static void hex(const char *who, const uint8_t *bytes, int len)
{
	printf("%s: %d bytes\n", who, len);
	for (int i = 0; i < len && i < 96; i++)
		printf("%02x%s", bytes[i], i % 32 == 31 ? "\n" : i % 2 ? " " : "");
	printf("\n");
}

/* A frame for both. */
static void compare(const uint8_t *frame, size_t len)
{
	static struct seen a, b;
	unsigned n, m;

	if (weir_sim_send(ours.nic, frame, len))
		return; /* longer than any frame */
	arrive(frame, len);
	run();
	n = seen_by_us(&a);
	m = seen_by_them(&b);
	CU_ASSERT(n == m && n < 2);
	if (n != m || (n && !agree(&a, &b))) {
		CU_FAIL("the drivers differ");
		tell("ours", &a);
		tell("DPDK", &b);
		hex("frame", frame, (int)len);
	}
}

/* Calls @fn for the frames of all captures in the tree. */
static void captures(void (*fn)(const uint8_t *frame, size_t len))
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *head;
	unsigned frames = 0;
	const u_char *bytes;
	glob_t files;

	CU_ASSERT_EQUAL_FATAL(glob("tests/data/*/*.pcap", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		pcap_t *file = pcap_open_offline(files.gl_pathv[i], error);

		CU_ASSERT_PTR_NOT_NULL_FATAL(file);
		for (unsigned n = 0;
		     pcap_datalink(file) == DLT_EN10MB && n < FRAMES && pcap_next_ex(file, &head, &bytes) == 1;
		     n++, frames++)
			fn(bytes, head->caplen);
		pcap_close(file);
	}
	globfree(&files);
	CU_ASSERT(frames > 500);
}

static void compare_made(void)
{
	static const uint8_t protocols[] = { WEIR_IP_UDP, WEIR_IP_TCP, WEIR_IP_SCTP, WEIR_IP_ICMP };
	static uint8_t frame[FRAME_MAX];

	for (unsigned i = 0; i < 512; i++) {
		struct frame_ip what = {
			.protocol = protocols[i % 4],
			.ipv6 = i & 4,
			.options = i & 8 ? 2 : 0,
			.tags = i & 16 ? 1 : 0,
			.tci = { (uint16_t)(i * 37) },
			.bad_ip = i & 32,
			.bad_l4 = i & 64,
			.no_l4 = i & 128,
			.src = (uint8_t)i,
			.dst = (uint8_t)(i / 3),
			.src_port = (uint16_t)(i * 11),
			.payload = i * 17 & ~3u,
			.fragment = i & 256 && i & 1 ? 0x2000 : 0,
		};

		compare(frame, frame_ip(frame, &what));
	}
	for (size_t len = 60; len <= MTU + 30; len += 89)
		compare(frame, frame_plain(frame, len));
}

static void receive_both(const char *model, bool by_vector, uint16_t rx_refill)
{
	struct weir_port_stats stats;
	struct rte_eth_stats theirs;

	vector = by_vector;
	begin_both(model, rx_refill);
	captures(compare);
	compare_made();
	weir_port_stats(ours.port, &stats);
	CU_ASSERT_EQUAL(rte_eth_stats_get(bench.port, &theirs), 0);
	CU_ASSERT_EQUAL(theirs.ipackets, stats.rx.packets);
	CU_ASSERT(stats.rx.packets > 1000);
	end_both();
}

static void received_by_vector(void)
{
	receive_both("82599", true, 0);
}

static void received_in_bulk(void)
{
	receive_both("82599", false, 0);
}

static void received_one_by_one(void)
{
	receive_both("82599", false, ONE_BY_ONE);
}

static void received_on_copper(void)
{
	receive_both("x540", true, 0);
}

/* --- sending ---------------------------------------------------------------------------------------------------------------- */

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
	unsigned least = len > BUFFER - WEIR_HEADROOM ? 2 + (unsigned)(len / (BUFFER - WEIR_HEADROOM)) : 1;

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
	r->types = parsed.flags & TYPES;
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

	if (len < 14 || len > MTU)
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

static void sent_packets(void)
{
	static uint8_t frame[FRAME_MAX];

	vector = true;
	begin_both("82599", 0);
	captures(send_frame);
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

int main(void)
{
	static const struct unit_case cases[] = {
		{ "received packets, by DPDK's vector function", received_by_vector },
		{ "received packets, by its bulk function", received_in_bulk },
		{ "received packets, by its single function", received_one_by_one },
		{ "received packets on copper", received_on_copper },
		{ "sent packets", sent_packets },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's driver and ours", cases);
}
