/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ring ports: two ports joined in memory, seen through the public API.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "pools.h"
#include "weir/port.h"

static struct weir *weir;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;

static void set_up(void)
{
	weir = open_weir();
	pool = make_pool(weir, 512, false);
	cache = make_cache(pool, 0);
}

/* Closes it all; what was never freed is found here. */
static void tear_down(void)
{
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
	weir_close(weir);
}

static struct weir_port *open_port(struct weir *in, struct weir_pool *from, const char *spec, bool start)
{
	struct weir_port_conf conf = { .pool = from };
	struct weir_port *port;
	int err = weir_port_open(in, spec, &conf, &port);

	if (err)
		printf("%s\n", weir_error());
	CU_ASSERT_EQUAL_FATAL(err, 0);
	if (start)
		CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	return port;
}

/* Fresh packets of one entry with lengths from @len on, which is how they are told apart. */
static unsigned fresh(struct weir_pkt *pkts, unsigned n, unsigned len)
{
	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, pkts, n), n);
	for (unsigned i = 0; i < n; i++)
		pkts[i].len = (uint16_t)(len + i);
	return n;
}

static unsigned send(struct weir_port *port, unsigned queue, const struct weir_pkt *pkts, unsigned n)
{
	return weir_tx(weir_port_txq(port, queue), pkts, n);
}

static unsigned receive(struct weir_port *port, unsigned queue, struct weir_pkt *pkts, unsigned n)
{
	return weir_rx(weir_port_rxq(port, queue), pkts, n);
}

static void what_one_sends_the_other_receives(void)
{
	struct weir_pkt in[3], out[128];
	struct weir_port *left, *right;

	set_up();
	left = open_port(weir, pool, "ring:a,b", true);
	right = open_port(weir, pool, "ring:b,a", true);
	fresh(in, 3, 60);
	CU_ASSERT_EQUAL(send(left, 0, in, 3), 3);
	CU_ASSERT_EQUAL(receive(left, 0, out, 128), 0);
	CU_ASSERT_EQUAL(receive(right, 0, out, 128), 3);
	CU_ASSERT_EQUAL(memcmp(in, out, sizeof(in)), 0);
	CU_ASSERT_EQUAL(send(right, 0, out, 3), 3);
	CU_ASSERT_EQUAL(receive(left, 0, out, 128), 3);
	CU_ASSERT_EQUAL(memcmp(in, out, sizeof(in)), 0);
	weir_pool_free(cache, out, 3);
	weir_port_close(left);
	weir_port_close(right);
	tear_down();
}

static void packets_bytes_and_drops_are_counted(void)
{
	struct weir_port_stats stats;
	struct weir_pkt pkts[130];
	struct weir_port *port;

	set_up();
	port = open_port(weir, pool, "ring:a,a", true);
	fresh(pkts, 4, 100); /* 100, 101, 102, 103 */
	pkts[1].flags = WEIR_PKT_MORE;
	CU_ASSERT_EQUAL(send(port, 0, pkts, 4), 4);
	CU_ASSERT_EQUAL(receive(port, 0, pkts, 128), 4);
	weir_pool_free(cache, pkts, 4);
	weir_port_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.tx.packets, 3);
	CU_ASSERT_EQUAL(stats.tx.bytes, 406);
	CU_ASSERT_EQUAL(stats.rx.packets, 3);
	CU_ASSERT_EQUAL(stats.rx.bytes, 406);
	weir_port_close(port);
	tear_down();
}

/* A packet of more entries than any receiver has room for, and one to be cut, which nobody here does. */
static void what_nobody_could_receive_is_dropped(void)
{
	struct weir_port_stats stats;
	struct weir_port_info info;
	struct weir_pkt pkts[136];
	struct weir_port *port;
	unsigned most;

	set_up();
	port = open_port(weir, pool, "ring:a,a", true);
	weir_port_info(port, &info);
	most = info.rx_entries_max;
	CU_ASSERT_EQUAL_FATAL(most, 128);
	fresh(pkts, most + 4, 60);
	for (unsigned i = 1; i < most + 1; i++)
		pkts[i].flags = WEIR_PKT_MORE; /* [0] is a packet; [1] to [most + 1] are one too long by an entry */
	pkts[most + 2].flags = WEIR_PKT_TX_TSO;

	CU_ASSERT_EQUAL(send(port, 0, pkts, most + 4), 1);
	CU_ASSERT_EQUAL(send(port, 0, pkts + 1, most + 3), most + 1);
	CU_ASSERT_EQUAL(send(port, 0, pkts + most + 2, 2), 1);
	CU_ASSERT_EQUAL(send(port, 0, pkts + most + 3, 1), 1);
	CU_ASSERT_EQUAL(receive(port, 0, pkts, most), 2);
	weir_pool_free(cache, pkts, 2);
	weir_port_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.tx.packets, 2);
	CU_ASSERT_EQUAL(stats.tx.drops[WEIR_DROP_TOO_LONG], 1);
	CU_ASSERT_EQUAL(stats.tx.drops[WEIR_DROP_OFFLOAD], 1);
	weir_port_close(port);
	tear_down();
}

