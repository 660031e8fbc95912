/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The e1000 driver's descriptors, on an 8254x that writes back what the test says. Numbers are those of the 8254x Family
 * Software Developer's Manual, sections 3.2.3 and 3.3.
 */
#define CARD_LEGACY
#include "e1000_card.h"

#include "pools.h"
#include "weir/net.h"

#define D82540EM 0x100e
#define D82545EM 0x100f

static struct card card;
static struct weir *weir;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;
static struct weir_port *port;
static struct weir_rxq *rxq;
static struct weir_txq *txq;
static uint8_t frame[16384];
static bool no_iommu;

static void begin_on(uint16_t device, struct weir_port_conf *conf)
{
	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7 + (i >> 8));
	card_make(&card, device);
	card.no_iommu = no_iommu;
	card.hangs = true; /* what is to be sent stays in the ring, to be looked at */
	weir = open_weir();
	pool = make_pool(weir, 4096, true);
	cache = make_cache(pool, 0);
	conf->pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	rxq = weir_port_rxq(port, 0);
	txq = weir_port_txq(port, 0);
}

static void begin(struct weir_port_conf *conf)
{
	begin_on(D82540EM, conf);
}

static void end(void)
{
	*card_reg(&card, E1000_TDH) = *card_reg(&card, E1000_TDT);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 0);
	weir_close(weir);
}

static uint64_t rx_drops(enum weir_drop reason)
{
	struct weir_queue_stats stats;

	weir_rxq_stats(rxq, &stats);
	return stats.drops[reason];
}

/* --- receiving ------------------------------------------------------------------------------------------------------------ */

static void what_a_legacy_descriptor_says_is_in_the_packet(void)
{
	/* TCPCS, IPCS, VP; the IP checksum is bad. */
	struct card_say say = { .type = ~0u, .hash = ~0u, .status = 0x40000068, .vlan = 0x2123 };
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN };
	struct weir_pkt pkts[32];

	begin(&conf);
	CU_ASSERT(*card_reg(&card, E1000_CTRL) & 0x40000000);
	CU_ASSERT_EQUAL(*card_reg(&card, E1000_RXCSUM), 0x300);
	card_receive(&card, 0, frame, 64, &say);
	say.status |= 4; /* IXSM: nothing was checked, whatever the other bits say */
	card_receive(&card, 0, frame, 65, &say);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 2);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_VLAN | WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(pkts[0].vlan, 0x2123);
	CU_ASSERT_EQUAL(pkts[0].len, 64);
	CU_ASSERT_EQUAL(pkts[1].flags, WEIR_PKT_VLAN);
	CU_ASSERT_EQUAL(pkts[1].len, 65);
	weir_pool_free(cache, pkts, 2);
	end();
}

static void lengths_that_cannot_be_are_dropped_and_counted(void)
{
	struct weir_port_conf conf = { 0 };
	struct card_say say = { .claim = 65535 };
	struct weir_pkt pkts[32];

	begin(&conf);
	card_receive(&card, 0, frame, 60, &say);
	say.claim = 2049;
	card_receive(&card, 0, frame, 60, &say);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_DEVICE), 2);
	card_receive(&card, 0, frame, 13, NULL);   /* no header fits in there, */
	card_receive(&card, 0, frame, 1519, NULL); /* ... and 1,518 is the most with this MTU */
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_DEVICE), 3);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_TOO_LONG), 1);
	card_receive(&card, 0, frame, 1518, NULL);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 1);
	weir_pool_free(cache, pkts, 1);
	end();
}

static void a_packet_that_never_ends_is_given_up(void)
{
	struct weir_port_conf conf = { .mtu = 9000 };
	struct card_say say = { .no_end = true };
	struct weir_pkt pkts[32];

	begin(&conf);
	for (unsigned i = 0; i < 7; i++)
		card_receive(&card, 0, frame, 2048, &say);
	card_receive(&card, 0, frame, 100, NULL); /* its end */
	card_receive(&card, 0, frame, 200, NULL);
	CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 1);
	CU_ASSERT_EQUAL(pkts[0].len, 200);
	CU_ASSERT_EQUAL(rx_drops(WEIR_DROP_TOO_LONG), 1);
	weir_pool_free(cache, pkts, 1);
	end();
}

