/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The life of a port and what is asked of it, with a driver made up for it that writes down what it is told.
 */
#include <string.h>

#include <CUnit/CUnit.h>

#include "port/driver.h"
#include "unit.h"

struct fake_port {
	struct weir_port port;
	unsigned fail_starts; /* so many starts will fail */
};

static char calls[256]; /* what the driver was told, a word a call */

static void note(const char *word)
{
	strncat(calls, word, sizeof(calls) - strlen(calls) - 1);
	strncat(calls, " ", sizeof(calls) - strlen(calls) - 1);
}

static unsigned fake_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	unsigned got = weir_pool_alloc(rxq->cache, pkts, n);

	queue_count(&rxq->stats, got, (uint64_t)got * 60);
	rxq_finish(rxq);
	return got;
}

static unsigned fake_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	weir_pool_free(txq->cache, pkts, n);
	queue_count(&txq->stats, n, (uint64_t)n * 60);
	queue_drop(&txq->stats, WEIR_DROP_LINK_DOWN, 1);
	return n;
}

static int fake_open(struct weir_port *port, const struct spec *spec)
{
	note("open");
	((struct fake_port *)port)->fail_starts = (unsigned)spec->value[0].number;
	port->info.receives = port->info.sends = true;
	port->info.rx_queues_max = 4;
	port->info.tx_queues_max = 2;
	port->info.mtu_max = 9000;
	port->info.offloads = WEIR_OFFLOAD_RX_META;
	return 0;
}

static int fake_start(struct weir_port *port)
{
	struct fake_port *fake = (struct fake_port *)port;

	if (fake->fail_starts) {
		fake->fail_starts--;
		note("refuse");
		return weir_fail(port->weir, -EIO, "not today");
	}
	note("start");
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		port->rxqs[i]->burst = fake_rx;
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		port->txqs[i]->burst = fake_tx;
	return 0;
}

static int fake_stop(struct weir_port *port)
{
	(void)port;
	note("stop");
	return 0;
}

static int fake_close(struct weir_port *port)
{
	(void)port;
	note("close");
	return 0;
}

static int fake_set_mtu(struct weir_port *port, unsigned mtu)
{
	(void)port, (void)mtu;
	note("mtu");
	return 0;
}

/* A device that breaks when it is told to. */
static bool broken;

static void fake_watch(struct weir_port *port)
{
	if (broken)
		port_damage(port, -EIO, "it is seen to be broken");
}

static void fake_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	(void)port;
	stats->rx.drops[WEIR_DROP_MISSED] += 7;
}

static const struct spec_option fake_options[] = {
	{ "fail", SPEC_NUMBER, .min = 0, .max = 9, .help = "fail=STARTS" },
	{ .key = NULL },
};
static const struct weir_driver fake_driver = {
	.name = "fake",
	.help = "fake:[fail=STARTS]",
	.options = fake_options,
	.port_size = sizeof(struct fake_port),
	.rxq_size = sizeof(struct weir_rxq),
	.txq_size = sizeof(struct weir_txq),
	.open = fake_open,
	.start = fake_start,
	.stop = fake_stop,
	.close = fake_close,
	.set_mtu = fake_set_mtu,
	.watch = fake_watch,
	.stats = fake_stats,
};

const struct weir_driver *const weir_drivers[] = { &fake_driver };
const unsigned weir_driver_count = 1;

static struct weir *weir;
static struct weir_pool *pool;

static void set_up(void)
{
	struct weir_conf small = { .mem_reserve = GIB(1) };
	struct weir_pool_conf conf = { .count = 256 };

	calls[0] = '\0';
	CU_ASSERT_EQUAL_FATAL(weir_open(&small, &weir), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(weir, &conf, &pool), 0);
}

static void every_step_may_be_repeated_or_left_out(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *port;

	set_up();
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &port), 0);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_stop(port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(weir_port_close(NULL), 0);
	CU_ASSERT_STRING_EQUAL(calls, "open start stop start stop close ");
	weir_close(weir);
}

static void a_context_closes_what_is_left_open(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *started, *stopped;

	set_up();
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &started), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &stopped), 0);
	CU_ASSERT_EQUAL(weir_port_start(started), 0);
	weir_close(weir);
	CU_ASSERT_STRING_EQUAL(calls, "open open start close stop close ");
}

static void a_start_that_fails_leaves_the_port_stopped_and_may_be_tried_again(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port_info info;
	struct weir_pkt pkt;
	struct weir_port *port;

	set_up();
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:fail=1", &conf, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), -EIO);
	CU_ASSERT_STRING_EQUAL(weir_error(), "not today");
	weir_port_info(port, &info);
	CU_ASSERT_FALSE(info.started);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), &pkt, 1), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
	weir_port_close(port);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
	weir_close(weir);
}

