/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packet sockets: any interface that the kernel drives, at the price of a copy each way.
 *
 * Each queue is a socket of its own. A receive queue is a ring of blocks (TPACKET_V3) into which the kernel puts frames
 * one after the other; it hands a block over when it is full or RETIRE_MS old. Several receive queues share the
 * interface by PACKET_FANOUT. A transmit queue is a ring of slots; a send() makes the kernel take all that are filled.
 *
 * Frames cross with a virtio-net header, so that packets of the local stack (from a veth's other end, a container) keep
 * their unfilled checksums and their length of up to 64 KiB from one port to the next.
 */
#include "af_packet.h"

#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUEUES_MAX  64u
#define RETIRE_MS   1u /* the least there is: how long a packet may wait for its block to fill */
#define RX_SLOTS    2048u
#define RX_SLOT     2048u /* bytes: what a number of slots means in blocks */
#define BLOCKS_MIN  4u
#define TX_SLOTS    128u
#define SLOTS_MAX   16384u
#define SEND_BUFFER (16 << 20)
#define DRAIN_MS    1000u

static const char *const fanout_words[] = { "hash", "lb", "cpu", NULL };
static const unsigned fanout_modes[] = { PACKET_FANOUT_HASH, PACKET_FANOUT_LB, PACKET_FANOUT_CPU };

/* --- queues ---------------------------------------------------------------------------------------------------------- */

static int packet_fail(struct packet_port *p, int err, const char *what)
{
	if (err == -EPERM || err == -EACCES)
		return weir_fail(p->port.weir, err,
		                 "port '%s': not permitted to use packet sockets; run as root or give the program "
		                 "CAP_NET_RAW (setcap cap_net_raw+ep PROGRAM)",
		                 p->port.spec);
	if (err == -ENOMEM)
		return weir_fail(p->port.weir, err, "port '%s': no memory to %s; ask for fewer queues or slots",
		                 p->port.spec, what);
	return weir_fail(p->port.weir, err, "port '%s': cannot %s: %s", p->port.spec, what, strerror(-err));
}

/* A packet socket with what all queues want. Returns it or -errno. */
static int socket_open(struct packet_port *p)
{
	const int version = TPACKET_V3, on = 1;
	int fd, err;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return packet_fail(p, -errno, "make a packet socket");
	if (!host_if_is_near(&p->nif, fd)) {
		err = weir_fail(p->port.weir, -EINVAL,
		                "port '%s': it was opened in another network namespace; start it in that one",
		                p->port.spec);
		goto close;
	}
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on))) {
		err = packet_fail(p, -errno, "use TPACKET_V3 with a vnet header (Linux 4.11 has them)");
		goto close;
	}
	return fd;

close:
	close(fd);
	return err;
}

static int ring_map(struct packet_port *p, int fd, int which, const struct tpacket_req3 *req, uint8_t **ring)
{
	size_t bytes = (size_t)req->tp_block_size * req->tp_block_nr;
	void *map;

	if (setsockopt(fd, SOL_PACKET, which, req, sizeof(*req)))
		return packet_fail(p, -errno, which == PACKET_RX_RING ? "make a receive ring" : "make a transmit ring");
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return packet_fail(p, -errno, "map a ring");
	*ring = map;
	return 0;
}

/* @protocol 0: for sending only. */
static int socket_bind(struct packet_port *p, int fd, unsigned protocol)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = weir_be16((uint16_t)protocol),
		.sll_ifindex = (int)p->nif.index,
	};

	return bind(fd, (struct sockaddr *)&address, sizeof(address)) ? packet_fail(p, -errno, "bind to the interface")
	                                                              : 0;
}

static void rxq_close(struct packet_rxq *q)
{
	if (q->segment < q->segments_end)
		weir_pool_free(q->rxq.cache, q->segments + q->segment, q->segments_end - q->segment);
	if (q->ring)
		munmap(q->ring, q->ring_bytes);
	if (q->fd >= 0)
		close(q->fd);
	free(q->whole);
	free(q->segments);
	q->whole = q->segments = NULL;
	q->segment = q->segments_end = q->frames = q->block = 0;
	q->ring = NULL;
	q->fd = -1;
}

/* Lets nothing through. */
static int filter_all(struct packet_port *p, int fd)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog filter = { .len = 1, .filter = &none };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter))
	           ? packet_fail(p, -errno, "set a filter")
	           : 0;
}

/*
 * A block must take the longest frame with all that the kernel puts before it; not much more, because in a block that
 * is still being filled packets wait.
 */