/* RCTL's BSIZE and BSEX (13.4.22), and LPE. */
static void buffers_are_as_large_as_the_pool_s(void)
{
	static const struct {
		uint32_t size, rctl;
	} sizes[] = { { 300, 3u << 16 },
		      { 1024, 1u << 16 },
		      { 2048, 0 },
		      { 4095, 0 },
		      { 4096, 3u << 16 | 1u << 25 },
		      { 9000, 2u << 16 | 1u << 25 },
		      { 16384, 1u << 16 | 1u << 25 } };

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct weir_pool_conf pool_conf = { .name = "sized", .count = 1024, .room = 128 + sizes[i].size };
		struct weir_port_conf conf = { 0 };
		struct weir_pool *sized;
		struct weir_port *other;

		card_make(&card, D82540EM);
		weir = open_weir();
		CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &pool_conf, &sized), 0);
		conf.pool = sized;
		CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "card:", &conf, &other), 0);
		CU_ASSERT_EQUAL(weir_port_start(other), 0);
		CU_ASSERT_EQUAL(*card_reg(&card, E1000_RCTL) & 0x02030020, sizes[i].rctl);
		CU_ASSERT_EQUAL(weir_port_close(other), 0);
		weir_close(weir);
	}
}

/* ERRATUM_64K: no buffer of an 82545EM crosses such a boundary, through rounds of refilling. */
static void no_buffer_crosses_64_kib(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[64];
	unsigned n;

	begin_on(D82545EM, &conf);
	for (unsigned i = 0; i < 50; i++) {
		const uint64_t *ring = (void *)card_memory(&card, *card_reg(&card, E1000_RDBAL) |
		                                                      (uint64_t)*card_reg(&card, E1000_RDBAH) << 32);

		for (uint32_t at = card.rdh[0]; at != *card_reg(&card, E1000_RDT); at = (at + 1) % 512)
			CU_ASSERT_EQUAL(ring[2 * at] >> 16, (ring[2 * at] + 2047) >> 16);
		for (unsigned j = 0; j < 64; j++)
			card_receive(&card, 0, frame, 60, NULL);
		n = weir_rx(rxq, pkts, 64);
		CU_ASSERT_EQUAL(n, 64);
		weir_pool_free(cache, pkts, n);
	}
	end();
}

/* Nor do those that would cross one keep the others from being found, even if they are the first to be had. */
static void buffers_that_cross_64_kib_are_not_in_the_way(void)
{
	static struct weir_pkt all[8192];
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[64];
	unsigned count, received = 0;

	begin_on(D82545EM, &conf);
	for (count = 0; count < 8192 && weir_pool_alloc(cache, &all[count], 1); count++)
		;
	for (unsigned crosses = 0; crosses < 2; crosses++)
		for (unsigned i = 0; i < count; i++) {
			uint64_t first = ((uint64_t)all[i].buf << 6) + all[i].off;

			if ((first >> 16 != (first + 2047) >> 16) == crosses)
				weir_pool_free(cache, &all[i], 1);
		}
	weir_pool_cache_flush(cache);
	for (unsigned i = 0; i < 20; i++) {
		for (unsigned j = 0; j < 64; j++)
			card_receive(&card, 0, frame, 60, NULL);
		for (unsigned n; (n = weir_rx(rxq, pkts, 64)) > 0; received += n)
			weir_pool_free(cache, pkts, n);
		weir_pool_cache_flush(cache);
	}
	CU_ASSERT_EQUAL(received, 20 * 64);
	end();
}

/* --- sending -------------------------------------------------------------------------------------------------------------- */

/* Descriptor number @i. */
static const uint32_t *word(unsigned i)
{
	uint64_t ring = *card_reg(&card, E1000_TDBAL) | (uint64_t)*card_reg(&card, E1000_TDBAH) << 32;

	return (void *)card_memory(&card, ring + 16ull * i);
}

