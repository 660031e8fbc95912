/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two cards of the same kind, DPDK's driver on one and ours on the other, receive the same frames: captures, damaged
 * frames, and what frames.c makes. What the two say of a packet is compared field by field. Neither driver knows of the
 * other, so where they agree the model is not bent to suit ours.
 */
#include "both.h"

#include <string.h>
#include <unistd.h>

#include "frames.h"
#include "seen.h"
#include "streams.h"
#include "weir/wire.h"

#define ONE_BY_ONE 16
#define BAD        (WEIR_PKT_IP_BAD | WEIR_PKT_L4_BAD)

static bool vector; /* DPDK's driver receives by its vector function */
static bool igb;    /* it is that for the 82576 */

/* The bytes of a packet of @n entries. Returns how many. */
static size_t our_bytes(const struct weir_pkt *pkts, unsigned n, uint8_t *bytes)
{
	uint8_t *base = weir_mem_base(bench.weir);
	size_t len = 0;

	for (unsigned i = 0; i < n; len += pkts[i++].len)
		memcpy(bytes + len, weir_pkt_data(base, &pkts[i]), pkts[i].len);
	return len;
}

/* The packet that our driver received, if any. Returns how many there were. */
static unsigned seen_by_us(struct seen *seen)
{
	struct weir_pkt pkts[BURST];
	unsigned packets = 0;

	for (uint16_t q = 0; q < BOTH_QUEUES; q++) {
		unsigned n = weir_rx(weir_port_rxq(ours.port, q), pkts, BURST);

		packets += weir_pkt_count(pkts, n);
		if (!n)
			continue;
		seen->queue = q;
		seen->flags = pkts->flags & (BOTH_TYPES | SEEN_VERDICTS | WEIR_PKT_VLAN | WEIR_PKT_HASH);
		seen->vlan = pkts->flags & WEIR_PKT_VLAN ? pkts->vlan : 0;
		seen->hash = pkts->flags & WEIR_PKT_HASH ? pkts->hash : 0;
		seen->len = our_bytes(pkts, n, seen->bytes);
		weir_pool_free(ours.cache, pkts, n);
	}
	return packets;
}

