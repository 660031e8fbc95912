/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the parts of the af_xdp driver share: af_xdp.c is the port, af_xdp_bind.c puts its queues on an interface and
 * takes them off again, af_xdp_io.c moves packets through them, af_xdp_stats.c tells what the kernel counted. Internal to drivers/host.
 */
#ifndef HOST_AF_XDP_H
#define HOST_AF_XDP_H

#include <linux/if_xdp.h>
#include <xdp/xsk.h>

#include "host.h"
#include "port/driver.h"

/* Multi-buffer AF_XDP (Linux 6.6), which the headers of older systems do not know yet. */
#ifndef XDP_USE_SG
#define XDP_USE_SG (1 << 4)
#endif
#ifndef XDP_PKT_CONTD
#define XDP_PKT_CONTD (1 << 0)
#endif

#define XDP_ENTRIES_MAX 18u /* descriptors of one frame: what an skb holds, its head and MAX_SKB_FRAGS */
#define XDP_FRAME_MIN   14u /* an Ethernet header: the kernel's drivers rely on it */

/*
 * The pool's memory as the kernel sees it (the UMEM), and the buffers of it that this queue has lent to the kernel.
 * Whatever the kernel hands back is believed only when it is a buffer that was lent and is still out, so a lying
 * descriptor costs a packet; and when the queue stops, the list tells what never came back.
 *
 * A buffer is counted in units of 64 bytes, as packets name it, and has at least 32 of them. So no two begin in the same
 * 32 units, and a byte for each 32 is enough: 0, or 1 + the unit that the buffer which is out begins in. The kernel's
 * addresses are in bytes from the start of the UMEM.
 */
struct xdp_lent {
	uint8_t *out;
	uint64_t area;  /* arena offset of the UMEM, in bytes */
	uint32_t first; /* the pool's buffers lie in so many units from here on */
	uint32_t units;
	uint32_t chunk; /* bytes of each buffer that the kernel uses */
};

/* How queues may be put on an interface, the best first. */
struct xdp_way {
	const char *name;
	bool native;   /* the program runs in the interface's driver, and not after it on socket buffers */
	bool zerocopy; /* the device itself reads and writes the UMEM */
	bool frags;    /* frames of several buffers */
};

/* A socket: what one queue of the interface receives and sends. */
struct xdp_socket {
	struct xsk_socket *xsk;
	struct xsk_ring_cons rx, comp;
	struct xsk_ring_prod tx, fill;
};

#define XDP_STATISTICS_COUNT (sizeof(struct xdp_statistics) / sizeof(uint64_t))

struct xdp_port {
	struct weir_port port;
	struct host_if nif;
	unsigned mode;     /* an index into the spec's choices */
	unsigned first;    /* queue of the interface that is queue 0 of the port */
	unsigned channels; /* receive queues of the interface; 0: not known */
	bool combined;     /* which are transmit queues too */

	/* The rest is a started port's. */
	struct weir_pool *pool;     /* whose memory is the UMEM */
	struct weir_pool *own_pool; /* that one, when the port was given none */
	struct xdp_lent lent;       /* what the queues' have in common: all but the list */
	uint64_t area_size;
	unsigned headroom; /* bytes that the kernel leaves in front of a received frame */
	const struct xdp_way *way;
	int map, program, link; /* -1: none */
	bool native;            /* where the program is attached */
	struct xsk_umem *umem;
	struct xdp_socket *sockets;
	unsigned socket_count;
	uint64_t past[XDP_STATISTICS_COUNT]; /* what the sockets of earlier starts had counted */
};

struct xdp_rxq {
	struct weir_rxq rxq;
	struct xsk_ring_cons rx;
	struct xsk_ring_prod fill;
	struct xdp_lent lent;
	uint32_t owed;     /* entries that the fill ring lacks */
	int fd;            /* the socket's */
	uint64_t interval; /* of looking whether the interface is still there, in ticks of weir_clock() */
	uint64_t looked;
	uint64_t starved; /* refills that came up short because the pool was empty */
};

