/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * af_xdp: a kernel interface through AF_XDP sockets, one for each queue (Linux 5.9 or newer).
 *
 *      af_xdp:eth1,mode=copy,queues=2,first=4
 *
 * The buffers of the port's pool are the UMEM, the memory that the kernel reads and writes: what is received is in a
 * buffer of the pool, and a buffer of the pool is sent as it is. So forwarding between two af_xdp ports with the same
 * pool copies nothing here (in copy mode the kernel copies once each way; in zero-copy mode nobody does). Each port
 * registers the pool's memory for itself, and its queues share that, so ports come and go independently of each other.
 * Packets in buffers of another pool, or shared with somebody, are copied first: counter tx_copied.
 *
 * What the kernel does, and what follows from it:
 *
 *  - Frames that go to a veth from this machine's own stack have no checksum yet, and AF_XDP has no word for that.
 *    Whoever sends them must fill it in: 'ethtool -K VETH tx off' on the side that sends. The same goes for VLAN tags,
 *    which otherwise travel beside the data and are lost: 'ethtool -K VETH txvlan off'; and on a card that takes them
 *    out of what it receives, 'ethtool -K CARD rxvlan off'.
 *  - A frame that arrives on a queue which the port does not have goes to the kernel's stack. 'ethtool -L' sets how many
 *    queues an interface has.
 *  - Native mode on a veth wants as many receive queues as the other end has transmit queues.
 *  - A received frame begins 256 bytes or more into its buffer. A buffer is used up to 4096 bytes (a page); longer
 *    frames take several, from Linux 6.6 on.
 *  - Zero-copy wants memory that is contiguous for the device: the pool must be in hugepages.
 *  - Who may: CAP_NET_RAW for the sockets, CAP_NET_ADMIN and CAP_BPF for the program; RLIMIT_MEMLOCK applies without
 *    CAP_IPC_LOCK.
 */
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "af_xdp.h"
#include "mem/mem.h"

#define SLOTS_DEFAULT 2048u /* what a burst of TCP needs when others want the processor too */
#define SLOTS_MIN     64u
#define SLOTS_MAX     16384u
#define CHUNK_MIN     2048u /* the kernel's; the largest is a page */
#define QUEUES_MAX    64u   /* of an interface that does not tell */
#define LOOK_HZ       100u  /* how often an idle queue looks whether its interface is still there */
#define DRAIN_NS      1000000000ll
#define ZC_ENTRIES    8u /* descriptors of a frame that drivers in zero-copy mode can take */

enum { OPT_MODE, OPT_QUEUES, OPT_FIRST };

static const char *const mode_words[] = { "auto", "zerocopy", "copy", "skb", NULL };

static const struct spec_option options[] = {
	[OPT_MODE] = { "mode", SPEC_CHOICE, 0, 0, mode_words, "how frames get here; auto: the best that works" },
	[OPT_QUEUES] = { "queues", SPEC_NUMBER, 1, QUEUES_MAX, NULL, "receive and transmit queues" },
	[OPT_FIRST] = { "first", SPEC_NUMBER, 0, 65535, NULL, "queue of the interface to begin with" },
	{ NULL, SPEC_STRING, 0, 0, NULL, NULL },
};

/* --- open and close --------------------------------------------------------------------------------------------------- */

static unsigned slots_decide(unsigned asked)
{
	unsigned slots = SLOTS_MIN;

	if (!asked)
		asked = SLOTS_DEFAULT;
	while (slots < asked && slots < SLOTS_MAX)
		slots *= 2;
	return slots;
}

/* How many queues the interface has. Those that cannot say are left to the kernel to judge. */
static int channels_read(struct xdp_port *p)
{
	struct ethtool_channels channels = { .cmd = ETHTOOL_GCHANNELS };
	struct weir_port_info *info = &p->port.info;
	struct ifreq ifr = { .ifr_data = (void *)&channels };
	unsigned tx;

	info->rx_queues_max = info->tx_queues_max = QUEUES_MAX;
	memcpy(ifr.ifr_name, p->nif.name, sizeof(ifr.ifr_name));
	if (ioctl(p->nif.fd, SIOCETHTOOL, &ifr) || !(channels.rx_count + channels.combined_count))
		return 0;
	p->channels = channels.rx_count + channels.combined_count;
	p->combined = channels.combined_count > 0;
	if (p->first >= p->channels)
		return weir_fail(p->port.weir, -EINVAL,
		                 "port '%s': there is no queue %u, '%s' has %u; set more with 'ethtool -L %s', or give "
		                 "a smaller first=",
		                 p->port.spec, p->first, p->nif.name, p->channels, p->nif.name);
	info->rx_queues_max = p->channels - p->first;
	tx = channels.tx_count + channels.combined_count;
	info->tx_queues_max = tx > p->first ? tx - p->first : 0;
	return 0;
}

