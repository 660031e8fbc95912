/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * tap:NAME: the other end is a network interface of this machine's kernel, made here unless it is there. It may be moved
 * into another network namespace afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/core.h"
#include "sim/wire.h"

#define BURST 64u

struct tap {
	struct sim_wire wire;
	int fd;
	uint64_t received, refused;
	uint8_t frame[SIM_FRAME_MAX];
};

static struct tap *tap_of(struct sim_wire *wire)
{
	return (struct tap *)wire;
}

static int bring_up(const char *name)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	memcpy(request.ifr_name, name, strlen(name));
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		err = -errno;
	request.ifr_flags |= IFF_UP;
	if (!err && ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int tap_open(struct sim_wire *wire, const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd, err;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return weir_fail(NULL, -EINVAL,
		                 "wire tap needs the name of an interface of 1 to %d characters: tap:tap0",
		                 IFNAMSIZ - 1);
	memcpy(request.ifr_name, name, strlen(name));
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return weir_fail(NULL, -errno, "cannot open /dev/net/tun: %s", strerror(errno));
	err = ioctl(fd, TUNSETIFF, &request) < 0 ? -errno : bring_up(name);
	if (err) {
		close(fd);
		return weir_fail(NULL, err, "cannot make the interface %s: %s%s", name, strerror(-err),
		                 err == -EPERM ? "; it takes CAP_NET_ADMIN" : "");
	}
	tap_of(wire)->fd = fd;
	return 0;
}

static void tap_close(struct sim_wire *wire)
{
	close(tap_of(wire)->fd);
}

/* The kernel refuses frames while the interface is down: they are lost, as on a cable to a machine that is off. */
static bool tap_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	struct tap *tap = tap_of(wire);

	if (write(tap->fd, frame, len) == (ssize_t)len)
		return true;
	if (errno == EAGAIN)
		return false;
	tap->refused++;
	return true;
}

static unsigned tap_run(struct sim_wire *wire, uint64_t now_ns)
{
	struct tap *tap = tap_of(wire);
	unsigned n = 0;
	ssize_t len;

	(void)now_ns;
	for (; n < BURST && wire_room(wire->nic); n++) {
		len = read(tap->fd, tap->frame, sizeof(tap->frame));
		if (len <= 0)
			break;
		wire_deliver(wire->nic, tap->frame, wire_pad(tap->frame, (size_t)len), 0, 0);
	}
	tap->received += n;
	return n;
}

static int tap_fd(const struct sim_wire *wire)
{
	return ((const struct tap *)wire)->fd;
}

static void tap_link(struct sim_wire *wire, bool up)
{
	int carrier = up;

	(void)ioctl(tap_of(wire)->fd, TUNSETCARRIER, &carrier);
}

static int tap_counter(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value)
{
	const struct tap *tap = (const struct tap *)wire;
	const struct wire_counter rows[] = { { "tap_received", tap->received }, { "tap_refused", tap->refused } };

	return wire_counter(rows, 2, index, name, value);
}

const struct wire_ops wire_tap = {
	.name = "tap",
	.size = sizeof(struct tap),
	.open = tap_open,
	.close = tap_close,
	.send = tap_send,
	.run = tap_run,
	.fd = tap_fd,
	.link = tap_link,
	.counter = tap_counter,
};
