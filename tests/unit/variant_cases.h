/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Beside variant_rx_cases.h, of cards with advanced descriptors: what variants are called, and that the same packets are sent
 * as the same descriptors, with rings that wrap and rings that are full. VARIANT_CASES is a part of a table of cases.
 */
#ifndef TESTS_VARIANT_CASES_H
#define TESTS_VARIANT_CASES_H

#include "variant_rx_cases.h"

/* What a variant is called, and that the least is chosen. */
static void variants_are_told(void)
{
	static const struct {
		struct weir_port_conf conf;
		const char *name;
	} wanted[] = {
		{ { 0 }, "level 1, plain" },
		{ { .offloads = WEIR_OFFLOAD_RX_CSUM }, "level 1, offloads" },
		{ { .mtu = 4000 }, "level 1, chains" },
		{ { .offloads = WEIR_OFFLOAD_RX_META }, "level 1, metadata" },
		{ { .mtu = 2000 }, "level 1, plain" },
	};

	for (unsigned i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct weir_port_conf conf = wanted[i].conf;
		struct weir_port_info info;

		begin(&conf, 1);
		weir_port_info(port, &info);
		CU_ASSERT_STRING_EQUAL(info.variant, wanted[i].name);
		end();
	}
}

/* --- sending -------------------------------------------------------------------------------------------------------------- */

/* What packets ask for, mostly nothing; some of it cannot be. */
static void ask(struct weir_pkt *pkt)
{
	static const uint16_t flags[] = {
		WEIR_PKT_VLAN,
		WEIR_PKT_TX_IP | WEIR_PKT_TX_L4 | WEIR_PKT_IPV4 | WEIR_PKT_UDP,
		WEIR_PKT_TX_L4 | WEIR_PKT_IPV6 | WEIR_PKT_TCP,
		WEIR_PKT_TX_TSO | WEIR_PKT_IPV4 | WEIR_PKT_TCP,
		WEIR_PKT_TX_L4 | WEIR_PKT_IPV4 | WEIR_PKT_SCTP | WEIR_PKT_VLAN,
		WEIR_PKT_TX_TSO | WEIR_PKT_IPV6 | WEIR_PKT_UDP,
	};

	pkt->txo = weir_txo(14 + 2 * any(3), any(2) ? 20 : 40, any(2) ? 20 : 0, 100 + any(2));
	pkt->vlan = (uint16_t)any(3);
	if (any(3) == 0)
		pkt->flags |= flags[any(6)];
}

/* Somebody else held it, too. */
static void share(struct weir_pkt *pkt)
{
	struct weir_pkt clone;

	CU_ASSERT_EQUAL_FATAL(weir_pkt_clone(cache, pkt, 1, &clone), 0);
	weir_pool_free(cache, &clone, 1);
}

/* Each by itself, or most of them alike. */
static unsigned compose(struct weir_pkt *pkts, unsigned n)
{
	struct weir_pkt like = { 0 };
	unsigned some = any(n) + 1;
	bool alike = any(2);

	ask(&like);
	n = weir_pool_alloc(cache, pkts, some);
	for (unsigned i = 0; i < n; i++) {
		memset(weir_pkt_data(weir_mem_base(weir), &pkts[i]), 0x55, 2048);
		pkts[i].len = (uint16_t)(any(20) ? 60 + any(100) : any(2040));
		pkts[i].off = (uint16_t)(pkts[i].off - any(16));
		if (any(20) == 0)
			share(&pkts[i]);
		if (alike && any(16)) {
			pkts[i].txo = like.txo;
			pkts[i].vlan = like.vlan;
			pkts[i].flags |= like.flags;
		} else {
			ask(&pkts[i]);
		}
		if (any(alike ? 40 : 12) == 0 && i + 1 < n)
			pkts[i].flags |= WEIR_PKT_MORE;
	}
	return n;
}

/* The descriptors as they are, addresses and all: the pool gives out the same buffers in the same order. */
static void note_ring(struct outcome *o)
{
	uint64_t ring = *card_reg(&card, CARD_TX(TDBAL, 0)) | (uint64_t)*card_reg(&card, CARD_TX(TDBAH, 0)) << 32;

	note(o, card_memory(&card, ring), *card_reg(&card, CARD_TX(TDLEN, 0)));
}

/* How packets that the card sent from number @from on begin, for the driver writes into them. */
static void note_frames(struct outcome *o, unsigned from)
{
	for (unsigned i = card.count - from < CARD_FRAMES ? from : card.count - CARD_FRAMES + 1; i != card.count; i++) {
		const struct card_frame *sent = &card.frames[i % CARD_FRAMES];

		note(o, sent->context, sizeof(sent->context));
		note(o, sent->bytes, sent->len < 64 ? sent->len : 64);
	}
}

static struct outcome send_all(unsigned level)
{
	struct weir_port_conf conf = { .tx_slots = 128 };
	struct outcome o = { .digest = UINT64_C(0xcbf29ce484222325) };
	struct weir_queue_stats stats;
	unsigned all = steps();

	begin(&conf, level);
	for (unsigned step = 0; step < all; step++) {
		struct weir_pkt pkts[64];
		unsigned n = compose(pkts, 1 + step % 64), done, sent = card.count;

		if (any(card.hangs ? 3 : 20) == 0) {
			card.hangs = !card.hangs;
			card_send(&card, 0); /* a card that was full is not told to go on */
		}
		done = weir_tx(weir_port_txq(port, 0), pkts, n);
		note(&o, &done, sizeof(done));
		note_ring(&o);
		note_frames(&o, sent);
		weir_pool_free(cache, pkts + done, n - done);
	}
	card.hangs = false;
	card_send(&card, 0);
	weir_txq_stats(weir_port_txq(port, 0), &stats);
	note(&o, &stats, sizeof(stats));
	o.packets = stats.packets;
	o.drops = stats.drops[WEIR_DROP_OFFLOAD] + stats.drops[WEIR_DROP_TOO_LONG] + stats.drops[WEIR_DROP_TOO_SHORT];
	end();
	return o;
}

static void packets_are_sent_alike(void)
{
	struct outcome portable = send_all(1);

	CU_ASSERT(portable.packets > 10 * steps());
	CU_ASSERT(portable.drops > steps() / 20);
	for (unsigned level = 2; level <= weir_cpu_level(NULL); level++) {
		struct outcome other = send_all(level);

		CU_ASSERT_EQUAL(other.packets, portable.packets);
		CU_ASSERT_EQUAL(other.drops, portable.drops);
		CU_ASSERT_EQUAL(other.digest, portable.digest);
	}
}

/* clang-format off */
#define VARIANT_CASES \
	VARIANT_RX_CASES, \
	{ "variants are told", variants_are_told }, \
	{ "packets are sent alike", packets_are_sent_alike }
/* clang-format on */

#endif
