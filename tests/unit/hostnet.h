/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A network namespace of the test's own, with interfaces made by ip(8), plain packet sockets to stand at their other
 * ends, and ports on them: for the tests of host drivers. Nothing outside is touched, and all of it goes with the
 * process.
 */
#ifndef TESTS_HOSTNET_H
#define TESTS_HOSTNET_H

#include <CUnit/CUnit.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "weir/mem.h"
#include "weir/pool.h"
#include "weir/port.h"

/* Runs a command of the shell, silently. Returns whether it succeeded. */
__attribute__((format(printf, 1, 2))) static inline bool shell(const char *format, ...)
{
	static const char silence[] = "\n} >/dev/null 2>&1";
	char command[512] = "{ ";
	va_list args;
	size_t len;

	va_start(args, format);
	len = 2 + (size_t)vsnprintf(command + 2, sizeof(command) - 2, format, args);
	va_end(args);
	if (len >= sizeof(command) - sizeof(silence))
		return false;
	memcpy(command + len, silence, sizeof(silence));
	return system(command) == 0; /* NOLINT: the commands are the tests' own */
}

static inline bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

static inline bool packet_sockets_work(void)
{
	const int version = TPACKET_V3;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	bool work = fd >= 0 && !setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version));

	if (fd >= 0)
		close(fd);
	return work;
}

/*
 * Moves the process to a new, empty network namespace, as root or, where users may make namespaces, as root of one.
 * Returns NULL, or why that is not possible.
 */