struct xdp_txq {
	struct weir_txq txq;
	struct xsk_ring_prod tx;
	struct xsk_ring_cons comp;
	struct xdp_lent lent;
	struct weir_pool_cache *cache; /* of the pool that is the UMEM: the queue's own, or one made for it */
	unsigned frame_max;            /* bytes that the interface's MTU allows; may change at any time */
	unsigned entries_max;          /* descriptors that a frame may take */
	int fd;
	bool gone;       /* the interface is */
	bool copies;     /* the kernel copies each frame while it is told to send: copy mode */
	uint64_t copied; /* packets that were copied into buffers of the UMEM first */
};

static inline struct xdp_port *xdp_port(struct weir_port *port)
{
	return container_of(port, struct xdp_port, port);
}

static inline struct xdp_rxq *xdp_rxq(struct xdp_port *p, unsigned i)
{
	return container_of(p->port.rxqs[i], struct xdp_rxq, rxq);
}

static inline struct xdp_txq *xdp_txq(struct xdp_port *p, unsigned i)
{
	return container_of(p->port.txqs[i], struct xdp_txq, txq);
}

/* Whether @buf is one of the pool's. */
static inline bool xdp_own(const struct xdp_lent *lent, uint32_t buf)
{
	return buf - lent->first < lent->units;
}

/* Lends a buffer of the pool's to the kernel. Returns its address. */
static inline uint64_t xdp_lend(struct xdp_lent *lent, uint32_t buf)
{
	uint32_t unit = buf - lent->first;

	lent->out[unit >> 5] = (uint8_t)(1 + (unit & 31));
	return ((uint64_t)buf << 6) - lent->area;
}

/* Takes back the buffer of an address that the kernel handed out; false when it is none that is out. */
static inline bool xdp_return(struct xdp_lent *lent, uint64_t addr, uint32_t *buf)
{
	uint64_t at = lent->area + xsk_umem__extract_addr(addr), unit = (at >> 6) - lent->first;

	if (at & 63 || unit >= lent->units || lent->out[unit >> 5] != 1 + (unit & 31))
		return false;
	lent->out[unit >> 5] = 0;
	*buf = (uint32_t)(at >> 6);
	return true;
}

/* --- on and off the interface (af_xdp_bind.c) ------------------------------------------------------------------------- */

/*
 * Opens the port's sockets on its interface in the best way that its mode allows and the interface can do, and attaches
 * the program; frames still go to the kernel until xdp_steer(). Returns 0, or -errno with a sentence.
 */
int xdp_bind(struct xdp_port *p);

/* Sends the frames of the port's receive queues to its sockets. Returns 0, or -errno with a sentence. */
int xdp_steer(struct xdp_port *p);

/* Takes the program off the interface: nothing is received any more. */
void xdp_detach(struct xdp_port *p);

/* Closes what xdp_bind() opened, and returns when neither the kernel nor a device touches the pool any more. */
void xdp_unbind(struct xdp_port *p);

/* --- statistics (af_xdp_stats.c) -------------------------------------------------------------------------------------- */

/* What the kernel has counted since the port was started first. */
void xdp_statistics(struct xdp_port *p, uint64_t counts[XDP_STATISTICS_COUNT]);

/* What the driver's table calls counter and stats. */
int xdp_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value);
void xdp_stats(struct weir_port *port, struct weir_port_stats *stats);

/* --- the data path (af_xdp_io.c) -------------------------------------------------------------------------------------- */

/* The burst functions. */
unsigned xdp_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
unsigned xdp_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

/* Gives the fill ring what it lacks, as far as the pool has it. */
void xdp_refill(struct xdp_rxq *q);

/* Before a wait: 0, or 1 when there is something to be had by polling now. */
int xdp_arm(struct xdp_rxq *q);

/* Takes back what was sent, and has the kernel send on. Returns the descriptors that it has not got to yet. */
unsigned xdp_flush(struct xdp_txq *q);

#endif
