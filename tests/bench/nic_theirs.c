/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK's driver on a card of a simulator, as its l2fwd uses it.
 */
#include "nic.h"

#ifdef WITH_DPDK
#include <rte_vect.h>
#include <string.h>

#define CACHE 512u /* the most that there can be */

static struct {
	struct pmd pmd;
	struct rte_mbuf *mbufs[NIC_STRETCH * 8];
	unsigned held;
} theirs;

/* As ours; the IPv4 checksum has to be 0, which our drivers see to. */
static void ask(struct rte_mbuf **mbufs, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *m = mbufs[i];

		m->ol_flags |=
		    RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM;
		m->l2_len = 14;
		m->l3_len = 20;
		memset(rte_pktmbuf_mtod_offset(m, void *, 24), 0, 2);
	}
}

static void work(const struct nic_setting *s, struct rte_mbuf **mbufs, unsigned n)
{
	if (s->touch != UNTOUCHED) {
		for (unsigned i = 0; i < n; i++)
			__builtin_prefetch(rte_pktmbuf_mtod(mbufs[i], void *));
		for (unsigned i = 0; i < n; i++)
			nic_touch(s->touch, rte_pktmbuf_mtod(mbufs[i], uint8_t *));
	}
	if (s->offloads)
		ask(mbufs, n);
}

static unsigned forward(const struct nic_setting *s, unsigned n)
{
	struct rte_mbuf *mbufs[NIC_ENTRIES];
	uint16_t port = theirs.pmd.port;
	unsigned done = 0;

	for (unsigned idle = 0, i = 0; done < n && idle < 3 * s->queues; i = i + 1 < s->queues ? i + 1 : 0) {
		uint16_t got = rte_eth_rx_burst(port, (uint16_t)i, mbufs, (uint16_t)s->burst), sent;

		idle = got ? 0 : idle + 1;
		work(s, mbufs, got);
		sent = rte_eth_tx_burst(port, (uint16_t)i, mbufs, got);
		if (sent < got)
			rte_pktmbuf_free_bulk(mbufs + sent, got - sent);
		done += sent;
	}
	return done;
}

static unsigned receive(const struct nic_setting *s, unsigned n)
{
	uint16_t port = theirs.pmd.port;
	unsigned done = 0;

	for (unsigned idle = 0, i = 0; done < n && idle < 3 * s->queues; i = i + 1 < s->queues ? i + 1 : 0) {
		uint16_t got = rte_eth_rx_burst(port, (uint16_t)i, theirs.mbufs + theirs.held, (uint16_t)s->burst);

		idle = got ? 0 : idle + 1;
		done += got;
		theirs.held += got;
	}
	return done;
}

static unsigned transmit(const struct nic_setting *s, unsigned n)
{
	for (unsigned done = 0; done < n; done += s->burst)
		if (rte_eth_tx_burst(theirs.pmd.port, 0, theirs.mbufs + done, (uint16_t)s->burst) != s->burst)
			return done;
	return n;
}

void nic_prepare_theirs(const struct nic_setting *s, unsigned n)
{
	bench_must(rte_pktmbuf_alloc_bulk(theirs.pmd.pool, theirs.mbufs, n), "bench_nic: DPDK's buffers");
	for (unsigned i = 0; i < n; i++) {
		theirs.mbufs[i]->data_len = (uint16_t)s->len;
		theirs.mbufs[i]->pkt_len = s->len;
		theirs.mbufs[i]->vlan_tci = 100;
	}
	if (s->offloads)
		ask(theirs.mbufs, n);
}

void nic_finish_theirs(void)
{
	rte_pktmbuf_free_bulk(theirs.mbufs, theirs.held);
	theirs.held = 0;
}

void nic_open_theirs(const struct nic_setting *s, struct weir *weir, struct weir_sim *sim, struct nic_side *side)
{
	struct pmd_conf conf = { .queues = (uint16_t)s->queues,
		                 .slots = (uint16_t)s->slots,
		                 .buffers = 4096 + 2 * s->slots * s->queues,
		                 .cache = CACHE };
	char text[64];

	if (s->len > 1514) {
		conf.eth.rxmode.mtu = s->len - 14;
		conf.eth.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
		conf.eth.txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	}
	if (s->offloads) {
		conf.eth.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
		conf.eth.txmode.offloads |=
		    RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_VLAN_INSERT;
	}
	if (s->queues > 1 || (s->offloads && !strstr(s->model, "825"))) {
		conf.eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.eth.rx_adv_conf.rss_conf =
		    (struct rte_eth_rss_conf){ .rss_key = nic_key,
			                       .rss_key_len = NIC_KEY,
			                       .rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP };
	}
	snprintf(text, sizeof(text), "%s,mac=02:00:00:00:00:02,wire=sink", s->model);
	bench_must(weir_sim_nic_add(sim, text, &side->nic), "bench_nic");
	/* Its vector functions receive nothing in bursts of less than four. */
	rte_vect_set_max_simd_bitwidth(s->burst < 4 ? RTE_VECT_SIMD_DISABLED : RTE_VECT_SIMD_256);
	bench_must(pmd_open(&theirs.pmd, weir, sim, side->nic, false), "bench_nic: DPDK's driver");
	bench_must(pmd_start(&theirs.pmd, &conf), "bench_nic: DPDK's port");
	rte_eth_promiscuous_enable(theirs.pmd.port);
	theirs.held = 0;
	side->run = s->what == FORWARD ? forward : s->what == SEND ? transmit : receive;
}

void nic_close_theirs(void)
{
	pmd_stop(&theirs.pmd);
	pmd_close(&theirs.pmd);
}
#endif
