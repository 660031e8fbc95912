/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the drivers for this machine's own interfaces share: packets to and from plain memory, facts about a network
 * interface and changes to it, and the virtio-net header through which the kernel says what a packet still needs.
 * Internal to drivers/host.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <linux/if_ether.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/uio.h>

#include "port/driver.h"

/* --- packets and plain memory (host.c) ------------------------------------------------------------------------------- */

#define HOST_VLAN_LEN  4u
#define HOST_FRAME_MAX 65535u /* a received frame longer than this is dropped: no IP packet is, jumbograms apart */

/* Buffers of @pool that a packet of @len bytes takes; 0 when its buffers hold no data at all. */
unsigned host_entries(const struct weir_pool *pool, size_t len);

/*
 * Makes a packet of the @count @parts one after the other, @len bytes together, in fresh buffers from @cache, at @pkts
 * (room for host_entries(len)). Flags are 0 but for MORE. Returns the entries, or 0 when the pool ran out; then nothing
 * is held.
 */
unsigned host_copy_in(struct weir_pool_cache *cache, const struct iovec *parts, unsigned count, size_t len,
                      struct weir_pkt *pkts);

/* Copies the data of @n entries to @to, which has room for them. Returns the end of what was written. */
uint8_t *host_copy_out(uint8_t *base, const struct weir_pkt *pkts, unsigned n, uint8_t *to);

/* Points @iov at the data of @n entries. */
void host_iovec(uint8_t *base, const struct weir_pkt *pkts, unsigned n, struct iovec *iov);

/* Writes the metadata block in front of a fresh packet, when its headroom has a place for it. */
void host_put_meta(uint8_t *base, struct weir_pkt *pkt, uint64_t time_ns);

/* --- a network interface (interface.c) ------------------------------------------------------------------------------- */

/* An interface that a port holds on to by its number, whatever it is renamed to. Zeroed, it is closed. */
struct host_if {
	char name[IFNAMSIZ];
	unsigned index;
	int fd;       /* a socket to ask through, in the network namespace that the port was opened in */
	int promisc;  /* a packet socket whose membership makes the interface promiscuous */
	bool is_open; /* the descriptor above is valid */
	bool is_promisc;
};

/*
 * Finds the interface called @name, and fills port->info: name, node, mac, mtu. Returns 0, or -ENODEV with a sentence
 * that lists some that there are. Every host_if that was opened is to be closed.
 */
int host_if_open(struct weir_port *port, struct host_if *nif, const char *name);
void host_if_close(struct host_if *nif);

/* Whether the interface is still there; learns its name of today. */
bool host_if_exists(struct host_if *nif);

/* IFF_* of the interface. Returns 0 or -errno, without a sentence. */
int host_if_flags(struct host_if *nif, unsigned *flags);

/* Returns 0 when the interface is up, or -ENETDOWN with a sentence. */
int host_if_need_up(struct weir_port *port, struct host_if *nif);

/* What a driver's table entries of the same names do. */
int host_if_link(struct weir_port *port, struct host_if *nif, struct weir_link *link);
int host_if_set_mtu(struct weir_port *port, struct host_if *nif, unsigned mtu);
int host_if_set_promiscuous(struct weir_port *port, struct host_if *nif, bool on);
int host_if_set_mac(struct weir_port *port, struct host_if *nif, const uint8_t mac[6]);

#endif
