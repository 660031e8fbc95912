/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ixgbe driver's descriptors, on a card that writes back what the test says. Numbers are those of the 82599
 * datasheet, sections 7.1.6 and 7.2.3.
 */
#include "ixgbe_card.h"

#include "pools.h"
#include "weir/net.h"

static struct card card;
static struct weir *weir;
static struct weir_pool *pool;
static struct weir_port *port;
static struct weir_rxq *rxq;
static struct weir_txq *txq;
static uint32_t in_use;
static uint8_t frame[9728];
static unsigned level; /* of the processor, that the queues are to use */
static bool no_iommu;  /* stands before the card */

static void begin(struct weir_port_conf *conf, unsigned mtu)
{
	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7 + (i >> 8));
	card_make(&card, 0x10f7);
	card.no_iommu = no_iommu;
	weir = open_weir();
	weir->cpu_level = level;
	pool = make_pool(weir, 8192, true);
	conf->pool = pool;
	conf->mtu = mtu;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	rxq = weir_port_rxq(port, 0);
	txq = weir_port_txq(port, 0);
	in_use = info_of(pool).in_use;
}

static void end(void)
{
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 0);
	weir_close(weir);
}

static uint64_t rx_drops(enum weir_drop reason)
{
	struct weir_queue_stats stats;

	weir_rxq_stats(rxq, &stats);
	return stats.drops[reason];
}

static uint64_t tx_drops(enum weir_drop reason)
{
	struct weir_queue_stats stats;

	weir_txq_stats(txq, &stats);
	return stats.drops[reason];
}

static void give_back(struct weir_pkt *pkts, unsigned n)
{
	struct weir_pool_cache *cache = make_cache(pool, 0);

	weir_pool_free(cache, pkts, n);
	weir_pool_cache_destroy(cache);
}

/* --- receiving ------------------------------------------------------------------------------------------------------------ */

static void a_frame_becomes_a_packet(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];

	begin(&conf, 0);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(card_receive(&card, 0, frame, 60, NULL), 1);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 1);
	CU_ASSERT_EQUAL(pkts[0].len, 60);
	CU_ASSERT_EQUAL(pkts[0].off, 128);
	CU_ASSERT_EQUAL(pkts[0].flags, 0);
	CU_ASSERT_EQUAL(memcmp(weir_pkt_data(weir_mem_base(weir), pkts), frame, 60), 0);
	give_back(pkts, 1);
	end();
}

static void more_frames_than_slots_pass(void)
{
	struct weir_port_conf conf = { .rx_slots = 64 };
	struct weir_queue_stats stats;
	struct weir_pkt pkts[32];
	unsigned got = 0;

	begin(&conf, 0);
	for (unsigned i = 0; i < 1000; i++) {
		uint32_t len = 60 + i;

		CU_ASSERT_EQUAL(card_receive(&card, 0, frame, len, NULL), 1);
		CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 1);
		CU_ASSERT_EQUAL(pkts[0].len, len);
		give_back(pkts, 1);
		got++;
	}
	weir_rxq_stats(rxq, &stats);
	CU_ASSERT_EQUAL(stats.packets, 1000);
	CU_ASSERT_EQUAL(stats.bytes, 1000 * 60 + 999 * 1000 / 2);
	end();
}

static void descriptors_that_are_not_done_wait(void)
{
	struct card_say say = { .not_done = true };
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];

	begin(&conf, 0);
	card_receive(&card, 0, frame, 60, &say);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
	end();
}

