/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which frames a gigabit card takes, on the models of them.
 */
#include "gigabit_sim.h"

#include "weir/filter.h"

const struct weir_driver *const weir_drivers[] = { &plain_driver, &sim_bus };
const unsigned weir_driver_count = 2;

static const char *const models[] = { "82540EM", "82574L", "82576" };
#define MODELS (sizeof(models) / sizeof(models[0]))

#define OWN       "\2\0\0\0\0\1"
#define OTHER     "\2\0\0\0\0\7"
#define BROADCAST "\xff\xff\xff\xff\xff\xff"
#define GROUP     "\1\0\x5e\0\0\x07"

static void begin_as(const char *model)
{
	char text[64];

	snprintf(text, sizeof(text), "%s,mac=02:00:00:00:00:01", model);
	begin_started(text);
}

static void what_is_to_others_is_left_out(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		begin_as(models[i]);
		CU_ASSERT(arrives(OWN, 0));
		CU_ASSERT(arrives(BROADCAST, 0));
		CU_ASSERT(!arrives(OTHER, 0));
		CU_ASSERT(!arrives(GROUP, 0));
		end();
	}
}

static void a_promiscuous_port_takes_all(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		begin_as(models[i]);
		CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, true), 0);
		CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, true), 0);
		CU_ASSERT(arrives(OTHER, 0));
		CU_ASSERT(arrives(GROUP, 0));
		CU_ASSERT(arrives(OTHER, 9));
		CU_ASSERT_EQUAL(weir_port_set_promiscuous(port, false), 0);
		CU_ASSERT(!arrives(OTHER, 0));
		CU_ASSERT(!arrives(OWN, 9));
		CU_ASSERT(arrives(OWN, 0));
		end();
	}
}

static void all_groups_pass_when_that_is_asked_for(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		begin_as(models[i]);
		CU_ASSERT_EQUAL(weir_port_set_all_multicast(port, true), 0);
		CU_ASSERT(arrives(GROUP, 0));
		CU_ASSERT(!arrives(OTHER, 0));
		CU_ASSERT_EQUAL(weir_port_set_all_multicast(port, false), 0);
		CU_ASSERT(!arrives(GROUP, 0));
		end();
	}
}

static void the_ports_address_may_be_another(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		begin_as(models[i]);
		CU_ASSERT_EQUAL(weir_port_set_mac(port, (const uint8_t *)OTHER), 0);
		CU_ASSERT(arrives(OTHER, 0));
		CU_ASSERT(!arrives(OWN, 0));
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		CU_ASSERT_EQUAL(weir_port_start(port), 0);
		CU_ASSERT(arrives(OTHER, 0));
		end();
	}
}

static void further_addresses_pass_until_they_are_taken_away(void)
{
	struct weir_filter_limits limits;
	/* 317453, 13.5.2, less the first: 15 (the 82571 keeps one); 82576 datasheet, 8.10.15: 24. */
	static const unsigned addresses[MODELS] = { 14, 14, 23 };

	for (unsigned i = 0; i < MODELS; i++) {
		uint8_t mac[6] = { 2, 0, 0, 0, 1, 0 };

		begin_as(models[i]);
		CU_ASSERT_EQUAL(weir_port_filter_limits(port, &limits), 0);
		CU_ASSERT_EQUAL(limits.addresses, addresses[i]);
		CU_ASSERT_EQUAL(limits.groups, 4096);
		for (unsigned j = 0; j < limits.addresses; j++) {
			mac[5] = (uint8_t)j;
			CU_ASSERT_EQUAL(weir_port_add_mac(port, mac), 0);
		}
		for (unsigned j = 0; j < limits.addresses; j++) {
			mac[5] = (uint8_t)j;
			CU_ASSERT(arrives((const char *)mac, 0));
		}
		mac[5] = 99;
		CU_ASSERT_EQUAL(weir_port_add_mac(port, mac), -ENOSPC);
		CU_ASSERT(!arrives((const char *)mac, 0));
		mac[5] = 3;
		CU_ASSERT_EQUAL(weir_port_remove_mac(port, mac), 0);
		CU_ASSERT(!arrives((const char *)mac, 0));
		CU_ASSERT(arrives(OWN, 0));
		end();
	}
}

