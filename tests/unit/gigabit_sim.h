/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A driver that is drivers/gigabit and nothing else, so that what drivers have in common is tested without the rings of one
 * of them: ports open, start with the receiver on but no descriptors, and have everything that is not of a queue. On
 * simulated cards, with the test at the other end of the cable and nothing moving by itself.
 */
#ifndef TESTS_GIGABIT_SIM_H
#define TESTS_GIGABIT_SIM_H

#include <stdlib.h>

#include "../../drivers/gigabit/gigabit.h"
#include "pools.h"
#include "weir/mem.h"
#include "weir/sim.h"

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

	nic->rctl = RCTL_SECRC;
	gigabit_set_up(nic);
	gigabit_receiver(nic, true);
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
static struct weir *weir;
static struct weir_pool *pool;
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
	CU_ASSERT_EQUAL(info_of(pool).in_use, 0);
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

/* What the card itself counts, beside its registers. */
static inline uint64_t seen(const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_sim_counter(card, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	return UINT64_MAX;
}

#endif
