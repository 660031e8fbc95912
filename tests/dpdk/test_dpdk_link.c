/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports and queues that stop and start, links that come and go, and interrupts, under DPDK's driver.
 */
#include "bench.h"

#include <rte_interrupts.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"

#define PATIENCE_S 30 /* for what takes its time on a busy machine */

static const struct pmd_conf plain = { .eth.rxmode.mtu = 1500 };

/* Waits for something that another thread does. */
static bool eventually(bool (*happened)(void))
{
	for (unsigned i = 0; i < PATIENCE_S * 100; i++) {
		run();
		if (happened())
			return true;
		usleep(10000);
	}
	return false;
}

/* --- identity ----------------------------------------------------------------------------------------------------- */

static void cards_are_recognised(void)
{
	static const char *const models[] = { "82599", "82599-kx4", "x540" };
	struct rte_ether_addr mac;
	struct rte_eth_dev_info info;
	struct rte_eth_link link;

	for (unsigned i = 0; i < 3; i++) {
		begin(models[i], MESSAGES, &plain);
		CU_ASSERT_EQUAL(rte_eth_dev_info_get(bench.port, &info), 0);
		CU_ASSERT_STRING_EQUAL(info.driver_name, "net_ixgbe");
		CU_ASSERT_EQUAL(info.max_rx_queues, 128);
		CU_ASSERT_EQUAL(info.max_mac_addrs, 128);
		CU_ASSERT_EQUAL(rte_eth_macaddr_get(bench.port, &mac), 0);
		CU_ASSERT_EQUAL(memcmp(&mac, BENCH_MAC, 6), 0);
		CU_ASSERT_EQUAL(rte_eth_link_get(bench.port, &link), 0);
		CU_ASSERT_EQUAL(link.link_status, RTE_ETH_LINK_UP);
		CU_ASSERT_EQUAL(link.link_speed, RTE_ETH_SPEED_NUM_10G);
		CU_ASSERT_EQUAL(link.link_duplex, RTE_ETH_LINK_FULL_DUPLEX);
		a_frame_passes();
		end();
	}
}

static void a_port_stops_and_starts(void)
{
	begin("82599", EXACT, &plain);
	for (unsigned i = 0; i < 20; i++) {
		a_frame_passes();
		CU_ASSERT_EQUAL(pmd_stop(&bench.pmd), 0);
		CU_ASSERT_EQUAL(rte_eth_dev_start(bench.port), 0);
	}
	a_frame_passes();
	end();
}

static void a_card_is_probed_again(void)
{
	bench_open("82599", EXACT);
	for (unsigned i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &plain), 0);
		a_frame_passes();
		CU_ASSERT_EQUAL(pmd_stop(&bench.pmd), 0);
		pmd_close(&bench.pmd);
		CU_ASSERT_EQUAL_FATAL(pmd_open(&bench.pmd, bench.weir, bench.sim, bench.nic, false), 0);
		bench.port = bench.pmd.port;
	}
	bench_close();
}

static void queues_stop_and_start(void)
{
	struct pmd_conf conf = plain;

	conf.queues = 2;
	begin("82599", EXACT, &conf);
	for (unsigned i = 0; i < 10; i++) {
		a_frame_passes();
		CU_ASSERT_EQUAL(rte_eth_dev_rx_queue_stop(bench.port, 0), 0);
		CU_ASSERT_EQUAL(rte_eth_dev_tx_queue_stop(bench.port, 0), 0);
		CU_ASSERT_EQUAL(rte_eth_dev_rx_queue_start(bench.port, 0), 0);
		CU_ASSERT_EQUAL(rte_eth_dev_tx_queue_start(bench.port, 0), 0);
	}
	a_frame_passes();
	end();
}

/* --- link --------------------------------------------------------------------------------------------------------- */

static bool link_is(unsigned status)
{
	struct rte_eth_link link;

	return !rte_eth_link_get_nowait(bench.port, &link) && link.link_status == status;
}

static bool link_is_up(void)
{
	return link_is(RTE_ETH_LINK_UP);
}

static bool link_is_down(void)
{
	return link_is(RTE_ETH_LINK_DOWN);
}