static void what_the_descriptor_says_is_in_the_packet(void)
{
	/* TCP over IPv4, hashed with ports; both checksums looked at, the IP one bad; a VLAN tag. */
	struct card_say say = { .type = 0x111, .hash = 0xc0ffee11, .status = 0x80000068, .vlan = 0x2123 };
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_HASH | WEIR_OFFLOAD_RX_VLAN };
	struct weir_pkt pkts[32];

	begin(&conf, 0);
	CU_ASSERT(*card_reg(&card, IXGBE_RXDCTL) & 0x40000000);
	card_receive(&card, 0, frame, 64, &say);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 1);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_VLAN | WEIR_PKT_HASH | WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_IP_BAD |
	                                   WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(pkts[0].hash, 0xc0ffee11);
	CU_ASSERT_EQUAL(pkts[0].vlan, 0x2123);
	give_back(pkts, 1);

	/* A bad layer-4 checksum in TCP, and in UDP, of which nothing is said (ERRATUM_UDP_ZERO). */
	say = (struct card_say){ .type = 0x140, .status = 0x40000020 };
	card_receive(&card, 0, frame, 64, &say);
	say.type = 0x240;
	card_receive(&card, 0, frame, 64, &say);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 2);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IPV6 | WEIR_PKT_TCP | WEIR_PKT_L4_BAD);
	CU_ASSERT_EQUAL(pkts[1].flags, WEIR_PKT_IPV6 | WEIR_PKT_UDP);
	give_back(pkts, 2);
	end();
}

static void what_was_not_asked_for_is_not_said(void)
{
	struct card_say say = { .type = 0x111, .hash = 1, .status = 0x68 };
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[1];

	begin(&conf, 0);
	CU_ASSERT(!(*card_reg(&card, IXGBE_RXDCTL) & 0x40000000));
	card_receive(&card, 0, frame, 64, &say);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 1), 1);
	CU_ASSERT_EQUAL(pkts[0].flags, 0);
	give_back(pkts, 1);
	end();
}

static void a_jumbo_frame_takes_several_buffers(void)
{
	struct card_say say = { .type = 0x111, .status = 0x60 };
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_CSUM };
	struct weir_port_info info;
	struct weir_pkt pkts[8];

	begin(&conf, 9000);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(info.rx_entries_max, 5); /* 9,022 bytes in pieces of 2,048 */
	CU_ASSERT_EQUAL(card_receive(&card, 0, frame, 9014, &say), 5);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 4), 0); /* it is never split */
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 8), 5);
	for (unsigned i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(pkts[i].len, i < 4 ? 2048 : 822);
		CU_ASSERT_EQUAL(!!(pkts[i].flags & WEIR_PKT_MORE), i < 4);
		CU_ASSERT_EQUAL(memcmp(weir_pkt_data(weir_mem_base(weir), &pkts[i]), frame + 2048 * i, pkts[i].len), 0);
	}
	CU_ASSERT_EQUAL(pkts[0].flags & ~WEIR_PKT_MORE,
	                WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD);
	give_back(pkts, 5);
	end();
}

static void lengths_that_cannot_be_are_dropped_and_counted(void)
{
	static const uint32_t claims[] = { 65535, 2049, 1523 };
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];

	begin(&conf, 0);
	for (unsigned i = 0; i < 3; i++) {
		struct card_say say = { .claim = claims[i] };

		card_receive(&card, 0, frame, 60, &say);
		CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
		CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_DEVICE), i + 1);
	}
	card_receive(&card, 0, frame, 60, NULL);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 1);
	give_back(pkts, 1);
	end();
}

static void no_length_is_no_packet(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[1];

	begin(&conf, 0);
	card_receive(&card, 0, frame, 0, NULL);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 1), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_DEVICE), 1);
	end();
}

static void damaged_frames_are_dropped_and_counted(void)
{
	struct card_say say = { .status = 0x01000000 };
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[1];

	begin(&conf, 0);
	card_receive(&card, 0, frame, 60, &say);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 1), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_CRC), 1);
	end();
}

