/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports of the plain driver on simulated cards, with the test at the other end of the cable and nothing moving by itself.
 */
#ifndef TESTS_GIGABIT_SIM_H
#define TESTS_GIGABIT_SIM_H

#include "gigabit_plain.h"
#include "sim_port.h"

extern const struct weir_driver sim_bus;

static struct weir_sim_nic *card;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;

/* Opens "82540EM" and so on, on a strict card. */
static inline void begin(const char *model)
{
	struct weir_sim_conf sim_conf = { .strict = true, .manual = true };
	struct weir_port_conf conf = { 0 };
	char spec[160];
	int err;

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&sim_conf, &sim), 0);
	weir = open_weir();
	pool = make_pool(weir, 512, true);
	conf.pool = pool;
	CU_ASSERT_EQUAL_FATAL(weir_sim_enable(weir, sim), 0);
	snprintf(spec, sizeof(spec), "sim:%s,wire=hold", model);
	err = weir_port_open(weir, spec, &conf, &port);
	if (err)
		printf("%s\n", weir_error());
	CU_ASSERT_EQUAL_FATAL(err, 0);
	card = weir_sim_nic(sim, 0);
	cache = make_cache(pool, 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(cache, buffers, RING + 1), RING + 1);
	ring = (void *)(((uintptr_t)weir_pkt_data(weir_mem_base(weir), &buffers[RING]) + 127) & ~(uintptr_t)127);
}

/* The same, started, with the cable's other end listening. */
static inline void begin_started(const char *model)
{
	begin(model);
	CU_ASSERT_EQUAL_FATAL(weir_port_start(port), 0);
	run();
}

static inline void end(void)
{
	if (port)
		CU_ASSERT_EQUAL(weir_port_close(port), 0);
	port = NULL;
	check_violations(card);
	weir_pool_free(cache, buffers, RING + 1);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
	weir_sim_destroy(sim);
}

/* Whether a frame from @to's point of view arrives: its destination, and a VLAN's tag unless that is 0. */
static inline bool arrives(const char *to, unsigned vlan)
{
	uint8_t frame[64] = { 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 9, 0x88, 0xb5 };
	unsigned before = looked;

	memcpy(frame, to, 6);
	if (vlan)
		memcpy(frame + 12, (uint8_t[]){ 0x81, 0, (uint8_t)(vlan >> 8), (uint8_t)vlan, 0x88, 0xb5 }, 6);
	CU_ASSERT_EQUAL(weir_sim_send(card, frame, sizeof(frame)), 0);
	run();
	while (ring[4 * (looked % RING) + 3] & RXD_DD) {
		ring[4 * (looked % RING) + 3] = 0;
		looked++;
		reg_set(gigabit(port), E1000_RDT, (looked - 1) % RING);
	}
	return looked != before;
}

#endif