static void a_stopped_port_moves_nothing(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_pkt pkt = { 0 };
	struct weir_port *port;

	set_up();
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &port), 0);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), &pkt, 1), 0);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 0);
	weir_close(weir);
}

static void queues_are_checked_against_what_the_driver_has(void)
{
	struct weir_port_conf conf = { .rx_queues = 4, .tx_queues = 2 };
	struct weir_port *port;

	set_up();
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &port), 0);
	CU_ASSERT_PTR_NOT_NULL(weir_port_rxq(port, 3));
	CU_ASSERT_PTR_NULL(weir_port_rxq(port, 4));
	CU_ASSERT_PTR_NOT_NULL(weir_port_txq(port, 1));
	CU_ASSERT_PTR_NULL(weir_port_txq(port, 2));
	conf.rx_queues = 5;
	CU_ASSERT_EQUAL(weir_port_open(weir, "fake:", &conf, &port), -EINVAL);
	CU_ASSERT_PTR_NULL(port);
	CU_ASSERT_PTR_NOT_NULL(strstr(weir_error(), "5 receive queues asked for; it has at most 4"));
	weir_close(weir);
	CU_ASSERT_STRING_EQUAL(calls, "open open close close ");
}

static void a_port_without_a_pool_only_sends(void)
{
	struct weir_port_info info;
	struct weir_pkt pkt;
	struct weir_pool_cache *cache;
	struct weir_pool_info before, after;
	struct weir_port *port;

	set_up();
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(pool, 0, &cache), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", NULL, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	weir_port_info(port, &info);
	CU_ASSERT_FALSE(info.receives);
	CU_ASSERT_PTR_NULL(weir_port_rxq(port, 0));
	weir_pool_info(pool, &before);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), &pkt, 1), 1);
	weir_pool_info(pool, &after);
	CU_ASSERT_EQUAL(after.in_use, before.in_use);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
}

static void statistics_are_the_sum_of_queues_and_device(void)
{
	struct weir_port_conf conf = { .rx_queues = 2 };
	struct weir_port_stats stats;
	struct weir_queue_stats queue;
	struct weir_pkt pkts[8];
	struct weir_port *port;

	set_up();
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 0), pkts, 3), 3);
	CU_ASSERT_EQUAL(weir_rx(weir_port_rxq(port, 1), pkts + 3, 5), 5);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), pkts, 8), 8);
	weir_port_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.rx.packets, 8);
	CU_ASSERT_EQUAL(stats.rx.bytes, 480);
	CU_ASSERT_EQUAL(stats.rx.drops[WEIR_DROP_MISSED], 7);
	CU_ASSERT_EQUAL(stats.tx.packets, 8);
	CU_ASSERT_EQUAL(stats.tx.drops[WEIR_DROP_LINK_DOWN], 1);
	weir_rxq_stats(weir_port_rxq(port, 1), &queue);
	CU_ASSERT_EQUAL(queue.packets, 5);
	weir_port_stop(port);
	weir_port_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.rx.packets, 8);
	weir_close(weir);
}

static void finished_is_forgotten_by_the_next_start(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *port;
	struct weir_rxq *rxq;

	set_up();
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &port), 0);
	weir_port_start(port);
	rxq = weir_port_rxq(port, 0);
	CU_ASSERT_FALSE(weir_rxq_finished(rxq));
	rxq_finish(rxq);
	CU_ASSERT_TRUE(weir_rxq_finished(rxq));
	weir_port_stop(port);
	CU_ASSERT_TRUE(weir_rxq_finished(rxq));
	weir_port_start(port);
	CU_ASSERT_FALSE(weir_rxq_finished(rxq));
	weir_close(weir);
}

static void the_first_damage_is_the_one_that_is_told(void)
{
	struct weir_port *port;
	const char *why;

	set_up();
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_health(port, &why), 0);
	CU_ASSERT_STRING_EQUAL(why, "");
	port_damage(port, -ENODEV, "it went %s", "away");
	port_damage(port, -EIO, "and more");
	CU_ASSERT_EQUAL(weir_port_health(port, &why), -ENODEV);
	CU_ASSERT_STRING_EQUAL(why, "it went away");
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), -ENODEV);
	weir_close(weir);
}