static void packets_without_an_end_are_dropped_once(void)
{
	struct card_say say = { .no_end = true };
	struct weir_port_conf plain = { 0 }, jumbo = { 0 };
	struct weir_pkt pkts[32];

	for (unsigned round = 0; round < 2; round++) {
		begin(round ? &jumbo : &plain, round ? 9000 : 0);
		for (unsigned i = 0; i < 20; i++)
			card_receive(&card, 0, frame, 2048, &say);
		CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
		card_receive(&card, 0, frame, 60, NULL); /* the end of it */
		card_receive(&card, 0, frame, 61, NULL);
		CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 1);
		CU_ASSERT_EQUAL(pkts[0].len, 61);
		CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_DEVICE), 1);
		give_back(pkts, 1);
		end();
	}
}

static void a_hole_in_a_chain_drops_it(void)
{
	struct card_say part = { .no_end = true, .claim = 100 };
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];

	begin(&conf, 9000);
	card_receive(&card, 0, frame, 2048, &part);
	card_receive(&card, 0, frame, 60, NULL);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_DEVICE), 1);
	card_receive(&card, 0, frame, 60, NULL);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 1);
	give_back(pkts, 1);
	end();
}

static void an_empty_pool_starves_and_recovers(void)
{
	struct weir_port_conf conf = { .rx_slots = 64 };
	struct weir_pool_cache *cache;
	struct weir_pkt *held = calloc(8192, sizeof(*held)), pkts[1024];
	unsigned n, got = 0;

	begin(&conf, 0);
	cache = make_cache(pool, 0);
	n = weir_pool_alloc(cache, held, 8192);
	while (card_receive(&card, 0, frame, 60, NULL))
		got += weir_rx(rxq, pkts + got, 1024 - got);
	CU_ASSERT(got > 0 && got < 512); /* what the queue and its cache had */
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts + got, 1024 - got), 0);
	weir_pool_free(cache, held, n);
	weir_pool_cache_flush(cache);
	weir_pool_cache_destroy(cache);
	weir_rx(rxq, pkts + got, 1024 - got);
	CU_ASSERT(card_buffers(&card, 0) >= 32);
	CU_ASSERT_EQUAL(card_receive(&card, 0, frame, 60, NULL), 1);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts + got, 1024 - got), 1);
	give_back(pkts, got + 1);
	end();
	free(held);
}

static void waiting_is_told_of_what_is_there(void)
{
	struct weir_port_conf conf = { .rx_queues = 40, .rx_slots = 64 };
	struct weir_rxq *last;
	struct weir_pkt pkts[1];

	begin(&conf, 0);
	last = weir_port_rxq(port, 39);
	CU_ASSERT_EQUAL(weir_rxq_fd(last), card.fds[39]);
	CU_ASSERT_EQUAL(weir_rxq_arm(last), 0);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(EIMS_EX, 1)), 1u << 7);
	CU_ASSERT_EQUAL(*card_reg(&card, IXGBE_AT(IVAR, 19)), 0x00a700a6); /* vectors 38 and 39, both valid */
	card_receive(&card, 39, frame, 60, NULL);
	CU_ASSERT_EQUAL(weir_rxq_arm(last), 1);
	CU_ASSERT_EQUAL(weir_rx(last, pkts, 1), 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(last), 0);
	give_back(pkts, 1);
	end();
}

/* --- sending -------------------------------------------------------------------------------------------------------------------- */

/* Fresh packets of @len bytes each. */
static unsigned make(struct weir_pkt *pkts, unsigned n, unsigned len)
{
	struct weir_pool_cache *cache = make_cache(pool, 0);
	unsigned got = weir_pool_alloc(cache, pkts, n);

	for (unsigned i = 0; i < got; i++) {
		pkts[i].len = (uint16_t)len;
		memcpy(weir_pkt_data(weir_mem_base(weir), &pkts[i]), frame, len);
	}
	weir_pool_cache_destroy(cache);
	return got;
}