static void rxq_shape(const struct packet_rxq *q, struct tpacket_req3 *req)
{
	uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
	unsigned slots = q->rxq.port->info.rx_slots;

	memset(req, 0, sizeof(*req));
	req->tp_block_size = (uint32_t)round_up(HOST_FRAME_MAX + 512, page);
	req->tp_block_nr = slots * RX_SLOT / req->tp_block_size;
	if (req->tp_block_nr < BLOCKS_MIN)
		req->tp_block_nr = BLOCKS_MIN;
	req->tp_frame_size = req->tp_block_size; /* of no meaning to TPACKET_V3, but checked */
	req->tp_frame_nr = req->tp_block_nr;
	req->tp_retire_blk_tov = RETIRE_MS;
	if (q->offloads & WEIR_OFFLOAD_RX_HASH)
		req->tp_feature_req_word = TP_FT_REQ_FILL_RXHASH;
}

/* The first queue makes the group, whose number the kernel chooses. */
static int fanout_join(struct packet_port *p, struct packet_rxq *q, int *group)
{
	int arg = (int)fanout_modes[p->fanout_word] << 16;
	socklen_t len = sizeof(arg);

	arg |= *group < 0 ? PACKET_FANOUT_FLAG_UNIQUEID << 16 : *group;
	if (setsockopt(q->fd, SOL_PACKET, PACKET_FANOUT, &arg, sizeof(arg)) ||
	    getsockopt(q->fd, SOL_PACKET, PACKET_FANOUT, &arg, &len))
		return packet_fail(p, -errno, "share the interface between queues");
	*group = arg & 0xffff;
	return 0;
}

/* Opens a receive queue that lets nothing through yet, and makes it share the interface with those before it. */
static int rxq_open(struct packet_port *p, struct packet_rxq *q, int *group)
{
	const struct weir_pool *pool = p->port.conf.pool;
	struct tpacket_req3 req;
	const int on = 1;
	int err;

	q->offloads = p->port.conf.offloads;
	q->entries_max = p->port.info.rx_entries_max;
	q->gone_ns = q->idle = 0;
	rxq_shape(q, &req);
	q->block_bytes = req.tp_block_size;
	q->blocks = req.tp_block_nr;
	q->ring_bytes = (size_t)q->block_bytes * q->blocks;
	q->whole = calloc(host_entries(pool, HOST_FRAME_MAX), sizeof(*q->whole));
	q->segments = calloc(PACKET_SEGMENTS_MAX, sizeof(*q->segments));
	if (!q->whole || !q->segments)
		return packet_fail(p, -ENOMEM, "hold long packets");
	q->fd = socket_open(p);
	if (q->fd < 0)
		return q->fd;
	if (setsockopt(q->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)))
		return packet_fail(p, -errno, "leave out what is sent (Linux 4.20 can)");
	err = filter_all(p, q->fd);
	if (!err)
		err = ring_map(p, q->fd, PACKET_RX_RING, &req, &q->ring);
	if (!err)
		err = socket_bind(p, q->fd, ETH_P_ALL);
	return !err && p->port.info.rx_queues > 1 ? fanout_join(p, q, group) : err;
}

static void txq_close(struct packet_txq *q)
{
	if (q->ring)
		munmap(q->ring, q->ring_bytes);
	if (q->fd >= 0)
		close(q->fd);
	q->ring = NULL;
	q->fd = -1;
}