static int xdp_open(struct weir_port *port, const struct spec *spec)
{
	struct xdp_port *p = xdp_port(port);
	struct weir_port_info *info = &port->info;
	int err;

	p->map = p->program = p->link = -1;
	p->mode = (unsigned)spec->value[OPT_MODE].number;
	p->first = (unsigned)spec->value[OPT_FIRST].number;
	err = host_if_open(port, &p->nif, spec->word[0]);
	if (err)
		return err;
	err = channels_read(p);
	if (err) {
		host_if_close(&p->nif);
		return err;
	}
	if (spec->value[OPT_QUEUES].set)
		info->rx_queues = info->tx_queues = (unsigned)spec->value[OPT_QUEUES].number;
	info->receives = info->sends = info->can_wait = true;
	info->rx_slots = slots_decide(port->conf.rx_slots);
	info->tx_slots = slots_decide(port->conf.tx_slots);
	info->rx_entries_max = XDP_ENTRIES_MAX;
	return 0;
}

static int xdp_close(struct weir_port *port)
{
	host_if_close(&xdp_port(port)->nif);
	return 0;
}

/* --- start ------------------------------------------------------------------------------------------------------------ */

/* Settles what part of each buffer is the kernel's, and how its addresses and our buffers translate into each other. */
static int pool_describe(struct xdp_port *p)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	struct xdp_lent *lent = &p->lent;
	struct weir_pool_info info;
	uint64_t offset, size;

	weir_pool_info(p->pool, &info);
	weir_pool_extent(p->pool, &offset, &size);
	if (info.room < CHUNK_MIN)
		return weir_fail(p->port.weir, -EINVAL,
		                 "port '%s': the buffers of %s have %u bytes; AF_XDP needs %u or more", p->port.spec,
		                 info.name, info.room, CHUNK_MIN);
	*lent = (struct xdp_lent){
		.area = offset & ~(uint64_t)(page - 1),
		.first = (uint32_t)(offset >> 6),
		.units = (uint32_t)(size >> 6),
		.chunk = info.room < page ? info.room : page,
	};
	p->area_size = offset + size - lent->area;
	p->headroom = info.headroom > XDP_PACKET_HEADROOM ? info.headroom : XDP_PACKET_HEADROOM;
	if (p->headroom + XDP_FRAME_MIN > lent->chunk)
		return weir_fail(p->port.weir, -EINVAL,
		                 "port '%s': the buffers of %s have a headroom of %u, which leaves no room in the %u "
		                 "bytes that AF_XDP uses",
		                 p->port.spec, info.name, info.headroom, lent->chunk);
	return 0;
}

/* A port that only sends and has no pool gets one: the kernel reads from a UMEM and nowhere else. */
static int pool_decide(struct xdp_port *p)
{
	struct weir_pool_conf conf = { .name = "af_xdp", .count = 2 * p->port.info.tx_queues * p->port.info.tx_slots };
	int err = 0;

	p->pool = p->port.conf.pool;
	if (!p->pool) {
		err = weir_pool_create(p->port.weir, &conf, &p->own_pool);
		p->pool = p->own_pool;
	}
	return err ? err : pool_describe(p);
}

static void queues_free(struct xdp_port *p)
{
	for (unsigned i = 0; i < p->port.info.rx_queues; i++) {
		free(xdp_rxq(p, i)->lent.out);
		xdp_rxq(p, i)->lent.out = NULL;
	}
	for (unsigned i = 0; i < p->port.info.tx_queues; i++) {
		struct xdp_txq *q = xdp_txq(p, i);

		free(q->lent.out);
		q->lent.out = NULL;
		if (q->cache != q->txq.cache)
			weir_pool_cache_destroy(q->cache);
		q->cache = NULL;
	}
	free(p->sockets);
	p->sockets = NULL;
	weir_pool_destroy(p->own_pool);
	p->own_pool = NULL;
}

/* All memory that the queues need. What an unfinished one got is freed by queues_free(). */
static int queues_alloc(struct xdp_port *p)
{
	struct weir_port_info *info = &p->port.info;
	size_t list = p->lent.units / 32 + 1;
	bool good;
	int err;

	p->socket_count = info->rx_queues > info->tx_queues ? info->rx_queues : info->tx_queues;
	p->sockets = calloc(p->socket_count, sizeof(*p->sockets));
	good = p->sockets;
	for (unsigned i = 0; i < info->rx_queues; i++) {
		struct xdp_rxq *q = xdp_rxq(p, i);

		q->lent = p->lent;
		q->lent.out = calloc(list, 1);
		good &= q->lent.out != NULL;
	}
	for (unsigned i = 0; i < info->tx_queues; i++) {
		struct xdp_txq *q = xdp_txq(p, i);

		q->lent = p->lent;
		q->lent.out = calloc(list, 1);
		good &= q->lent.out != NULL;
		q->cache = q->txq.cache;
		if (!p->own_pool)
			continue;
		err = weir_pool_cache_create(p->own_pool, 0, &q->cache);
		if (err)
			return err;
	}
	return good ? 0 : weir_fail(p->port.weir, -ENOMEM, "port '%s': no memory for its queues", p->port.spec);
}

