/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Queues of af_xdp on and off an interface: the XDP program, the UMEM and the sockets.
 *
 * The program is six instructions that hand a frame to the socket of its receive queue, and to the kernel's own network
 * stack when there is none. It is attached through a link, which is a file descriptor: when the process ends, whatever
 * way, the link goes and the program with it. (libxdp's own way to attach, through its dispatcher, pins files that stay.)
 */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "af_xdp.h"
#include "mem/mem.h"

#define PATIENCE 300   /* tries, 10 ms apart, on an interface that is busy */
#define SNDBUF   4096u /* bytes that the kernel counts for a frame on its way, about */

#ifndef BPF_F_XDP_HAS_FRAGS
#define BPF_F_XDP_HAS_FRAGS (1U << 5)
#endif

/* clang-format off */
static const struct xdp_way ways[] = {
	{ .name = "zero-copy",   .native = true, .zerocopy = true, .frags = true },
	{ .name = "zero-copy",   .native = true, .zerocopy = true },
	{ .name = "native copy", .native = true, .frags = true },
	{ .name = "native copy", .native = true },
	{ .name = "skb copy",    .frags = true },
	{ .name = "skb copy" },
};
/* clang-format on */

/* Which of them a mode may use, in the order of the spec's choices: auto, zerocopy, copy, skb. */
static const struct {
	unsigned first, last;
} modes[] = { { 0, 5 }, { 0, 1 }, { 2, 3 }, { 4, 5 } };

/* --- the program ------------------------------------------------------------------------------------------------------ */

static int program_load(struct xdp_port *p, bool frags)
{
	struct bpf_prog_load_opts opts = {
		.sz = sizeof(opts),
		.expected_attach_type = BPF_XDP,
		.prog_flags = frags ? BPF_F_XDP_HAS_FRAGS : 0,
	};
	const struct bpf_insn program[] = {
		/* return redirect_map(&map, context->rx_queue_index, XDP_PASS) */
		{ .code = BPF_LDX | BPF_MEM | BPF_W,
		  .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_1,
		  .off = offsetof(struct xdp_md, rx_queue_index) },
		{ .code = BPF_LD | BPF_DW, /* of an immediate value */
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = p->map },
		{ .code = 0 }, /* the upper half of the descriptor */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	p->program = bpf_prog_load(BPF_PROG_TYPE_XDP, "weir_xsk", "Dual BSD/GPL", program,
	                           sizeof(program) / sizeof(*program), &opts);
	return p->program < 0 ? p->program : 0;
}

/* An interface has one program, and another's must not be taken away. */
static int program_fail_busy(struct xdp_port *p)
{
	uint32_t id = 0;

	if (bpf_xdp_query_id((int)p->nif.index, 0, &id) || !id)
		return weir_fail(NULL, -EBUSY, "port '%s': the XDP side of '%s' is busy; try again", p->port.spec,
		                 p->nif.name);
	return weir_fail(NULL, -EBUSY,
	                 "port '%s': an XDP program of somebody else's (number %u) is attached to '%s'; end the "
	                 "program that uses it, or remove it with 'ip link set dev %s xdp off'",
	                 p->port.spec, id, p->nif.name, p->nif.name);
}

static int program_fail(struct xdp_port *p, const struct xdp_way *way, int err)
{
	const char *name = p->nif.name, *spec = p->port.spec;

	switch (err) {
	case -EPERM:
	case -EACCES:
		return weir_fail(NULL, err,
		                 "port '%s': not permitted to attach an XDP program; run as root or give the program "
		                 "CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF",
		                 spec);
	case -EBUSY:
	case -EEXIST:
		return program_fail_busy(p);
	case -ENOSPC:
		return weir_fail(NULL, err,
		                 "port '%s': native XDP needs as many receive queues of '%s' as its peer has transmit "
		                 "queues, 'ethtool -L %s rx N'",
		                 spec, name, name);
	case -ERANGE:
	case -E2BIG:
	case -EMSGSIZE:
		return weir_fail(
		    NULL, err,
		    "port '%s': the MTU of '%s', or of its peer, is too large for native XDP; lower it with "
		    "'ip link set %s mtu 3498', or use mode=skb",
		    spec, name, name);
	default:
		return weir_fail(NULL, err, "port '%s': '%s' takes no XDP program (%s): %s", spec, name, way->name,
		                 strerror(-err));
	}
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void xdp_detach(struct xdp_port *p)
{
	fd_close(&p->link);
	fd_close(&p->program);
	fd_close(&p->map);
}

static int program_link(struct xdp_port *p, bool native, bool frags)
{
	struct bpf_link_create_opts opts = {
		.sz = sizeof(opts),
		.flags = native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE,
	};
	int err;

	err = program_load(p, frags);
	if (err)
		return err;
	p->link = bpf_link_create(p->program, (int)p->nif.index, BPF_XDP, &opts);
	if (p->link >= 0)
		return 0;
	fd_close(&p->program);
	return p->link;
}

/*
 * Attaches the program the way's way, unless it is already. It can always do with frames of several buffers; a driver or
 * a kernel which does not know those is not told.
 */
static int program_attach(struct xdp_port *p, const struct xdp_way *way)
{
	int err;

	if (p->link >= 0 && p->native == way->native)
		return 0;
	xdp_detach(p);
	p->map =
	    bpf_map_create(BPF_MAP_TYPE_XSKMAP, "weir_xsk", sizeof(int), sizeof(int), p->first + p->socket_count, NULL);
	err = p->map < 0 ? p->map : program_link(p, way->native, true);
	if (err && err != -EPERM && err != -EBUSY)
		err = program_link(p, way->native, false);
	if (err) {
		xdp_detach(p);
		return program_fail(p, way, err);
	}
	p->native = way->native;
	return 0;
}

/* --- the sockets ------------------------------------------------------------------------------------------------------ */

/* RLIMIT_MEMLOCK is a user's, and each port locks the pool's memory for itself. */
static int memlock_fail(struct xdp_port *p)
{
	struct weir *weir = p->port.weir;
	unsigned ports = 0;

	pthread_mutex_lock(&weir->lock);
	for (const struct weir_port *port = weir->ports; port; port = port->next)
		ports += port->driver == p->port.driver;
	pthread_mutex_unlock(&weir->lock);
	return mem_fail_memlock(NULL, p->port.spec, ports * p->area_size);
}

static int sockets_fail(struct xdp_port *p, const struct xdp_way *way, unsigned queue, int err)
{
	const char *name = p->nif.name, *spec = p->port.spec;

	switch (err) {
	case -EPERM:
		return weir_fail(NULL, err,
		                 "port '%s': not permitted to open an AF_XDP socket; run as root or give the program "
		                 "CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF",
		                 spec);
	case -EAFNOSUPPORT:
		return weir_fail(NULL, err,
		                 "port '%s': this kernel has no AF_XDP (CONFIG_XDP_SOCKETS); use af_packet:%s", spec,
		                 name);
	case -ENOBUFS:
		return memlock_fail(p);
	case -EBUSY:
		return weir_fail(NULL, err, "port '%s': another AF_XDP socket holds queue %u of '%s'; end its program",
		                 spec, queue, name);
	default:
		return weir_fail(NULL, err, "port '%s': queue %u of '%s' takes no AF_XDP socket (%s%s): %s", spec,
		                 queue, name, way->name, way->frags ? ", multi-buffer" : "", strerror(-err));
	}
}

/* Whether the device sees each buffer in one piece. Pools keep theirs within a hugepage, but not within a small page. */
static int pages_check(struct xdp_port *p, const struct xdp_way *way)
{
	struct weir_mem_chunk chunk;

	for (unsigned i = 0; way->zerocopy && !weir_mem_chunk(p->port.weir, i, &chunk); i++)
		if (p->lent.area - chunk.offset < chunk.size && chunk.page_size < MIB(2))
			return weir_fail(NULL, -ENOTSUP,
			                 "port '%s': zero-copy needs a pool in hugepages; reserve some with "
			                 "config/hugepages.sh, or use mode=copy",
			                 p->port.spec);
	return 0;
}

/* Without frames of several buffers, one has to hold the largest frame, behind what the kernel keeps free in front. */
static int frame_check(struct xdp_port *p, const struct xdp_way *way)
{
	unsigned frame = p->port.info.mtu + XDP_FRAME_MIN + HOST_VLAN_LEN;
	unsigned room = p->lent.chunk - p->headroom;

	if (way->frags || frame <= room)
		return 0;
	return weir_fail(NULL, -EMSGSIZE,
	                 "port '%s': frames of up to %u bytes do not fit into buffers that have room for %u; lower the "
	                 "MTU with 'ip link set %s mtu %u', or give the port a pool of larger buffers (up to 4096)",
	                 p->port.spec, frame, room, p->nif.name, room - XDP_FRAME_MIN - HOST_VLAN_LEN);
}

static void sockets_close(struct xdp_port *p)
{
	for (unsigned i = p->socket_count; i-- > 0;) {
		xsk_socket__delete(p->sockets[i].xsk);
		p->sockets[i].xsk = NULL;
	}
	xsk_umem__delete(p->umem);
	p->umem = NULL;
}

/* What a socket may have on its way in copy mode is bounded by the size of its send buffer, which is small. */
static void socket_tune(struct xdp_port *p, int fd)
{
	int size = (int)(p->port.info.tx_slots * SNDBUF);

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static int sockets_open(struct xdp_port *p, const struct xdp_way *way)
{
	struct weir_port_info *info = &p->port.info;
	unsigned mode = way->zerocopy ? XDP_ZEROCOPY : XDP_COPY;
	const struct xsk_umem_config umem = {
		.fill_size = info->rx_slots,
		.comp_size = info->tx_slots,
		.frame_size = p->lent.chunk,
		.frame_headroom = p->headroom - XDP_PACKET_HEADROOM,
		.flags = XDP_UMEM_UNALIGNED_CHUNK_FLAG,
	};
	const struct xsk_socket_config conf = {
		.rx_size = info->rx_slots,
		.tx_size = info->tx_slots,
		.libxdp_flags = XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.bind_flags = (uint16_t)(XDP_USE_NEED_WAKEUP | mode | (way->frags ? XDP_USE_SG : 0u)),
	};
	struct xdp_socket *s = p->sockets;
	unsigned i = 0;
	int err;

	err = xsk_umem__create(&p->umem, weir_mem_base(p->port.weir) + p->lent.area, p->area_size, &s->fill, &s->comp,
	                       &umem);
	for (; !err && i < p->socket_count; i++, s++) {
		err = xsk_socket__create_shared(&s->xsk, p->nif.name, p->first + i, p->umem,
		                                i < info->rx_queues ? &s->rx : NULL,
		                                i < info->tx_queues ? &s->tx : NULL, &s->fill, &s->comp, &conf);
		if (err)
			break;
		socket_tune(p, xsk_socket__fd(s->xsk));
	}
	if (err)
		sockets_close(p);
	return err ? sockets_fail(p, way, p->first + i, err) : 0;
}

/* --- both together ---------------------------------------------------------------------------------------------------- */

static void pause_10ms(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
}

static int way_try(struct xdp_port *p, const struct xdp_way *way)
{
	int err;

	err = pages_check(p, way);
	if (!err)
		err = frame_check(p, way);
	if (!err)
		err = program_attach(p, way);
	return err ? err : sockets_open(p, way);
}

/* An interface may be busy for a moment: the kernel lets go of sockets some time after they are closed. */
static int way_insist(struct xdp_port *p, const struct xdp_way *way)
{
	int err = way_try(p, way);

	for (unsigned i = 0; err == -EBUSY && i < PATIENCE; i++) {
		pause_10ms();
		err = way_try(p, way);
	}
	return err;
}

int xdp_bind(struct xdp_port *p)
{
	unsigned last = modes[p->mode].last;
	int err = 0;

	for (unsigned i = modes[p->mode].first; i <= last; i++) {
		bool slower = i < last && ways[i].native && !ways[i + 1].native;

		err = way_insist(p, &ways[i]);
		if (!err) {
			p->way = &ways[i];
			return 0;
		}
		/* Some things are no better in another way. A card may lack memory for native mode, but that is no socket. */
		if (err == -EPERM || err == -EACCES || err == -EBUSY || err == -ENODEV ||
		    (err == -ENOMEM && p->link >= 0))
			break;
		weir_log(p->port.weir, slower ? WEIR_LOG_WARNING : WEIR_LOG_DEBUG, "%s%s", weir_error(),
		         slower ? "; going on in skb mode, which is slower" : "");
	}
	xdp_detach(p);
	return weir_fail(p->port.weir, err, "%s", weir_error());
}

int xdp_steer(struct xdp_port *p)
{
	for (unsigned i = 0; i < p->port.info.rx_queues; i++) {
		int queue = (int)(p->first + i), fd = xsk_socket__fd(p->sockets[i].xsk), err;

		err = bpf_map_update_elem(p->map, &queue, &fd, 0);
		if (err)
			return weir_fail(p->port.weir, err,
			                 "port '%s': cannot have frames of queue %d handed to its socket: %s",
			                 p->port.spec, queue, strerror(-err));
	}
	return 0;
}

/*
 * A device in zero-copy mode goes on for a moment after the last descriptor is closed: the kernel stops it from a work
 * item, and tells nobody. But until then no other socket can have the queue, so that is how to know.
 */
static void zerocopy_end(struct xdp_port *p)
{
	for (unsigned i = 0; i < PATIENCE; i++) {
		int err = sockets_open(p, &ways[p->way->frags ? 4 : 5]);

		if (!err)
			sockets_close(p);
		if (err != -EBUSY)
			return;
		pause_10ms();
	}
}

void xdp_unbind(struct xdp_port *p)
{
	xdp_detach(p);
	sockets_close(p);
	if (p->way->zerocopy)
		zerocopy_end(p);
}
