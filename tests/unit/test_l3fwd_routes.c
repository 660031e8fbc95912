/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file of routes: what lines mean, and what is said of those that mean nothing.
 */
#include <errno.h>
#include <unistd.h>

#include "l3fwd_frames.h"

static struct rig rig;

static void each_mistake_gets_a_sentence(void)
{
	static const struct {
		const char *line, *why;
	} mistakes[] = {
		{ "rute 10.0.0.0/8 blackhole", "a line begins with interface, neighbour, route or flow, not 'rute'" },
		{ "interface",
		  "an interface is PORT or PORT.VLAN, such as 0 or 1.100, with ports from 0 to 255 and VLANs "
		  "from 1 to 4094, not 'the end of the line'" },
		{ "interface 9", "there is no port 9; the last one is 3" },
		{ "interface 3 mtu 67", "an MTU is a number from 68 to 65535, not '67'" },
		{ "interface 3 mac 01:00:00:00:00:01",
		  "a MAC address of one host is like 02:00:00:00:00:01, not '01:00:00:00:00:01'" },
		{ "interface 3 address 10.0.0.1", "a network is like 192.0.2.0/24 or 2001:db8::/64, not '10.0.0.1'" },
		{ "interface 3 colour red", "an interface has a mac, an mtu and addresses, not 'colour'" },
		{ "interface 0", "this interface was given before" },
		{ "route 10.0.0.1/8 blackhole",
		  "'10.0.0.1/8' has bits behind its first 8; clear them, or make it longer" },
		{ "route 10.0.0.0/33 blackhole", "a network is like 192.0.2.0/24 or 2001:db8::/64, not '10.0.0.0/33'" },
		{ "route 10.0.0.0/8",
		  "it goes via an address, to an interface, or is blackhole, unreachable or prohibit, not "
		  "'the end of the line'" },
		{ "route 10.0.0.0/8 via 2001:db8::1", "a way of IPv4 leads through an address of IPv4, not of IPv6" },
		{ "route 10.0.0.0/8 via 192.0.2.1",
		  "192.0.2.1 is on no interface's network; say which interface it is behind" },
		{ "route 10.0.0.0/8 via 10.0.1.2 interface 7", "there is no interface 7 before this line" },
		{ "route 10.0.0.0/8 interface 0.7", "there is no interface 0.7 before this line" },
		{ "route 10.0.0.0/8 blackhole now", "'now' is too much" },
		{ "neighbour 10.0.1.2", "a neighbour has a mac behind its address, not 'the end of the line'" },
		{ "neighbour ten mac 02:00:00:00:00:01", "an address is like 192.0.2.1 or 2001:db8::1, not 'ten'" },
		{ "flow tcp 10.0.0.1 1 2001:db8::1 2 blackhole",
		  "a flow goes from IPv4 to IPv6; both addresses are of one kind" },
		{ "flow tcp 10.0.0.1 65536 10.0.0.2 2 blackhole", "a port is a number from 0 to 65535, not '65536'" },
		{ "flow 256 10.0.0.1 1 10.0.0.2 2 blackhole",
		  "a protocol that is not tcp, udp, sctp, icmp or icmpv6 is a number from 0 to 255, not '256'" },
	};
	char why[WHY_SIZE];

	open_network(&rig);
	for (unsigned i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		CU_ASSERT(rig_try(&rig, mistakes[i].line, why) < 0);
		CU_ASSERT_STRING_EQUAL(why, mistakes[i].why);
	}
	rig_close(&rig);
}

static void empty_lines_and_comments_say_nothing(void)
{
	static const char *const lines[] = { "", "   \t \r\n", "# route 10.0.0.0/8 blackhole", "  # nothing" };
	struct statement statement;
	char line[64], why[WHY_SIZE];

	for (unsigned i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(line, sizeof(line), "%s", lines[i]);
		CU_ASSERT_EQUAL(routes_line(line, &statement, why), 0);
	}
	snprintf(line, sizeof(line), "route 10.0.0.0/8 prohibit# so there\n");
	CU_ASSERT_EQUAL(routes_line(line, &statement, why), 1);
	CU_ASSERT_EQUAL(statement.what, HOP_PROHIBIT);
}

static uint32_t hop_of4(const char *text)
{
	uint32_t addr, hop;

	inet_pton(AF_INET, text, &addr);
	weir_fib_lookup4(rig.router.fib4, &addr, &hop, 1);
	return hop;
}