static int txq_open(struct packet_port *p, struct packet_txq *q)
{
	const int on = 1, buffer = SEND_BUFFER;
	struct tpacket_req3 req = { .tp_block_size = PACKET_TX_CHUNK, .tp_frame_size = PACKET_TX_SLOT };
	int err;

	q->slots_per_chunk = PACKET_TX_CHUNK / PACKET_TX_SLOT;
	req.tp_block_nr = (p->port.info.tx_slots + q->slots_per_chunk - 1) / q->slots_per_chunk;
	req.tp_frame_nr = req.tp_block_nr * q->slots_per_chunk;
	q->slots = req.tp_frame_nr;
	q->ring_bytes = (size_t)req.tp_block_size * req.tp_block_nr;
	q->head = q->tail = 0;
	q->stuck_ns = 0;
	q->fd = socket_open(p);
	if (q->fd < 0)
		return q->fd;
	/* Without these two it works as well: through the queueing discipline, and with less on its way at once. */
	q->bypass = !setsockopt(q->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	if (setsockopt(q->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)))
		setsockopt(q->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	err = ring_map(p, q->fd, PACKET_TX_RING, &req, &q->ring);
	return err ? err : socket_bind(p, q->fd, 0);
}

/* --- the port -------------------------------------------------------------------------------------------------------- */

enum { OPTION_QUEUES, OPTION_FANOUT };

static const struct spec_option packet_options[] = {
	[OPTION_QUEUES] = { .key = "queues",
	                    .type = SPEC_NUMBER,
	                    .min = 1,
	                    .max = QUEUES_MAX,
	                    .help = "the number of receive and of transmit queues" },
	[OPTION_FANOUT] = { .key = "fanout",
	                    .type = SPEC_CHOICE,
	                    .choices = fanout_words,
	                    .help = "how receive queues share: by the hash of the flow, in turns, by CPU" },
	{ .key = NULL },
};

static int decide_slots(struct packet_port *p)
{
	const struct weir_port_conf *conf = &p->port.conf;

	if (conf->rx_slots > SLOTS_MAX || conf->tx_slots > SLOTS_MAX)
		return weir_fail(p->port.weir, -EINVAL,
		                 "port '%s': %u receive and %u transmit slots; it has at most %u", p->port.spec,
		                 conf->rx_slots, conf->tx_slots, SLOTS_MAX);
	p->port.info.rx_slots = conf->rx_slots ? conf->rx_slots : RX_SLOTS;
	p->port.info.tx_slots = conf->tx_slots ? conf->tx_slots : TX_SLOTS;
	return 0;
}

static int packet_open(struct weir_port *port, const struct spec *spec)
{
	struct packet_port *p = packet_port(port);
	struct weir_port_info *info = &port->info;
	int fd, err;

	err = decide_slots(p);
	if (err)
		return err;
	err = host_if_open(port, &p->nif, spec->word[0]);
	if (err)
		return err;
	fd = socket_open(p); /* better to hear now that it is not allowed */
	err = fd < 0 ? fd : host_decide_entries(port);
	if (fd >= 0)
		close(fd);
	if (err) {
		host_if_close(&p->nif);
		return err;
	}
	p->fanout_word = (unsigned)spec->value[OPTION_FANOUT].number;
	info->rx_queues = info->tx_queues = (unsigned)spec->value[OPTION_QUEUES].number;
	info->rx_queues_max = info->tx_queues_max = QUEUES_MAX;
	info->receives = info->sends = info->can_wait = true;
	info->offloads = WEIR_OFFLOAD_RX_CSUM | WEIR_OFFLOAD_RX_VLAN | WEIR_OFFLOAD_RX_HASH | WEIR_OFFLOAD_LRO |
	                 WEIR_OFFLOAD_LRO_EXACT | WEIR_OFFLOAD_RX_META | WEIR_OFFLOAD_TX_CSUM | WEIR_OFFLOAD_TX_VLAN |
	                 WEIR_OFFLOAD_TX_TSO;
	return 0;
}

static void queues_close(struct packet_port *p)
{
	for (unsigned i = 0; i < p->port.info.rx_queues; i++)
		rxq_close(packet_rxq(p->port.rxqs[i]));
	for (unsigned i = 0; i < p->port.info.tx_queues; i++)
		txq_close(packet_txq(p->port.txqs[i]));
}

static int queues_open(struct packet_port *p)
{
	int group = -1, err = 0;

	for (unsigned i = 0; i < p->port.info.rx_queues; i++)
		packet_rxq(p->port.rxqs[i])->fd = -1;
	for (unsigned i = 0; i < p->port.info.tx_queues; i++)
		packet_txq(p->port.txqs[i])->fd = -1;
	for (unsigned i = 0; !err && i < p->port.info.rx_queues; i++)
		err = rxq_open(p, packet_rxq(p->port.rxqs[i]), &group);
	for (unsigned i = 0; !err && i < p->port.info.tx_queues; i++)
		err = txq_open(p, packet_txq(p->port.txqs[i]));
	return err;
}

static int packet_start(struct weir_port *port)
{
	struct packet_port *p = packet_port(port);
	int off = 0, err;

	err = host_if_need_up(port, &p->nif);
	if (err)
		return err;
	err = host_decide_entries(port);
	if (err)
		return err;
	err = queues_open(p);
	if (err)
		goto close;

	/* All queues are in their places: from here on each packet comes once. */
	for (unsigned i = 0; i < port->info.rx_queues; i++) {
		struct packet_rxq *q = packet_rxq(port->rxqs[i]);

		if (setsockopt(q->fd, SOL_SOCKET, SO_DETACH_FILTER, &off, sizeof(off))) {
			err = packet_fail(p, -errno, "remove a filter");
			goto close;
		}
		q->rxq.burst = packet_rx;
	}
	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		packet_txq(port->txqs[i])->frame_max = host_frame_max(port);
		port->txqs[i]->burst = packet_tx;
	}
	snprintf(port->info.variant, sizeof(port->info.variant), "TPACKET_V3, vnet header%s%s",
	         port->info.rx_queues > 1 ? ", fanout=" : "",
	         port->info.rx_queues > 1 ? fanout_words[p->fanout_word] : "");
	return 0;

close:
	queues_close(p);
	return err;
}

