/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which packets a port takes, and to which of its queues they go.
 *
 *      from the wire
 *        |  address   the port's own, one that was added, broadcast; all groups, or all there are, when asked for
 *        |  VLAN      with the VLAN filter on: of an added VLAN, or without a tag
 *        |  filter    the first that matches sends it to a queue, or drops it
 *        v  RSS       else the hash over its addresses and ports chooses an entry of a table, which names the queue;
 *      a queue        what has no hash goes to queue 0
 *
 * All of it may be set before the port starts and changed while it runs; a change takes effect for what arrives after
 * the call, and a few packets may be lost while it is made. It lasts until the port closes, over any stop and start.
 * The port copies what it is given. Calls on a port are for one thread at a time, as other cold calls are. They return 0,
 * or -errno with a sentence in weir_error(): -ENOTSUP when the port, or its hardware, cannot do that; -ENODEV when the
 * device is gone.
 */
#ifndef WEIR_FILTER_H
#define WEIR_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "parse.h"
#include "port.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a port's hardware has room for. 0: it has none of that. */
struct weir_filter_limits {
	unsigned addresses;  /* that weir_port_add_mac() takes and compares exactly */
	unsigned groups;     /* bits of a hash table that takes group addresses beyond those */
	unsigned filters;    /* that weir_port_add_filter() takes at most, of all kinds together */
	unsigned priorities; /* of filters: from 0 to this less 1 */
	unsigned rss_types;  /* WEIR_RSS_* that it can hash */
	unsigned rss_table;  /* entries of its redirection table */
	unsigned rss_queues; /* queues that an entry can name: those below this */
};

/** Fills @limits. */
int weir_port_filter_limits(struct weir_port *port, struct weir_filter_limits *limits);

/* --- addresses ------------------------------------------------------------------------------------------------------- */

/** Takes frames to all group addresses, or only to those that were added. */
int weir_port_set_all_multicast(struct weir_port *port, bool on);

/**
 * Takes frames to @mac, too: a further address of the port's own, or a group address. Hardware compares as many as
 * weir_filter_limits.addresses exactly; group addresses beyond that pass by a hash, which lets others of the same hash
 * pass as well. Adding what is there is no failure. Returns 0, -ENOSPC, -EINVAL (no address: all zeros) or -ENOTSUP.
 */
int weir_port_add_mac(struct weir_port *port, const uint8_t mac[6]);

/** Takes them no longer. Returns 0, or -ENOENT when it was not added. The port's own: weir_port_set_mac(). */
int weir_port_remove_mac(struct weir_port *port, const uint8_t mac[6]);

/** The added addresses by number from 0. Returns 0, or -ENOENT past the last. */
int weir_port_mac(struct weir_port *port, unsigned index, uint8_t mac[6]);

/* --- VLANs ----------------------------------------------------------------------------------------------------------- */

/**
 * Takes tagged frames of added VLANs only, or all. Frames without a tag, and of VLAN 0, which is none, pass; so does
 * everything on a promiscuous port.
 */
int weir_port_set_vlan_filter(struct weir_port *port, bool on);

/** Lets frames of VLAN @id (1 to 4094) through the VLAN filter, or no longer. Return 0 or -EINVAL. */
int weir_port_add_vlan(struct weir_port *port, unsigned id);
int weir_port_remove_vlan(struct weir_port *port, unsigned id);

/**
 * Says what VLAN tags look like, on a stopped port: the EtherType of *the* tag (0: 0x8100), which the VLAN filter,
 * stripping and inserting are about; and that of an outer tag in front of it (0x88a8; 0: there is none, as usual).
 *
 * With an outer tag (QinQ) everything is about the inner one: WEIR_OFFLOAD_RX_VLAN takes the inner tag into
 * weir_pkt.vlan and leaves the outer one in the data; sent, WEIR_PKT_VLAN puts it back behind the outer one, which must
 * be the first tag in the data. A port without an outer tag would put it in front: to forward between the two, do not
 * ask for WEIR_OFFLOAD_RX_VLAN, and both tags stay in the data. Checksums, RSS and filters work behind both tags. A
 * frame with an outer tag alone counts as one without a tag.
 *
 * Returns 0, -EBUSY on a started port, -EINVAL (not an EtherType, or both the same) or -ENOTSUP.
 */
int weir_port_set_vlan_types(struct weir_port *port, uint16_t inner, uint16_t outer);

/* --- RSS ------------------------------------------------------------------------------------------------------------- */

#define WEIR_RSS_TABLE_MAX 512u

