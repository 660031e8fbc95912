/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TAP interface: packets to and from this machine's own network stack.
 *
 * The kernel's end is an interface like any other; ours is a file per queue (/dev/net/tun). A read takes one packet,
 * straight into buffers of the pool; a write gives one, straight from them. In front of each goes a virtio-net header,
 * so that checksums and the cutting of long TCP packets can be left to whoever comes later, or to nobody.
 *
 * The files stay open from open to close, because an interface that is not persistent lives as long as they do.
 */
#include "tap.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TUN_DEVICE "/dev/net/tun"
#define STALE_MAX  65536u /* packets that may wait in the kernel from before the start */

/* --- the files ------------------------------------------------------------------------------------------------------- */

static int device_failed(struct weir_port *port, int err)
{
	if (err == -ENOENT || err == -ENODEV || err == -ENXIO)
		return weir_fail(port->weir, err,
		                 "port '%s': there is no " TUN_DEVICE "; load its module with 'modprobe tun', and in a "
		                 "container pass the device in",
		                 port->spec);
	return weir_fail(port->weir, err,
	                 "port '%s': cannot open " TUN_DEVICE
	                 ": %s; it should be open to everybody ('chmod 666 " TUN_DEVICE
	                 "'), because what one may do with an interface is asked later",
	                 port->spec, strerror(-err));
}

static int attach_failed(struct weir_port *port, const char *name, unsigned queues, int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
		return weir_fail(
		    port->weir, err,
		    "port '%s': not permitted to use '%s'; let root give it to you once with 'ip tuntap add "
		    "dev %s mode tap user $USER%s && ip link set %s up', or run as root",
		    port->spec, name, name, queues > 1 ? " multi_queue" : "", name);
	case -EBUSY:
		return weir_fail(port->weir, err,
		                 "port '%s': another program uses '%s'; stop it, or choose another name", port->spec,
		                 name);
	case -E2BIG:
		return weir_fail(port->weir, err, "port '%s': '%s' does not take %u queues; ask for fewer", port->spec,
		                 name, queues);
	case -EINVAL:
		return weir_fail(
		    port->weir, err,
		    "port '%s': '%s' is not a TAP interface with room for %u queues; choose another name, or "
		    "make it with 'ip tuntap add dev %s mode tap%s'",
		    port->spec, name, queues, name, queues > 1 ? " multi_queue" : "");
	default:
		return weir_fail(port->weir, err, "port '%s': cannot attach to '%s': %s", port->spec, name,
		                 strerror(-err));
	}
}

static void files_close(struct tap_port *p)
{
	while (p->queues)
		close(p->fds[--p->queues]);
}

static int files_open(struct tap_port *p, unsigned queues)
{
	while (p->queues < queues) {
		int fd = open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

		if (fd < 0) {
			int err = device_failed(&p->port, -errno);

			files_close(p);
			return err;
		}
		p->fds[p->queues++] = fd;
	}
	return 0;
}

static int file_attach(int fd, struct ifreq *ifr)
{
	const int header = sizeof(struct virtio_net_hdr);

	return ioctl(fd, TUNSETIFF, ifr) || ioctl(fd, TUNSETVNETHDRSZ, &header) ? -errno : 0;
}

/* Makes every file a queue of the interface called @name, which is made when there is none. */
static int files_attach(struct tap_port *p, const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int err;

	memcpy(ifr.ifr_name, name, strlen(name) + 1);
	if (p->queues > 1)
		ifr.ifr_flags |= IFF_MULTI_QUEUE;
	err = file_attach(p->fds[0], &ifr);
	if (err == -EINVAL && p->queues == 1) { /* it may have been made for several queues */
		ifr.ifr_flags |= IFF_MULTI_QUEUE;
		err = file_attach(p->fds[0], &ifr);
	}
	for (unsigned i = 1; !err && i < p->queues; i++)
		err = file_attach(p->fds[i], &ifr);
	return err ? attach_failed(&p->port, name, p->queues, err) : 0;
}

/* --- the port -------------------------------------------------------------------------------------------------------- */

enum { OPTION_QUEUES, OPTION_PERSIST };