static struct weir_pkt make(unsigned len)
{
	struct weir_pkt pkt;

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, &pkt, 1), 1);
	memcpy(weir_pkt_data(weir_mem_base(weir), &pkt), frame, len);
	pkt.len = (uint16_t)len;
	return pkt;
}

static const uint8_t *bytes(unsigned i)
{
	return card_memory(&card, word(i)[0] | (uint64_t)word(i)[1] << 32);
}

static void a_plain_packet_is_one_descriptor(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[2];

	begin(&conf);
	pkts[0] = make(60);
	pkts[1] = make(1000);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 2), 2);
	CU_ASSERT_EQUAL(*card_reg(&card, E1000_TDT), 2);
	CU_ASSERT_EQUAL(word(0)[2], 0x23100000 | 60);   /* DEXT, IFCS, EOP, data */
	CU_ASSERT_EQUAL(word(1)[2], 0x2b100000 | 1000); /* and RS, with the last of a burst */
	CU_ASSERT_EQUAL(word(1)[3], 0);
	CU_ASSERT_EQUAL(memcmp(bytes(1), frame, 1000), 0);
	end();
}

static void a_checksum_takes_a_context_once(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[2];

	begin(&conf);
	for (unsigned i = 0; i < 2; i++) {
		pkts[i] = make(100);
		pkts[i].flags = WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_IP | WEIR_PKT_TX_L4;
		pkts[i].txo = weir_txo(14, 20, 0, 0);
	}
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 2), 2);
	CU_ASSERT_EQUAL(*card_reg(&card, E1000_TDT), 3);
	CU_ASSERT_EQUAL(word(0)[0], 33u << 16 | 24u << 8 | 14); /* IP: to byte 33, sum at 24, from 14 */
	CU_ASSERT_EQUAL(word(0)[1], 50u << 8 | 34);             /* TCP: sum at 50, from 34 to the end */
	CU_ASSERT_EQUAL(word(0)[2], 0x23000000);                /* DEXT, IP, TCP */
	CU_ASSERT_EQUAL(word(0)[3], 0);
	CU_ASSERT_EQUAL(word(1)[2], 0x23100000 | 100);
	CU_ASSERT_EQUAL(word(1)[3], 0x300); /* IXSM, TXSM */
	CU_ASSERT_EQUAL(word(2)[3], 0x300);
	end();
}

/* 3.3.6 and 3.5; ERRATUM_EARLY: the last bytes of what is cut, and of what follows it, have a descriptor of their own. */
static void a_packet_to_be_cut_has_its_length_in_the_context(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[3];

	begin(&conf);
	pkts[0] = make(2000);
	pkts[0].flags = WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_TSO | WEIR_PKT_MORE;
	pkts[0].txo = weir_txo(14, 20, 20, 1460);
	pkts[1] = make(1000);
	pkts[2] = make(60);
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 3), 3);
	CU_ASSERT_EQUAL(*card_reg(&card, E1000_TDT), 6);
	CU_ASSERT_EQUAL(word(0)[2], 0x27000000 | (3000 - 54)); /* DEXT, TSE, IP, TCP */
	CU_ASSERT_EQUAL(word(0)[3], 1460u << 16 | 54u << 8);
	CU_ASSERT_EQUAL(word(1)[2], 0x26100000 | 2000); /* DEXT, TSE, IFCS */
	CU_ASSERT_EQUAL(word(1)[3], 0x300);
	CU_ASSERT_EQUAL(word(2)[2], 0x26100000 | 996);
	CU_ASSERT_EQUAL(word(3)[2], 0x27100000 | 4); /* ... and EOP */
	CU_ASSERT_EQUAL(word(4)[2], 0x22100000 | 56);
	CU_ASSERT_EQUAL(word(5)[2], 0x2b100000 | 4);
	CU_ASSERT_EQUAL(memcmp(bytes(5), frame + 56, 4), 0);
	end();
}

