/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Null ports: packets from nowhere, and to nowhere.
 */
#include "pools.h"
#include "weir/port.h"

static struct weir *weir;
static struct weir_pool *pool;

static struct weir_port *open_null(const char *spec, unsigned queues)
{
	struct weir_port_conf conf = { .rx_queues = queues };
	struct weir_port *port;

	weir = open_weir();
	pool = make_pool(weir, 128, false);
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, spec, &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	return port;
}

/* Closes it all; what was never freed is found here. */
static void close_null(struct weir_port *port)
{
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
	weir_close(weir);
}

static void packets_have_the_size_asked_for(void)
{
	struct weir_port *port = open_null("null:size=200", 1);
	struct weir_port_stats stats;
	struct weir_pkt pkts[32];
	bool right = true;

	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), pkts, 32), 32);
	for (unsigned i = 0; i < 32; i++)
		right = right && pkts[i].len == 200 && pkts[i].off == WEIR_HEADROOM && !pkts[i].flags;
	CU_ASSERT_TRUE(right);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 32), 32);
	weir_port_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.rx.packets, 32);
	CU_ASSERT_EQUAL(stats.rx.bytes, 6400);
	CU_ASSERT_EQUAL(stats.tx.packets, 32);
	CU_ASSERT_EQUAL(stats.tx.bytes, 6400);
	close_null(port);
}

static void the_size_is_64_unless_given(void)
{
	struct weir_port *port = open_null("null:", 1);
	struct weir_port_info info;
	struct weir_pkt pkt;

	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), &pkt, 1), 1);
	CU_ASSERT_EQUAL(pkt.len, 64);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
	weir_port_info(port, &info);
	CU_ASSERT_FALSE(info.finite);
	CU_ASSERT_FALSE(weir_rxq_finished(weir_port_rxq(port, 0)));
	close_null(port);
}

static void size_0_is_finished_from_the_start(void)
{
	struct weir_port *port = open_null("null:size=0", 1);
	struct weir_port_info info;
	struct weir_pkt pkt;

	weir_port_info(port, &info);
	CU_ASSERT_TRUE(info.finite);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), &pkt, 1), 0);
	CU_ASSERT_TRUE(weir_rxq_finished(weir_port_rxq(port, 0)));
	close_null(port);
}

static void a_queue_is_finished_after_its_count(void)
{
	struct weir_port *port = open_null("null:count=40", 2);
	struct weir_port_info info;
	struct weir_pkt pkts[32];

	weir_port_info(port, &info);
	CU_ASSERT_TRUE(info.finite);
	for (unsigned again = 0; again < 2; again++) {
		for (unsigned queue = 0; queue < 2; queue++) {
			struct weir_rxq *rxq = weir_port_rxq(port, queue);

			CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 32);
			CU_ASSERT_FALSE(weir_rxq_finished(rxq));
			weir_tx(weir_port_txq(port, 0), pkts, 32);
			CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 8);
			CU_ASSERT_TRUE(weir_rxq_finished(rxq));
			weir_tx(weir_port_txq(port, 0), pkts, 8);
			CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 32), 0);
		}
		/* A port that is started again begins again. */
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		CU_ASSERT_EQUAL(weir_port_start(port), 0);
	}
	close_null(port);
}

static void an_empty_pool_is_no_end(void)
{
	struct weir_port *port = open_null("null:count=200", 1);
	struct weir_rxq *rxq = weir_port_rxq(port, 0);
	struct weir_pkt pkts[256];

	CU_ASSERT_EQUAL(weir_rx(rxq, pkts, 256), 128);
	CU_ASSERT_EQUAL(weir_rx(rxq, pkts + 128, 128), 0);
	CU_ASSERT_FALSE(weir_rxq_finished(rxq));
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 128), 128);
	close_null(port);
}

static void chains_are_swallowed_whole(void)
{
	struct weir_port *port = open_null("null:size=100", 1);
	struct weir_port_stats stats;
	struct weir_pkt pkts[3];

	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), pkts, 3), 3);
	pkts[0].flags = WEIR_PKT_MORE;
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 3), 3);
	weir_port_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.tx.packets, 2);
	CU_ASSERT_EQUAL(stats.tx.bytes, 300);
	close_null(port);
}

static void a_port_without_a_pool_only_sends(void)
{
	struct weir_port *source = open_null("null:", 1), *sink;
	struct weir_pkt pkt;

	CU_ASSERT_EQUAL(weir_port_open(weir, "null:", NULL, &sink), 0);
	CU_ASSERT_EQUAL(weir_port_start(sink), 0);
	CU_ASSERT_PTR_NULL(weir_port_rxq(sink, 0));
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(source, 0), &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(sink, 0), &pkt, 1), 1);
	weir_port_close(sink);
	close_null(source);
}

static void a_size_that_no_buffer_holds_is_refused(void)
{
	struct weir_port *port = open_null("null:size=2112", 1), *none; /* 2,240 bytes less the headroom */
	struct weir_port_conf conf = { .pool = pool };

	CU_ASSERT_EQUAL(weir_port_open(weir, "null:size=2113", &conf, &none), -EINVAL);
	CU_ASSERT_TRUE(error_says("packets of 2113 bytes do not fit into the pool's buffers, which take 2112"));
	CU_ASSERT_PTR_NULL(none);
	CU_ASSERT_EQUAL(weir_port_open(weir, "null:size=70000", &conf, &none), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_open(weir, "null:eth0", &conf, &none), -EINVAL);
	close_null(port);
}

static const struct unit_case cases[] = {
	{ "packets have the size asked for", packets_have_the_size_asked_for },
	{ "the size is 64 unless given", the_size_is_64_unless_given },
	{ "size 0 is finished from the start", size_0_is_finished_from_the_start },
	{ "a queue is finished after its count", a_queue_is_finished_after_its_count },
	{ "an empty pool is no end", an_empty_pool_is_no_end },
	{ "chains are swallowed whole", chains_are_swallowed_whole },
	{ "a port without a pool only sends", a_port_without_a_pool_only_sends },
	{ "a size that no buffer holds is refused", a_size_that_no_buffer_holds_is_refused },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("null ports", cases);
}