static const struct spec_option tap_options[] = {
	[OPTION_QUEUES] = { .key = "queues",
	                    .type = SPEC_NUMBER,
	                    .min = 1,
	                    .max = TAP_QUEUES_MAX,
	                    .help = "the number of queues each way" },
	[OPTION_PERSIST] = { .key = "persist", .type = SPEC_BOOL, .help = "whether the interface stays afterwards" },
	{ .key = NULL },
};

static int tap_open(struct weir_port *port, const struct spec *spec)
{
	unsigned queues = (unsigned)spec->value[OPTION_QUEUES].number;
	struct tap_port *p = tap_port(port);
	struct weir_port_info *info = &port->info;
	const char *name = spec->word[0];
	int err;

	if (strlen(name) >= IFNAMSIZ)
		return weir_fail(port->weir, -EINVAL, "port '%s': '%s' is longer than the %u characters of a name",
		                 port->spec, name, IFNAMSIZ - 1);
	info->receives = info->sends = info->can_wait = true;
	info->rx_queues_max = info->tx_queues_max = TAP_QUEUES_MAX;
	info->offloads = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_LRO | WEIR_OFFLOAD_LRO_EXACT | WEIR_OFFLOAD_RX_META |
	                 WEIR_OFFLOAD_TX_CSUM | WEIR_OFFLOAD_TX_VLAN | WEIR_OFFLOAD_TX_TSO;
	info->rx_queues = queues ? queues : port->conf.rx_queues ? port->conf.rx_queues : 1;
	info->tx_queues = queues ? queues : port->conf.tx_queues ? port->conf.tx_queues : 1;
	queues = info->rx_queues > info->tx_queues ? info->rx_queues : info->tx_queues;
	if (queues > TAP_QUEUES_MAX)
		return weir_fail(port->weir, -EINVAL, "port '%s': %u queues asked for; it has at most %u", port->spec,
		                 queues, TAP_QUEUES_MAX);
	err = files_open(p, queues);
	if (err)
		return err;
	err = files_attach(p, name);
	if (err)
		goto close;
	err = host_if_open(port, &p->nif, name);
	if (err)
		goto close;
	if (spec->value[OPTION_PERSIST].set &&
	    ioctl(p->fds[0], TUNSETPERSIST, (unsigned long)spec->value[OPTION_PERSIST].number)) {
		err = weir_fail(port->weir, -errno, "port '%s': '%s' does not become persistent: %s", port->spec, name,
		                strerror(errno));
		goto close_if;
	}
	err = host_decide_entries(port);
	if (!err)
		return 0;

close_if:
	host_if_close(&p->nif);
close:
	files_close(p);
	return err;
}

static void rxq_close(struct tap_rxq *q)
{
	if (q->spares)
		weir_pool_free(q->rxq.cache, q->bufs, q->spares);
	free(q->bufs);
	free(q->iov);
	q->bufs = NULL;
	q->iov = NULL;
	q->spares = 0;
}

/* What waited in the kernel while nobody received is old news. */
static void rxq_discard_stale(const struct tap_rxq *q)
{
	uint8_t some[64];

	for (unsigned i = 0; i < STALE_MAX; i++)
		if (read(q->fd, some, sizeof(some)) < 0)
			return;
}

static int rxq_open(struct tap_port *p, struct tap_rxq *q)
{
	q->fd = p->fds[q->rxq.index];
	q->offloads = p->port.conf.offloads;
	q->need = p->port.info.rx_entries_max;
	q->spares = 0;
	if (q->need + 2 > TAP_VECTORS_MAX)
		return weir_fail(p->port.weir, -EINVAL,
		                 "port '%s': a packet takes %u buffers, and the kernel fills at most %u; give the pool "
		                 "larger ones",
		                 p->port.spec, q->need, TAP_VECTORS_MAX - 2);
	q->bufs = calloc(q->need, sizeof(*q->bufs));
	q->iov = calloc(q->need + 2, sizeof(*q->iov));
	if (!q->bufs || !q->iov)
		return weir_fail(p->port.weir, -ENOMEM, "port '%s': no memory for a receive queue", p->port.spec);
	rxq_discard_stale(q);
	q->rxq.burst = tap_rx;
	return 0;
}