/** How packets are spread over receive queues. */
struct weir_rss {
	uint32_t types;                     /* WEIR_RSS_* (parse.h) that are hashed; 0: none, all goes to queue 0 */
	uint32_t table_size;                /* entries in .table, a power of two; 0: all queues in turn */
	uint8_t key[WEIR_RSS_KEY];          /* of the Toeplitz hash; all zero: the one that everybody uses */
	uint16_t table[WEIR_RSS_TABLE_MAX]; /* the queue, by the lowest bits of the hash */
};

/**
 * Sets how packets are spread. NULL: as after weir_port_open(), that is all types that the port can, the usual key,
 * all queues in turn. A table smaller than the hardware's is repeated. Returns 0, -EINVAL (a queue that the port does
 * not have, a size that is no power of two or too large) or -ENOTSUP (a type that it cannot hash, a queue that its table
 * cannot name).
 */
int weir_port_set_rss(struct weir_port *port, const struct weir_rss *rss);

/** Fills @rss with what is in force: the key, and the table in the hardware's size. */
int weir_port_rss(struct weir_port *port, struct weir_rss *rss);

/* --- filters --------------------------------------------------------------------------------------------------------- */

/* What a filter compares, in weir_filter.match. All that are set must match. */
#define WEIR_MATCH_ETHER_TYPE    0x0001u /* .ether_type, behind VLAN tags */
#define WEIR_MATCH_VLAN          0x0002u /* .vlan: the id of the tag (the inner one of two) */
#define WEIR_MATCH_VLAN_PRIORITY 0x0004u /* .vlan_priority: its upper three bits */
#define WEIR_MATCH_IPV4          0x0008u /* is IPv4 ... */
#define WEIR_MATCH_IPV6          0x0010u /* is IPv6: one of the two is needed for all that follows */
#define WEIR_MATCH_PROTOCOL      0x0020u /* .protocol: WEIR_IP_TCP ..., needed for ports */
#define WEIR_MATCH_SRC           0x0040u /* .src */
#define WEIR_MATCH_DST           0x0080u /* .dst */
#define WEIR_MATCH_SRC_PORT      0x0100u /* .src_port */
#define WEIR_MATCH_DST_PORT      0x0200u /* .dst_port */

/** In weir_filter.queue: what matches is dropped. */
#define WEIR_FILTER_DROP 0xffffu

/** A filter. What .match does not name is not looked at. */
struct weir_filter {
	uint32_t match;        /* WEIR_MATCH_* */
	uint16_t ether_type;   /* in the host's byte order, as ports and ids are */
	uint16_t vlan;         /* 1 to 4094 */
	uint8_t vlan_priority; /* 0 to 7 */
	uint8_t protocol;      /* of IP */
	uint8_t src_prefix;    /* leading bits of .src that count; 0: all */
	uint8_t dst_prefix;    /* ... of .dst */
	uint8_t src[16];       /* as in the packet; IPv4: the first four bytes */
	uint8_t dst[16];
	uint16_t src_port;
	uint16_t dst_port;
	uint16_t src_port_mask; /* bits of .src_port that count; 0: all */
	uint16_t dst_port_mask;
	uint16_t queue;    /* where what matches goes, or WEIR_FILTER_DROP */
	uint16_t priority; /* of several that match the highest wins, where the hardware has priorities */
	uint32_t mark;     /* with WEIR_OFFLOAD_RX_META: weir_pkt_meta.mark of what matches; 0: none */
};

/** What weir_port_filter() tells. */
struct weir_filter_info {
	unsigned id;
	const char *table; /* of the hardware's, which the driver chose: "5-tuple"; lives as long as the library */
	struct weir_filter filter;
};

/**
 * Adds a filter, and sets *@id (never 0; may be NULL) for its removal. The driver chooses which of the hardware's tables
 * it goes to; between those the hardware has its own order, EtherTypes first and masked ones last. Returns 0, -EINVAL (a contradiction, a queue that is not there), -EEXIST (one that matches the same), -ENOSPC, or -ENOTSUP with
 * a sentence that says what the hardware can instead.
 */
int weir_port_add_filter(struct weir_port *port, const struct weir_filter *filter, unsigned *id);

/** Removes filter @id. Returns 0, or -ENOENT when there is none. */
int weir_port_remove_filter(struct weir_port *port, unsigned id);

/** The filters by number from 0, in the order they were added. Returns 0, or -ENOENT past the last. */
int weir_port_filter(struct weir_port *port, unsigned index, struct weir_filter_info *info);

#ifdef __cplusplus
}
#endif
#endif
