/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Linux as a router beside ours: a network namespace with three TAP interfaces, which have the addresses, neighbours and
 * routes of a file of routes. What is written into a TAP has been forwarded, answered or dropped when write() returns, so
 * that what came of it can be read without waiting.
 */
#ifndef TESTS_L3FWD_KERNEL_H
#define TESTS_L3FWD_KERNEL_H

#include <linux/if_tun.h>

#include "hostnet.h"

#define KERNEL_PORTS 3u

struct kernel {
	int tap[KERNEL_PORTS];
};

/* Writes /proc/sys/net/..., where %s is each interface. */
static inline void kernel_set(const char *setting, const char *value)
{
	static const char *const names[] = { "all", "default", "t0", "t1", "t2" };
	char name[96], path[128];

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(name, sizeof(name), setting, names[i]);
		snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
		write_text(path, value);
	}
}

/* Moves this process into a namespace with three TAP interfaces, t0 to t2. Returns NULL, or why that cannot be. */
static inline const char *kernel_open(struct kernel *kernel)
{
	const char *why = hostnet_enter();

	if (why)
		return why;
	/* A router that says what it has to say as often as it is asked, and nothing else. */
	kernel_set("ipv4/icmp_ratelimit", "0");
	kernel_set("ipv4/icmp_msgs_per_sec", "100000000");
	kernel_set("ipv4/icmp_msgs_burst", "100000000");
	kernel_set("ipv6/icmp/ratelimit", "0");
	kernel_set("ipv6/auto_flowlabels", "0");
	kernel_set("ipv4/ip_forward", "1");
	for (unsigned i = 0; i < KERNEL_PORTS; i++) {
		struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

		snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "t%u", i);
		kernel->tap[i] = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (kernel->tap[i] < 0 || ioctl(kernel->tap[i], TUNSETIFF, &ifr))
			return "there are no TAP interfaces here";
	}
	kernel_set("ipv6/conf/%s/addr_gen_mode", "1");
	kernel_set("ipv6/conf/%s/router_solicitations", "0");
	kernel_set("ipv6/conf/%s/forwarding", "1");
	kernel_set("ipv4/conf/%s/rp_filter", "0");
	kernel_set("ipv4/conf/%s/send_redirects", "0");
	for (unsigned i = 0; i < KERNEL_PORTS; i++)
		if (!shell("ip link set t%u address 02:00:00:00:00:0%u && ip link set t%u up", i, i, i))
			return "interfaces cannot be set up here";
	return NULL;
}

/* Does what a statement of a file of routes says: of an interface, a neighbour with one, or a route. */
static inline bool kernel_line(const char *text)
{
	char line[512], *next = line, *word, *name;
	bool done = true;

	snprintf(line, sizeof(line), "%s", text);
	word = strsep(&next, " ");
	name = strsep(&next, " ");
	if (!strcmp(word, "neighbour")) {
		strsep(&next, " ");
		word = strsep(&next, " ");
		strsep(&next, " ");
		return shell("ip neighbour add %s lladdr %s dev t%s nud permanent", name, word, next);
	}
	if (!strcmp(word, "route"))
		return strncmp(next, "via", 3) ? shell("ip route add %s %s", next, name)
		                               : shell("ip route add %s %s", name, next);
	while (done && (word = strsep(&next, " "))) {
		char *value = strsep(&next, " ");

		done = strcmp(word, "mtu")
		           ? shell("ip address add %s dev t%s %s", value, name, strchr(value, ':') ? "nodad" : "")
		           : shell("ip link set t%s mtu %s", name, value);
	}
	return done;
}

/* Reads a frame that the kernel sent through a port. Returns its length, 0 when there is none. */
static inline size_t kernel_read(const struct kernel *kernel, unsigned port, uint8_t *frame, size_t size)
{
	ssize_t len = read(kernel->tap[port], frame, size);

	return len > 0 ? (size_t)len : 0;
}

#endif
