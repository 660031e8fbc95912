/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * More news than the socket holds, from the real kernel: what was lost is made up for by a dump, and until that is complete
 * no route is missing.
 */
#include "hostnet.h"
/* After the headers of the C library. */
#include "l3fwd_messages.h"

static struct kernel kernel;

/* Follows until all that is known is known, at most for half a minute. */
static void follow(const char *always)
{
	for (unsigned ms = 0; ms < 30000; ms++) {
		netlink_run(&kernel.control.netlink, ms);
		CU_ASSERT_FATAL(!always || hop_to(&kernel, always));
		if (netlink_in_step(&kernel.control.netlink))
			return;
		usleep(1000);
	}
	CU_FAIL("netlink does not come into step");
}

static void what_was_lost_is_made_up_for(void)
{
	struct netlink *netlink = &kernel.control.netlink;
	unsigned receive = 4096;

	if (getenv("EMULATED")) {
		unit_skip("an emulator translates not all messages of netlink");
		return;
	}
	if (unshare(CLONE_NEWNET) || !shell("ip link set lo up") || !kernel_open(&kernel, true)) {
		unit_skip("it takes root to make a network namespace");
		return;
	}
	CU_ASSERT(shell("ip route add 30.0.0.0/24 dev lo && ip route add 30.0.1.0/24 dev lo"));
	follow(NULL);
	CU_ASSERT_NOT_EQUAL(hop_to(&kernel, "30.0.0.1"), 0);
	CU_ASSERT_EQUAL(setsockopt(netlink_events_fd(netlink), SOL_SOCKET, SO_RCVBUF, &receive, sizeof(receive)), 0);
	CU_ASSERT(
	    shell("ip route del 30.0.1.0/24; for i in $(seq 0 199); do echo route add 20.0.$i.0/24 dev lo; done | "
	          "ip -batch -"));
	follow("30.0.0.1");
	CU_ASSERT(netlink->counts.overruns > 0);
	CU_ASSERT(netlink->counts.dumps > 1);
	CU_ASSERT_EQUAL(hop_to(&kernel, "30.0.1.1"), 0);
	for (unsigned i = 0; i < 200; i++) {
		char text[32];

		snprintf(text, sizeof(text), "20.0.%u.1", i);
		CU_ASSERT_NOT_EQUAL(hop_to(&kernel, text), 0);
	}
	kernel_close(&kernel);
}

int main(void)
{
	static const struct unit_case cases[] = { { "what was lost is made up for", what_was_lost_is_made_up_for },
		                                  { NULL, NULL } };

	return unit_run("l3fwd overrun", cases);
}