static void a_full_ring_leaves_the_rest_to_the_sender(void)
{
	struct weir_pkt pkts[12], out[128];
	struct weir_port_stats stats;
	struct weir_port *port;

	set_up();
	port = open_port(weir, pool, "ring:a,a,slots=10", true);
	fresh(pkts, 12, 60);
	pkts[8].flags = pkts[9].flags = WEIR_PKT_MORE; /* three entries, of which two would fit */
	CU_ASSERT_EQUAL(send(port, 0, pkts, 12), 8);
	CU_ASSERT_EQUAL(send(port, 0, pkts + 8, 4), 0);
	CU_ASSERT_EQUAL(receive(port, 0, out, 128), 8);
	CU_ASSERT_EQUAL(send(port, 0, pkts + 8, 4), 4);
	weir_port_stats(port, &stats);
	CU_ASSERT_EQUAL(stats.tx.packets, 10);
	weir_pool_free(cache, out, 8);
	weir_port_close(port); /* frees what is still in the ring */
	tear_down();
}

static void queues_are_rings_of_their_own(void)
{
	struct weir_pkt in[2], out[128];
	struct weir_port *left, *right;

	set_up();
	left = open_port(weir, pool, "ring:a,b,queues=2", true);
	right = open_port(weir, pool, "ring:b,a,queues=2", true);
	fresh(in, 2, 60);
	CU_ASSERT_EQUAL(send(left, 0, in, 1), 1);
	CU_ASSERT_EQUAL(send(left, 1, in + 1, 1), 1);
	CU_ASSERT_EQUAL(receive(right, 1, out, 128), 1);
	CU_ASSERT_EQUAL(out[0].len, 61);
	CU_ASSERT_EQUAL(receive(right, 0, out + 1, 127), 1);
	CU_ASSERT_EQUAL(out[1].len, 60);
	CU_ASSERT_PTR_NULL(weir_port_rxq(right, 2));
	weir_pool_free(cache, out, 2);
	weir_port_close(left);
	weir_port_close(right);
	tear_down();
}

static void several_ports_share_a_name(void)
{
	struct weir_port *one, *two, *reader;
	struct weir_pkt in[2], out[128];

	set_up();
	one = open_port(weir, pool, "ring:x,all", true);
	two = open_port(weir, pool, "ring:y,all", true);
	reader = open_port(weir, pool, "ring:all,z", true);
	fresh(in, 2, 60);
	CU_ASSERT_EQUAL(send(one, 0, in, 1), 1);
	CU_ASSERT_EQUAL(send(two, 0, in + 1, 1), 1);
	CU_ASSERT_EQUAL(receive(reader, 0, out, 128), 2);
	weir_pool_free(cache, out, 2);
	weir_port_close(one);
	fresh(in, 1, 60);
	CU_ASSERT_EQUAL(send(two, 0, in, 1), 1);
	CU_ASSERT_EQUAL(receive(reader, 0, out, 128), 1);
	weir_pool_free(cache, out, 1);
	weir_port_close(reader);
	weir_port_close(two);
	tear_down();
}

static void contexts_have_names_of_their_own(void)
{
	struct weir_port *here, *there;
	struct weir_pool *other_pool;
	struct weir_pkt in, out[128];
	struct weir *other;

	set_up();
	other = open_weir();
	other_pool = make_pool(other, 64, false);
	here = open_port(weir, pool, "ring:b,a", true);
	there = open_port(other, other_pool, "ring:a,b", true);
	fresh(&in, 1, 60);
	CU_ASSERT_EQUAL(send(here, 0, &in, 1), 1);
	CU_ASSERT_EQUAL(receive(there, 0, out, 128), 0);
	weir_close(other);
	weir_port_close(here);
	tear_down();
}

