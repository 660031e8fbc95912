/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Four ports with traffic both ways, on cards that run by themselves: in this process and over a socket, each with all
 * registers trapped and with mapped doorbells. Every frame has a number, from which all of its bytes follow; who sends
 * and who receives is this thread, so that what is lost, late or not as it was sent can be told to the frame.
 */
#ifndef TESTS_STORM_H
#define TESTS_STORM_H

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "pools.h"
#include "process.h"
#include "weir/mem.h"
#include "weir/net.h"
#include "weir/port.h"
#include "weir/sim.h"

#define RIGS 4
#if defined(WEIR_DEBUG)
#define ROUNDS 60u
#else
#define ROUNDS 150u
#endif
#define FRAMES    (1u << 18)
#define UNDER_WAY 100u /* frames to a card: more than descriptors for them would be too many */
#define HEADERS   42u
#define WHOLE     10000000000ull /* ns that a machine with other work may take */

struct rig {
	const char *name;
	bool fast, socket, jumbo;
	bool scribbled;    /* the card may have written to buffers that were given back */
	uint32_t offloads; /* which make other paths of the driver run */
	struct weir_sim *sim;
	struct weir_sim_nic *nic;
	struct weir *weir;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct weir_port_conf conf;
	struct weir_port *port;
	char spec[96];
	uint8_t mac[6];
	/* To the card. */
	uint32_t sent, got, wrong;
	uint32_t limit; /* of those that were sent and not got */
	bool *seen;     /* by number */
	/* From the card. */
	uint32_t put, taken, missing, next;
};

static struct rig rigs[RIGS] = {
	{ .name = "sim, exact" },
	{ .name = "sim, fast, jumbo frames", .fast = true, .jumbo = true },
	{ .name = "socket, exact, jumbo frames",
	  .socket = true,
	  .jumbo = true,
	  .offloads = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_META },
	{ .name = "socket, fast, coalescing", .socket = true, .fast = true, .offloads = WEIR_OFFLOAD_LRO },
};
static const char *storm_card; /* the model */
static unsigned storm_queues;  /* to receive by */
static char storm_folder[32];
static unsigned storm_fds;
static uint32_t storm_state;

/* Numbers that look random and are the same each time (xorshift). */
static inline unsigned storm_random(unsigned below)
{
	storm_state ^= storm_state << 13;
	storm_state ^= storm_state >> 17;
	storm_state ^= storm_state << 5;
	return storm_state % below;
}

static inline uint64_t storm_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- frames --------------------------------------------------------------------------------------------------------------- */

static inline unsigned frame_len(const struct rig *r, uint32_t number)
{
	return 60 + number * 37 % (r->jumbo ? 5000 : 1400);
}

static inline unsigned frame_make(const struct rig *r, uint32_t number, uint8_t *frame)
{
	unsigned len = frame_len(r, number);

	memset(frame, 0, HEADERS);
	memcpy(frame, r->mac, 6);
	memcpy(frame + 6, "\2\0\0\0\0\2", 6);
	weir_store_be16(frame + 12, WEIR_ETHER_IPV4);
	frame[14] = 0x45;
	weir_store_be16(frame + 16, (uint16_t)(len - 14));
	frame[22] = 64;
	frame[23] = WEIR_IP_UDP;
	frame[26] = 10;
	frame[30] = 10;
	weir_store_be16(frame + 34, (uint16_t)number); /* flows for RSS */
	weir_store_be16(frame + 36, 9);
	weir_store_be16(frame + 38, (uint16_t)(len - 34));
	memcpy(frame + HEADERS, &number, 4);
	for (unsigned i = HEADERS + 4; i < len; i++)
		frame[i] = (uint8_t)(number * 31 + i);
	return len;
}

/* Whether the bytes are those of the frame that they say they are. */
static inline bool frame_whole(const struct rig *r, const uint8_t *bytes, unsigned len, uint32_t *number)
{
	uint8_t expected[8192];

	if (len < HEADERS + 4)
		return false;
	memcpy(number, bytes + HEADERS, 4);
	return *number < FRAMES && frame_make(r, *number, expected) == len && !memcmp(bytes, expected, len);
}

/* --- traffic -------------------------------------------------------------------------------------------------------------- */

static inline void storm_to_card(struct rig *r, unsigned n)
{
	uint8_t frame[8192];

	for (; n && r->sent - r->got < r->limit; n--) {
		unsigned len = frame_make(r, r->sent, frame);

		if (weir_sim_send(r->nic, frame, len))
			return;
		r->sent++;
	}
}

