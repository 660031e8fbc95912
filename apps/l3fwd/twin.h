/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The twin of a port: a TAP interface by which the kernel sees the port's network.
 *
 * What comes for this machine goes up through it, tagged as it came; what the kernel sends into it leaves by the port as
 * it is. The twin has the port's MAC address and MTU and its link, and where the kernel's user changes one of the first
 * two, the port follows.
 */
#ifndef L3FWD_TWIN_H
#define L3FWD_TWIN_H

#include "common/ports.h"
#include "netlink.h"

struct twin {
	struct router *router;
	const struct port *port;
	unsigned number; /* of the port */
	uint32_t index;  /* the kernel's */
	unsigned interface;
	char spec[48];
	struct weir_port *tap;
	struct weir_rxq *rxq;
	struct weir_txq *txq;
	unsigned entries; /* of the longest packet that the kernel may send */
	struct weir_pool_cache *cache;
	int carrier;                   /* as the kernel was told; -1: not yet */
	bool mtu_refused, mac_refused; /* by the port; said once */
	uint64_t up, down;             /* packets */
};

/*
 * Makes the twin of port @number, called @name; @persist: it stays when the program ends. Its interface is added to the
 * router. Returns 0, or -errno after saying why.
 */
int twin_open(struct twin *twin, struct router *router, const struct ports *ports, unsigned number, const char *name,
              bool persist);
void twin_close(struct twin *twin);

/* Readable when the kernel has sent something. */
int twin_fd(const struct twin *twin);

/* Hands a punted packet to the kernel; it is taken in any case. */
void twin_up(struct twin *twin, struct weir_pkt *pkts, unsigned n);

/* Sends by the port what the kernel has sent, a burst at most. Returns whether there may be more. */
bool twin_down(struct twin *twin);

/* Makes the twin's link that of the port. */
void twin_follow_port(struct twin *twin, struct netlink *netlink);
/* Makes MTU and MAC address of the port those of the twin. */
void twin_follow_kernel(struct twin *twin, const struct link *link);

#endif