/* Bits 47 to 36 of the address, which is written from the left (317453, 13.5.1): 0x07 and 0x0 of 01:00:5e:00:00:07. */
static void groups_beyond_exact_filters_pass_by_a_hash(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		uint8_t mac[6] = { 2, 0, 0, 0, 1, 0 };
		struct weir_filter_limits limits;

		begin_as(models[i]);
		weir_port_filter_limits(port, &limits);
		for (unsigned j = 0; j < limits.addresses; j++) {
			mac[5] = (uint8_t)j;
			CU_ASSERT_EQUAL(weir_port_add_mac(port, mac), 0);
		}
		CU_ASSERT_EQUAL(weir_port_add_mac(port, (const uint8_t *)GROUP), 0);
		CU_ASSERT(arrives(GROUP, 0));
		CU_ASSERT_EQUAL(weir_sim_peek(card, 0x5200 + 4 * (0x070 / 32)), 1u << 0x070 % 32);
		CU_ASSERT(arrives("\1\0\x5e\1\0\x07", 0)); /* of the same hash */
		CU_ASSERT(!arrives("\1\0\x5e\0\0\x08", 0));
		CU_ASSERT_EQUAL(weir_port_remove_mac(port, (const uint8_t *)GROUP), 0);
		CU_ASSERT(!arrives(GROUP, 0));
		end();
	}
}

static void tagged_frames_pass_of_vlans_that_were_added(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		begin_as(models[i]);
		CU_ASSERT(arrives(OWN, 5));
		CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, true), 0);
		CU_ASSERT_EQUAL(weir_port_add_vlan(port, 5), 0);
		CU_ASSERT_EQUAL(weir_port_add_vlan(port, 4094), 0);
		CU_ASSERT(arrives(OWN, 5));
		CU_ASSERT(arrives(OWN, 4094));
		CU_ASSERT(arrives(OWN, 0));
		CU_ASSERT(!arrives(OWN, 6));
		CU_ASSERT_EQUAL(weir_port_remove_vlan(port, 5), 0);
		CU_ASSERT(!arrives(OWN, 5));
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		CU_ASSERT_EQUAL(weir_port_start(port), 0);
		CU_ASSERT(!arrives(OWN, 5));
		CU_ASSERT(arrives(OWN, 4094));
		end();
	}
}

static void filters_are_there_again_after_a_reset(void)
{
	for (unsigned i = 0; i < MODELS; i++) {
		begin_as(models[i]);
		CU_ASSERT_EQUAL(weir_port_add_mac(port, (const uint8_t *)OTHER), 0);
		CU_ASSERT_EQUAL(weir_port_set_vlan_filter(port, true), 0);
		CU_ASSERT_EQUAL(weir_port_add_vlan(port, 5), 0);
		CU_ASSERT_EQUAL(weir_port_stop(port), 0);
		CU_ASSERT_EQUAL(gigabit_recover(gigabit(port)), 0);
		CU_ASSERT_EQUAL(weir_port_start(port), 0);
		run();
		CU_ASSERT(arrives(OTHER, 0));
		CU_ASSERT(arrives(OTHER, 5));
		CU_ASSERT(!arrives(OTHER, 6));
		end();
	}
}

static const struct unit_case cases[] = {
	{ "what is to others is left out", what_is_to_others_is_left_out },
	{ "a promiscuous port takes all", a_promiscuous_port_takes_all },
	{ "all groups pass when that is asked for", all_groups_pass_when_that_is_asked_for },
	{ "the port's address may be another", the_ports_address_may_be_another },
	{ "further addresses pass until they are taken away", further_addresses_pass_until_they_are_taken_away },
	{ "groups beyond exact filters pass by a hash", groups_beyond_exact_filters_pass_by_a_hash },
	{ "tagged frames pass of VLANs that were added", tagged_frames_pass_of_vlans_that_were_added },
	{ "filters are there again after a reset", filters_are_there_again_after_a_reset },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("gigabit_filter", cases);
}
