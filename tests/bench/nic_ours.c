/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our driver on a card of a simulator, as a forwarder uses it.
 */
#include "nic.h"

#include <string.h>

/* That of our drivers, which DPDK's is told. */
uint8_t nic_key[NIC_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static struct {
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct weir_port *port;
	struct weir_pkt pkts[NIC_STRETCH * 8];
	unsigned held;
} ours;

uint32_t nic_sum;

/* Has the checksums and the tag made again that were taken off. */
static void ask(struct weir_pkt *pkts, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		pkts[i].txo = weir_txo(14, 20, 0, 0);
		pkts[i].flags |= WEIR_PKT_TX_IP | WEIR_PKT_TX_L4;
	}
}

static void work(const struct nic_setting *s, struct weir_pkt *pkts, unsigned n)
{
	uint8_t *base = ours.cache->base;

	if (s->touch != UNTOUCHED) {
		for (unsigned i = 0; i < n; i++)
			__builtin_prefetch(weir_pkt_data(base, &pkts[i]));
		for (unsigned i = 0; i < n; i++)
			nic_touch(s->touch, weir_pkt_data(base, &pkts[i]));
	}
	if (s->offloads)
		ask(pkts, n);
}

static unsigned forward(const struct nic_setting *s, unsigned n)
{
	struct weir_pkt pkts[NIC_ENTRIES];
	unsigned done = 0;

	for (unsigned idle = 0, i = 0; done < n && idle < 3 * s->queues; i = i + 1 < s->queues ? i + 1 : 0) {
		unsigned got = weir_rx(weir_port_rxq(ours.port, i), pkts, s->burst), sent;

		idle = got ? 0 : idle + 1;
		work(s, pkts, got);
		sent = weir_tx(weir_port_txq(ours.port, i), pkts, got);
		if (sent < got)
			weir_pool_free(ours.cache, pkts + sent, got - sent);
		done += s->len > 2048 ? weir_pkt_count(pkts, sent) : sent;
	}
	return done;
}

static unsigned receive(const struct nic_setting *s, unsigned n)
{
	unsigned done = 0;

	for (unsigned idle = 0, i = 0; done < n && idle < 3 * s->queues; i = i + 1 < s->queues ? i + 1 : 0) {
		unsigned got = weir_rx(weir_port_rxq(ours.port, i), ours.pkts + ours.held, s->burst);

		idle = got ? 0 : idle + 1;
		done += s->len > 2048 ? weir_pkt_count(ours.pkts + ours.held, got) : got;
		ours.held += got;
	}
	return done;
}

static unsigned transmit(const struct nic_setting *s, unsigned n)
{
	struct weir_txq *txq = weir_port_txq(ours.port, 0);

	for (unsigned done = 0; done < n; done += s->burst)
		if (weir_tx(txq, ours.pkts + done, s->burst) != s->burst)
			return done;
	return n;
}

void nic_prepare_ours(const struct nic_setting *s, unsigned n)
{
	if (weir_pool_alloc(ours.cache, ours.pkts, n) < n)
		bench_must(1, "bench_nic: our buffers");
	for (unsigned i = 0; i < n; i++) {
		ours.pkts[i].len = (uint16_t)s->len;
		if (s->offloads) {
			ours.pkts[i].vlan = 100;
			ours.pkts[i].flags = WEIR_PKT_IPV4 | WEIR_PKT_UDP | WEIR_PKT_VLAN;
		}
	}
	if (s->offloads)
		ask(ours.pkts, n);
}

void nic_finish_ours(void)
{
	weir_pool_free(ours.cache, ours.pkts, ours.held);
	ours.held = 0;
}

void nic_open_ours(const struct nic_setting *s, struct weir *weir, struct weir_sim *sim, struct nic_side *side)
{
	struct weir_pool_conf pool_conf = { .count = 4096 + 2 * s->slots * s->queues };
	struct weir_port_conf conf = {
		.rx_queues = s->queues,
		.tx_queues = s->queues,
		.rx_slots = s->slots,
		.tx_slots = s->slots,
		.mtu = s->len > 1514 ? s->len - 14 : 0,
		.offloads = s->offloads ? WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_HASH : 0,
		.promiscuous = true,
	};
	unsigned index = 0;
	char spec[96];

	while (weir_sim_nic(sim, index))
		index++;
	bench_must(weir_pool_create(weir, &pool_conf, &ours.pool), "bench_nic");
	bench_must(weir_pool_cache_create(ours.pool, 512, &ours.cache), "bench_nic");
	bench_must(weir_sim_enable(weir, sim), "bench_nic");
	snprintf(spec, sizeof(spec), "sim:%s,mac=02:00:00:00:00:01,wire=sink", s->model);
	conf.pool = ours.pool;
	bench_must(weir_port_open(weir, spec, &conf, &ours.port), "bench_nic");
	bench_must(weir_port_start(ours.port), "bench_nic");
	ours.held = 0;
	side->nic = weir_sim_nic(sim, index);
	side->run = s->what == FORWARD ? forward : s->what == SEND ? transmit : receive;
}

void nic_close_ours(void)
{
	weir_port_close(ours.port);
	weir_pool_cache_destroy(ours.cache);
}
