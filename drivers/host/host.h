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
#include "weir/wire.h"

/* --- packets and plain memory (host.c) ------------------------------------------------------------------------------- */

#define HOST_VLAN_AT   12u /* bytes of a frame before a VLAN tag */
#define HOST_VLAN_LEN  4u
#define HOST_FRAME_MAX (65535u + ETH_HLEN + 2 * HOST_VLAN_LEN) /* the longest IP packet in a frame */

/* Writes a VLAN tag: its protocol (0x8100, 0x88a8) and control information. */
static inline void host_put_tag(uint8_t *at, unsigned protocol, unsigned tci)
{
	weir_store_be16(at, (uint16_t)protocol);
	weir_store_be16(at + 2, (uint16_t)tci);
}

/* Buffers of @pool that a packet of @len bytes takes; 0 when its buffers hold no data at all. */
unsigned host_entries(const struct weir_pool *pool, size_t len);

/*
 * Makes a packet of the @count @parts one after the other, @len bytes together, in fresh buffers from @cache, at @pkts
 * (room for host_entries(len)). Flags are 0 but for MORE. Returns the entries, or 0 when the pool ran out; then nothing
 * is held.
 */
unsigned host_copy_in(struct weir_pool_cache *cache, const struct iovec *parts, unsigned count, size_t len,
                      struct weir_pkt *pkts);

/* The same with at most @room bytes in a buffer. */
unsigned host_copy_pieces(struct weir_pool_cache *cache, unsigned room, const struct iovec *parts, unsigned count,
                          size_t len, struct weir_pkt *pkts);

/* Copies the data of @n entries to @to, which has room for them. Returns the end of what was written. */
uint8_t *host_copy_out(uint8_t *base, const struct weir_pkt *pkts, unsigned n, uint8_t *to);

/* Points @iov at the data of @n entries. */
void host_iovec(uint8_t *base, const struct weir_pkt *pkts, unsigned n, struct iovec *iov);

/*
 * Sets port->info.rx_entries_max: what a frame of the MTU takes, or of any length when long packets are asked for.
 * Returns 0, or -EINVAL when the pool's buffers hold nothing.
 */
int host_decide_entries(struct weir_port *port);

/* The longest frame that may be sent without being cut. */
unsigned host_frame_max(const struct weir_port *port);

/* The length of the packet as a frame, a tag included; 0 when it is too short or too long, which is counted. */
uint64_t host_tx_len(struct weir_queue_stats *stats, const struct weir_pkt *pkts, unsigned n, unsigned frame_max);

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

/* Whether the interface is still there. Any thread. */
bool host_if_exists(const struct host_if *nif);

/* Whether @fd, a socket, belongs to the network namespace that the interface was found in. */
bool host_if_is_near(const struct host_if *nif, int fd);

/* Whether it is up and has a link. Any thread. */
bool host_if_has_link(const struct host_if *nif);

/* Returns 0 when the interface is up, or -ENETDOWN with a sentence. */
int host_if_need_up(struct weir_port *port, const struct host_if *nif);

/* Brings it up if it is not. Returns 0, or -errno with a sentence when that is not permitted. */
int host_if_bring_up(struct weir_port *port, const struct host_if *nif);

/* What a driver's table entries of the same names do. */
int host_if_link(struct weir_port *port, const struct host_if *nif, struct weir_link *link);
int host_if_set_mtu(struct weir_port *port, const struct host_if *nif, unsigned mtu);
int host_if_set_promiscuous(struct weir_port *port, struct host_if *nif, bool on);
int host_if_set_mac(struct weir_port *port, const struct host_if *nif, const uint8_t mac[6]);

/* --- the virtio-net header (vnet.c) ---------------------------------------------------------------------------------- */

#define HOST_GSO_UDP 5u /* VIRTIO_NET_HDR_GSO_UDP_L4 of Linux 6.2 */

/*
 * Whether the packet has to be cut before the application, which asked for @offloads, gets it: because it did not ask
 * for long packets, or because they are datagrams put together, which nobody sends so.
 */
static inline bool host_vnet_must_cut(const struct virtio_net_hdr *vnet, uint32_t offloads)
{
	return vnet->gso_type != VIRTIO_NET_HDR_GSO_NONE &&
	       (!(offloads & WEIR_OFFLOAD_LRO) || vnet->gso_type == HOST_GSO_UDP);
}

/*
 * Puts into the packet's flags and .txo what @vnet says of it; @offloads are those asked for, but a packet that was put
 * together gets WEIR_PKT_TX_TSO in any case. Checksums that the flags cannot speak of are filled in. Returns 0, -EINVAL
 * (the header contradicts the packet) or -ENOTSUP (a kind of long packet that has no flags).
 */
int host_vnet_receive(uint8_t *base, const struct virtio_net_hdr *vnet, uint32_t offloads, struct weir_pkt *pkts,
                      unsigned n);

/*
 * Says in @vnet what a packet's flags ask for, but the checksums of IPv4 headers and SCTP, which it cannot. @tag_len
 * bytes will be inserted in front of what .txo counts. Returns 0, or -EINVAL when flags and lengths cannot be.
 */
int host_vnet_send(const struct weir_pkt *pkt, unsigned tag_len, struct virtio_net_hdr *vnet);

/*
 * Lays the packet out as one frame at @to, which has room for its bytes and a tag, with everything done that its flags
 * ask for but what @vnet then asks of the kernel. Returns the frame's length, or 0 when flags and lengths cannot be.
 */
size_t host_frame_out(uint8_t *base, const struct weir_pkt *pkts, unsigned n, struct virtio_net_hdr *vnet, uint8_t *to);

#endif