/* The queues as the sockets that were bound have them. */
static void queues_wire(struct xdp_port *p)
{
	struct weir_port_info *info = &p->port.info;

	for (unsigned i = 0; i < info->rx_queues; i++) {
		struct xdp_rxq *q = xdp_rxq(p, i);

		q->rx = p->sockets[i].rx;
		q->fill = p->sockets[i].fill;
		q->fd = xsk_socket__fd(p->sockets[i].xsk);
		q->interval = weir_clock_hz() / LOOK_HZ;
		q->owed = q->fill.size;
		xdp_refill(q);
	}
	for (unsigned i = 0; i < info->tx_queues; i++) {
		struct xdp_txq *q = xdp_txq(p, i);

		q->tx = p->sockets[i].tx;
		q->comp = p->sockets[i].comp;
		q->fd = xsk_socket__fd(p->sockets[i].xsk);
		q->frame_max = info->mtu + XDP_FRAME_MIN + HOST_VLAN_LEN;
		q->entries_max = !p->way->frags ? 1 : p->way->zerocopy ? ZC_ENTRIES : XDP_ENTRIES_MAX;
		q->copies = !p->way->zerocopy;
		q->gone = false;
	}
	info->rx_entries_max = p->way->frags ? XDP_ENTRIES_MAX : 1;
	snprintf(info->variant, sizeof(info->variant), "%s, need-wakeup%s", p->way->name,
	         p->way->frags ? ", multi-buffer" : "");
}

/* What works, but not as the user may have meant it. */
static void start_warn(struct xdp_port *p)
{
	struct weir *weir = p->port.weir;
	unsigned owed = 0;

	for (unsigned i = 0; i < p->port.info.rx_queues; i++)
		owed += xdp_rxq(p, i)->owed;
	if (owed)
		weir_log(weir, WEIR_LOG_WARNING,
		         "port '%s': the pool had no buffers for %u of its %u receive slots; give it a larger pool",
		         p->port.spec, owed, p->port.info.rx_queues * p->port.info.rx_slots);
	if (p->port.info.rx_queues && p->port.info.rx_queues < p->channels)
		weir_log(weir, WEIR_LOG_WARNING,
		         "port '%s': '%s' has %u receive queues, and what arrives on the others goes to the kernel; "
		         "add queues=%u, or set 'ethtool -L %s %s %u'",
		         p->port.spec, p->nif.name, p->channels, p->channels, p->nif.name,
		         p->combined ? "combined" : "rx", p->port.info.rx_queues);
}

/* The interface has to be there, up, and in the network namespace of the calling thread, where it is bound to. */
static int interface_check(struct xdp_port *p)
{
	if (!host_if_exists(&p->nif))
		return weir_fail(p->port.weir, -ENODEV, "port '%s': the interface is gone", p->port.spec);
	if (if_nametoindex(p->nif.name) != p->nif.index)
		return weir_fail(p->port.weir, -ENODEV,
		                 "port '%s': '%s' is in another network namespace than this thread; start the port "
		                 "from a thread that is in the one it was opened in",
		                 p->port.spec, p->nif.name);
	return host_if_need_up(&p->port, &p->nif);
}

/* Frees the buffers that were lent and never came back, once the kernel is out of them. */
static void lent_reclaim(struct xdp_lent *lent, struct weir_pool_cache *cache)
{
	uint32_t buf;

	for (uint32_t i = 0; i <= lent->units / 32; i++) {
		if (!lent->out[i])
			continue;
		buf = lent->first + 32 * i + lent->out[i] - 1;
		weir_pool_free_bufs(cache, &buf, 1);
	}
}

static void queues_reclaim(struct xdp_port *p)
{
	for (unsigned i = 0; i < p->port.info.rx_queues; i++)
		lent_reclaim(&xdp_rxq(p, i)->lent, p->port.rxqs[i]->cache);
	for (unsigned i = 0; i < p->port.info.tx_queues; i++)
		lent_reclaim(&xdp_txq(p, i)->lent, xdp_txq(p, i)->cache);
}

