/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sending through rings, by a clock that the tests turn: rates and their shares, counts, full queues, changes on the way,
 * captures.
 */
#include <string.h>
#include <unistd.h>

#include <weir/mem.h>

#include "common/log.h"
#include "common/ports.h"
#include "common/workers.h"
#include "pktgen/payload.h"
#include "pktgen/pktgen.h"
#include "pktgen/send.h"
#include "unit.h"

#define MS    1000000ull
#define BEGIN (1000 * MS)

static struct log said;
static struct ports ports;
static struct workers workers;
static struct pktgen_clock test_clock;
static struct sending *sending;
static struct stream_set set;
static struct weir_pool_cache *cache;
static unsigned worker_count;

/* What came at the other end, since bench_open(). */
static unsigned came, damaged;
static unsigned of_stream[8];
static uint64_t next_of[8];
static unsigned out_of_order;

static void bench_open(unsigned senders, const char *here, const char *there, const char *text)
{
	struct port_wish wishes[] = { { true, 1, senders }, { true, senders, 1 } };
	const char *specs[] = { here, there };
	const struct send_conf conf = { senders, 32, 10 * MS };
	struct options options;
	char error[STREAM_ERROR];

	worker_count = senders;
	log_init(&said, "test");
	options_default(&options);
	options.specs = (char **)specs;
	options.spec_count = 2;
	options.page_size = 4096;
	CU_ASSERT_EQUAL_FATAL(stream_read(&set, "text", text, strlen(text), error), 0);
	CU_ASSERT_EQUAL_FATAL(ports_open_all(&ports, &said, &options, wishes), 0);
	CU_ASSERT_EQUAL_FATAL(ports_start_all(&ports), 0);
	CU_ASSERT_EQUAL_FATAL(workers_init(&workers, &said), 0);
	CU_ASSERT_EQUAL_FATAL(send_open(&sending, &ports, &test_clock, &workers, &conf), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(ports.pool, 0, &cache), 0);
	came = damaged = out_of_order = 0;
	memset(of_stream, 0, sizeof(of_stream));
	memset(next_of, 0, sizeof(next_of));
}

static void bench_close(void)
{
	struct weir_pool_info info;

	send_close(sending);
	ports_stop_all(&ports);
	weir_pool_cache_destroy(cache);
	weir_pool_info(ports.pool, &info);
	CU_ASSERT_EQUAL(info.in_use, 0);
	workers_fini(&workers);
	ports_close_all(&ports);
	stream_set_free(&set);
}

static void count(const struct weir_pkt *pkt)
{
	struct payload_mark mark;

	came++;
	if (!payload_read(weir_pkt_data(weir_mem_base(ports.weir), pkt), pkt->len, &mark) || !mark.whole ||
	    mark.stream >= 8) {
		damaged++;
		return;
	}
	of_stream[mark.stream]++;
	out_of_order += mark.sequence != next_of[mark.stream];
	next_of[mark.stream] = mark.sequence + 1;
}

/* Takes what has come. */
static void take(void)
{
	struct weir_pkt pkts[64];
	unsigned n;

	for (unsigned queue = 0; queue < ports.port[1].info.rx_queues; queue++) {
		while ((n = weir_rx(ports.port[1].inlets[queue].rxq, pkts, 64)) > 0) {
			for (unsigned i = 0; i < n; i++)
				count(&pkts[i]);
			weir_pool_free(cache, pkts, n);
		}
	}
}

/* Looks once a millisecond for so long, as all workers. Returns the time. */
static uint64_t turn(uint64_t from, unsigned ms)
{
	for (unsigned i = 0; i <= ms; i++)
		for (unsigned w = 0; w < worker_count; w++)
			for (uint64_t now = from + i * MS; send_round(send_worker(sending, w), now) <= now;)
				take();
	take();
	return from + ms * MS;
}

static void start(const struct rate *rate, uint64_t count)
{
	CU_ASSERT_EQUAL_FATAL(send_start(sending, &set, rate, count, BEGIN), 0);
}

static const struct rate kpps = { RATE_PPS, 1000 };

static void a_stream_keeps_its_rate(void)
{
	struct send_report report;

	bench_open(1, "ring:a,b", "ring:b,a", "{packet: [eth, ipv4, udp], rate: 10 kpps}");
	start(&kpps, 0);
	CU_ASSERT_EQUAL(send_round(send_worker(sending, 0), BEGIN - MS), BEGIN);
	turn(BEGIN, 100);
	/* Those due at 0, 0.1 ... 100 ms. */
	CU_ASSERT_EQUAL(came, 1001);
	CU_ASSERT_EQUAL(damaged + out_of_order, 0);
	send_report(sending, 0, &report);
	CU_ASSERT_EQUAL(report.packets, 1001);
	CU_ASSERT_EQUAL(report.bytes, 1001 * 64);
	CU_ASSERT_EQUAL(report.asked_pps, 10000);
	CU_ASSERT_EQUAL(report.missed, 0);
	CU_ASSERT_EQUAL(report.begun, BEGIN);
	CU_ASSERT_FALSE(send_finished(sending));
	bench_close();
}