static inline void storm_receive(struct rig *r)
{
	struct weir_pkt pkts[32];
	uint8_t bytes[16384];
	uint32_t number;

	for (unsigned q = 0; q < storm_queues; q++) {
		unsigned n = weir_rx(weir_port_rxq(r->port, q), pkts, 32);

		for (unsigned i = 0, entries; i < n; i += entries) {
			unsigned len = 0;

			entries = weir_pkt_entries(&pkts[i], n - i);
			CU_ASSERT_NOT_EQUAL_FATAL(entries, 0);
			for (unsigned j = i; j < i + entries; len += pkts[j++].len)
				memcpy(bytes + len, weir_pkt_data(weir_mem_base(r->weir), &pkts[j]), pkts[j].len);
			r->got++;
			if (!frame_whole(r, bytes, len, &number) || r->seen[number])
				r->wrong++;
			else
				r->seen[number] = true;
		}
		weir_pool_free(r->cache, pkts, n);
	}
}

/* A packet that is not taken is made again the next time. */
static inline void storm_send(struct rig *r, unsigned n)
{
	struct weir_txq *txq = weir_port_txq(r->port, 0);
	uint8_t frame[8192];

	for (; n; n--) {
		unsigned len = frame_make(r, r->put, frame), done = 0, entries = 0;
		struct weir_pkt pkts[4];

		while (done < len && weir_pool_alloc(r->cache, &pkts[entries], 1)) {
			unsigned some = len - done < 2000 ? len - done : 2000;

			memcpy(weir_pkt_data(weir_mem_base(r->weir), &pkts[entries]), frame + done, some);
			pkts[entries].len = (uint16_t)some;
			done += some;
			pkts[entries++].flags = done < len ? WEIR_PKT_MORE : 0;
		}
		if (done < len || !weir_tx(txq, pkts, entries)) {
			weir_pool_free(r->cache, pkts, entries);
			return;
		}
		r->put++;
	}
	weir_tx(txq, NULL, 0);
}

static inline void storm_from_card(struct rig *r)
{
	uint8_t frame[16384];
	uint32_t number;
	int len;

	while ((len = weir_sim_take(r->nic, frame, sizeof(frame))) > 0) {
		r->taken++;
		if (!frame_whole(r, frame, (unsigned)len, &number) || number < r->next) {
			r->wrong++;
			continue;
		}
		r->missing += number - r->next;
		r->next = number + 1;
	}
}

/* Both ways, some of each. */
static inline void storm_round(struct rig *r)
{
	storm_to_card(r, storm_random(6));
	storm_receive(r);
	storm_send(r, storm_random(6));
	storm_from_card(r);
}

static inline uint64_t storm_drops(struct rig *r, enum weir_drop reason)
{
	struct weir_port_stats stats;

	weir_port_stats(r->port, &stats);
	return stats.rx.drops[reason];
}

/* Nothing more is sent until what was has arrived, but for @lost frames to the card. Returns whether it has. */
static inline bool storm_settle(struct rig *r, uint32_t lost)
{
	uint64_t end = storm_now() + WHOLE;

	while (storm_now() < end) {
		storm_receive(r);
		weir_tx(weir_port_txq(r->port, 0), NULL, 0);
		storm_from_card(r);
		if (r->got + lost >= r->sent && r->taken + r->missing >= r->put)
			return r->got + lost == r->sent;
		usleep(200);
	}
	printf("%s: %u sent, %u got, %u put, %u taken, %u missing\n", r->name, r->sent, r->got, r->put, r->taken,
	       r->missing);
	return false;
}

/* --- rigs ----------------------------------------------------------------------------------------------------------------- */

static inline int rig_connect(struct rig *r)
{
	int err = weir_port_open(r->weir, r->spec, &r->conf, &r->port);

	return err ? err : weir_port_start(r->port);
}

