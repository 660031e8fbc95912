/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port on a simulated card, with the test at the other end of the cable and nothing moving by itself.
 */
#ifndef TESTS_PORT_SIM_H
#define TESTS_PORT_SIM_H

#include <stdlib.h>
#include <unistd.h>

#include "pools.h"
#include "sim_port.h"
#include "weir/mem.h"
#include "weir/net.h"
#include "weir/parse.h"

static struct weir_sim_nic *nic;
static struct weir *weir;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;
static struct weir_rxq *rxq;
static struct weir_txq *txq;
static bool fast_card;       /* with mapped doorbells */
static const char *the_card; /* the model that begin() takes */

/* The key of Microsoft's suite, spelled out again. */
static const uint8_t usual_key[WEIR_RSS_KEY] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static inline void open_port_in(const struct weir_sim_conf *sim_conf, const char *spec, struct weir_port_conf *conf)
{
	int err;

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(sim_conf, &sim), 0);
	weir = open_weir();
	pool = make_pool(weir, 8192, true);
	cache = make_cache(pool, 0);
	CU_ASSERT_EQUAL_FATAL(weir_sim_enable(weir, sim), 0);
	conf->pool = pool;
	err = weir_port_open(weir, spec, conf, &port);
	if (err)
		printf("%s\n", weir_error());
	CU_ASSERT_EQUAL_FATAL(err, 0);
	nic = weir_sim_nic(sim, 0);
}

static inline void open_port(const char *spec, struct weir_port_conf *conf)
{
	struct weir_sim_conf sim_conf = { .strict = true, .manual = true, .fast = fast_card };

	open_port_in(&sim_conf, spec, conf);
}

static inline void begin_on(const char *spec, struct weir_port_conf *conf)
{
	open_port(spec, conf);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	rxq = weir_port_rxq(port, 0);
	txq = weir_port_txq(port, 0);
}

/* With the test at the other end of the cable. */
static inline void begin(struct weir_port_conf *conf)
{
	char spec[80];

	snprintf(spec, sizeof(spec), "sim:%s,wire=hold", the_card);
	begin_on(spec, conf);
}

static inline void end_without_looking(void)
{
	weir_port_close(port);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 0);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
	weir_sim_destroy(sim);
}

static inline void end(void)
{
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	weir_port_close(port);
	port = NULL;
	check_violations(nic);
	end_without_looking();
}

static inline uint64_t rx_drops(enum weir_drop reason)
{
	struct weir_port_stats stats;

	weir_port_stats(port, &stats);
	return stats.rx.drops[reason];
}

/* --- frames ---------------------------------------------------------------------------------------------------------------- */

/* Ethernet to the card, IPv4, UDP from @source to port 9: checksums right. Returns the length. */
static inline unsigned make_udp(uint8_t *frame, unsigned source, unsigned payload)
{
	struct weir_eth *eth = (void *)frame;
	struct weir_ipv4 *ip = (void *)(frame + 14);
	struct weir_udp *udp = (void *)(frame + 34);
	struct weir_port_info info;

	weir_port_info(port, &info);
	memset(frame, 0, 42 + payload);
	memcpy(eth->dst, info.mac, 6);
	memcpy(eth->src, "\2\0\0\0\0\2", 6);
	eth->type = weir_be16(WEIR_ETHER_IPV4);
	ip->version_ihl = 0x45;
	weir_store_be16(frame + 16, (uint16_t)(28 + payload));
	ip->ttl = 64;
	ip->protocol = WEIR_IP_UDP;
	ip->src = weir_be32(0x0a000001);
	ip->dst = weir_be32(0x0a000002);
	ip->csum = weir_csum_ipv4(ip);
	weir_store_be16(frame + 34, (uint16_t)source);
	weir_store_be16(frame + 36, 9);
	weir_store_be16(frame + 38, (uint16_t)(8 + payload));
	for (unsigned i = 0; i < payload; i++)
		frame[42 + i] = (uint8_t)(i * 7 + source);
	udp->csum = 0;
	udp->csum = weir_csum_udp(
	    weir_sum_csum(weir_sum_add(weir_sum_pseudo4(ip, WEIR_IP_UDP, 8 + payload), weir_sum(udp, 8 + payload))));
	return 42 + payload < 60 ? 60 : 42 + payload;
}

/* A port as it comes, and a frame of 82 bytes for it. */
static inline void begin_with(uint8_t *frame)
{
	struct weir_port_conf conf = { 0 };

	begin(&conf);
	make_udp(frame, 1, 40);
}

static inline unsigned receive(struct weir_rxq *from, struct weir_pkt *pkts, unsigned n)
{
	run();
	return weir_rx(from, pkts, n);
}

static inline bool same(const struct weir_pkt *pkts, unsigned n, const uint8_t *bytes, unsigned len)
{
	unsigned at = 0;

	for (unsigned i = 0; i < n; i++) {
		if (at + pkts[i].len > len ||
		    memcmp(weir_pkt_data(weir_mem_base(weir), &pkts[i]), bytes + at, pkts[i].len))
			return false;
		at += pkts[i].len;
	}
	return at == len;
}

/* A packet of the @len bytes, in one buffer. */
static inline struct weir_pkt make_pkt(const uint8_t *bytes, unsigned len)
{
	struct weir_pkt pkt;

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, &pkt, 1), 1);
	memcpy(weir_pkt_data(weir_mem_base(weir), &pkt), bytes, len);
	pkt.len = (uint16_t)len;
	return pkt;
}

#endif