static void any_order_of_steps_leaves_nothing_behind(void)
{
	struct weir_pkt in[4], out[128];
	struct weir_port *left, *right;

	set_up();
	left = open_port(weir, pool, "ring:a,b", false);
	right = open_port(weir, pool, "ring:b,a", true);
	CU_ASSERT_EQUAL(weir_port_start(left), 0);
	fresh(in, 4, 60);
	CU_ASSERT_EQUAL(send(left, 0, in, 4), 4);
	/* What was sent stays in the ring while the receiver is stopped, and the sender gone. */
	CU_ASSERT_EQUAL(weir_port_stop(right), 0);
	CU_ASSERT_EQUAL(receive(right, 0, out, 128), 0);
	CU_ASSERT_EQUAL(weir_port_close(left), 0);
	CU_ASSERT_EQUAL(weir_port_start(right), 0);
	CU_ASSERT_FALSE(weir_rxq_finished(weir_port_rxq(right, 0)));
	CU_ASSERT_EQUAL(receive(right, 0, out, 2), 2);
	weir_pool_free(cache, out, 2);
	CU_ASSERT_EQUAL(weir_port_close(right), 0);
	/* The name begins anew. */
	right = open_port(weir, pool, "ring:b,a,slots=16", true);
	CU_ASSERT_EQUAL(receive(right, 0, out, 128), 0);
	CU_ASSERT_EQUAL(weir_port_close(right), 0);
	tear_down();
}

static void closing_the_context_closes_started_ports(void)
{
	struct weir_pkt in[4];
	struct weir_port *port;

	set_up();
	port = open_port(weir, pool, "ring:a,a", true);
	fresh(in, 4, 60);
	CU_ASSERT_EQUAL(send(port, 0, in, 4), 4);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
}

static void bad_specs_are_refused(void)
{
	struct weir_port *port, *other;
	char spec[128];

	set_up();
	CU_ASSERT_EQUAL(weir_port_open(weir, "ring:a", NULL, &port), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_open(weir, "ring:a,b,slots=0", NULL, &port), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_open(weir, "ring:a,b,queues=65", NULL, &port), -EINVAL);
	snprintf(spec, sizeof(spec), "ring:a,%070d", 1);
	CU_ASSERT_EQUAL(weir_port_open(weir, spec, NULL, &port), -EINVAL);
	CU_ASSERT_TRUE(error_says("longer than 63 characters"));
	other = open_port(weir, pool, "ring:a,b,slots=64", false);
	CU_ASSERT_EQUAL(weir_port_open(weir, "ring:c,a,slots=32", NULL, &port), -EINVAL);
	CU_ASSERT_TRUE(error_says("the ring 'a' has 64 slots already; leave slots= out"));
	CU_ASSERT_PTR_NULL(port);
	weir_port_close(other);
	tear_down();
}

/* --- waiting --------------------------------------------------------------------------------------------------------- */

static bool readable(int fd, int timeout_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, timeout_ms) == 1;
}

static void a_packet_wakes_who_armed(void)
{
	struct weir_pkt in[3], out[128];
	struct weir_port *port;
	struct weir_rxq *rxq;

	set_up();
	port = open_port(weir, pool, "ring:a,a", true);
	rxq = weir_port_rxq(port, 0);
	fresh(in, 3, 60);
	CU_ASSERT_TRUE_FATAL(weir_rxq_fd(rxq) >= 0);

	CU_ASSERT_EQUAL(send(port, 0, in, 1), 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 1); /* it is there already */
	CU_ASSERT_EQUAL(receive(port, 0, out, 128), 1);
	CU_ASSERT_FALSE(readable(weir_rxq_fd(rxq), 0));
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
	CU_ASSERT_EQUAL(weir_tx(weir_port_txq(port, 0), NULL, 0), 0); /* nothing sent, nobody woken */
	CU_ASSERT_FALSE(readable(weir_rxq_fd(rxq), 0));
	CU_ASSERT_EQUAL(send(port, 0, in + 1, 2), 2);
	CU_ASSERT_TRUE(readable(weir_rxq_fd(rxq), 1000));
	CU_ASSERT_EQUAL(receive(port, 0, out + 1, 127), 2);
	CU_ASSERT_EQUAL(weir_rxq_arm(rxq), 0);
	CU_ASSERT_FALSE(readable(weir_rxq_fd(rxq), 0));
	weir_pool_free(cache, out, 3);
	weir_port_close(port);
	tear_down();
}

