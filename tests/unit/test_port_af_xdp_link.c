/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What may happen to the interface of an af_xdp port: it vanishes, is down, busy, elsewhere, or is changed; and ports that
 * start and stop many times.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "sentences.h"
#include "xdp.h"

extern const struct weir_driver af_xdp_driver;
const struct weir_driver *const weir_drivers[] = { &af_xdp_driver };
const unsigned weir_driver_count = 1;

/* Mappings of the kernel's rings. */
static unsigned count_rings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned count = 0;
	char line[512];

	CU_ASSERT_PTR_NOT_NULL_FATAL(maps);
	while (fgets(line, sizeof(line), maps))
		count += strstr(line, "socket:") != NULL;
	fclose(maps);
	return count;
}

static void an_interface_that_vanishes_ends_the_port(void)
{
	struct weir_pkt pkts[ENTRIES];
	uint8_t frame[60];
	const char *why;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	frame_make(frame, 60, 0);
	CU_ASSERT_EQUAL(send_one(&wire, wire.port, frame, 60), 1);
	CU_ASSERT(shell("ip link del v0"));
	for (uint64_t end = now_ms() + 1000; !weir_rxq_finished(weir_port_rxq(wire.port, 0)) && now_ms() < end;)
		weir_rx(weir_port_rxq(wire.port, 0), pkts, ENTRIES);
	CU_ASSERT(weir_rxq_finished(weir_port_rxq(wire.port, 0)));
	CU_ASSERT_EQUAL(weir_port_health(wire.port, &why), -ENODEV);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "af_xdp:v0"));
	CU_ASSERT_EQUAL(send_one(&wire, wire.port, frame, 60), 1); /* the first that the kernel refuses */
	CU_ASSERT_EQUAL(send_one(&wire, wire.port, frame, 60), 1);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(wire.port, 0)), 1);
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	CU_ASSERT_EQUAL(weir_rxq_arm(weir_port_rxq(wire.port, 0)), -ENOTSUP);
	CU_ASSERT_EQUAL(count_rings(), 0);
	CU_ASSERT_EQUAL(weir_port_start(wire.port), -ENODEV);
	CU_ASSERT(error_says("is gone"));
	wire_down(&wire);
}

static void an_interface_that_is_down_has_to_come_up_first(void)
{
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	CU_ASSERT(shell("ip link set v0 down"));
	CU_ASSERT_EQUAL(weir_port_start(wire.port), -ENETDOWN);
	CU_ASSERT(error_says("ip link set v0 up"));
	CU_ASSERT(veth_up("v0", "v1"));
	CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	both_ways(&wire);
	/* And it may go down for a while. */
	CU_ASSERT(shell("ip link set v0 down") && veth_up("v0", "v1"));
	both_ways(&wire);
	wire_down(&wire);
}

/* A port is bound to where it was opened, and not to what has the same name elsewhere. */
static void another_network_namespace_is_noticed(void)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	CU_ASSERT_EQUAL(unshare(CLONE_NEWNET), 0);
	CU_ASSERT_EQUAL(weir_port_start(wire.port), -ENODEV);
	CU_ASSERT(error_says("another network namespace"));
	CU_ASSERT_EQUAL(setns(home, CLONE_NEWNET), 0);
	CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	both_ways(&wire);
	close(home);
	wire_down(&wire);
}

/* A program that somebody else attached, through netlink as ip(8) does. Returns its descriptor. */
static int program_attach(const char *name)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "pass", "BSD", insns, 2, NULL);

	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL_FATAL(bpf_xdp_attach((int)if_nametoindex(name), fd, 0, NULL), 0);
	return fd;
}

static void an_interface_with_another_program_is_left_alone(void)
{
	struct wire wire;
	uint32_t id;
	int fd;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT_EQUAL(weir_port_stop(wire.port), 0);
	fd = program_attach("v0");
	CU_ASSERT_EQUAL(weir_port_start(wire.port), -EBUSY);
	CU_ASSERT(error_says("ip link set dev v0 xdp off"));
	CU_ASSERT_EQUAL(bpf_xdp_query_id((int)if_nametoindex("v0"), 0, &id), 0);
	CU_ASSERT(id != 0);
	CU_ASSERT(shell("ip link set dev v0 xdp off"));
	CU_ASSERT_EQUAL(weir_port_start(wire.port), 0);
	both_ways(&wire);
	close(fd);
	wire_down(&wire);
}

static void an_interface_has_one_port(void)
{
	struct weir_port_conf conf = { 0 };
	struct weir_port *port;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	conf.pool = wire.net.pool;
	CU_ASSERT_EQUAL(weir_port_open(wire.net.weir, "af_xdp:v0", &conf, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), -EBUSY);
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	both_ways(&wire);
	wire_down(&wire);
}

