/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every receive and transmit function that DPDK's driver has, with frames of every length: what arrives at the card
 * comes to the program byte for byte, and what the program sends leaves the card so.
 */
#include "bench.h"

#include "frames.h"
#include "trap.h"

#define SHORTEST 60u
#define LONGEST  1514u
#define JUMBO    9000u

/* How the driver is brought to use a pair of its functions, and the words by which it says that it does. */
struct path {
	bool vector;
	uint32_t mtu;
	uint64_t rx_offloads, tx_offloads;
	uint16_t rx_refill; /* below 32 it fetches buffers one by one */
	const char *rx_says, *tx_says;
};

#define ONE_BY_ONE 16
#define SCATTER    RTE_ETH_RX_OFFLOAD_SCATTER
#define MULTI      RTE_ETH_TX_OFFLOAD_MULTI_SEGS

#define SAYS_VECTOR_TX "Vector tx enabled"
#define SAYS_SIMPLE_TX "Using simple tx code path"
#define SAYS_FULL_TX   "Using full-featured tx code path"

static const struct path vector = { true, 1500, 0, 0, 0, "Vector rx enabled", SAYS_VECTOR_TX };
static const struct path bulk = { false,         1500, 0, 0, 0, "Rx Burst Bulk Alloc Preconditions are satisfied",
	                          SAYS_SIMPLE_TX };
static const struct path single = { false,       1500,       0,
	                            MULTI,       ONE_BY_ONE, "Rx Burst Bulk Alloc Preconditions are not satisfied",
	                            SAYS_FULL_TX };
static const struct path scattered_vector = {
	true, JUMBO, SCATTER, MULTI, 0, "Using Vector Scattered Rx", SAYS_FULL_TX
};
static const struct path scattered_bulk = {
	false, JUMBO, SCATTER, MULTI, 0, "Using a Scattered with bulk", SAYS_FULL_TX
};
static const struct path scattered_single = { false,       JUMBO,
	                                      SCATTER,     MULTI,
	                                      ONE_BY_ONE,  "Using Regular (non-vector, single allocation) Scattered",
	                                      SAYS_FULL_TX };

static void start(const char *model, enum mode mode, const struct path *path)
{
	struct pmd_conf conf = {
		.eth.rxmode.mtu = path->mtu,
		.eth.rxmode.offloads = path->rx_offloads,
		.eth.txmode.offloads = path->tx_offloads,
		.rx_refill = path->rx_refill,
	};

	bench_open(model, mode);
	bench_vector(path->vector);
	CU_ASSERT_EQUAL_FATAL(pmd_start(&bench.pmd, &conf), 0);
	CU_ASSERT(eal_said(path->rx_says));
	CU_ASSERT(eal_said(path->tx_says));
	CU_ASSERT_EQUAL(eal_said(SAYS_VECTOR_TX), path->vector && !path->tx_offloads);
}

static void try(const char *model, enum mode mode, const struct path *path)
{
	uint64_t frames = 0, bytes = 0;
	struct rte_eth_stats stats;

	start(model, mode, path);
	for (unsigned len = SHORTEST; len <= LONGEST; len += BURST) {
		unsigned n = LONGEST + 1 - len < BURST ? LONGEST + 1 - len : BURST;

		there_and_back(len, n);
		frames += n;
		bytes += (uint64_t)n * len + n * (n - 1) / 2;
	}
	for (unsigned len = 2040; path->mtu == JUMBO && len <= JUMBO + 14; len += 581, frames++) {
		there_and_back(len, 1);
		bytes += len;
	}
	CU_ASSERT_EQUAL(rte_eth_stats_get(bench.port, &stats), 0);
	CU_ASSERT_EQUAL(stats.opackets, frames);
	CU_ASSERT_EQUAL(stats.obytes, bytes);
	CU_ASSERT_EQUAL(stats.ierrors + stats.imissed + stats.oerrors + stats.rx_nombuf, 0);
	if (mode != FAST) {
		CU_ASSERT_EQUAL(stats.ipackets, frames);
		CU_ASSERT_EQUAL(stats.ibytes, bytes);
		CU_ASSERT_EQUAL(stats.q_ipackets[0], frames);
		CU_ASSERT_EQUAL(stats.q_opackets[0], frames);
	}
	end();
}

static void vector_path(void)
{
	try("82599", EXACT, &vector);
}

static void bulk_path(void)
{
	try("82599", EXACT, &bulk);
}

static void single_path(void)
{
	try("82599", EXACT, &single);
}

static void scattered_vector_path(void)
{
	try("82599", EXACT, &scattered_vector);
}

static void scattered_bulk_path(void)
{
	try("82599", EXACT, &scattered_bulk);
}

static void scattered_single_path(void)
{
	try("82599", EXACT, &scattered_single);
}

static void mapped_doorbells(void)
{
	static const struct path *const paths[] = { &vector,           &bulk,           &single,
		                                    &scattered_vector, &scattered_bulk, &scattered_single };

	for (unsigned i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		try("82599", FAST, paths[i]);
}

static void by_messages(void)
{
	try("82599", MESSAGES, &vector);
	try("82599", MESSAGES, &scattered_single);
}

/* In fast mode no access of the data path is caught: what runs is what would run on hardware. */
static void nothing_is_caught(void)
{
	uint64_t before;

	start("82599", FAST, &vector);
	before = trap_count();
	for (unsigned i = 0; i < 20; i++)
		there_and_back(64 + i, BURST);
	CU_ASSERT_EQUAL(trap_count(), before);
	end();
}

static void forget(void *at, void *arg)
{
	(void)at, (void)arg;
}

/* DPDK may hand the card any address; what it has not shared with it, the card cannot read. */
static void foreign_memory_is_out_of_reach(void)
{
	static struct rte_mbuf_ext_shared_info info = { .free_cb = forget, .refcnt = 1 };
	static uint8_t foreign[2048], unused[64];
	struct rte_mbuf *packet;

	start("82599", MESSAGES, &single);
	packet = rte_pktmbuf_alloc(bench.pmd.pool);
	rte_pktmbuf_attach_extbuf(packet, foreign, (uintptr_t)foreign, sizeof(foreign), &info);
	packet->data_len = 60;
	packet->pkt_len = 60;
	CU_ASSERT_EQUAL(pmd_send(&bench.pmd, 0, &packet, 1), 1);
	CU_ASSERT_EQUAL(weir_sim_take(bench.nic, unused, sizeof(unused)), 0);
	bench.refused = 1;
	end();
}

static void backplane(void)
{
	try("82599-kx4", EXACT, &vector);
	try("82599-kx4", EXACT, &scattered_single);
}

static void copper(void)
{
	try("x540", EXACT, &vector);
	try("x540", EXACT, &scattered_single);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "vector receive, vector send", vector_path },
		{ "bulk receive, simple send", bulk_path },
		{ "single receive, full send", single_path },
		{ "vector scattered receive, jumbo frames", scattered_vector_path },
		{ "bulk scattered receive, jumbo frames", scattered_bulk_path },
		{ "single scattered receive, jumbo frames", scattered_single_path },
		{ "by messages", by_messages },
		{ "all of them with mapped doorbells", mapped_doorbells },
		{ "with mapped doorbells the data path is not caught", nothing_is_caught },
		{ "memory that was not shared is out of reach", foreign_memory_is_out_of_reach },
		{ "on a backplane", backplane },
		{ "on copper", copper },
		{ NULL, NULL },
	};
	int err = eal_start();

	return err ? err : unit_run("DPDK's data paths", cases);
}
