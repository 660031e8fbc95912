/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the cards of the igb driver differ in, by the words that go to registers: of most of them there is no model.
 */
#include "igb_card.h"

#include "pools.h"
#include "sentences.h"
#include "weir/clock.h"
#include "weir/filter.h"

static struct card card;
static struct weir *weir;
static struct weir_pool *pool;
static struct weir_port *port;

static const struct member {
	uint16_t device;
	unsigned queues;
} members[] = { { 0x10c9, 16 }, { 0x150e, 8 }, { 0x1521, 8 }, { 0x1f41, 8 }, { 0x1533, 4 }, { 0x1539, 2 } };
enum { C82576, C82580, I350, I354, I210, I211, MEMBERS };

static void begin(unsigned member, unsigned queues)
{
	struct weir_port_conf conf = { .rx_queues = queues, .tx_queues = queues, .offloads = WEIR_OFFLOAD_RX_META };
	int err;

	card_make(&card, members[member].device);
	card.dev.irq_count[BUS_IRQ_MSIX] = 25;
	weir = open_weir();
	pool = make_pool(weir, 16384, true);
	conf.pool = pool;
	err = weir_port_open(weir, "card:", &conf, &port);
	if (err)
		printf("%s\n", weir_error());
	CU_ASSERT_EQUAL_FATAL(err, 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
}

static void end(void)
{
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	weir_close(weir);
}

static uint32_t word(uint32_t reg)
{
	return *card_reg(&card, reg);
}

static void every_member_starts_all_its_queues(void)
{
	for (unsigned i = 0; i < MEMBERS; i++) {
		struct weir_port_info info;

		begin(i, members[i].queues);
		weir_port_info(port, &info);
		CU_ASSERT_EQUAL(info.rx_queues_max, members[i].queues);
		CU_ASSERT_EQUAL(info.tx_queues_max, members[i].queues);
		for (unsigned q = 0; q < members[i].queues; q++) {
			CU_ASSERT(word(IGB_RX(E1000_RXDCTL, q)) & XDCTL_ENABLE);
			CU_ASSERT(word(IGB_TX(E1000_TXDCTL, q)) & XDCTL_ENABLE);
			CU_ASSERT(card_buffers(&card, q) > 400);
		}
		CU_ASSERT(word(E1000_RCTL) & RCTL_EN);
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		CU_ASSERT(!(word(E1000_RCTL) & RCTL_EN));
		CU_ASSERT(!(word(E1000_TCTL) & TCTL_EN));
		end();
	}
}

/* A byte a queue: the 82576 has those of n and n + 8 in one register, the others of 2n and 2n + 1. */
static void vectors_are_where_each_card_looks_for_them(void)
{
	begin(C82576, 16);
	CU_ASSERT_EQUAL(word(IGB_AT(IVAR, 1)), 0x00890081);
	CU_ASSERT_EQUAL(word(IGB_AT(IVAR, 7)), 0x008f0087);
	CU_ASSERT_EQUAL(word(IGB_IVAR_MISC), 0x9000);
	CU_ASSERT_EQUAL(word(IGB_EIAC), 0x1ffff);
	CU_ASSERT_EQUAL(word(IGB_EIAM), 0x0ffff);
	end();
	begin(I350, 8);
	CU_ASSERT_EQUAL(word(IGB_AT(IVAR, 0)), 0x00810080);
	CU_ASSERT_EQUAL(word(IGB_AT(IVAR, 3)), 0x00870086);
	CU_ASSERT_EQUAL(word(IGB_IVAR_MISC), 0x8800);
	end();
}

/* With fewer vectors than queues these share them. */
static void queues_share_vectors_where_there_are_few(void)
{
	begin(I210, 4);
	CU_ASSERT_EQUAL(word(IGB_IVAR_MISC), 0x8400);
	end();
	card_make(&card, 0x1533);
	card.dev.irq_count[BUS_IRQ_MSIX] = 3;
	weir = open_weir();
	pool = make_pool(weir, 4096, true);
	CU_ASSERT_EQUAL_FATAL(
	    weir_port_open(weir, "card:", &(struct weir_port_conf){ .pool = pool, .rx_queues = 4 }, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(word(IGB_AT(IVAR, 0)), 0x00810080);
	CU_ASSERT_EQUAL(word(IGB_AT(IVAR, 1)), 0x00810080);
	CU_ASSERT_EQUAL(word(IGB_IVAR_MISC), 0x8200);
	end();
}

static void newer_cards_compare_protocol_and_port(void)
{
	struct weir_filter f = { .match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_DST_PORT,
		                 .protocol = WEIR_IP_TCP,
		                 .dst_port = 0x1234,
		                 .queue = 3,
		                 .priority = 5 };
	struct weir_filter_info info;

	begin(I350, 4);
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), 0);
	CU_ASSERT_EQUAL(weir_port_filter(port, 0, &info), 0);
	CU_ASSERT_STRING_EQUAL(info.table, "2-tuple");
	CU_ASSERT_EQUAL(word(IGB_FTQF), 0xe0038106); /* TCP, queue 3, enabled; nothing else is compared */
	CU_ASSERT_EQUAL(word(IGB_IMIR), 0xa0003412); /* the port as it lies, priority 5 */
	f.match |= WEIR_MATCH_SRC;
	f.src_prefix = 31;
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), -ENOTSUP);
	CU_ASSERT(error_says("whole bytes of addresses, protocol and ports"));
	f.match &= ~(WEIR_MATCH_SRC | WEIR_MATCH_DST_PORT);
	f.queue = WEIR_FILTER_DROP;
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), -ENOTSUP);
	CU_ASSERT(error_says("cannot tell IPv4 from IPv6"));
	f.queue = 0;
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), 0);
	CU_ASSERT_EQUAL(word(IGB_AT(IMIR, 1)) & IMIR_BYPASS, IMIR_BYPASS);
	end();
}

