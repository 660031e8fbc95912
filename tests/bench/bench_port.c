/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Forwarding from nothing to nothing and around a ring, beside DPDK's net_null and net_ring: cycles for each packet of what
 * is around a card. Both forward as their programs do that leave packets as they are: a burst is taken, what is sent is
 * counted, and what is not sent is freed.
 */
#include "dpdk.h"

#ifdef WITH_DPDK
#include <rte_dev.h>
#endif

#include "bench.h"
#include "weir/port.h"

#define PACKETS   4096u /* in a stretch, */
#define COUNTED   512u  /* ... and while instructions are counted */
#define RINGFUL   256u  /* packets that go around */
#define BURST_MAX 128u
#define CACHE     512u

struct bench {
	struct weir_rxq *rxq;
	struct weir_txq *txq;
	struct weir_pool_cache *cache;
	uint16_t port; /* DPDK's */
	unsigned burst;
	uint64_t bursts, packets; /* what such programs count */
};

static uint64_t forward(void *arg)
{
	struct bench *b = arg;
	struct weir_pkt pkts[BURST_MAX];
	unsigned n = bench_counting ? COUNTED : PACKETS;
	uint64_t start = bench_start();

	for (unsigned done = 0; done < n;) {
		unsigned got = weir_rx(b->rxq, pkts, b->burst), sent = weir_tx(b->txq, pkts, got);

		if (__builtin_expect(sent < got, 0))
			weir_pool_free(b->cache, pkts + sent, got - sent);
		b->bursts++;
		b->packets += sent;
		done += got;
	}
	return bench_stop(start);
}

#ifdef WITH_DPDK
static uint64_t rte_forward(void *arg)
{
	struct bench *b = arg;
	struct rte_mbuf *mbufs[BURST_MAX];
	unsigned n = bench_counting ? COUNTED : PACKETS;
	uint64_t start = bench_start();

	for (unsigned done = 0; done < n;) {
		uint16_t got = rte_eth_rx_burst(b->port, 0, mbufs, (uint16_t)b->burst);
		uint16_t sent = rte_eth_tx_burst(b->port, 0, mbufs, got);

		if (__builtin_expect(sent < got, 0))
			rte_pktmbuf_free_bulk(mbufs + sent, got - sent);
		b->bursts++;
		b->packets += sent;
		done += got;
	}
	return bench_stop(start);
}

static struct rte_mempool *rte_open(const char *name, const char *args, uint16_t *port)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create(name, 4096, CACHE, 0, 2048 + 128, SOCKET_ID_ANY);
	const struct rte_eth_conf conf = { .rxmode = { .mq_mode = RTE_ETH_MQ_RX_NONE } };

	bench_must(!pool, "bench_port: DPDK's buffers");
	bench_must(rte_eal_hotplug_add("vdev", name, args), "bench_port: DPDK's device");
	bench_must(rte_eth_dev_get_port_by_name(name, port), "bench_port: DPDK's port");
	bench_must(rte_eth_dev_configure(*port, 1, 1, &conf), "bench_port: DPDK's port");
	bench_must(rte_eth_rx_queue_setup(*port, 0, 512, SOCKET_ID_ANY, NULL, pool), "bench_port: DPDK's port");
	bench_must(rte_eth_tx_queue_setup(*port, 0, 512, SOCKET_ID_ANY, NULL), "bench_port: DPDK's port");
	bench_must(rte_eth_dev_start(*port), "bench_port: DPDK's port");
	return pool;
}

static void rte_open_null(uint16_t *port)
{
	rte_open("net_null0", "size=64,copy=0", port);
}

static void rte_open_ring(uint16_t *port)
{
	struct rte_mempool *pool = rte_open("net_ring0", "", port);
	struct rte_mbuf *mbufs[RINGFUL];

	bench_must(rte_pktmbuf_alloc_bulk(pool, mbufs, RINGFUL), "bench_port: DPDK's buffers");
	bench_must(rte_eth_tx_burst(*port, 0, mbufs, RINGFUL) != RINGFUL, "bench_port: DPDK's ring");
}
#endif

static struct weir_port *ours_open(struct weir *weir, struct weir_pool *pool, const char *spec, struct bench *b)
{
	struct weir_port_conf conf = { .pool = pool };
	struct weir_port *port;

	bench_must(weir_port_open(weir, spec, &conf, &port), "bench_port");
	bench_must(weir_port_start(port), "bench_port");
	b->rxq = weir_port_rxq(port, 0);
	b->txq = weir_port_txq(port, 0);
	return port;
}

static void fill_ring(struct bench *b)
{
	struct weir_pkt pkts[RINGFUL];

	bench_must(weir_pool_alloc(b->cache, pkts, RINGFUL) != RINGFUL, "bench_port: our buffers");
	for (unsigned i = 0; i < RINGFUL; i++)
		pkts[i].len = 64;
	bench_must(weir_tx(b->txq, pkts, RINGFUL) != RINGFUL, "bench_port: our ring");
}

static void compare(struct bench *b, const char *name)
{
	static const unsigned bursts[] = { 4, 32, 128 };
	char what[64];

	for (size_t i = 0; i < ARRAY_SIZE(bursts); i++) {
		b->burst = bursts[i];
		snprintf(what, sizeof(what), "%s, burst %u", name, b->burst);
		bench_run(&(struct bench_case){ .group = "port",
		                                .what = what,
		                                .unit = "packet",
		                                .units = PACKETS,
		                                .counted = COUNTED,
		                                .ours = forward,
		                                .theirs = THEIRS(rte_forward),
		                                .arg = b,
		                                .mark = 0.7 });
	}
}

int main(void)
{
	struct weir_pool_conf pool_conf = { .count = 4096 };
	struct bench null = { 0 }, ring = { 0 };
	struct weir_pool *pool;
	struct weir *weir;

	dpdk_start();
	bench_pin(0);
	bench_must(weir_open(NULL, &weir), "bench_port");
	bench_must(weir_pool_create(weir, &pool_conf, &pool), "bench_port");
	bench_must(weir_pool_cache_create(pool, CACHE, &null.cache), "bench_port");
	ring.cache = null.cache;
	ours_open(weir, pool, "null:", &null);
	ours_open(weir, pool, "ring:a,a", &ring);
	fill_ring(&ring);
#ifdef WITH_DPDK
	rte_open_null(&null.port);
	rte_open_ring(&ring.port);
#endif
	compare(&null, "null to null");
	compare(&ring, "around a ring");
	weir_pool_cache_destroy(null.cache);
	weir_close(weir);
	return 0;
}
