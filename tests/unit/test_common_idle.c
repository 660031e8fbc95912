/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Waiting for packets: on two ends of a pair of rings, which can wait, and on a port that cannot.
 */
#include "common/idle.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <weir/pool.h>

#include "unit.h"

/* Two ends of a cable, a port that gives nothing and cannot wait, and what ends a wait. */
struct bench {
	struct weir *weir;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct weir_port *here, *there, *null;
	struct idle idle;
	int stop_fd;
};

static void open_port(struct bench *bench, const char *spec, struct weir_port **port)
{
	const struct weir_port_conf conf = { .pool = bench->pool };

	CU_ASSERT_EQUAL_FATAL(weir_port_open(bench->weir, spec, &conf, port), 0);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(*port), 0);
}

static void bench_open(struct bench *bench, enum idle_mode mode)
{
	const struct weir_conf conf = { .mem_page_size = 4096, .mem_reserve = 1ull << 30 };
	const struct weir_pool_conf pool = { .count = 1024 };

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &bench->weir), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_create(bench->weir, &pool, &bench->pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(bench->pool, 0, &bench->cache), 0);
	open_port(bench, "ring:a,b", &bench->here);
	open_port(bench, "ring:b,a", &bench->there);
	open_port(bench, "null:size=0", &bench->null);
	bench->stop_fd = eventfd(0, 0);
	CU_ASSERT_EQUAL_FATAL(idle_init(&bench->idle, mode, bench->stop_fd, 2), 0);
}

static void bench_close(struct bench *bench)
{
	idle_fini(&bench->idle);
	close(bench->stop_fd);
	weir_pool_cache_destroy(bench->cache);
	weir_close(bench->weir);
}

static void send_one(struct bench *bench)
{
	struct weir_pkt pkt;

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(bench->cache, &pkt, 1), 1);
	CU_ASSERT_EQUAL(weir_pkt_append(&pkt, weir_pool_room(bench->pool), 60), 0);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(bench->there, 0), &pkt, 1), 1);
}

static void naps_grow_to_a_millisecond_where_nothing_tells(void)
{
	struct bench bench;

	bench_open(&bench, IDLE_INTERRUPT);
	idle_watch(&bench.idle, weir_port_rxq(bench.null, 0));
	CU_ASSERT_EQUAL(bench.idle.count, 0);
	idle_wait(&bench.idle);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 50000);
	idle_wait(&bench.idle);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 100000);
	for (unsigned i = 0; i < 10; i++)
		idle_wait(&bench.idle);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 1000000);
	bench_close(&bench);
}

static void naps_grow_longer_where_every_queue_tells(void)
{
	struct bench bench;

	bench_open(&bench, IDLE_INTERRUPT);
	idle_watch(&bench.idle, weir_port_rxq(bench.here, 0));
	CU_ASSERT_EQUAL(bench.idle.count, 1);
	for (unsigned i = 0; i < 7; i++)
		idle_wait(&bench.idle);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 3200000);
	bench_close(&bench);
}

static void sleeping_does_not_listen(void)
{
	struct bench bench;

	bench_open(&bench, IDLE_SLEEP);
	idle_watch(&bench.idle, weir_port_rxq(bench.here, 0));
	CU_ASSERT_EQUAL(bench.idle.count, 0);
	CU_ASSERT_EQUAL(bench.idle.blind, 1);
	bench_close(&bench);
}

/* What is there already when the wait begins: no nap was begun, or it ended by an event. */
static void a_packet_or_a_request_to_stop_ends_a_nap(void)
{
	struct bench bench;
	uint64_t one = 1;

	bench_open(&bench, IDLE_INTERRUPT);
	idle_watch(&bench.idle, weir_port_rxq(bench.here, 0));
	send_one(&bench);
	idle_wait(&bench.idle);
	CU_ASSERT_EQUAL(bench.idle.false_alarms, 1);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 0);
	idle_forget(&bench.idle, weir_port_rxq(bench.here, 0));
	CU_ASSERT_EQUAL(bench.idle.count, 0);
	CU_ASSERT_EQUAL(write(bench.stop_fd, &one, sizeof(one)), sizeof(one));
	idle_wait(&bench.idle);
	CU_ASSERT_EQUAL(bench.idle.false_alarms, 2);
	bench_close(&bench);
}

static void a_queue_that_cries_wolf_is_not_believed_for_ever(void)
{
	struct bench bench;

	bench_open(&bench, IDLE_INTERRUPT);
	idle_watch(&bench.idle, weir_port_rxq(bench.here, 0));
	send_one(&bench); /* and nobody fetches it */
	for (unsigned i = 0; i < 4; i++)
		idle_wait(&bench.idle);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 0);
	idle_wait(&bench.idle);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 50000);
	CU_ASSERT_EQUAL(bench.idle.false_alarms, 0);
	bench_close(&bench);
}

static void polling_goes_on_while_packets_come(void)
{
	struct bench bench;
	uint64_t start;

	bench_open(&bench, IDLE_INTERRUPT);
	idle_watch(&bench.idle, weir_port_rxq(bench.null, 0));
	start = bench.idle.since;
	CU_ASSERT_EQUAL(idle_round(&bench.idle, false, start + 1), start + 1);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 0);
	idle_round(&bench.idle, false, start + bench.idle.patience + 1);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 50000);
	idle_round(&bench.idle, true, start + bench.idle.patience + 2);
	CU_ASSERT_EQUAL(bench.idle.nap_ns, 0);
	CU_ASSERT_EQUAL(bench.idle.since, start + bench.idle.patience + 2);
	bench_close(&bench);
}

static const struct unit_case cases[] = {
	{ "naps grow to a millisecond where nothing tells", naps_grow_to_a_millisecond_where_nothing_tells },
	{ "naps grow longer where every queue tells", naps_grow_longer_where_every_queue_tells },
	{ "sleeping does not listen", sleeping_does_not_listen },
	{ "a packet or a request to stop ends a nap", a_packet_or_a_request_to_stop_ends_a_nap },
	{ "a queue that cries wolf is not believed for ever", a_queue_that_cries_wolf_is_not_believed_for_ever },
	{ "polling goes on while packets come", polling_goes_on_while_packets_come },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("common: idle", cases);
}
