/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ring ports, at each CPU level: packets of one to four entries in bursts of every size, beside a queue that is as plain as
 * can be. Which entries pass, in which order, and what is counted of them.
 */
#include "pools.h"
#include "weir/port.h"

#define SLOTS 100u /* fewer than the ring's memory has, so that runs come in two pieces as well */
#define MOST  96u  /* entries of a burst */
#define STEPS 20000u

struct plain {
	struct weir_pkt pkts[SLOTS];
	unsigned count;
	uint64_t packets, bytes;
};

struct runs {
	struct weir *weir;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct weir_port *port;
	struct plain plain;
	uint64_t state, tx_packets, tx_bytes;
	uint16_t len; /* of the next entry: they are told apart by it */
};

static unsigned some(struct runs *runs, unsigned below)
{
	return (unsigned)(unit_random(&runs->state) >> 33) % below;
}

static void runs_open(struct runs *runs, unsigned level)
{
	struct weir_port_conf conf = { 0 };

	memset(runs, 0, sizeof(*runs));
	runs->state = 88172645463325252u;
	runs->weir = open_weir();
	runs->weir->cpu_level = level;
	runs->pool = make_pool(runs->weir, 512, true);
	runs->cache = make_cache(runs->pool, 0);
	conf.pool = runs->pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(runs->weir, "ring:a,a,slots=100", &conf, &runs->port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(runs->port), 0);
}

static void runs_close(struct runs *runs)
{
	weir_port_close(runs->port);
	weir_pool_cache_destroy(runs->cache);
	CU_ASSERT_EQUAL(weir_pool_destroy(runs->pool), 0);
	weir_close(runs->weir);
}

/* Sends a burst, whose last packet may be cut; whole packets have to be taken for as long as there is room. */
static void runs_send(struct runs *runs)
{
	struct plain *plain = &runs->plain;
	struct weir_pkt pkts[MOST];
	unsigned n = some(runs, MOST + 1), chains = some(runs, 3), more = 0, room = SLOTS - plain->count, sent, should;

	n = n < room + 8 ? n : room + 8;
	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(runs->cache, pkts, n), n);
	for (unsigned i = 0; i < n; i++) {
		pkts[i].len = runs->len++;
		more = chains && more < 3 && !some(runs, chains * 8) ? more + 1 : 0;
		pkts[i].flags = more ? WEIR_PKT_MORE : 0;
	}
	should = weir_pkt_whole(pkts, n < room ? n : room);
	sent = weir_tx(weir_port_txq(runs->port, 0), pkts, n);
	CU_ASSERT_EQUAL_FATAL(sent, should);
	if (sent)
		memcpy(plain->pkts + plain->count, pkts, sent * sizeof(*pkts));
	plain->count += sent;
	runs->tx_packets += weir_pkt_count(pkts, sent);
	runs->tx_bytes += weir_pkt_bytes(pkts, sent);
	weir_pool_free(runs->cache, pkts + sent, n - sent);
}

static void runs_receive(struct runs *runs)
{
	struct plain *plain = &runs->plain;
	struct weir_pkt pkts[MOST];
	unsigned n = some(runs, MOST + 1), got = weir_rx(weir_port_rxq(runs->port, 0), pkts, n);

	CU_ASSERT_EQUAL_FATAL(got, weir_pkt_whole(plain->pkts, n < plain->count ? n : plain->count));
	if (!got)
		return;
	CU_ASSERT_EQUAL_FATAL(memcmp(pkts, plain->pkts, got * sizeof(*pkts)), 0);
	plain->count -= got;
	memmove(plain->pkts, plain->pkts + got, plain->count * sizeof(*pkts));
	plain->packets += weir_pkt_count(pkts, got);
	plain->bytes += weir_pkt_bytes(pkts, got);
	weir_pool_free(runs->cache, pkts, got);
}

static void any_runs_pass_as_they_are(void)
{
	struct weir_port_stats stats;
	struct runs runs;

	for (unsigned level = 1; level <= weir_cpu_level(NULL); level++) {
		runs_open(&runs, level);
		for (unsigned i = 0; i < STEPS; i++) {
			if (some(&runs, 2))
				runs_send(&runs);
			else
				runs_receive(&runs);
		}
		weir_port_stats(runs.port, &stats);
		CU_ASSERT_EQUAL(stats.tx.packets, runs.tx_packets);
		CU_ASSERT_EQUAL(stats.tx.bytes, runs.tx_bytes);
		CU_ASSERT_EQUAL(stats.rx.packets, runs.plain.packets);
		CU_ASSERT_EQUAL(stats.rx.bytes, runs.plain.bytes);
		CU_ASSERT(runs.plain.packets > STEPS);
		runs_close(&runs);
	}
}

static const struct unit_case cases[] = {
	{ "any runs pass as they are, at each level", any_runs_pass_as_they_are },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("runs through ring ports", cases);
}