static int xdp_start(struct weir_port *port)
{
	struct xdp_port *p = xdp_port(port);
	int err;

	err = interface_check(p);
	if (err)
		return err;
	err = pool_decide(p);
	if (!err)
		err = queues_alloc(p);
	if (!err)
		err = xdp_bind(p);
	if (err)
		goto free;
	queues_wire(p);
	err = xdp_steer(p);
	if (err)
		goto unbind;
	start_warn(p);
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		port->rxqs[i]->burst = xdp_rx;
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		port->txqs[i]->burst = xdp_tx;
	return 0;

unbind:
	xdp_unbind(p);
	queues_reclaim(p);
free:
	queues_free(p);
	return err;
}

/* --- stop ------------------------------------------------------------------------------------------------------------- */

static bool lent_any(const struct xdp_lent *lent)
{
	for (uint32_t i = 0; i <= lent->units / 32; i++)
		if (lent->out[i])
			return true;
	return false;
}

/* Has everything sent, and waits until the kernel has let go of it. Returns how many descriptors it never took. */
static unsigned queues_drain(struct xdp_port *p)
{
	struct timespec now;
	unsigned left;
	int64_t end;
	bool busy;

	clock_gettime(CLOCK_MONOTONIC, &now);
	end = now.tv_sec * 1000000000ll + now.tv_nsec + DRAIN_NS;
	for (;;) {
		left = 0;
		busy = false;
		for (unsigned i = 0; i < p->port.info.tx_queues; i++) {
			struct xdp_txq *q = xdp_txq(p, i);

			left += xdp_flush(q);
			busy |= !q->gone && lent_any(&q->lent);
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((!left && !busy) || now.tv_sec * 1000000000ll + now.tv_nsec > end)
			return left;
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
}

static int xdp_stop(struct weir_port *port)
{
	struct xdp_port *p = xdp_port(port);
	unsigned left;

	xdp_detach(p);
	left = queues_drain(p);
	xdp_statistics(p, p->past);
	xdp_unbind(p);
	queues_reclaim(p);
	queues_free(p);
	if (!left)
		return 0;
	queue_drop(&port->txqs[0]->stats, WEIR_DROP_LINK_DOWN, left);
	return weir_fail(port->weir, -EIO, "port '%s': %u packets could not be sent before it stopped; is '%s' up?",
	                 port->spec, left, p->nif.name);
}

/* --- the interface ---------------------------------------------------------------------------------------------------- */

static int xdp_link(struct weir_port *port, struct weir_link *link)
{
	return host_if_link(port, &xdp_port(port)->nif, link);
}

static int xdp_set_mtu(struct weir_port *port, unsigned mtu)
{
	struct xdp_port *p = xdp_port(port);
	unsigned frame = mtu + XDP_FRAME_MIN + HOST_VLAN_LEN;
	int err;

	if (port->info.started && !p->way->frags && frame > p->lent.chunk - p->headroom)
		return weir_fail(port->weir, -EMSGSIZE,
		                 "port '%s': frames of up to %u bytes would not fit into buffers that have room for %u",
		                 port->spec, frame, p->lent.chunk - p->headroom);
	err = host_if_set_mtu(port, &p->nif, mtu);
	for (unsigned i = 0; !err && port->info.started && i < port->info.tx_queues; i++)
		__atomic_store_n(&xdp_txq(p, i)->frame_max, frame, __ATOMIC_RELAXED);
	return err;
}

static int xdp_set_promiscuous(struct weir_port *port, bool on)
{
	return host_if_set_promiscuous(port, &xdp_port(port)->nif, on);
}

static int xdp_set_mac(struct weir_port *port, const uint8_t mac[6])
{
	return host_if_set_mac(port, &xdp_port(port)->nif, mac);
}

static int xdp_rxq_fd(struct weir_rxq *rxq)
{
	return container_of(rxq, struct xdp_rxq, rxq)->fd;
}

static int xdp_rxq_arm(struct weir_rxq *rxq)
{
	return xdp_arm(container_of(rxq, struct xdp_rxq, rxq));
}

const struct weir_driver af_xdp_driver = {
	.name = "af_xdp",
	.help = "af_xdp:INTERFACE[,mode=auto|zerocopy|copy|skb][,queues=N][,first=N]  an interface, through AF_XDP",
	.words_min = 1,
	.words_max = 1,
	.options = options,
	.port_size = sizeof(struct xdp_port),
	.rxq_size = sizeof(struct xdp_rxq),
	.txq_size = sizeof(struct xdp_txq),
	.open = xdp_open,
	.start = xdp_start,
	.stop = xdp_stop,
	.close = xdp_close,
	.link = xdp_link,
	.set_mtu = xdp_set_mtu,
	.set_promiscuous = xdp_set_promiscuous,
	.set_mac = xdp_set_mac,
	.rxq_fd = xdp_rxq_fd,
	.rxq_arm = xdp_rxq_arm,
	.stats = xdp_stats,
	.counter = xdp_counter,
};
