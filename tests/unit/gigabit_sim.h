/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver that is drivers/gigabit and nothing else, so that what drivers have in common is tested without the rings of one
 * of them. It has one ring of the oldest descriptors, which all cards know, and only counts what arrives there. On simulated
 * cards, with the test at the other end of the cable and nothing moving by itself.
 */
#ifndef TESTS_GIGABIT_SIM_H
#define TESTS_GIGABIT_SIM_H

#include <stdlib.h>

#include "../../drivers/gigabit/gigabit.h"
#include "pools.h"
#include "weir/mem.h"
#include "weir/sim.h"

#define RING 64u

static struct weir *weir;
static struct weir_pool *pool;
static struct weir_pool_cache *cache;
static struct weir_pkt buffers[RING + 1]; /* the last one is the ring */
static uint32_t *ring;
static unsigned looked; /* descriptors that were looked at */

static int plain_open(struct weir_port *port, const struct spec *spec)
{
	struct gigabit *nic = gigabit(port);
	int err = gigabit_open(nic);

	(void)spec;
	if (err)
		return err;
	err = gigabit_attach(nic);
	if (err)
		gigabit_close(nic);
	return err;
}

static int plain_start(struct weir_port *port)
{
	struct gigabit *nic = gigabit(port);

	uint64_t at;

	nic->rctl = RCTL_SECRC;
	gigabit_set_up(nic);
	looked = 0;
	memset(ring, 0, RING * 16);
	for (unsigned i = 0; i < RING; i++) {
		at = BUS_IOVA_BASE + ((uint64_t)buffers[i].buf << 6) + buffers[i].off;
		memcpy(ring + 4 * i, &at, 8);
	}
	at = BUS_IOVA_BASE + (uint64_t)((uint8_t *)ring - (uint8_t *)weir_mem_base(weir));
	reg_set(nic, E1000_RDBAL, (uint32_t)at);
	reg_set(nic, E1000_RDBAH, (uint32_t)(at >> 32));
	reg_set(nic, E1000_RDLEN, RING * 16);
	reg_set(nic, E1000_RDH, 0);
	gigabit_receiver(nic, true);
	reg_set(nic, E1000_RDT, RING - 1);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		port->rxqs[i]->burst = rxq_nothing;
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		port->txqs[i]->burst = txq_nothing;
	return 0;
}

static int plain_stop(struct weir_port *port)
{
	if (!gigabit_gone(gigabit(port)))
		gigabit_receiver(gigabit(port), false);
	return 0;
}

static int plain_close(struct weir_port *port)
{
	return gigabit_close(gigabit(port));
}

static void plain_watch(struct weir_port *port)
{
	if (gigabit_gone(gigabit(port)))
		port_lost(port);
	else if (port->info.started && gigabit_causes(gigabit(port)) & GIGABIT_EVENTS)
		port_wake(port);
}

static const struct device_id plain_ids[] = { E1000_MEMBERS(MEMBER_ID) IGB_MEMBERS(MEMBER_ID){ 0, 0 } };

static const struct filter_ops plain_filters = {
	.limits = gigabit_filter_limits,
	.set_groups = gigabit_set_groups,
	.set_macs = gigabit_set_macs,
	.set_vlan_filter = gigabit_set_groups,
	.set_vlan = gigabit_set_vlan,
	.vlan_types = true,
};

static const struct weir_driver plain_driver = {
	.name = "plain",
	.help = "gigabit cards, without queues",
	.ids = plain_ids,
	.port_size = sizeof(struct gigabit),
	.rxq_size = sizeof(struct weir_rxq),
	.txq_size = sizeof(struct weir_txq),
	.open = plain_open,
	.start = plain_start,
	.stop = plain_stop,
	.close = plain_close,
	.link = gigabit_link,
	.set_promiscuous = gigabit_set_promiscuous,
	.set_mac = gigabit_set_mac,
	.watch = plain_watch,
	.stats = gigabit_stats,
	.counter = gigabit_counter,
	.filters = &plain_filters,
	.hardware = &gigabit_hardware,
};

extern const struct weir_driver sim_bus;

static struct weir_sim *sim;
static struct weir_sim_nic *card;
static struct weir_port *port;

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
	while (weir_sim_run(sim))
		;
}

static inline void end(void)
{
	char text[2048] = "";

	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	port = NULL;
	if (weir_sim_violations(card, text, sizeof(text)))
		CU_FAIL("the datasheet forbids it");
	if (text[0])
		printf("%s", text);
	weir_pool_free(cache, buffers, RING + 1);
	weir_pool_cache_flush(cache);
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
	weir_pool_cache_destroy(cache);
	weir_close(weir);
	weir_sim_destroy(sim);
}

static inline void run(void)
{
	while (weir_sim_run(sim))
		;
}

static inline uint64_t counter(const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_port_counter(port, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	CU_FAIL("no such counter");
	return 0;
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