/* Two ports wait for one ring; the one that is woken leaves without looking, and the other has to be told. */
static void a_waiter_that_leaves_wakes_the_other(void)
{
	struct weir_port *one, *two, *sender;
	struct weir_pkt in, out[128];

	set_up();
	one = open_port(weir, pool, "ring:a,x", true);
	two = open_port(weir, pool, "ring:a,y", true);
	sender = open_port(weir, pool, "ring:z,a", true);
	fresh(&in, 1, 60);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(two, 0)), 0);
	CU_ASSERT_EQUAL(send(sender, 0, &in, 1), 1);
	CU_ASSERT_EQUAL(receive(one, 0, out, 128), 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(one, 0)), 0); /* takes back what was to wake the other */
	CU_ASSERT_EQUAL(send(sender, 0, out, 1), 1);
	CU_ASSERT_TRUE(readable(weir_rxq_fd(weir_port_rxq(two, 0)), 1000));
	CU_ASSERT_EQUAL(receive(two, 0, out, 128), 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(two, 0)), 0);
	weir_port_close(one);
	CU_ASSERT_TRUE(readable(weir_rxq_fd(weir_port_rxq(two, 0)), 1000));
	weir_pool_free(cache, out, 1);
	weir_port_close(two);
	weir_port_close(sender);
	tear_down();
}

#define ROUNDS 4000

/* Sends one packet at a time and waits for it to come back. */
static void *ping(void *arg)
{
	struct weir_port *port = (struct weir_port *)arg;
	struct weir_pkt pkts[128];
	unsigned returned = 0;

	if (weir_pool_alloc(cache, pkts, 1) != 1)
		return NULL;
	for (unsigned i = 0; i < ROUNDS; i++) {
		pkts[0].len = (uint16_t)(64 + i % 1000);
		while (!send(port, 0, pkts, 1))
			sched_yield();
		while (!receive(port, 0, pkts, 128))
			sched_yield();
		returned += pkts[0].len == 64 + i % 1000;
	}
	weir_pool_free(cache, pkts, 1);
	return returned == ROUNDS ? port : NULL;
}

/* Sleeps whenever there is nothing: a wake-up that is lost is a packet that never comes back. */
static void no_wake_up_is_lost(void)
{
	struct weir_port *left, *right;
	unsigned late = 0, asleep = 0;
	struct weir_pkt pkts[128];
	struct weir_rxq *rxq;
	pthread_t thread;
	void *whole;

	set_up();
	left = open_port(weir, pool, "ring:a,b", true);
	right = open_port(weir, pool, "ring:b,a", true);
	rxq = weir_port_rxq(right, 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, ping, left), 0);
	for (unsigned done = 0; done < ROUNDS;) {
		unsigned n = receive(right, 0, pkts, 128);

		if (n) {
			done += send(right, 0, pkts, n);
		} else if (!weir_rxq_arm(rxq)) {
			asleep++;
			late += !readable(weir_rxq_fd(rxq), 5000);
		}
	}
	pthread_join(thread, &whole);
	CU_ASSERT_PTR_NOT_NULL(whole);
	CU_ASSERT_EQUAL(late, 0);
	printf("slept %u times ", asleep);
	weir_port_close(left);
	weir_port_close(right);
	tear_down();
}

/* --- a side that is not alone any more ----------------------------------------------------------------------------- */

#define TOGETHER 20000u /* packets that go around once all are there */

/* Two senders and two receivers of one ring, of which the second each come while the first are at work. */
struct meeting {
	struct weir_pkt pkt; /* what is sent, always the same buffer: a ring does not look; .hash is its number */
	struct weir_port *senders[2], *receivers[2];
	/* Atomic: */
	bool enough;
	uint64_t sent, received; /* sent: 0 until it is known */
};

struct party {
	struct meeting *meeting;
	unsigned index;
	uint64_t packets, sum[2]; /* sum: of the numbers from each sender */
	uint32_t next[2];         /* a receiver's: the least number that may come from each sender */
	unsigned wrong;
};

static void *send_numbers(void *arg)
{
	struct party *party = (struct party *)arg;
	struct meeting *meeting = party->meeting;
	struct weir_pkt pkts[7];

	while (!__atomic_load_n(&meeting->enough, __ATOMIC_ACQUIRE)) {
		unsigned n = 1 + (unsigned)party->packets % 7, sent;

		for (unsigned i = 0; i < n; i++) {
			pkts[i] = meeting->pkt;
			pkts[i].hash = party->index << 31 | (uint32_t)(party->packets + i);
		}
		sent = send(meeting->senders[party->index], 0, pkts, n);
		for (unsigned i = 0; i < sent; i++)
			party->sum[party->index] += party->packets++;
		if (!sent)
			sched_yield();
	}
	return NULL;
}

