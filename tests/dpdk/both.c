/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK's driver and ours, set up alike.
 */
#include "both.h"

#include <glob.h>
#include <pcap/pcap.h>
#include <string.h>

#include "weir/parse.h"

#define FRAMES 400 /* of each capture */

struct ours ours;

/* The key of our driver. */
static uint8_t key[WEIR_RSS_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

/* --- both --------------------------------------------------------------------------------------------------------- */

static void open_theirs(const struct both_conf *both)
{
	struct pmd_conf conf = {
		.queues = BOTH_QUEUES,
		.rx_refill = both->rx_refill,
		.drop = true,
		.eth.rxmode.mtu = BOTH_MTU,
		.eth.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS,
		.eth.rxmode.offloads = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM |
		                       RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_VLAN_STRIP |
		                       RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_RSS_HASH,
		.eth.rx_adv_conf.rss_conf = { .rss_key = key,
		                              .rss_key_len = sizeof(key),
		                              .rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP |
		                                        RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 |
		                                        RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_NONFRAG_IPV6_UDP },
		.eth.txmode.offloads = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM |
		                       RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM |
		                       RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS |
		                       RTE_ETH_TX_OFFLOAD_VLAN_INSERT,
	};

	if (both->coalesce)
		conf.eth.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_TCP_LRO;
	bench_open(both->model, EXACT);
	bench_vector(both->vector);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &conf), 0);
	CU_ASSERT_EQUAL(rte_eth_promiscuous_enable(bench.port), 0);
}

static void open_ours(const struct both_conf *both)
{
	struct weir_port_conf conf = {
		.rx_queues = BOTH_QUEUES,
		.tx_queues = BOTH_QUEUES,
		.mtu = BOTH_MTU,
		.offloads = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_HASH,
		.promiscuous = true,
	};
	char spec[96];

	memset(&ours, 0, sizeof(ours));
	conf.pool = ours.pool = make_pool(bench.weir, 8192, true);
	ours.cache = make_cache(ours.pool, 0);
	CU_ASSERT_EQUAL_FATAL(weir_sim_enable(bench.weir, bench.sim), 0);
	if (both->coalesce)
		conf.offloads |= WEIR_OFFLOAD_LRO;
	snprintf(spec, sizeof(spec), "sim:%s,mac=02:00:00:00:00:01,wire=hold", both->model);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(bench.weir, spec, &conf, &ours.port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(ours.port), 0);
	ours.nic = weir_sim_nic(bench.sim, 1);
}

void begin_both(const struct both_conf *conf)
{
	open_theirs(conf);
	open_ours(conf);
}

void end_both(void)
{
	char text[4096] = "";

	CU_ASSERT_EQUAL(weir_port_stop(ours.port), 0);
	weir_port_close(ours.port);
	CU_ASSERT_EQUAL(weir_sim_violations(ours.nic, text, sizeof(text)), 0);
	fputs(text, stdout);
	weir_pool_cache_flush(ours.cache);
	CU_ASSERT_EQUAL(info_of(ours.pool).in_use, 0);
	weir_pool_cache_destroy(ours.cache);
	end();
}

void hex(const char *who, const uint8_t *bytes, int len)
{
	printf("%s: %d bytes\n", who, len);
	for (int i = 0; i < len && i < 96; i++)
		printf("%02x%s", bytes[i], i % 32 == 31 ? "\n" : i % 2 ? " " : "");
	printf("\n");
}

void captures(void (*fn)(const uint8_t *frame, size_t len))
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *head;
	unsigned frames = 0;
	const u_char *bytes;
	glob_t files;

	CU_ASSERT_EQUAL_FATAL(glob("tests/data/*/*.pcap", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		pcap_t *file = pcap_open_offline(files.gl_pathv[i], error);

		CU_ASSERT_PTR_NOT_NULL_FATAL(file);
		for (unsigned n = 0;
		     pcap_datalink(file) == DLT_EN10MB && n < FRAMES && pcap_next_ex(file, &head, &bytes) == 1;
		     n++, frames++)
			fn(bytes, head->caplen);
		pcap_close(file);
	}
	globfree(&files);
	CU_ASSERT(frames > 500);
}