static void a_cable_is_pulled(void)
{
	static const char *const models[] = { "82599", "82599-kx4", "x540" };

	for (unsigned i = 0; i < 3; i++) {
		begin(models[i], EXACT, &plain);
		weir_sim_link(bench.nic, false);
		CU_ASSERT(eventually(link_is_down));
		weir_sim_link(bench.nic, true);
		CU_ASSERT(eventually(link_is_up));
		a_frame_passes();
		end();
	}
}

static void a_link_is_switched_off(void)
{
	static const char *const models[] = { "82599", "x540" };

	for (unsigned i = 0; i < 2; i++) {
		begin(models[i], EXACT, &plain);
		CU_ASSERT_EQUAL(rte_eth_dev_set_link_down(bench.port), 0);
		CU_ASSERT(eventually(link_is_down));
		CU_ASSERT_EQUAL(rte_eth_dev_set_link_up(bench.port), 0);
		CU_ASSERT(eventually(link_is_up));
		a_frame_passes();
		end();
	}
}

static unsigned changes; /* of the link, that the application was told of */

static int on_change(uint16_t port, enum rte_eth_event_type type, void *arg, void *result)
{
	(void)port, (void)type, (void)arg, (void)result;
	__atomic_fetch_add(&changes, 1, __ATOMIC_RELAXED);
	return 0;
}

static bool told_once(void)
{
	return __atomic_load_n(&changes, __ATOMIC_RELAXED) >= 1;
}

static bool told_twice(void)
{
	return __atomic_load_n(&changes, __ATOMIC_RELAXED) >= 2;
}

/* The driver waits 4 s for a link that went, and 1 s for one that came, before it tells. */
static void a_link_that_changes_interrupts(void)
{
	struct pmd_conf conf = plain;

	conf.eth.intr_conf.lsc = 1;
	changes = 0;
	bench_open("82599", EXACT);
	CU_ASSERT_EQUAL(rte_eth_dev_callback_register(bench.port, RTE_ETH_EVENT_INTR_LSC, on_change, NULL), 0);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &conf), 0);
	weir_sim_link(bench.nic, false);
	CU_ASSERT(eventually(told_once));
	CU_ASSERT(eventually(link_is_down));
	weir_sim_link(bench.nic, true);
	CU_ASSERT(eventually(told_twice));
	CU_ASSERT(eventually(link_is_up));
	CU_ASSERT_EQUAL(rte_eth_dev_callback_unregister(bench.port, RTE_ETH_EVENT_INTR_LSC, on_change, NULL), 0);
	end();
}

/* --- receive interrupts ------------------------------------------------------------------------------------------- */

/*
 * DPDK 22.11 switches the vector before the queue's own on and off, and all are on from the start; so that nothing
 * comes when it is off cannot be asked.
 */
static void a_packet_interrupts(void)
{
	struct pmd_conf conf = plain;
	struct rte_epoll_event event;
	uint8_t frame[64], got[FRAME_MAX];

	conf.eth.intr_conf.rxq = 1;
	begin("82599", EXACT, &conf);
	CU_ASSERT_EQUAL(rte_eth_dev_rx_intr_ctl_q(bench.port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, NULL), 0);
	for (unsigned i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(rte_eth_dev_rx_intr_enable(bench.port, 0), 0);
		CU_ASSERT_EQUAL(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0), 0);
		arrive(frame, frame_plain(frame, 64));
		run();
		CU_ASSERT_EQUAL(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, PATIENCE_S * 1000), 1);
		CU_ASSERT_EQUAL(rte_eth_dev_rx_intr_disable(bench.port, 0), 0);
		CU_ASSERT_EQUAL(receive_one(0, got), 64);
	}
	CU_ASSERT_EQUAL(rte_eth_dev_rx_intr_ctl_q(bench.port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_DEL, NULL), 0);
	end();
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "cards are recognised", cards_are_recognised },
		{ "a port stops and starts, 20 times", a_port_stops_and_starts },
		{ "a card is closed and probed again", a_card_is_probed_again },
		{ "queues stop and start", queues_stop_and_start },
		{ "a cable is pulled", a_cable_is_pulled },
		{ "a link is switched off", a_link_is_switched_off },
		{ "a link that changes interrupts", a_link_that_changes_interrupts },
		{ "a packet interrupts", a_packet_interrupts },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's ports and links", cases);
}