static void packets_become_frames_with_one_doorbell(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_queue_stats stats;
	struct weir_pkt pkts[64];

	begin(&conf, 0);
	card.doorbells = 0;
	make(pkts, 63, 60);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 63), 63);
	CU_ASSERT_EQUAL(card.doorbells, 1);
	CU_ASSERT_EQUAL(card.count, 63);
	CU_ASSERT_EQUAL(card.descriptors, 63);
	CU_ASSERT_EQUAL(card.reports, 2); /* after 32, and at the end of the burst */
	CU_ASSERT_EQUAL(card.frames[0].len, 60);
	CU_ASSERT_EQUAL(card.frames[0].command, 0x2330003c); /* DEXT, IFCS, EOP, data, 60 bytes */
	CU_ASSERT_EQUAL(card.frames[0].options, 60 << 14);
	CU_ASSERT_EQUAL(memcmp(card.frames[0].bytes, frame, 60), 0);
	CU_ASSERT_EQUAL(weir_tx(txq, NULL, 0), 0);
	CU_ASSERT_EQUAL(info_of(pool).in_use, in_use);
	weir_txq_stats(txq, &stats);
	CU_ASSERT_EQUAL(stats.packets, 63);
	CU_ASSERT_EQUAL(stats.bytes, 63 * 60);
	end();
}

static void a_chain_is_one_frame(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[3];

	begin(&conf, 0);
	make(pkts, 3, 100);
	pkts[0].flags = pkts[1].flags = WEIR_PKT_MORE;
	pkts[1].len = 0;
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 2), 0); /* not whole */
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 3), 3);
	CU_ASSERT_EQUAL(card.count, 1);
	CU_ASSERT_EQUAL(card.frames[0].len, 200);
	CU_ASSERT_EQUAL(card.frames[0].buffers, 2);
	CU_ASSERT_EQUAL(card.frames[0].options, 200 << 14);
	weir_tx(txq, NULL, 0);
	CU_ASSERT_EQUAL(info_of(pool).in_use, in_use);
	end();
}

static void a_full_ring_takes_no_more_until_it_moves(void)
{
	struct weir_port_conf conf = { .tx_slots = 64 };
	struct weir_pkt pkts[100];

	begin(&conf, 0);
	card.hangs = true;
	make(pkts, 100, 60);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 100), 62); /* 64, one for the gap, one that a context might need */
	CU_ASSERT_EQUAL(weir_tx(txq, pkts + 62, 38), 0);
	card.hangs = false;
	card_send(&card, 0);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts + 62, 38), 38);
	CU_ASSERT_EQUAL(card.count, 100);
	end();
}

static void shared_buffers_are_given_back_once(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pool_cache *cache;
	struct weir_pkt pkts[2];

	begin(&conf, 0);
	cache = make_cache(pool, 0);
	make(pkts, 1, 60);
	CU_ASSERT_EQUAL(weir_pkt_clone(cache, pkts, 1, pkts + 1), 0);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 1), 1);
	weir_tx(txq, NULL, 0);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, in_use + 1);
	weir_pool_free(cache, pkts + 1, 1);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, in_use);
	end();
}

/* Ethernet, IPv4 without options, TCP: 54 bytes of headers, 1000 of payload. */
static void tcp(struct weir_pkt *pkt)
{
	static const uint8_t headers[54] = {
		2, 0,  0,    0, 0,  1, 2,    0,    0,  0, 0,    2,    8,  0, 0x45, 0,    4,    16,
		0, 1,  0x40, 0, 64, 6, 0xde, 0xad, 10, 0, 0,    1,    10, 0, 0,    2,    0x12, 0x34,
		0, 80, 0,    0, 0,  1, 0,    0,    0,  1, 0x50, 0x10, 1,  0, 0xbe, 0xef, 0,    0,
	};

	make(pkt, 1, 1054);
	memcpy(weir_pkt_data(weir_mem_base(weir), pkt), headers, sizeof(headers));
	pkt->txo = weir_txo(14, 20, 20, 500);
	pkt->flags = WEIR_PKT_IPV4 | WEIR_PKT_TCP;
}