static int txq_open(struct tap_port *p, struct tap_txq *q)
{
	q->fd = p->fds[q->txq.index];
	q->frame_max = host_frame_max(&p->port);
	q->frame = malloc(HOST_FRAME_MAX);
	if (!q->frame)
		return weir_fail(p->port.weir, -ENOMEM, "port '%s': no memory for a transmit queue", p->port.spec);
	q->txq.burst = tap_tx;
	return 0;
}

static int tap_stop(struct weir_port *port)
{
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		rxq_close(tap_rxq(port->rxqs[i]));
	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		free(tap_txq(port->txqs[i])->frame);
		tap_txq(port->txqs[i])->frame = NULL;
	}
	return 0;
}

static int tap_start(struct weir_port *port)
{
	struct tap_port *p = tap_port(port);
	unsigned long offloads = 0;
	int err;

	if (port->conf.offloads & WEIR_OFFLOAD_LRO)
		offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
	if (ioctl(p->fds[0], TUNSETOFFLOAD, offloads))
		return weir_fail(port->weir, -errno, "port '%s': the interface does not take offloads: %s", port->spec,
		                 strerror(errno));
	err = host_if_bring_up(port, &p->nif);
	if (!err)
		err = host_decide_entries(port);
	for (unsigned i = 0; !err && i < port->info.rx_queues; i++)
		err = rxq_open(p, tap_rxq(port->rxqs[i]));
	for (unsigned i = 0; !err && i < port->info.tx_queues; i++)
		err = txq_open(p, tap_txq(port->txqs[i]));
	if (err) {
		tap_stop(port);
		return err;
	}
	snprintf(port->info.variant, sizeof(port->info.variant), "vnet header%s", offloads ? ", TSO" : "");
	return 0;
}

static int tap_close(struct weir_port *port)
{
	struct tap_port *p = tap_port(port);

	host_if_close(&p->nif);
	files_close(p);
	return 0;
}

static int tap_rxq_fd(struct weir_rxq *rxq)
{
	return tap_rxq(rxq)->fd;
}

/* The file is readable while a packet waits: there is nothing to arm. */
static int tap_rxq_arm(struct weir_rxq *rxq)
{
	return weir_rxq_finished(rxq);
}

static int tap_link(struct weir_port *port, struct weir_link *link)
{
	return host_if_link(port, &tap_port(port)->nif, link);
}

/* A longer frame may be sent at once; it is received when the port is started the next time. */
static int tap_set_mtu(struct weir_port *port, unsigned mtu)
{
	struct tap_port *p = tap_port(port);
	int err;

	err = host_if_set_mtu(port, &p->nif, mtu);
	if (err)
		return err;
	port->info.mtu = mtu;
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		__atomic_store_n(&tap_txq(port->txqs[i])->frame_max, host_frame_max(port), __ATOMIC_RELAXED);
	return port->info.started ? 0 : host_decide_entries(port);
}

/* Through the file, because its owner may do so without being root. */
static int tap_set_mac(struct weir_port *port, const uint8_t mac[6])
{
	struct tap_port *p = tap_port(port);
	struct ifreq ifr = { .ifr_hwaddr.sa_family = ARPHRD_ETHER };

	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	if (!ioctl(p->fds[0], SIOCSIFHWADDR, &ifr))
		return 0;
	return host_if_set_mac(port, &p->nif, mac);
}

/* All that the kernel sends to the interface comes out of it. */
static int tap_set_promiscuous(struct weir_port *port, bool on)
{
	return on ? 0
	          : weir_fail(port->weir, -ENOTSUP,
	                      "port '%s': a TAP interface hands over everything that is sent to it", port->spec);
}

const struct weir_driver tap_driver = {
	.name = "tap",
	.help = "tap:INTERFACE[,queues=N][,persist]  a TAP interface, to this machine's own network stack",
	.words_min = 1,
	.words_max = 1,
	.options = tap_options,
	.port_size = sizeof(struct tap_port),
	.rxq_size = sizeof(struct tap_rxq),
	.txq_size = sizeof(struct tap_txq),
	.open = tap_open,
	.start = tap_start,
	.stop = tap_stop,
	.close = tap_close,
	.link = tap_link,
	.set_mtu = tap_set_mtu,
	.set_promiscuous = tap_set_promiscuous,
	.set_mac = tap_set_mac,
	.rxq_fd = tap_rxq_fd,
	.rxq_arm = tap_rxq_arm,
};