static void health_is_asked_of_the_driver(void)
{
	struct weir_port *port;
	const char *why;

	set_up();
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_health(port, &why), 0);
	broken = true;
	CU_ASSERT_EQUAL(weir_port_health(port, &why), -EIO);
	CU_ASSERT_STRING_EQUAL(why, "it is seen to be broken");
	broken = false;
	weir_close(weir);
}

static void damage_is_forgotten_by_the_next_start(void)
{
	struct weir_port *port;
	const char *why;

	set_up();
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	port_damage(port, -EIO, "it broke");
	weir_port_stop(port);
	CU_ASSERT_EQUAL(weir_port_health(port, NULL), -EIO);
	CU_ASSERT_EQUAL(weir_port_start(port), 0);
	CU_ASSERT_EQUAL(weir_port_health(port, &why), 0);
	CU_ASSERT_STRING_EQUAL(why, "");
	port_damage(port, -ENODEV, "it went away");
	CU_ASSERT_EQUAL(weir_port_health(port, &why), -ENODEV);
	CU_ASSERT_STRING_EQUAL(why, "it went away");
	weir_close(weir);
}

static void settings_are_checked_before_the_driver_sees_them(void)
{
	static const uint8_t group[6] = { 0x01, 0, 0x5e, 0, 0, 1 };
	struct weir_port_info info;
	struct weir_port *port;

	set_up();
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", NULL, &port), 0);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 67), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 9001), -EINVAL);
	CU_ASSERT_STRING_EQUAL(calls, "open ");
	CU_ASSERT_EQUAL(weir_port_set_mtu(port, 9000), 0);
	weir_port_info(port, &info);
	CU_ASSERT_EQUAL(info.mtu, 9000);
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, true), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_port_set_mac(port, group), -ENOTSUP);
	weir_close(weir);
}

static void offloads_are_cut_to_what_there_is_and_fixed_while_started(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_META | WEIR_OFFLOAD_LRO };
	struct weir_port *port;

	set_up();
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &port), 0);
	CU_ASSERT_EQUAL(port->conf.offloads, WEIR_OFFLOAD_RX_META);
	CU_ASSERT_EQUAL(weir_port_set_offloads(port, WEIR_OFFLOAD_LRO), 0);
	CU_ASSERT_EQUAL(port->conf.offloads, 0);
	weir_port_start(port);
	CU_ASSERT_EQUAL(weir_port_set_offloads(port, 0), -EBUSY);
	weir_close(weir);
}

static void waiting_is_refused_where_the_driver_cannot(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *port;

	set_up();
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_port_open(weir, "fake:", &conf, &port), 0);
	weir_port_start(port);
	CU_ASSERT_EQUAL(weir_rxq_fd(weir_port_rxq(port, 0)), -ENOTSUP);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(port, 0)), -ENOTSUP);
	weir_close(weir);
}

static void every_drop_reason_has_a_name(void)
{
	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		CU_ASSERT_PTR_NOT_NULL(weir_drop_name(i));
	CU_ASSERT_PTR_NULL(weir_drop_name(WEIR_DROP_COUNT));
	CU_ASSERT_STRING_EQUAL(weir_drop_name(WEIR_DROP_TX_FULL), "tx_full");
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "every step may be repeated or left out", every_step_may_be_repeated_or_left_out },
		{ "a context closes what is left open", a_context_closes_what_is_left_open },
		{ "a start that fails leaves the port stopped",
		  a_start_that_fails_leaves_the_port_stopped_and_may_be_tried_again },
		{ "a stopped port moves nothing", a_stopped_port_moves_nothing },
		{ "queues are checked against what the driver has", queues_are_checked_against_what_the_driver_has },
		{ "a port without a pool only sends", a_port_without_a_pool_only_sends },
		{ "statistics are the sum of queues and device", statistics_are_the_sum_of_queues_and_device },
		{ "finished is forgotten by the next start", finished_is_forgotten_by_the_next_start },
		{ "the first damage is the one that is told", the_first_damage_is_the_one_that_is_told },
		{ "health is asked of the driver", health_is_asked_of_the_driver },
		{ "damage is forgotten by the next start", damage_is_forgotten_by_the_next_start },
		{ "settings are checked before the driver sees them",
		  settings_are_checked_before_the_driver_sees_them },
		{ "offloads are cut to what there is", offloads_are_cut_to_what_there_is_and_fixed_while_started },
		{ "waiting is refused where the driver cannot", waiting_is_refused_where_the_driver_cannot },
		{ "every drop reason has a name", every_drop_reason_has_a_name },
		{ NULL, NULL },
	};

	return unit_run("port", cases);
}
