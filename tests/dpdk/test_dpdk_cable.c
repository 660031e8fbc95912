/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK's driver and ours at the two ends of a cable, everything moving by itself: what one sends the other receives, and
 * sends back.
 */
#include "bench.h" /* first, for what it includes first */

#include <string.h>
#include <time.h>

#include "frames.h"
#include "weir/port.h"

#define PACKETS    20000u
#define WINDOW     256u /* packets on their way */
#define PATIENCE_S 50

static struct pmd pmd;
static struct weir *weir;
static struct weir_pool_cache *cache;
static struct weir_port *port;

static size_t len_of(uint32_t number)
{
	return 60 + number * 7 % 1455;
}

static void make(uint8_t *frame, uint32_t number)
{
	frame_plain(frame, len_of(number));
	memcpy(frame + 14, &number, sizeof(number));
}

/* Ours sends back what it receives. */
static void echo(void)
{
	struct weir_pkt pkts[BURST];
	unsigned n = weir_rx(weir_port_rxq(port, 0), pkts, BURST), sent = 0;

	while (sent < n)
		sent += weir_tx(weir_port_txq(port, 0), pkts + sent, n - sent);
	if (!n)
		weir_tx(weir_port_txq(port, 0), NULL, 0);
}

static uint32_t send_some(uint32_t next, uint32_t limit)
{
	static uint8_t frame[2048];
	struct rte_mbuf *packet;

	for (; next < limit; next++) {
		make(frame, next);
		packet = pmd_packet(&pmd, frame, len_of(next));
		if (!packet)
			break;
		if (!rte_eth_tx_burst(pmd.port, 0, &packet, 1)) {
			rte_pktmbuf_free(packet);
			break;
		}
	}
	return next;
}

/* Checks what came back, in order, from number @next on. Returns the next number. */
static uint32_t check_some(uint32_t next, unsigned *wrong)
{
	static uint8_t frame[2048], got[FRAME_MAX];
	struct rte_mbuf *packets[BURST];
	unsigned n = rte_eth_rx_burst(pmd.port, 0, packets, BURST);

	for (unsigned i = 0; i < n; i++, next++) {
		make(frame, next);
		if (pmd_bytes(packets[i], got) != len_of(next) || memcmp(frame, got, len_of(next)))
			(*wrong)++;
	}
	rte_pktmbuf_free_bulk(packets, n);
	return next;
}

static void exchange(const char *model, bool fast, uint32_t packets)
{
	struct weir_sim_conf sim_conf = { .fast = fast };
	struct pmd_conf conf = { .slots = 512, .eth.rxmode.mtu = 1500 };
	struct weir_port_conf port_conf = { .promiscuous = true };
	struct weir_sim *sim;
	struct weir_sim_nic *nic;
	struct weir_pool *pool;
	uint32_t sent = 0, back = 0;
	unsigned wrong = 0;
	time_t deadline = time(NULL) + PATIENCE_S;
	char text[96];

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&sim_conf, &sim), 0);
	weir = open_weir();
	port_conf.pool = pool = make_pool(weir, 8192, true);
	cache = make_cache(pool, 0);
	snprintf(text, sizeof(text), "%s,mac=02:00:00:00:00:01,wire=pair:1", model);
	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_add(sim, text, &nic), 0);
	CU_ASSERT_EQUAL_FATAL(weir_sim_enable(weir, sim), 0);
	snprintf(text, sizeof(text), "sim:%s,wire=pair:0", model);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, text, &port_conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL_FATAL(pmd_open(&pmd, weir, sim, nic, true), 0);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&pmd, &conf), 0);
	CU_ASSERT_EQUAL(rte_eth_promiscuous_enable(pmd.port), 0);
	while (back < packets && time(NULL) < deadline) {
		sent = send_some(sent, back + WINDOW < packets ? back + WINDOW : packets);
		echo();
		back = check_some(back, &wrong);
	}
	CU_ASSERT_EQUAL(back, packets);
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(pmd_stop(&pmd), 0);
	pmd_close(&pmd);
	weir_port_close(port);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
	weir_sim_destroy(sim);
}

static void by_messages(void)
{
	exchange("82599", false, PACKETS / 20);
}

static void with_mapped_doorbells(void)
{
	exchange("82599", true, PACKETS);
}

static void on_copper(void)
{
	exchange("x540", true, PACKETS);
}

static void between_82576s(void)
{
	exchange("82576", true, PACKETS);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "by messages", by_messages },
		{ "with mapped doorbells", with_mapped_doorbells },
		{ "on copper", on_copper },
		{ "between 82576s", between_82576s },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's driver and ours on a cable", cases);
}
