/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A forwarder without ports: packets are handed to it one by one, and what it sends is kept to be looked at. Four ports,
 * of which port N has the MAC address 02:00:00:00:00:0N and an MTU of 1500; packets come from 02:00:00:00:99:99. Nobody
 * limits ICMP errors.
 */
#ifndef TESTS_L3FWD_RIG_H
#define TESTS_L3FWD_RIG_H

#include <stdio.h>
#include <string.h>

#include "apps/l3fwd/check.h"
#include "apps/l3fwd/config.h"
#include "apps/l3fwd/counts.h"
#include "apps/l3fwd/flow.h"
#include "hex.h"
#include "pools.h"
#include "weir/mem.h"
#include "weir/net.h"

#define RIG_PORTS 4u
#define RIG_SENT  512u
#define RIG_FRAME 10000u

/* A frame that was sent: what is on the wire, with the tag beside it. */
struct rig_frame {
	unsigned port;
	bool tagged;
	uint16_t tci;
	uint16_t flags;
	unsigned entries;
	uint32_t len;
	uint8_t data[RIG_FRAME];
};

struct rig;

struct rig_txq {
	struct weir_txq txq;
	struct rig *rig;
	unsigned port;
	bool full;       /* takes nothing */
	unsigned bursts; /* calls that brought something */
};

struct rig {
	struct weir *weir;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct log log;
	struct ports ports;
	struct port port[RIG_PORTS];
	struct router router;
	struct config config;
	struct workers workers;
	struct forwarder forwarder;
	struct ingress ingress[RIG_PORTS];
	struct egress egress[RIG_PORTS];
	struct outlet outlet[RIG_PORTS];
	struct rig_txq txq[RIG_PORTS];
	struct item items[2][64];
	uint32_t addr4[64], hops[64];
	struct weir_fib_ip6 addr6[64];
	unsigned sent_count;
	struct rig_frame *sent; /* [RIG_SENT] */
};

static unsigned rig_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct rig_txq *own = (struct rig_txq *)(void *)txq;
	struct rig *rig = own->rig;

	if (own->full)
		return 0;
	own->bursts += n > 0;
	for (unsigned i = 0; i < n; i++) {
		struct rig_frame *frame = &rig->sent[rig->sent_count % RIG_SENT];

		if (!i || !(pkts[i - 1].flags & WEIR_PKT_MORE)) {
			frame->port = own->port;
			frame->flags = pkts[i].flags;
			frame->tagged = pkts[i].flags & WEIR_PKT_VLAN;
			frame->tci = pkts[i].vlan;
			frame->len = 0;
			frame->entries = 0;
		}
		CU_ASSERT_FATAL(frame->len + pkts[i].len <= RIG_FRAME);
		memcpy(frame->data + frame->len, weir_pkt_data(rig->router.base, &pkts[i]), pkts[i].len);
		frame->len += pkts[i].len;
		frame->entries++;
		if (!(pkts[i].flags & WEIR_PKT_MORE))
			rig->sent_count++;
	}
	weir_pool_free(rig->cache, pkts, n);
	return n;
}

/* Carries out a line of a file of routes. Returns 0 or -errno, with @why (of WHY_SIZE, if not NULL) filled. */
static inline int rig_try(struct rig *rig, const char *text, char *why)
{
	char line[512], unused[WHY_SIZE];
	struct statement statement;
	int err;

	why = why ? why : unused;
	why[0] = '\0';
	snprintf(line, sizeof(line), "%s", text);
	err = routes_line(line, &statement, why);
	return err > 0 ? config_apply(&rig->config, &statement, why) : err;
}

static inline void rig_line(struct rig *rig, const char *text)
{
	char why[WHY_SIZE];

	if (rig_try(rig, text, why)) {
		printf("%s: %s\n", text, why);
		CU_FAIL("a line was not taken");
	}
	rig->forwarder.flows = rig->config.flows;
}