static unsigned seen_by_them(struct seen *seen)
{
	struct rte_mbuf *packets[BURST];
	unsigned all = 0;

	for (uint16_t q = 0; q < BOTH_QUEUES; q++) {
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
 * checksum: an IPv4 header, and TCP, UDP and SCTP, except UDP without a checksum, UDP that the 82599 and
 * SCTP that the 82576 calls bad.
 */
static bool verdicts_agree(const struct seen *a, const struct seen *b)
{
	bool ip = a->flags & (WEIR_PKT_IP_GOOD | WEIR_PKT_IP_BAD), l4 = a->flags & (WEIR_PKT_L4_GOOD | WEIR_PKT_L4_BAD);
	unsigned type = b->flags & WEIR_PKT_L4;

	if ((a->flags & BAD) != (b->flags & BAD) || (a->flags & SEEN_VERDICTS & ~b->flags))
		return false;
	if (ip != ((b->flags & WEIR_PKT_L3) == WEIR_PKT_IPV4))
		return false;
	return l4 ? type != 0 : !type || type == WEIR_PKT_UDP || (igb && type == WEIR_PKT_SCTP);
}

static bool agree(const struct seen *a, const struct seen *b)
{
	unsigned same = BOTH_TYPES | WEIR_PKT_VLAN | WEIR_PKT_HASH;

	if (a->queue != b->queue || a->hash != b->hash || a->len != b->len || memcmp(a->bytes, b->bytes, a->len))
		return false;
	/*
	 * Of a packet of several buffers, the vector function of DPDK 22.11 takes types and tag from the first
	 * descriptor, but the card says them in the last one (7.1.6.2). Later versions take the tag from there.
	 */
	if (vector && a->len > BOTH_BUFFER)
		return ((a->flags ^ b->flags) & (BAD | WEIR_PKT_VLAN | WEIR_PKT_HASH)) == 0;
	return (a->flags & same) == (b->flags & same) && a->vlan == b->vlan && verdicts_agree(a, b);
}

/*
 * DPDK 22.11 has no names for IPv4 with options and for SCTP over IPv6, above the 82576; and believes it that SCTP is bad,
 * of which ours says nothing (DOUBT_SCTP).
 */
static void make_up(const struct seen *a, struct seen *b)
{
	if (!(b->flags & BOTH_TYPES))
		b->flags |= a->flags & BOTH_TYPES;
	if ((b->flags & WEIR_PKT_L4) == WEIR_PKT_SCTP && !(a->flags & WEIR_PKT_L4_BAD) && b->flags & WEIR_PKT_L4_BAD)
		b->flags = (uint16_t)((b->flags & ~SEEN_VERDICTS) | (a->flags & SEEN_VERDICTS));
}

static void tell(const char *who, const struct seen *s)
{
	printf("%s: queue %u, flags %04x, tag %04x, hash %08x, %zu bytes\n", who, s->queue, s->flags, s->vlan, s->hash,
	       s->len);
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
	if (n && igb)
		make_up(&a, &b);
	if (n != m || (n && !agree(&a, &b))) {
		CU_FAIL("the drivers differ");
		tell("ours", &a);
		tell("DPDK", &b);
		hex("frame", frame, (int)len);
	}
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
	for (size_t len = 60; len <= BOTH_MTU + 30; len += 89)
		compare(frame, frame_plain(frame, len));
}

static void receive_both(const char *model, bool by_vector, uint16_t rx_refill)
{
	struct weir_port_stats stats;
	struct rte_eth_stats theirs;

	vector = by_vector;
	igb = !strcmp(model, "82576");
	begin_both(&(struct both_conf){ .model = model, .vector = by_vector, .rx_refill = rx_refill });
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

static void received_by_the_82576(void)
{
	receive_both("82576", false, 0);
}

/* The card decides by the clock what it puts together: the packets may differ, the streams may not. */
static void streams_of_both(void)
{
	static struct streams a, b;
	static uint8_t bytes[4 * FRAME_MAX];
	struct rte_mbuf *packets[BURST];
	struct weir_pkt pkts[128];

	begin_both(&(struct both_conf){ .model = "82599", .coalesce = true });
	streams_send(&a, ours.nic);
	streams_send(&b, bench.nic);
	for (unsigned i = 0; i < 10000 && !(streams_complete(&a) && streams_complete(&b)); i++) {
		run();
		for (uint16_t q = 0; q < BOTH_QUEUES; q++) {
			unsigned n = weir_rx(weir_port_rxq(ours.port, q), pkts, 128), m;

			for (unsigned k = 0, some; k < n; k += some) {
				some = weir_pkt_entries(pkts + k, n - k);
				streams_take(&a, bytes, our_bytes(pkts + k, some, bytes));
			}
			weir_pool_free(ours.cache, pkts, n);
			m = pmd_receive(&bench.pmd, q, packets, BURST);
			for (unsigned k = 0; k < m; k++)
				streams_take(&b, bytes, pmd_bytes(packets[k], bytes));
			rte_pktmbuf_free_bulk(packets, m);
		}
		usleep(500);
	}
	CU_ASSERT(streams_complete(&a) && streams_right(&a));
	CU_ASSERT(streams_complete(&b) && streams_right(&b));
	CU_ASSERT(a.packets <= STREAMS * STREAM_SEGMENTS / 2);
	CU_ASSERT(b.packets <= STREAMS * STREAM_SEGMENTS / 2);
	end_both();
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "by DPDK's vector function", received_by_vector },
		{ "by its bulk function", received_in_bulk },
		{ "by its single function", received_one_by_one },
		{ "on copper", received_on_copper },
		{ "by the 82576", received_by_the_82576 },
		{ "coalesced", streams_of_both },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("received by DPDK's driver and by ours", cases);
}