static void tags_are_in_data_descriptors(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_VLAN };
	struct weir_pkt pkt;

	begin(&conf);
	pkt = make(60);
	pkt.flags = WEIR_PKT_VLAN;
	pkt.vlan = 0x6064;
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	CU_ASSERT_EQUAL(*card_reg(&card, E1000_TDT), 1);
	CU_ASSERT_EQUAL(word(0)[2], 0x6b100000 | 60); /* VLE, DEXT, RS, IFCS, EOP */
	CU_ASSERT_EQUAL(word(0)[3], 0x60640000);
	end();
}

/* What cannot be is dropped: SCTP is summed in software, and headers must be where .txo says. */
static void what_cannot_be_sent_is_dropped_and_counted(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_queue_stats stats;
	struct weir_pkt pkts[4];

	begin(&conf);
	for (unsigned i = 0; i < 4; i++)
		pkts[i] = make(100);
	pkts[0].flags = WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_L4;
	pkts[0].txo = weir_txo(14, 16, 0, 0); /* no IPv4 header is that short */
	pkts[1].flags = WEIR_PKT_IPV4 | WEIR_PKT_SCTP | WEIR_PKT_TX_L4;
	pkts[1].txo = weir_txo(14, 20, 0, 0); /* and there is none */
	pkts[2].len = 13;
	pkts[3].flags = WEIR_PKT_IPV4 | WEIR_PKT_TCP | WEIR_PKT_TX_TSO;
	pkts[3].txo = weir_txo(14, 20, 20, 0); /* no MSS */
	CU_ASSERT_EQUAL(weir_tx(txq, pkts, 4), 4);
	CU_ASSERT_EQUAL(*card_reg(&card, E1000_TDT), 0);
	weir_txq_stats(txq, &stats);
	CU_ASSERT_EQUAL(stats.drops[WEIR_DROP_OFFLOAD], 3);
	CU_ASSERT_EQUAL(stats.drops[WEIR_DROP_TOO_SHORT], 1);
	end();
}

/* --- memory --------------------------------------------------------------------------------------------------------------- */

static void without_an_iommu_descriptors_hold_physical_addresses(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkts[32];
	struct weir_pkt pkt;

	no_iommu = true;
	begin(&conf);
	for (unsigned i = 0; i < 600; i++) {
		CU_ASSERT_EQUAL(card_receive(&card, 0, frame, 60 + i % 100, NULL), 1);
		CU_ASSERT_EQUAL_FATAL(weir_rx(rxq, pkts, 32), 1);
		CU_ASSERT_EQUAL(memcmp(weir_pkt_data(weir_mem_base(weir), pkts), frame, pkts[0].len), 0);
		weir_pool_free(cache, pkts, 1);
	}
	pkt = make(500);
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	CU_ASSERT_EQUAL(memcmp(bytes(0), frame, 500), 0);
	end();
	no_iommu = false;
}

static const struct unit_case cases[] = {
	{ "what a legacy descriptor says is in the packet", what_a_legacy_descriptor_says_is_in_the_packet },
	{ "lengths that cannot be are dropped and counted", lengths_that_cannot_be_are_dropped_and_counted },
	{ "a packet that never ends is given up", a_packet_that_never_ends_is_given_up },
	{ "buffers are as large as the pool's", buffers_are_as_large_as_the_pool_s },
	{ "no buffer crosses 64 KiB", no_buffer_crosses_64_kib },
	{ "buffers that cross 64 KiB are not in the way", buffers_that_cross_64_kib_are_not_in_the_way },
	{ "a plain packet is one descriptor", a_plain_packet_is_one_descriptor },
	{ "a checksum takes a context once", a_checksum_takes_a_context_once },
	{ "a packet to be cut has its length in the context", a_packet_to_be_cut_has_its_length_in_the_context },
	{ "tags are in data descriptors", tags_are_in_data_descriptors },
	{ "what cannot be sent is dropped and counted", what_cannot_be_sent_is_dropped_and_counted },
	{ "without an IOMMU descriptors hold physical addresses",
	  without_an_iommu_descriptors_hold_physical_addresses },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("e1000_rings", cases);
}