static void bad_specs_and_pools_are_explained(void)
{
	const struct weir_pool_conf tiny = { .count = 128, .room = 1024 };
	struct weir_port_conf conf = { 0 };
	struct weir_port *port;
	struct hostnet net;

	CU_ASSERT(hostnet_open(&net, 256, 2048));
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_xdp:nothere", &conf, &port), -ENODEV);
	CU_ASSERT(error_says("no interface called 'nothere'"));
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_xdp:lo,mode=fast", &conf, &port), -EINVAL);
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_xdp:", &conf, &port), -EINVAL);
	CU_ASSERT(veth_make("v0", "v1"));
	CU_ASSERT_EQUAL(weir_pool_create(net.weir, &tiny, &conf.pool), 0);
	CU_ASSERT_EQUAL(weir_port_open(net.weir, "af_xdp:v0", &conf, &port), 0);
	CU_ASSERT_EQUAL(weir_port_start(port), -EINVAL);
	CU_ASSERT(error_says("2048 or more"));
	CU_ASSERT_EQUAL(weir_port_close(port), 0);
	CU_ASSERT_EQUAL(weir_pool_destroy(conf.pool), 0);
	hostnet_close(&net);
	shell("ip link del v0");
}

static void an_interface_is_changed_through_its_port(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0xab, 0xcd };
	uint8_t sent[2000], got[2000];
	struct weir_port_info info;
	struct weir_port_stats stats;
	struct weir_link link;
	struct wire wire;

	wire_up(&wire, "af_xdp:v0", 0);
	CU_ASSERT_EQUAL(weir_port_link(wire.port, &link), 0);
	CU_ASSERT(link.up);
	CU_ASSERT_EQUAL(weir_port_set_mac(wire.port, mac), 0);
	CU_ASSERT(shell("ip link show v0 | grep -q 02:00:00:00:ab:cd"));
	CU_ASSERT_EQUAL(weir_port_set_promiscuous(wire.port, true), 0);
	CU_ASSERT(shell("ip -d link show v0 | grep -q 'promiscuity 1'"));

	/* A frame may be as long as the MTU says, with a tag; and that follows the MTU at once. */
	frame_make(sent, sizeof(sent), 0);
	CU_ASSERT_EQUAL(send_one(&wire, wire.port, sent, 1518), 1);
	CU_ASSERT_EQUAL(send_one(&wire, wire.port, sent, 1519), 1);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 1518);
	CU_ASSERT(shell("ip link set v1 mtu 1600"));
	CU_ASSERT_EQUAL(weir_port_set_mtu(wire.port, 1501), 0);
	CU_ASSERT_EQUAL(send_one(&wire, wire.port, sent, 1519), 1);
	CU_ASSERT_EQUAL(plain_receive(wire.fd, got, sizeof(got), 1000), 1519);
	weir_port_stats(wire.port, &stats);
	CU_ASSERT_EQUAL(stats.tx.drops[WEIR_DROP_TOO_LONG], 1);
	weir_port_info(wire.port, &info);
	CU_ASSERT_EQUAL(info.mtu, 1501);
	CU_ASSERT_EQUAL(memcmp(info.mac, mac, 6), 0);
	wire_down(&wire);
}

/* In some cycles frames are left in the rings, received and to be sent. */
static void two_hundred_starts_leak_nothing(void)
{
	unsigned before = 0;
	struct wire wire;
	uint8_t frame[60];
	uint32_t id;
	int err;

	wire_up(&wire, "af_xdp:v0", 0);
	frame_make(frame, 60, 0);
	for (unsigned i = 0; i < 200; i++) {
		if (i % 10 == 3)
			plain_send(wire.fd, frame, 60);
		if (i % 10 == 5)
			CU_ASSERT_EQUAL(send_one(&wire, wire.port, frame, 60), 1);
		CU_ASSERT_EQUAL_FATAL(weir_port_stop(wire.port), 0);
		CU_ASSERT_EQUAL(bpf_xdp_query_id((int)if_nametoindex("v0"), 0, &id), 0);
		CU_ASSERT_EQUAL(id, 0);
		err = weir_port_start(wire.port);
		if (err)
			printf("%s\n", weir_error());
		CU_ASSERT_EQUAL_FATAL(err, 0);
		if (!i)
			before = count_files();
	}
	CU_ASSERT_EQUAL(count_files(), before);
	CU_ASSERT_EQUAL(count_rings(), 4);
	while (plain_receive(wire.fd, frame, sizeof(frame), 0))
		;
	both_ways(&wire);
	wire_down(&wire);
}

static const struct unit_case cases[] = {
	{ "an interface that vanishes ends the port", an_interface_that_vanishes_ends_the_port },
	{ "an interface that is down has to come up first", an_interface_that_is_down_has_to_come_up_first },
	{ "another network namespace is noticed", another_network_namespace_is_noticed },
	{ "an interface with another program is left alone", an_interface_with_another_program_is_left_alone },
	{ "an interface has one port", an_interface_has_one_port },
	{ "bad specs and pools are explained", bad_specs_and_pools_are_explained },
	{ "an interface is changed through its port", an_interface_is_changed_through_its_port },
	{ "two hundred starts leak nothing", two_hundred_starts_leak_nothing },
	{ NULL, NULL },
};

int main(void)
{
	return xdp_run("af_xdp interfaces", cases);
}