static inline void rig_begin(struct rig *r)
{
	const struct weir_sim_conf conf = { .strict = true, .fast = r->fast };
	struct weir_port_info info;

	r->limit = UNDER_WAY;
	r->scribbled = false;
	r->sent = r->got = r->wrong = r->put = r->taken = r->missing = r->next = 0;
	r->seen = calloc(FRAMES, sizeof(*r->seen));
	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&conf, &r->sim), 0);
	r->weir = open_weir();
	r->pool = make_pool(r->weir, 4096, true);
	r->cache = make_cache(r->pool, 0);
	r->conf = (struct weir_port_conf){ .pool = r->pool,
		                           .rx_queues = storm_queues,
		                           .rx_slots = 1024,
		                           .tx_slots = 128,
		                           .mtu = r->jumbo ? 9000 : 0,
		                           .offloads = r->offloads };
	if (r->socket) {
		char path[64], card[64];

		snprintf(path, sizeof(path), "%s/%u", storm_folder, (unsigned)(r - rigs));
		snprintf(r->spec, sizeof(r->spec), "vfio-user:%s", path);
		snprintf(card, sizeof(card), "%s,wire=hold", storm_card);
		CU_ASSERT_EQUAL_FATAL(weir_sim_nic_add(r->sim, card, &r->nic), 0);
		CU_ASSERT_EQUAL_FATAL(weir_sim_nic_serve(r->nic, path), 0);
	} else {
		snprintf(r->spec, sizeof(r->spec), "sim:%s,wire=hold", storm_card);
		CU_ASSERT_EQUAL_FATAL(weir_sim_enable(r->weir, r->sim), 0);
	}
	if (rig_connect(r))
		printf("%s: %s\n", r->name, weir_error());
	CU_ASSERT_PTR_NOT_NULL_FATAL(r->port);
	r->nic = weir_sim_nic(r->sim, 0);
	weir_port_info(r->port, &info);
	memcpy(r->mac, info.mac, sizeof(r->mac));
}

/* All buffers have come back, and nothing was done that the datasheet forbids. */
static inline void rig_end(struct rig *r)
{
	char text[2048];

	CU_ASSERT_EQUAL(weir_port_close(r->port), 0);
	weir_pool_cache_flush(r->cache);
	CU_ASSERT_EQUAL(info_of(r->pool).in_use, 0);
	CU_ASSERT(r->scribbled || info_of(r->pool).misuse == 0);
	CU_ASSERT_EQUAL(weir_sim_violations(r->nic, text, sizeof(text)), 0);
	if (text[0])
		printf("%s: %s", r->name, text);
	weir_pool_cache_destroy(r->cache);
	weir_close(r->weir);
	weir_sim_destroy(r->sim);
	free(r->seen);
}

static inline void storm_begin(uint32_t seed)
{
	const char *own = getenv("SEED");

	storm_state = own ? (uint32_t)strtoul(own, NULL, 0) | 1 : seed;
	strcpy(storm_folder, "/tmp/weir-storm-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(storm_folder));
	storm_fds = count_fds();
	for (unsigned i = 0; i < RIGS; i++)
		rig_begin(&rigs[i]);
}

static inline void storm_end(void)
{
	for (unsigned i = 0; i < RIGS; i++)
		rig_end(&rigs[i]);
	CU_ASSERT_EQUAL(count_fds(), storm_fds);
	CU_ASSERT_EQUAL(rmdir(storm_folder), 0);
}

/* Whether more has been received since @mark than can have been under way. */
static inline bool storm_through(const uint32_t mark[RIGS])
{
	for (unsigned i = 0; i < RIGS; i++)
		if (rigs[i].got - mark[i] < 2 * UNDER_WAY)
			return false;
	return true;
}

/*
 * Traffic in all rigs, into which the fault comes in each at a moment of its own. One that costs single frames goes on
 * until it is used up.
 */
static inline void storm(enum weir_sim_fault fault, uint64_t arg, unsigned times)
{
	bool spent = fault == WEIR_SIM_RX_LENGTH || fault == WEIR_SIM_RX_QUEUE || fault == WEIR_SIM_RX_CRC ||
	             fault == WEIR_SIM_RX_NO_BUFFER || fault == WEIR_SIM_RX_DD_EARLY;
	unsigned when[RIGS], rounds = unit_rounds(ROUNDS);
	uint32_t mark[RIGS];
	uint64_t end = storm_now() + WHOLE;

	for (unsigned i = 0; i < RIGS; i++) {
		when[i] = 5 + storm_random(rounds / 3);
		rigs[i].limit = rigs[i].sent - rigs[i].got + UNDER_WAY;
	}
	for (unsigned round = 0; round < rounds || (spent && !storm_through(mark) && storm_now() < end); round++) {
		for (unsigned i = 0; i < RIGS; i++) {
			if (round == when[i]) {
				mark[i] = rigs[i].got;
				if (fault < WEIR_SIM_FAULT_COUNT)
					weir_sim_fault(rigs[i].nic, fault, arg, times);
			}
			storm_round(&rigs[i]);
		}
		usleep(50);
	}
}

#endif