/* Eight bytes, then a bit for each that is compared; behind the last ones the length, priority and queue. */
static void newer_cards_compare_bytes_at_their_places(void)
{
	struct weir_filter f = {
		.match = WEIR_MATCH_IPV4 | WEIR_MATCH_PROTOCOL | WEIR_MATCH_SRC | WEIR_MATCH_DST_PORT,
		.protocol = WEIR_IP_UDP,
		.src = { 10, 1, 2, 3 },
		.src_prefix = 24,
		.dst_port = 0x1234,
		.queue = 2,
		.priority = 6,
	};
	struct weir_filter_info info;
	unsigned id, second;

	begin(I350, 4);
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, &id), 0);
	CU_ASSERT_EQUAL(weir_port_filter(port, 0, &info), 0);
	CU_ASSERT_STRING_EQUAL(info.table, "flex");
	CU_ASSERT_EQUAL(word(0x9010 + 4), 0x00450008); /* bytes 12 to 15: 08 00 45 */
	CU_ASSERT_EQUAL(word(0x9018), 0x70);
	CU_ASSERT_EQUAL(word(0x9020 + 4), 0x11000000); /* byte 23 */
	CU_ASSERT_EQUAL(word(0x9028), 0x80);
	CU_ASSERT_EQUAL(word(0x9030), 0x010a0000); /* 26 to 28: 10.1.2 */
	CU_ASSERT_EQUAL(word(0x9034), 0x00000002);
	CU_ASSERT_EQUAL(word(0x9038), 0x1c);
	CU_ASSERT_EQUAL(word(0x9040 + 4), 0x00003412); /* 36 and 37 */
	CU_ASSERT_EQUAL(word(0x9048), 0x30);
	CU_ASSERT_EQUAL(word(0x90fc), 0x00060228); /* 40 bytes */
	CU_ASSERT_EQUAL(word(E1000_WUFC), 0x00014000);
	f = (struct weir_filter){ .match = WEIR_MATCH_IPV6 | WEIR_MATCH_DST, .dst = { 0x20, [15] = 7 }, .queue = 1 };
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, &second), 0);
	CU_ASSERT_EQUAL(word(0x9110 + 4), 0x0000dd86);
	CU_ASSERT_EQUAL(word(0x9140 + 4), 0x00200000); /* from byte 38 on */
	CU_ASSERT_EQUAL(word(0x9148), 0xc0);
	CU_ASSERT_EQUAL(word(0x9160 + 4), 0x00000700); /* byte 53 */
	CU_ASSERT_EQUAL(word(0x91fc), 0x00000138);
	CU_ASSERT_EQUAL(weir_port_remove_filter(port, id), 0);
	CU_ASSERT_EQUAL(word(E1000_WUFC), 0x00024000);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	*card_reg(&card, E1000_WUFC) = 0;
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(word(E1000_WUFC), 0x00024000);
	f.queue = WEIR_FILTER_DROP;
	f.dst[15] = 8;
	CU_ASSERT_EQUAL(weir_port_add_filter(port, &f, NULL), -ENOTSUP);
	end();
}