static inline void rig_open(struct rig *rig)
{
	struct forwarder *forwarder = &rig->forwarder;
	struct router_conf conf = { .ports = RIG_PORTS, .workers = 1, .routes4 = 1000, .routes6 = 1000 };

	memset(rig, 0, sizeof(*rig));
	log_init(&rig->log, "rig");
	rig->weir = open_weir();
	rig->pool = make_pool(rig->weir, 1024, true);
	rig->cache = make_cache(rig->pool, 0);
	rig->sent = calloc(RIG_SENT, sizeof(*rig->sent));
	rig->ports = (struct ports){ rig->weir, rig->pool, &rig->log, RIG_PORTS, rig->port };
	conf.weir = rig->weir;
	conf.pool = rig->pool;
	conf.log = &rig->log;
	CU_ASSERT_EQUAL_FATAL(router_init(&rig->router, &conf), 0);
	*forwarder = (struct forwarder){ .workers = &rig->workers,
		                         .router = &rig->router,
		                         .reader = &rig->router.readers[0],
		                         .counts = &rig->router.counts[0],
		                         .base = rig->router.base,
		                         .cache = rig->cache,
		                         .burst = 32,
		                         .egress_count = RIG_PORTS,
		                         .egresses = rig->egress,
		                         .items = { rig->items[0], rig->items[1] },
		                         .addr4 = rig->addr4,
		                         .addr6 = rig->addr6,
		                         .hops = rig->hops,
		                         .icmp = { .ticks = 1, .most = UINT64_MAX / 2 } };
	for (unsigned i = 0; i < RIG_PORTS; i++) {
		rig->port[i].info = (struct weir_port_info){
			.mtu = 1500, .mac = { 2, 0, 0, 0, 0, (uint8_t)i }, .sends = true, .receives = true
		};
		rig->ingress[i].by_vlan = rig->router.by_vlan[i];
		rig->txq[i] = (struct rig_txq){ .txq.burst = rig_tx, .rig = rig, .port = i };
		rig->egress[i].txq = &rig->txq[i].txq;
		rig->egress[i].outlet = &rig->outlet[i];
		rig->egress[i].pkts = calloc(EGRESS_ROOM, sizeof(struct weir_pkt));
	}
	CU_ASSERT_EQUAL_FATAL(config_init(&rig->config, &rig->router, &rig->ports), 0);
	forwarder->now = weir_clock();
}

/* Every buffer has come back. */
static inline void rig_close(struct rig *rig)
{
	struct weir_pkt pkts[64];
	unsigned n;

	while ((n = router_punted(&rig->router, pkts, 64)))
		weir_pool_free(rig->cache, pkts, n);
	CU_ASSERT_EQUAL(info_of(rig->pool).in_use, 0);
	CU_ASSERT_EQUAL(info_of(rig->pool).misuse, 0);
	for (unsigned i = 0; i < RIG_PORTS; i++)
		free(rig->egress[i].pkts);
	config_fini(&rig->config);
	router_fini(&rig->router);
	weir_pool_cache_destroy(rig->cache);
	free(rig->sent);
	weir_close(rig->weir);
}

/* Lays a frame into buffers of at most @most bytes. Returns the number of entries. */
static inline unsigned rig_lay(struct rig *rig, const uint8_t *frame, size_t len, unsigned most, struct weir_pkt *pkts)
{
	unsigned n = 0;

	do {
		size_t some = len < most ? len : most;

		CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(rig->cache, &pkts[n], 1), 1);
		memcpy(weir_pkt_data(rig->router.base, &pkts[n]), frame, some);
		pkts[n].len = (uint16_t)some;
		frame += some;
		len -= some;
		pkts[n].flags = len ? WEIR_PKT_MORE : 0;
		n++;
	} while (len);
	return n;
}

/* Hands packets to the forwarder that came by @port. */
static inline void rig_pkts(struct rig *rig, unsigned port, struct weir_pkt *pkts, unsigned n)
{
	forward_burst(&rig->forwarder, &rig->ingress[port], pkts, n);
	egress_flush(&rig->forwarder);
}

static inline void rig_frame(struct rig *rig, unsigned port, const uint8_t *frame, size_t len)
{
	struct weir_pkt pkts[64];

	rig_pkts(rig, port, pkts, rig_lay(rig, frame, len, 2048, pkts));
}

/* The same for a frame in hexadecimal. */
static inline void rig_hex(struct rig *rig, unsigned port, const char *text)
{
	uint8_t frame[2048];

	rig_frame(rig, port, frame, hex(frame, text));
}

/* Whether the @index-th frame that was sent went through @port, and is the one that @text spells. */
static inline bool rig_sent(const struct rig *rig, unsigned index, unsigned port, const char *text)
{
	uint8_t frame[2048];
	size_t len = hex(frame, text);
	const struct rig_frame *sent = &rig->sent[index];

	if (index < rig->sent_count && sent->port == port && sent->len == len && !memcmp(sent->data, frame, len))
		return true;
	printf("\nframe %u of %u, port %u:", index, rig->sent_count, sent->port);
	for (unsigned i = 0; index < rig->sent_count && i < sent->len && i < 128; i++)
		printf("%s%02x", i % 4 == 2 ? " " : "", sent->data[i]);
	printf("\nexpected on port %u: %s\n", port, text);
	return false;
}

static inline uint64_t rig_drops(const struct rig *rig, enum drop why)
{
	return rig->router.counts[0].drops[why];
}

static inline uint64_t rig_all_drops(const struct rig *rig)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < DROP_COUNT; i++)
		sum += rig->router.counts[0].drops[i];
	return sum;
}

#endif