static void checksums_are_asked_for_in_a_context(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[3];

	begin(&conf, 0);
	for (unsigned i = 0; i < 3; i++) {
		tcp(&pkts[i]);
		pkts[i].flags |= WEIR_PKT_TX_IP | WEIR_PKT_TX_L4;
	}
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 3), 3);
	CU_ASSERT_EQUAL(card.contexts, 1);
	CU_ASSERT_EQUAL(card.count, 3);
	CU_ASSERT_EQUAL(card.frames[2].context[0], 14 << 9 | 20);
	CU_ASSERT_EQUAL(card.frames[2].context[2], 0x20200c00); /* DEXT, context, TCP, IPv4 */
	CU_ASSERT_EQUAL(card.frames[2].options & 0xffffff0f, 1054 << 14 | 0x300);
	CU_ASSERT_EQUAL(card.frames[2].bytes[24], 0); /* the device sums up the header with its field */
	CU_ASSERT_EQUAL(card.frames[2].bytes[25], 0);
	CU_ASSERT_EQUAL(card.frames[2].bytes[50], 0xbe); /* the caller's */
	end();
}

static void segmentation_is_asked_for_with_the_sum_it_needs(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[1];

	begin(&conf, 0);
	tcp(&pkts[0]);
	pkts[0].flags |= WEIR_PKT_TX_TSO;
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 1), 1);
	CU_ASSERT_EQUAL(card.count, 1);
	CU_ASSERT_EQUAL(card.frames[0].command & 0xff000000, 0xab000000); /* TSE, DEXT, RS, IFCS, EOP */
	CU_ASSERT_EQUAL(card.frames[0].options & 0xffffff0f, 1000 << 14 | 0x300);
	CU_ASSERT_EQUAL(card.frames[0].context[3] & 0xffffff00, 500u << 16 | 20 << 8);
	/* 0a00 + 0001 + 0a00 + 0002 + 0006 = 1409: the pseudo-header without a length */
	CU_ASSERT_EQUAL(card.frames[0].bytes[50], 0x14);
	CU_ASSERT_EQUAL(card.frames[0].bytes[51], 0x09);
	end();
}

static void a_shared_header_is_not_written_into(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pool_cache *cache;
	struct weir_pkt pkts[2];

	begin(&conf, 0);
	cache = make_cache(pool, 0);
	tcp(&pkts[0]);
	pkts[0].flags |= WEIR_PKT_TX_TSO;
	CU_ASSERT_EQUAL(weir_pkt_clone(cache, pkts, 1, pkts + 1), 0);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 1), 1);
	CU_ASSERT_EQUAL(card.frames[0].bytes[50], 0x14);
	CU_ASSERT_EQUAL(weir_pkt_data(weir_mem_base(weir), &pkts[1])[50], 0xbe);
	CU_ASSERT_EQUAL(weir_pkt_data(weir_mem_base(weir), &pkts[1])[24], 0xde);
	weir_pool_free(cache, pkts + 1, 1);
	weir_pool_cache_destroy(cache);
	end();
}

static void two_contexts_are_kept(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[6];

	begin(&conf, 0);
	make(pkts, 6, 60);
	for (unsigned i = 0; i < 6; i++) {
		pkts[i].flags = WEIR_PKT_VLAN;
		pkts[i].vlan = (uint16_t)(i & 1 ? 0x0064 : 0x00c8);
	}
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 6), 6);
	CU_ASSERT_EQUAL(card.contexts, 2);
	for (unsigned i = 0; i < 6; i++) {
		CU_ASSERT_EQUAL(card.frames[i].context[0] >> 16, i & 1 ? 0x64 : 0xc8);
		CU_ASSERT_EQUAL(card.frames[i].command & 0x40000000, 0x40000000);
	}
	make(pkts, 1, 60);
	pkts[0].flags = WEIR_PKT_VLAN;
	pkts[0].vlan = 7;
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 1), 1);
	CU_ASSERT_EQUAL(card.contexts, 3);
	CU_ASSERT_EQUAL(card.frames[6].context[0] >> 16, 7);
	end();
}