/* --- clocks ---------------------------------------------------------------------------------------------------------------------- */

static uint64_t now(void)
{
	uint64_t ns = 0;

	CU_ASSERT_EQUAL(weir_port_clock(port, &ns), 0);
	return ns;
}

static void set_clock(uint32_t low, uint32_t high)
{
	*card_reg(&card, E1000_SYSTIML) = low;
	*card_reg(&card, E1000_SYSTIMH) = high;
}

static void the_82576_counts_by_its_period(void)
{
	uint64_t first;

	begin(C82576, 1);
	CU_ASSERT_EQUAL(word(E1000_TIMINCA), 0x01000010);
	first = now();
	set_clock(1000, 1); /* 2^32 and 1000 ns later */
	CU_ASSERT_EQUAL(now() - first, UINT64_C(4294968296));
	end();
}

/* 40 bits of nanoseconds: where they begin anew in a minute by the system's clock, they have not passed a second time. */
static void a_short_clock_goes_on_when_it_begins_anew(void)
{
	uint64_t first;

	begin(C82580, 1);
	CU_ASSERT_EQUAL(word(E1000_TIMINCA), 0);
	set_clock(0xffffff00, 0xff);
	igb(port)->clock.base_ticks = UINT64_C(0xffffffff00); /* as if it had run there */
	first = now();
	set_clock(0x00000100, 0);
	CU_ASSERT_EQUAL(now() - first, 512);
	/* It was not asked for a long time. */
	igb(port)->clock.since_ns -= UINT64_C(3) << 40;
	set_clock(0x00000200, 0);
	CU_ASSERT_EQUAL(now() - first, (UINT64_C(3) << 40) + 768);
	end();
}

static void the_i210_counts_seconds(void)
{
	uint64_t first;

	begin(I210, 1);
	first = now();
	set_clock(999999999, 41);
	CU_ASSERT_EQUAL(now() - first, UINT64_C(41999999999));
	set_clock(5, 42);
	CU_ASSERT_EQUAL(now() - first, UINT64_C(42000000005));
	end();
}

static void messages_are_marked_for_stamps(void)
{
	begin(C82576, 1);
	CU_ASSERT_EQUAL(word(IGB_AT(ETQF, 7)), 0x440088f7);
	CU_ASSERT_EQUAL(word(IGB_AT(FTQF, 7)), 0xe8008011); /* UDP, stamped, to no queue */
	CU_ASSERT_EQUAL(word(IGB_AT(IMIR, 7)), 0x3f01);     /* 319 */
	CU_ASSERT_EQUAL(word(E1000_TSYNCRXCTL), 0x1a);
	end();
}

static const struct unit_case cases[] = {
	{ "every member starts all its queues", every_member_starts_all_its_queues },
	{ "vectors are where each card looks for them", vectors_are_where_each_card_looks_for_them },
	{ "queues share vectors where there are few", queues_share_vectors_where_there_are_few },
	{ "newer cards compare protocol and port", newer_cards_compare_protocol_and_port },
	{ "newer cards compare bytes at their places", newer_cards_compare_bytes_at_their_places },
	{ "the 82576 counts by its period", the_82576_counts_by_its_period },
	{ "a short clock goes on when it begins anew", a_short_clock_goes_on_when_it_begins_anew },
	{ "the I210 counts seconds", the_i210_counts_seconds },
	{ "messages are marked for stamps", messages_are_marked_for_stamps },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("igb_members", cases);
}
