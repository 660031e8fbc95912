/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Forwarding tables: which route is the longest that an IPv4 or IPv6 address matches.
 *
 * A table belongs to one family and maps prefixes to *hops*, 31-bit numbers that mean something to the program alone:
 * the index of a neighbour, of a group of them. One thread at a time changes it; any number of threads look addresses
 * up meanwhile. These take no lock, register nowhere and write nothing, so a reader that sleeps or dies holds nothing
 * up. Each address gets the answer that was right at one moment during the call: a change that
 * concerns many addresses need not be seen for all of them at once, but none is ever answered with what was not so.
 *
 *      cells, by the first 24 bits                    groups of 256 cells, by the next byte each
 *      +-----+-----+-----+-----+-----+                +-----+-----+-----+-----+
 *      | hop | hop |  *--|-----|-----|--------------> | hop | hop |  *--|-----|--> ...
 *      +-----+-----+-----+-----+-----+                +-----+-----+-----+-----+
 *
 * A cell holds the answer itself, or leads to a group where routes are longer: an IPv4 address needs one or two loads,
 * an IPv6 address one, and one more for each byte by which routes near it are longer than 24 bits. The price is paid by
 * changes: a route is written to every cell that it answers for. That is one for a /24, 65,536 for a /8, 16 million for
 * a default route, and those in groups beneath.
 *
 * All memory is reserved when the table is made, and none is ever given back before it is destroyed; pages are used as
 * routes need them. weir_fib_info() tells how much there is and how much there can ever be.
 */
#ifndef WEIR_FIB_H
#define WEIR_FIB_H

#include <stdint.h>

#include "weir.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WEIR_FIB_NONE    UINT32_MAX  /* no route matches */
#define WEIR_FIB_HOP_MAX 0x7ffffffeu /* the largest hop */

struct weir_fib;

struct weir_fib_conf {
	const char *name;    /* for messages; copied; NULL: "fib" */
	unsigned family;     /* 4 or 6 */
	uint32_t max_routes; /* 1 to 2^24 */
	uint32_t max_groups; /* of 1,284 bytes each, to 2^24; 0: 1,024 and a quarter (IPv6: twice) of @max_routes */
};

/** What a table holds. */
struct weir_fib_info {
	char name[32];
	unsigned family;
	uint32_t routes;
	uint32_t max_routes;
	uint32_t groups; /* that routes need now */
	uint32_t max_groups;
	uint64_t bytes;     /* of memory that has been used so far, at most, but for the rounding to pages */
	uint64_t max_bytes; /* that @bytes can become */
	uint64_t recycled;  /* times that groups were taken to be used again; lookups then under way were done twice */
};

/** An IPv6 address as it stands in a packet. */
struct weir_fib_ip6 {
	uint8_t byte[16];
};

/**
 * Makes an empty table. @conf is copied. The caller destroys it before the context is closed. Returns 0, -EINVAL or
 * -ENOMEM, and then sets *@fib to NULL. Any thread.
 */
int weir_fib_create(struct weir *weir, const struct weir_fib_conf *conf, struct weir_fib **fib);

/** Destroys a table, in which nobody looks up any more. NULL is allowed. */
void weir_fib_destroy(struct weir_fib *fib);

/**
 * Adds the route @addr/@len to @hop, or gives it this hop if it is there already.
 *
 * @addr is 4 or 16 bytes as they stand in a packet; those bits that come after the first @len are 0. Returns 0;
 * -EINVAL; or -ENOSPC when the table has no room for one more route, or for the groups that it needs: nothing has
 * changed then. One thread at a time, and not beside weir_fib_remove(), weir_fib_get() and weir_fib_info().
 */
int weir_fib_add(struct weir_fib *fib, const void *addr, unsigned len, uint32_t hop);

/** Removes the route @addr/@len. Returns 0, -EINVAL, or -ENOENT when there is none. Threads: as weir_fib_add(). */
int weir_fib_remove(struct weir_fib *fib, const void *addr, unsigned len);

/**
 * Tells the hop of the very route @addr/@len. Returns 0, -EINVAL, or -ENOENT with *@hop untouched. Threads: as
 * weir_fib_add().
 */
int weir_fib_get(struct weir_fib *fib, const void *addr, unsigned len, uint32_t *hop);

/** Fills @info. Threads: as weir_fib_add(). */
void weir_fib_info(const struct weir_fib *fib, struct weir_fib_info *info);

/**
 * Looks up @n IPv4 addresses (any number), each as it stands in a packet, in a table of family 4. Fills @hops with the
 * hop of the longest route that matches each, or WEIR_FIB_NONE. Any thread, also while another changes the table.
 */
void weir_fib_lookup4(const struct weir_fib *fib, const uint32_t *addrs, uint32_t *hops, unsigned n);

/** The same for IPv6 addresses, in a table of family 6. */
void weir_fib_lookup6(const struct weir_fib *fib, const struct weir_fib_ip6 *addrs, uint32_t *hops, unsigned n);

#ifdef __cplusplus
}
#endif
#endif