static void addresses_of_an_interface_make_routes(void)
{
	rig_open(&rig);
	rig_line(&rig, "interface 1 address 192.0.2.65/26 address 198.51.100.0/31 address 203.0.113.7/32");
	CU_ASSERT_EQUAL(hop_of4("192.0.2.65"), HOP_OF_LOCAL);
	CU_ASSERT_EQUAL(hop_of4("192.0.2.64"), HOP_OF_LOCAL);
	CU_ASSERT_EQUAL(hop_of4("192.0.2.127"), HOP_OF_LOCAL);
	CU_ASSERT_EQUAL(hop_kind(router_hop_get(&rig.router, hop_of4("192.0.2.66"))), HOP_CONNECTED);
	CU_ASSERT_EQUAL(hop_of4("192.0.2.128"), WEIR_FIB_NONE);
	CU_ASSERT_EQUAL(hop_of4("198.51.100.0"), HOP_OF_LOCAL);
	CU_ASSERT_EQUAL(hop_kind(router_hop_get(&rig.router, hop_of4("198.51.100.1"))), HOP_CONNECTED);
	CU_ASSERT_EQUAL(hop_of4("203.0.113.7"), HOP_OF_LOCAL);
	CU_ASSERT_EQUAL(hop_of4("203.0.113.8"), WEIR_FIB_NONE);
	rig_close(&rig);
}

static void neighbours_may_come_after_routes_and_are_the_same(void)
{
	uint32_t hop;

	rig_open(&rig);
	rig_line(&rig, "interface 1 address 192.0.2.1/24");
	rig_line(&rig, "route 10.0.0.0/8 via 192.0.2.9");
	hop = hop_of4("10.1.2.3");
	CU_ASSERT_EQUAL(hop_kind(router_hop_get(&rig.router, hop)), HOP_UNRESOLVED);
	rig_line(&rig, "neighbour 192.0.2.9 mac 02:00:00:00:00:09");
	CU_ASSERT_EQUAL(hop_kind(router_hop_get(&rig.router, hop)), HOP_NEIGHBOUR);
	CU_ASSERT_EQUAL(hop_mac(router_hop_get(&rig.router, hop)), 0x020000000009);
	CU_ASSERT_EQUAL(hop_of4("192.0.2.9"), hop);
	/* On a link without a network of it. */
	rig_line(&rig, "route 2001:db8::/32 via fe80::9 interface 1");
	rig_line(&rig, "route 2001:db9::/32 via fe80::9 interface 1");
	CU_ASSERT_EQUAL(rig.config.neighbour_count, 2);
	/* Groups of the same ways are one. */
	rig_line(&rig, "route 11.0.0.0/8 via 192.0.2.9 via 192.0.2.10");
	rig_line(&rig, "route 12.0.0.0/8 via 192.0.2.9 via 192.0.2.10");
	CU_ASSERT_EQUAL(hop_of4("11.0.0.1"), hop_of4("12.0.0.1"));
	rig_close(&rig);
}

static void a_file_is_read_up_to_its_first_mistake(void)
{
	char folder[] = "/tmp/weir-routes.XXXXXX", path[64], expected[160];
	FILE *file;

	rig_open(&rig);
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/routes", folder);
	file = fopen(path, "we");
	fputs("# a small network\ninterface 0 address 10.0.0.1/24\n\nroute 10.1.0.0/16 via 10.0.0.2\nroute x\n", file);
	fclose(file);
	log_hold(&rig.log);
	CU_ASSERT_EQUAL(config_read(&rig.config, path), -EINVAL);
	CU_ASSERT_EQUAL(rig.log.held, 1);
	snprintf(expected, sizeof(expected), "%s:5: a network is like 192.0.2.0/24 or 2001:db8::/64, not 'x'", path);
	CU_ASSERT_PTR_NOT_NULL(strstr(rig.log.kept[0], expected));
	rig.log.holding = false;
	CU_ASSERT_EQUAL(hop_kind(router_hop_get(&rig.router, hop_of4("10.1.0.1"))), HOP_UNRESOLVED);
	unlink(path);
	rmdir(folder);
	rig_close(&rig);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "each mistake gets a sentence", each_mistake_gets_a_sentence },
		{ "empty lines and comments say nothing", empty_lines_and_comments_say_nothing },
		{ "addresses of an interface make routes", addresses_of_an_interface_make_routes },
		{ "neighbours may come after routes, and are the same",
		  neighbours_may_come_after_routes_and_are_the_same },
		{ "a file is read up to its first mistake", a_file_is_read_up_to_its_first_mistake },
		{ NULL, NULL },
	};

	return unit_run("l3fwd routes", cases);
}