static inline const char *hostnet_enter(void)
{
	char map[64];
	bool root = geteuid() == 0;

	if (root ? unshare(CLONE_NEWNET) : unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return "network namespaces cannot be made here: run it as root";
	if (!root) {
		snprintf(map, sizeof(map), "0 %u 1", (unsigned)geteuid());
		if (!write_text("/proc/self/uid_map", map))
			return "a user namespace cannot be set up here: run it as root";
	}
	if (!shell("ip link set lo up"))
		return "ip(8) is not installed, or does not work here";
	return packet_sockets_work() ? NULL : "packet sockets are only half there: this may be an emulator";
}

/* Sets both ends of a pair up, and waits until the kernel has seen to their links: till then they lose what is sent. */
static inline bool veth_up(const char *a, const char *b)
{
	return shell(
	    "ip link set %s up && ip link set %s up && for i in $(seq 400); do ip -o link show %s | grep -q 'state UP' "
	    "&& ip -o link show %s | grep -q 'state UP' && exit 0; sleep 0.05; done; false",
	    a, b, a, b);
}

/*
 * Makes a pair of interfaces joined by a wire, both up, that the kernel itself sends nothing through. One that a failed
 * test left behind goes first.
 */
static inline bool veth_make(const char *a, const char *b)
{
	shell("ip link del %s", a);
	if (!shell("ip link add %s type veth peer name %s", a, b))
		return false;
	for (unsigned i = 0; i < 2; i++) {
		char path[96];

		snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", i ? b : a);
		write_text(path, "1");
	}
	return veth_up(a, b);
}

/* Switches an offload of an interface: ETHTOOL_STXCSUM, ETHTOOL_STSO ... */
static inline bool ethtool_set(const char *name, uint32_t command, uint32_t value)
{
	struct ethtool_value setting = { .cmd = command, .data = value };
	struct ifreq ifr = { .ifr_data = (void *)&setting };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	err = ioctl(fd, SIOCETHTOOL, &ifr);
	close(fd);
	return !err;
}

/* --- a plain packet socket: what an interface's other end is, without the code under test ---------------------------- */

/* @vnet: frames go in and out behind a struct virtio_net_hdr. */
static inline int plain_open(const char *name, bool vnet)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = __builtin_bswap16(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	const int on = 1, room = 8 << 20;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if (vnet)
		setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

static inline bool plain_send(int fd, const void *frame, size_t len)
{
	return send(fd, frame, len, 0) == (ssize_t)len;
}

/*
 * Receives one frame, waiting at most @ms. A tag that the kernel took out is put back. Returns its length, 0 when there
 * was none.
 */
static inline size_t plain_receive(int fd, uint8_t *frame, size_t size, int ms)
{
	union {
		struct cmsghdr head;
		uint8_t room[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	struct iovec iov = { frame, size - 4 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	struct tpacket_auxdata aux;
	uint16_t tag[2];
	ssize_t len;

	if (poll(&poller, 1, ms) <= 0)
		return 0;
	len = recvmsg(fd, &msg, MSG_DONTWAIT);
	if (len <= 0)
		return 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			continue;
		tag[0] = __builtin_bswap16(aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : 0x8100);
		tag[1] = __builtin_bswap16(aux.tp_vlan_tci);
		memmove(frame + 16, frame + 12, (size_t)len - 12);
		memcpy(frame + 12, tag, 4);
		len += 4;
	}
	return (size_t)len;
}

/* --- frames ---------------------------------------------------------------------------------------------------------- */

/* Experimental EtherType, then bytes that differ from place to place and from @seed to seed. */
static inline void frame_make(uint8_t *frame, size_t len, unsigned seed)
{
	static const uint8_t head[14] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };

	for (size_t i = 0; i < len; i++)
		frame[i] = i < sizeof(head) ? head[i] : (uint8_t)(i * 7 + seed * 13 + (i >> 8));
}

/* The Internet checksum's sum of @len bytes, two by two, as RFC 1071 tells it. */
static inline uint32_t plain_sum(const uint8_t *data, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/*
 * Whether the checksums of an IPv4 packet (header, TCP or UDP) at @frame + @l2 are right, by the rule that everything
 * together sums up to 0xffff.
 */
static inline bool ipv4_is_right(const uint8_t *frame, size_t len, size_t l2)
{
	const uint8_t *ip = frame + l2;
	size_t header = (ip[0] & 15u) * 4u, total = (size_t)ip[2] << 8 | ip[3];

	if (l2 + total > len || ip[0] >> 4 != 4 || plain_sum(ip, header, 0) != 0xffff)
		return false;
	return plain_sum(ip + header, total - header, plain_sum(ip + 12, 8, ip[9] + (uint32_t)(total - header))) ==
	       0xffff;
}

/* --- ports ----------------------------------------------------------------------------------------------------------- */

struct hostnet {
	struct weir *weir;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
};

/* A context with a pool of @count buffers of @room data bytes and a cache of it. */
static inline bool hostnet_open(struct hostnet *net, unsigned count, unsigned room)
{
	const struct weir_pool_conf conf = { .count = count, .room = room + WEIR_HEADROOM };

	return !weir_open(NULL, &net->weir) && !weir_pool_create(net->weir, &conf, &net->pool) &&
	       !weir_pool_cache_create(net->pool, 0, &net->cache);
}

/* Sees that no buffer is lost, and closes everything. */
static inline void hostnet_close(struct hostnet *net)
{
	struct weir_pool_info info;

	weir_pool_info(net->pool, &info);
	CU_ASSERT_EQUAL(info.in_use, 0);
	CU_ASSERT_EQUAL(info.misuse, 0);
	weir_pool_cache_destroy(net->cache);
	weir_close(net->weir);
}

/* Opens and starts a port; NULL, and a failed assertion, when either fails. */
static inline struct weir_port *port_up(struct hostnet *net, const char *spec, uint32_t offloads)
{
	const struct weir_port_conf conf = { .pool = net->pool, .offloads = offloads };
	struct weir_port *port = NULL;

	if (!weir_port_open(net->weir, spec, &conf, &port) && !weir_port_start(port))
		return port;
	printf("\n    %s\n", weir_error());
	CU_FAIL("a port does not start");
	weir_port_close(port);
	return NULL;
}

static inline uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Long enough for a block of packets to be handed over, 50 times over. */
static inline void settle(void)
{
	usleep(50000);
}

/* Polls until one packet has come, at most a second. Returns its entries. */
static inline unsigned receive_one(struct weir_port *port, struct weir_pkt *pkts, unsigned max)
{
	uint64_t end = now_ms() + 1000;
	struct weir_port_info info;
	unsigned n;

	weir_port_info(port, &info);
	CU_ASSERT_FATAL(info.rx_entries_max <= max);
	do {
		n = weir_rx(weir_port_rxq(port, 0), pkts, info.rx_entries_max);
	} while (!n && now_ms() < end);
	return n;
}

/* The packet's bytes in one piece. Returns how many, and frees it. */
static inline size_t packet_bytes(struct hostnet *net, const struct weir_pkt *pkts, unsigned n, uint8_t *bytes)
{
	size_t len = 0;

	for (unsigned i = 0; i < n; i++) {
		memcpy(bytes + len, weir_pkt_data(net->cache->base, &pkts[i]), pkts[i].len);
		len += pkts[i].len;
	}
	weir_pool_free(net->cache, pkts, n);
	return len;
}

/* Makes a packet of @len bytes, in as many buffers as it takes with at most @piece bytes each. Returns the entries. */
static inline unsigned packet_make(struct hostnet *net, const uint8_t *bytes, size_t len, unsigned piece,
                                   struct weir_pkt *pkts)
{
	unsigned n = (unsigned)((len + piece - 1) / piece);

	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(net->cache, pkts, n), n);
	for (unsigned i = 0; i < n; i++) {
		size_t some = len < piece ? len : piece;

		memcpy(weir_pkt_data(net->cache->base, &pkts[i]), bytes, some);
		pkts[i].len = (uint16_t)some;
		pkts[i].flags = i + 1 < n ? WEIR_PKT_MORE : 0;
		bytes += some;
		len -= some;
	}
	return n;
}

static inline uint64_t rx_drops(struct weir_port *port, enum weir_drop reason)
{
	struct weir_port_stats stats;

	weir_port_stats(port, &stats);
	return stats.rx.drops[reason];
}

static inline uint64_t tx_drops(struct weir_port *port, enum weir_drop reason)
{
	struct weir_port_stats stats;

	weir_port_stats(port, &stats);
	return stats.tx.drops[reason];
}

/* A port on v0, a plain socket on v1. */
struct wire {
	struct hostnet net;
	struct weir_port *port;
	int fd;
};

static inline void wire_up(struct wire *wire, const char *spec, uint32_t offloads)
{
	memset(wire, 0, sizeof(*wire));
	CU_ASSERT_FATAL(veth_make("v0", "v1"));
	CU_ASSERT_FATAL(hostnet_open(&wire->net, 4096, 2048));
	wire->fd = plain_open("v1", false);
	CU_ASSERT_FATAL(wire->fd >= 0);
	wire->port = port_up(&wire->net, spec, offloads);
	CU_ASSERT_PTR_NOT_NULL_FATAL(wire->port);
}

static inline void wire_down(struct wire *wire)
{
	CU_ASSERT_EQUAL(weir_port_close(wire->port), 0);
	hostnet_close(&wire->net);
	close(wire->fd);
	CU_ASSERT(shell("ip link del v0 || true"));
}

static inline unsigned count_files(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

#endif