static void rates_are_shared_by_weight(void)
{
	struct send_report report;

	bench_open(1, "ring:a,b", "ring:b,a",
	           "[{packet: [eth, ipv4, udp], weight: 3}, {packet: [eth, ipv4, udp]},"
	           " {packet: [eth, ipv4, udp], rate: 2 kpps}]");
	start(&kpps, 0);
	turn(BEGIN, 1000);
	CU_ASSERT_EQUAL(of_stream[0] + of_stream[1], 1001);
	CU_ASSERT_EQUAL(of_stream[0], 751);
	CU_ASSERT_EQUAL(of_stream[2], 2001);
	send_report(sending, 0, &report);
	CU_ASSERT_EQUAL(report.asked_pps, 750);
	CU_ASSERT_EQUAL(out_of_order + damaged, 0);
	bench_close();
}

/* Two workers have two streams each, and half of the rate. */
static void workers_share_a_rate(void)
{
	bench_open(2, "ring:a,b,queues=2", "ring:b,a,queues=2",
	           "[{packet: [eth, ipv4, udp]}, {packet: [eth, ipv4, udp]},"
	           " {packet: [eth, ipv4, udp]}, {packet: [eth, ipv4, udp]}]");
	start(&kpps, 0);
	turn(BEGIN, 1000);
	for (unsigned i = 0; i < 4; i++) {
		struct send_report report;

		send_report(sending, i, &report);
		CU_ASSERT(report.packets == 250 || report.packets == 251);
		CU_ASSERT_EQUAL(report.asked_pps, 250);
	}
	bench_close();
}

/* 1 Mbit/s of frames of 105 bytes, 1000 bits on the wire: a thousand in a second. */
static void bits_are_counted_with_the_gap(void)
{
	bench_open(1, "ring:a,b", "ring:b,a", "{packet: [eth, ipv4, udp], size: 105, rate: 1 Mbps}");
	start(&kpps, 0);
	turn(BEGIN, 1000);
	CU_ASSERT_EQUAL(came, 1001);
	bench_close();
}

static void counts_are_met(void)
{
	struct send_report report;

	bench_open(2, "ring:a,b,queues=2", "ring:b,a,queues=2",
	           "[{packet: [eth, ipv4, udp], count: 100}, {packet: [eth, ipv4, udp]}]");
	start(&(struct rate){ RATE_PPS, 10000 }, 777);
	turn(BEGIN, 2000);
	CU_ASSERT(send_finished(sending));
	send_report(sending, 0, &report);
	CU_ASSERT_EQUAL(report.packets, 100);
	CU_ASSERT(report.ended);
	send_report(sending, 1, &report);
	CU_ASSERT_EQUAL(report.packets, 677);
	CU_ASSERT_EQUAL(came, 777);
	CU_ASSERT_EQUAL(out_of_order + damaged, 0);
	bench_close();
}

/* A full ring takes nothing; what was asked meanwhile is missed, no number is lost. */
static void a_full_port_is_no_loss(void)
{
	struct send_report report;
	unsigned before;

	bench_open(1, "ring:a,b,slots=64", "ring:b,a,slots=64", "{packet: [eth, ipv4, udp]}");
	start(&kpps, 0);
	for (unsigned i = 0; i <= 1000; i++)
		send_round(send_worker(sending, 0), BEGIN + i * MS);
	send_report(sending, 0, &report);
	before = (unsigned)report.packets;
	CU_ASSERT(before > 0 && before <= 64);
	turn(BEGIN + 1001 * MS, 100);
	send_report(sending, 0, &report);
	/* What waited, up to a burst; 10 ms that are made up for; 100 ms. */
	CU_ASSERT(report.packets >= before + 110 && report.packets <= before + 32 + 112);
	CU_ASSERT(report.packets + report.missed >= 1100 && report.packets + report.missed <= 1103);
	CU_ASSERT_EQUAL(came, report.packets);
	CU_ASSERT_EQUAL(out_of_order + damaged, 0);
	bench_close();
}

