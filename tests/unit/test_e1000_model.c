/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The e1000 driver on the models of its cards, as a program uses it: through port specs and packets, over vfio-user.
 * Nothing that the driver does may be what the datasheet forbids.
 */
#include "e1000_cards.h"
#include "port_cases.h"

static void a_port_tells_what_it_is(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port_info info;

	begin(&conf);
	weir_port_info(port, &info);
	CU_ASSERT_STRING_EQUAL(info.driver, "e1000");
	CU_ASSERT_EQUAL(info.mtu, 1500);
	CU_ASSERT_EQUAL(info.rx_queues_max, has_two_queues() ? 2 : 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(info.variant, is_8254x() ? "legacy" : "extended"));
	link_follows_the_cable(1000);
	end();
}

static void flows_go_to_the_queues_of_their_hashes(void)
{
	struct weir_port_conf conf = { .rx_queues = 2, .offloads = WEIR_OFFLOAD_RX_HASH };
	unsigned used = 0;
	uint8_t frame[128];

	if (!has_two_queues())
		return; /* the one with two queues */
	begin(&conf);
	for (unsigned host = 0; host < 100; host++) {
		/* It hashes no ports of UDP: addresses alone. */
		make_udp(frame, 1000, 40);
		frame[29] = (uint8_t)host;
		weir_store_be16(frame + 24, 0);
		weir_store_be16(frame + 24, weir_be16(weir_csum_ipv4((void *)(frame + 14))));
		used |= flow_arrives(frame, frame + 26, 8, 2);
	}
	CU_ASSERT_EQUAL(used, 3);
	end();
}

static void both_queues_send(void)
{
	struct weir_port_conf conf = { .tx_queues = 2, .tx_slots = 64 };

	if (!has_two_queues())
		return;
	begin(&conf);
	queues_send(2, 200);
	end();
}

/* --- offloads ------------------------------------------------------------------------------------------------------------------ */

static void received_checksums_are_judged(void)
{
	struct weir_port_conf conf = { .offloads = WEIR_OFFLOAD_RX_CSUM };
	struct weir_pkt pkts[32];
	uint8_t frame[128];

	begin(&conf);
	make_udp(frame, 1, 40);
	weir_sim_send(nic, frame, 82);
	frame[24] ^= 0x10; /* the IPv4 checksum */
	weir_sim_send(nic, frame, 82);
	frame[24] ^= 0x10;
	frame[50] ^= 0x10; /* data */
	weir_sim_send(nic, frame, 82);
	frame[13] = 1; /* an EtherType that it does not know */
	weir_sim_send(nic, frame, 82);
	CU_ASSERT_EQUAL_FATAL(receive(rxq, pkts, 32), 4);
	CU_ASSERT_EQUAL(pkts[0].flags, WEIR_PKT_IP_GOOD | WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(pkts[1].flags, WEIR_PKT_IP_BAD | WEIR_PKT_L4_GOOD);
	CU_ASSERT_EQUAL(pkts[2].flags, WEIR_PKT_IP_GOOD | WEIR_PKT_L4_BAD);
	CU_ASSERT_EQUAL(pkts[3].flags, 0);
	weir_pool_free(cache, pkts, 4);
	end();
}

/* Where tags are not stripped the card inserts none (CTRL.VME is both), so they are put into the data. */
static void tags_are_inserted_without_being_stripped(void)
{
	struct weir_port_conf conf = { 0 };
	uint8_t frame[128], tagged[128], taken[128];
	struct weir_pkt pkt;

	begin(&conf);
	make_udp(frame, 1, 40);
	memcpy(tagged, frame, 12);
	weir_store_be16(tagged + 12, 0x8100);
	weir_store_be16(tagged + 14, 0x6064);
	memcpy(tagged + 16, frame + 12, 70);
	pkt = make_pkt(frame, 82);
	pkt.flags = WEIR_PKT_VLAN;
	pkt.vlan = 0x6064;
	CU_ASSERT_EQUAL(weir_tx(txq, &pkt, 1), 1);
	run();
	CU_ASSERT_EQUAL(weir_sim_take(nic, taken, sizeof(taken)), 86);
	CU_ASSERT_EQUAL(memcmp(tagged, taken, 86), 0);
	end();
}

static const struct unit_case cases[] = {
	{ "a port tells what it is", a_port_tells_what_it_is },
	PORT_CASES,
	{ "flows go to the queues of their hashes", flows_go_to_the_queues_of_their_hashes },
	{ "both queues send", both_queues_send },
	{ "received checksums are judged", received_checksums_are_judged },
	{ "tags are inserted without being stripped", tags_are_inserted_without_being_stripped },
	{ NULL, NULL },
};

int main(void)
{
	return run_on_each_card(cases);
}