/* What the kernel had no room for since the last time, which asking sets to zero. */
static uint64_t read_missed(struct packet_rxq *q)
{
	struct tpacket_stats_v3 stats = { 0 };
	socklen_t len = sizeof(stats);

	if (!q->ring || getsockopt(q->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		return 0;
	__atomic_fetch_add(&q->rxq.stats.drops[WEIR_DROP_MISSED], stats.tp_drops, __ATOMIC_RELAXED);
	return stats.tp_drops;
}

static void packet_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		stats->rx.drops[WEIR_DROP_MISSED] += read_missed(packet_rxq(port->rxqs[i]));
}

static int packet_stop(struct weir_port *port)
{
	struct packet_port *p = packet_port(port);
	unsigned left = 0, waited = 0;

	for (unsigned i = 0; i < port->info.tx_queues; i++) {
		struct packet_txq *q = packet_txq(port->txqs[i]);

		for (packet_tx_kick(q); packet_tx_busy(q) && waited < DRAIN_MS; packet_tx_kick(q), waited++)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		left += q->tail - q->head;
		packet_tx_drop(q, WEIR_DROP_TX_ERROR);
	}
	for (unsigned i = 0; i < port->info.rx_queues; i++)
		read_missed(packet_rxq(port->rxqs[i]));
	queues_close(p);
	return left ? weir_fail(port->weir, -EIO, "port '%s': %u packets could not be sent within a second", port->spec,
	                        left)
	            : 0;
}

static int packet_close(struct weir_port *port)
{
	host_if_close(&packet_port(port)->nif);
	return 0;
}

static int packet_rxq_fd(struct weir_rxq *rxq)
{
	return packet_rxq(rxq)->fd;
}

/* The socket is readable until its newest block is given back: there is nothing to arm. */
static int packet_rxq_arm(struct weir_rxq *rxq)
{
	struct packet_rxq *q = packet_rxq(rxq);

	if (packet_rx_ready(q))
		return 1;
	packet_rx_look(q);
	return q->gone_ns != 0;
}

static int packet_link(struct weir_port *port, struct weir_link *link)
{
	return host_if_link(port, &packet_port(port)->nif, link);
}

/* A longer frame may be sent at once; it is received when the port is started the next time. */
static int packet_set_mtu(struct weir_port *port, unsigned mtu)
{
	struct packet_port *p = packet_port(port);
	int err;

	err = host_if_set_mtu(port, &p->nif, mtu);
	if (err)
		return err;
	port->info.mtu = mtu;
	for (unsigned i = 0; i < port->info.tx_queues; i++)
		__atomic_store_n(&packet_txq(port->txqs[i])->frame_max, host_frame_max(port), __ATOMIC_RELAXED);
	return port->info.started ? 0 : host_decide_entries(port);
}

static int packet_set_promiscuous(struct weir_port *port, bool on)
{
	return host_if_set_promiscuous(port, &packet_port(port)->nif, on);
}

static int packet_set_mac(struct weir_port *port, const uint8_t mac[6])
{
	return host_if_set_mac(port, &packet_port(port)->nif, mac);
}

const struct weir_driver af_packet_driver = {
	.name = "af_packet",
	.help = "af_packet:INTERFACE[,queues=N][,fanout=hash|lb|cpu]  an interface, through a packet socket",
	.words_min = 1,
	.words_max = 1,
	.options = packet_options,
	.port_size = sizeof(struct packet_port),
	.rxq_size = sizeof(struct packet_rxq),
	.txq_size = sizeof(struct packet_txq),
	.open = packet_open,
	.start = packet_start,
	.stop = packet_stop,
	.close = packet_close,
	.link = packet_link,
	.set_mtu = packet_set_mtu,
	.set_promiscuous = packet_set_promiscuous,
	.set_mac = packet_set_mac,
	.rxq_fd = packet_rxq_fd,
	.rxq_arm = packet_rxq_arm,
	.stats = packet_stats,
};
