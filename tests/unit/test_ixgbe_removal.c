/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * 1,000 cards are pulled out, each at a random moment: while its port is opened, started, has traffic, is stopped. No
 * call hangs, each says that the device is gone, and nothing is left behind.
 */
#include "pools.h"
#include "process.h"

#include <malloc.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "weir/mem.h"
#include "weir/port.h"
#include "weir/sim.h"

#if defined(WEIR_DEBUG) /* a sanitizer's allocator has some, too */
#define MAPPINGS_ARE_OURS false
#else
#define MAPPINGS_ARE_OURS true
#endif

static uint32_t state = 1;
static struct weir *weir;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;
static char path[64];

static unsigned rnd(unsigned below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static unsigned now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned)(now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

/* --- who pulls ------------------------------------------------------------------------------------------------------------ */

struct hand {
	pthread_t thread;
	struct weir_sim *sim;
	unsigned after_us; /* AT_THE_END: when all has been done */
	bool enough;       /* it has */
};

#define AT_THE_END UINT32_MAX

static void *pull(void *arg)
{
	struct hand *hand = arg;
	struct weir_sim_nic *nic;

	/* A card of a spec is there when the port is being opened. */
	while ((!(nic = weir_sim_nic(hand->sim, 0)) || hand->after_us == AT_THE_END) &&
	       !__atomic_load_n(&hand->enough, __ATOMIC_ACQUIRE))
		usleep(50);
	if (hand->after_us != AT_THE_END)
		usleep(hand->after_us);
	if (nic)
		weir_sim_remove(nic);
	return NULL;
}

/* --- a life ---------------------------------------------------------------------------------------------------------------- */

/* Whether a call on a card that may be gone has ended as it should. */
static bool as_it_should(int err)
{
	if (err && err != -ENODEV)
		printf("%d: %s\n", err, weir_error());
	return !err || err == -ENODEV;
}

static void traffic(struct weir_port *port, struct weir_sim_nic *nic)
{
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct weir_pkt pkts[32];
	unsigned n;

	for (unsigned i = 0; i < 20; i++) {
		weir_sim_send(nic, frame, sizeof(frame));
		n = weir_rx(weir_port_rxq(port, 0), pkts, 32);
		weir_pool_free(cache, pkts, n);
		if (!weir_pool_alloc(cache, pkts, 1))
			continue;
		memcpy(weir_pkt_data(weir_mem_base(weir), pkts), frame, sizeof(frame));
		pkts[0].len = sizeof(frame);
		n = weir_tx(weir_port_txq(port, 0), pkts, 1);
		weir_pool_free(cache, pkts + n, 1 - n);
	}
}

/* From opening to closing, with a hand at the card. Returns how long it took. */
static unsigned live(struct weir_sim *sim, const char *spec, unsigned after_us)
{
	struct weir_port_conf conf = { .pool = pool, .rx_slots = 64, .tx_slots = 64 };
	struct hand hand = { .sim = sim, .after_us = after_us };
	unsigned begin = now_us();
	struct weir_port *port;
	struct weir_link link;
	int err;

	CU_ASSERT_EQUAL_FATAL(pthread_create(&hand.thread, NULL, pull, &hand), 0);
	err = weir_port_open(weir, spec, &conf, &port);
	CU_ASSERT_TRUE(as_it_should(err));
	for (unsigned i = 0; !err && i < 2; i++) {
		err = weir_port_start(port);
		CU_ASSERT_TRUE(as_it_should(err));
		if (!err)
			traffic(port, weir_sim_nic(sim, 0));
		CU_ASSERT_TRUE(as_it_should(weir_port_set_mtu(port, 1400 + i)));
		CU_ASSERT_TRUE(as_it_should(weir_port_set_promiscuous(port, i)));
		CU_ASSERT_TRUE(as_it_should(weir_port_link(port, &link)));
		CU_ASSERT_TRUE(as_it_should(weir_port_stop(port)));
	}
	begin = now_us() - begin;
	__atomic_store_n(&hand.enough, true, __ATOMIC_RELEASE);
	pthread_join(hand.thread, NULL);
	if (port) {
		CU_ASSERT_EQUAL(weir_port_link(port, &link), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_health(port, NULL), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_start(port), -ENODEV);
		CU_ASSERT_EQUAL(weir_port_close(port), 0);
	}
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	return begin;
}

#define VARIANTS 12

/* In this process or over a socket, trapped or mapped, one model after the other. */
static void one(unsigned i, unsigned *whole_us)
{
	static const char *const models[] = { "82599", "82599-kx4", "x540" };
	const struct weir_sim_conf conf = { .fast = i & 1 };
	struct weir_sim_nic *nic;
	struct weir_sim *sim;
	char card[64], spec[80];
	unsigned took;

	snprintf(card, sizeof(card), "%s,wire=hold", models[i % 3]);
	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&conf, &sim), 0);
	if (i & 2) {
		snprintf(spec, sizeof(spec), "vfio-user:%s", path);
		CU_ASSERT_EQUAL_FATAL(weir_sim_nic_add(sim, card, &nic), 0);
		CU_ASSERT_EQUAL_FATAL(weir_sim_nic_serve(nic, path), 0);
	} else {
		snprintf(spec, sizeof(spec), "sim:%s", card);
		CU_ASSERT_EQUAL_FATAL(weir_sim_enable(weir, sim), 0);
	}
	/* How long a whole life takes changes with what else the machine does: the moments spread over all of one. */
	took = live(sim, spec, i / VARIANTS % 8 ? rnd(*whole_us) : AT_THE_END);
	if (i / VARIANTS % 8 == 0)
		*whole_us = took + 1;
	weir_sim_destroy(sim);
}

static void cards_are_pulled_out_again_and_again(void)
{
	unsigned rounds = unit_cycles(1000), whole_us[VARIANTS], fds = 0, mappings = 0;
	size_t heap = 0;

	snprintf(path, sizeof(path), "/tmp/weir-removal-%d", (int)getpid());
	weir = open_weir();
	pool = make_pool(weir, 1024, true);
	cache = make_cache(pool, 0);
	for (unsigned i = 0; i < rounds; i++) {
		if (i == 2 * VARIANTS) {
			fds = count_fds();
			mappings = count_mappings();
			heap = mallinfo2().uordblks;
		}
		one(i, &whole_us[i % VARIANTS]);
	}
	for (unsigned i = 0; i < VARIANTS; i++)
		printf("%u%s", whole_us[i], i + 1 < VARIANTS ? ", " : " us for a whole life: ");
	CU_ASSERT_EQUAL(count_fds(), fds);
	CU_ASSERT(!MAPPINGS_ARE_OURS || count_mappings() <= mappings + 16);
	CU_ASSERT(mallinfo2().uordblks <= heap + 16384);
	CU_ASSERT_EQUAL(info_of(pool).misuse, 0);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
}

static const struct unit_case cases[] = {
	{ "cards are pulled out again and again", cards_are_pulled_out_again_and_again },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("ixgbe_removal", cases);
}
