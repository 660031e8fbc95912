/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port of the ixgbe driver is started and stopped 10,000 times, with packets both ways: nothing is left behind.
 */
#include "ixgbe_sim.h"
#include "process.h"

#include <malloc.h>

/* What may grow, once everything has been done a first time. */
struct holdings {
	unsigned fds, mappings;
	size_t heap;
};

static struct holdings look(void)
{
	return (struct holdings){ count_fds(), count_mappings(), mallinfo2().uordblks };
}

static void expect_no_more_than(const struct holdings *before)
{
	struct holdings now = look();

	CU_ASSERT_EQUAL(now.fds, before->fds);
	CU_ASSERT(now.mappings <= before->mappings + 2); /* the allocator's own */
	CU_ASSERT(now.heap <= before->heap + 4096);
}

/* A frame to the card and one from it, and both arrive. */
static void exchange(const uint8_t *frame, unsigned len)
{
	struct weir_pkt pkt = make_pkt(frame, len), pkts[4];
	uint8_t taken[128];

	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
	weir_sim_send(nic, frame, len);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), (int)len);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), pkts, 4), 1);
	weir_pool_free(cache, pkts, 1);
}

static void start_and_stop(bool fast, unsigned rounds)
{
	struct weir_port_conf conf = { .rx_slots = 64, .tx_slots = 64 };
	struct holdings before = { 0 };
	uint8_t frame[128];
	unsigned len;

	fast_card = fast;
	open_port("sim:82599,wire=hold", &conf);
	len = make_udp(frame, 1, 40);
	for (unsigned i = 0; i < rounds; i++) {
		if (i == 10)
			before = look();
		CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
		if (!fast && i % 3)
			exchange(frame, len);
		CU_ASSERT_EQUAL_FATAL(weir_port_stop(port), 0);
		if (i % 500 == 0) {
			weir_pool_cache_flush(cache);
			CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
		}
	}
	expect_no_more_than(&before);
	end();
	fast_card = false;
}

static void a_port_starts_and_stops_again_and_again(void)
{
	start_and_stop(false, unit_cycles(7000));
}

static void so_it_does_with_mapped_doorbells(void)
{
	start_and_stop(true, unit_cycles(3000));
}

static const struct unit_case cases[] = {
	{ "a port starts and stops again and again", a_port_starts_and_stops_again_and_again },
	{ "so it does with mapped doorbells", so_it_does_with_mapped_doorbells },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_cycles", cases);
}