/* Packets that wait when a rate changes are forgotten, and made again. */
/* Whoever looks at the figures after a worker did not come to its turn sees what it did not send. */
static void what_was_due_before_the_end_is_missed(void)
{
	struct send_report report;

	bench_open(1, "ring:a,b", "ring:b,a", "{packet: [eth, ipv4, udp], rate: 10 kpps}");
	start(&kpps, 0);
	turn(BEGIN, 100);
	/* The worker sleeps for a second, all but the 10 ms of which would have been made up for; and then it is over. */
	test_clock.offset = BEGIN + 1100 * MS - pktgen_clock_read(CLOCK_MONOTONIC);
	send_stop(sending);
	send_report(sending, 0, &report);
	CU_ASSERT_EQUAL(report.packets, 1001);
	CU_ASSERT(report.missed >= 9898);
	test_clock.offset = 0;
	bench_close();
}

static void a_rate_changes_on_the_way(void)
{
	struct send_report report;
	uint64_t now;

	bench_open(1, "ring:a,b,slots=64", "ring:b,a,slots=64", "{packet: [eth, ipv4, udp]}");
	start(&kpps, 0);
	now = turn(BEGIN, 100);
	CU_ASSERT_EQUAL(came, 101);
	for (unsigned i = 1; i <= 200; i++)
		send_round(send_worker(sending, 0), now + i * MS);
	CU_ASSERT_EQUAL(send_set_rate(sending, -1, &(struct rate){ RATE_PPS, 2000 }), 0);
	take();
	turn(now + 200 * MS, 100);
	send_report(sending, 0, &report);
	CU_ASSERT_EQUAL(report.asked_pps, 2000);
	CU_ASSERT_EQUAL(came, report.packets);
	CU_ASSERT_EQUAL(out_of_order + damaged, 0);
	CU_ASSERT_EQUAL(send_set_rate(sending, 0, &(struct rate){ RATE_PPS, 500 }), 0);
	send_report(sending, 0, &report);
	CU_ASSERT_EQUAL(report.asked_pps, 500);
	CU_ASSERT_NOT_EQUAL(send_set_rate(sending, 1, &kpps), 0);
	bench_close();
}

static void a_new_start_begins_at_zero(void)
{
	struct send_report report;

	bench_open(1, "ring:a,b", "ring:b,a", "{packet: [eth, ipv4, udp]}");
	start(&kpps, 10);
	turn(BEGIN, 100);
	CU_ASSERT_EQUAL(came, 10);
	next_of[0] = 0;
	start(&kpps, 5);
	turn(BEGIN, 100);
	CU_ASSERT_EQUAL(came, 15);
	CU_ASSERT_EQUAL(out_of_order, 0);
	send_report(sending, 0, &report);
	CU_ASSERT_EQUAL(report.packets, 5);
	send_stop(sending);
	CU_ASSERT_EQUAL(send_round(send_worker(sending, 0), BEGIN + 500 * MS), SEND_NEVER);
	bench_close();
}

static void what_cannot_be_sent_is_refused(void)
{
	bench_open(1, "ring:a,b", "null:size=0", "[{packet: [eth], size: 16384}]");
	CU_ASSERT_NOT_EQUAL(send_start(sending, &set, &kpps, 0, 0), 0);
	bench_close();
	bench_open(1, "ring:a,b", "null:size=0", "[{packet: [eth], port: 2}]");
	CU_ASSERT_NOT_EQUAL(send_start(sending, &set, &kpps, 0, 0), 0);
	bench_close();
	bench_open(1, "ring:a,b", "null:size=0", "[{packet: [eth], rate: 50 %}]");
	CU_ASSERT_NOT_EQUAL(send_start(sending, &set, &kpps, 0, 0), 0);
	bench_close();
	bench_open(1, "ring:a,b", "null:size=0", "[{replay: {file: /nonexistent/capture}}]");
	CU_ASSERT_NOT_EQUAL(send_start(sending, &set, &kpps, 0, 0), 0);
	bench_close();
}

static const struct unit_case cases[] = {
	{ "a stream keeps its rate", a_stream_keeps_its_rate },
	{ "streams share a rate by their weights", rates_are_shared_by_weight },
	{ "workers share a rate", workers_share_a_rate },
	{ "a rate in bits counts the gap", bits_are_counted_with_the_gap },
	{ "counts of streams and of all together are met", counts_are_met },
	{ "a full port loses no packet, and what is late is missed", a_full_port_is_no_loss },
	{ "what was due before the end is missed", what_was_due_before_the_end_is_missed },
	{ "a rate changes on the way", a_rate_changes_on_the_way },
	{ "a new start begins at zero", a_new_start_begins_at_zero },
	{ "what cannot be sent is refused", what_cannot_be_sent_is_refused },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("pktgen: sending", cases);
}