static void *receive_numbers(void *arg)
{
	struct party *party = (struct party *)arg;
	struct meeting *meeting = party->meeting;
	struct weir_pkt pkts[128];

	for (;;) {
		unsigned n = receive(meeting->receivers[party->index], 0, pkts, 5);
		uint64_t sent;

		for (unsigned i = 0; i < n; i++) {
			unsigned sender = pkts[i].hash >> 31;
			uint32_t number = pkts[i].hash & 0x7fffffff;

			party->wrong += number < party->next[sender];
			party->next[sender] = number + 1;
			party->sum[sender] += number;
		}
		party->packets += n;
		__atomic_fetch_add(&meeting->received, n, __ATOMIC_ACQ_REL);
		sent = __atomic_load_n(&meeting->sent, __ATOMIC_ACQUIRE);
		if (sent && __atomic_load_n(&meeting->received, __ATOMIC_ACQUIRE) >= sent)
			return NULL;
		if (!n)
			sched_yield();
	}
}

static void wait_for(struct meeting *meeting, uint64_t more)
{
	uint64_t from = __atomic_load_n(&meeting->received, __ATOMIC_ACQUIRE);

	while (__atomic_load_n(&meeting->received, __ATOMIC_ACQUIRE) - from < more)
		sched_yield();
}

static void meet(void)
{
	struct meeting meeting = { .received = 0 };
	struct party from[2], to[2];
	pthread_t senders[2], receivers[2];

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, &meeting.pkt, 1), 1);
	for (unsigned i = 0; i < 2; i++) {
		from[i] = to[i] = (struct party){ .meeting = &meeting, .index = i };
		meeting.senders[i] = open_port(weir, pool, i ? "ring:y,all" : "ring:x,all,slots=64", true);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&senders[i], NULL, send_numbers, &from[i]), 0);
		meeting.receivers[i] = open_port(weir, pool, i ? "ring:all,w" : "ring:all,z", true);
		CU_ASSERT_EQUAL_FATAL(pthread_create(&receivers[i], NULL, receive_numbers, &to[i]), 0);
		wait_for(&meeting, i ? TOGETHER : 100);
	}
	__atomic_store_n(&meeting.enough, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(senders[i], NULL);
	__atomic_store_n(&meeting.sent, from[0].packets + from[1].packets, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(receivers[i], NULL);
	CU_ASSERT_EQUAL(to[0].wrong + to[1].wrong, 0);
	CU_ASSERT_EQUAL(to[0].packets + to[1].packets, from[0].packets + from[1].packets);
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(to[0].sum[i] + to[1].sum[i], from[i].sum[i]);
	for (unsigned i = 0; i < 2; i++) {
		weir_port_close(meeting.senders[i]);
		weir_port_close(meeting.receivers[i]);
	}
	weir_pool_free(cache, &meeting.pkt, 1);
}

static void others_may_come_while_one_is_at_work(void)
{
	set_up();
	for (unsigned i = 0; i < 10; i++)
		meet();
	tear_down();
}

static const struct unit_case cases[] = {
	{ "what one sends the other receives", what_one_sends_the_other_receives },
	{ "packets, bytes and drops are counted", packets_bytes_and_drops_are_counted },
	{ "what nobody could receive is dropped", what_nobody_could_receive_is_dropped },
	{ "a full ring leaves the rest to the sender", a_full_ring_leaves_the_rest_to_the_sender },
	{ "queues are rings of their own", queues_are_rings_of_their_own },
	{ "several ports share a name", several_ports_share_a_name },
	{ "contexts have names of their own", contexts_have_names_of_their_own },
	{ "any order of steps leaves nothing behind", any_order_of_steps_leaves_nothing_behind },
	{ "closing the context closes started ports", closing_the_context_closes_started_ports },
	{ "bad specs are refused", bad_specs_are_refused },
	{ "a packet wakes who armed", a_packet_wakes_who_armed },
	{ "a waiter that leaves wakes the other", a_waiter_that_leaves_wakes_the_other },
	{ "no wake-up is lost", no_wake_up_is_lost },
	{ "others may come while one is at work", others_may_come_while_one_is_at_work },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ring ports", cases);
}