static void what_cannot_be_sent_is_dropped_with_a_reason(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[5];

	begin(&conf, 0);
	make(pkts, 5, 1518);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 1), 1); /* with a tag in it */
	CU_ASSERT_EQUAL(card.count, 1);
	pkts[1].len = 1519;
	pkts[2].len = 13;
	pkts[3].flags = WEIR_PKT_TX_TSO | WEIR_PKT_IPV4 | WEIR_PKT_TCP;
	pkts[3].txo = weir_txo(14, 20, 20, 0); /* segments of nothing */
	pkts[4].flags = WEIR_PKT_TX_L4 | WEIR_PKT_IPV4;
	pkts[4].txo = weir_txo(14, 20, 0, 0); /* of which protocol? */
	CU_ASSERT_EQUAL(weir_tx(txq, pkts + 1, 4), 4);
	CU_ASSERT_EQUAL(card.count, 1);
	CU_ASSERT_EQUAL(tx_drops(WEIR_DROP_TOO_LONG), 1);
	CU_ASSERT_EQUAL(tx_drops(WEIR_DROP_TOO_SHORT), 1);
	CU_ASSERT_EQUAL(tx_drops(WEIR_DROP_OFFLOAD), 2);
	weir_tx(txq, NULL, 0);
	CU_ASSERT_EQUAL(info_of(pool).in_use, in_use);
	end();
}

static const struct unit_case cases[] = {
	{ "a frame becomes a packet", a_frame_becomes_a_packet },
	{ "more frames than slots pass", more_frames_than_slots_pass },
	{ "descriptors that are not done wait", descriptors_that_are_not_done_wait },
	{ "what the descriptor says is in the packet", what_the_descriptor_says_is_in_the_packet },
	{ "what was not asked for is not said", what_was_not_asked_for_is_not_said },
	{ "a jumbo frame takes several buffers", a_jumbo_frame_takes_several_buffers },
	{ "lengths that cannot be are dropped and counted", lengths_that_cannot_be_are_dropped_and_counted },
	{ "no length is no packet", no_length_is_no_packet },
	{ "damaged frames are dropped and counted", damaged_frames_are_dropped_and_counted },
	{ "packets without an end are dropped once", packets_without_an_end_are_dropped_once },
	{ "a hole in a chain drops it", a_hole_in_a_chain_drops_it },
	{ "an empty pool starves and recovers", an_empty_pool_starves_and_recovers },
	{ "waiting is told of what is there", waiting_is_told_of_what_is_there },
	{ "packets become frames with one doorbell", packets_become_frames_with_one_doorbell },
	{ "a chain is one frame", a_chain_is_one_frame },
	{ "a full ring takes no more until it moves", a_full_ring_takes_no_more_until_it_moves },
	{ "shared buffers are given back once", shared_buffers_are_given_back_once },
	{ "checksums are asked for in a context", checksums_are_asked_for_in_a_context },
	{ "segmentation is asked for with the sum it needs", segmentation_is_asked_for_with_the_sum_it_needs },
	{ "a shared header is not written into", a_shared_header_is_not_written_into },
	{ "two contexts are kept", two_contexts_are_kept },
	{ "what cannot be sent is dropped with a reason", what_cannot_be_sent_is_dropped_with_a_reason },
	{ NULL, NULL },
};

int main(void)
{
	int failed = 0;

	for (level = 1; level <= weir_cpu_level(NULL); level++) {
		printf("level %u\n", level);
		no_iommu = false;
		failed |= unit_run("ixgbe_rings", cases);
		no_iommu = true;
		failed |= unit_run("ixgbe_rings without an IOMMU", cases);
	}
	return failed;
}
