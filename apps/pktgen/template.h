/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A stream's headers, made ready: their bytes, and what has to be filled in for each packet.
 *
 *      template_begin(), then for each header template_add() and template_set() for what is said of it, template_finish()
 *
 * What is not said follows from the headers themselves: types and protocols from the next header, lengths, checksums.
 */
#ifndef PKTGEN_TEMPLATE_H
#define PKTGEN_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field.h"

#define TEMPLATE_LAYERS 16u
#define TEMPLATE_BYTES  (TEMPLATE_LAYERS * 40u) /* of all headers; none is longer than IPv6's */
#define TEMPLATE_FIELDS 16u                     /* of one header */

enum header {
	HEADER_ETH,
	HEADER_VLAN,
	HEADER_QINQ, /* the outer of two tags: 802.1ad */
	HEADER_MPLS,
	HEADER_ARP,
	HEADER_IPV4,
	HEADER_IPV6,
	HEADER_TCP,
	HEADER_UDP,
	HEADER_ICMP,
	HEADER_ICMPV6,
	HEADER_VXLAN,
	HEADER_GRE,
	HEADER_GTPU,
	HEADER_COUNT
};

/* How values of a field are written. */
enum field_kind { KIND_NUMBER, KIND_MAC, KIND_IPV4, KIND_IPV6 };

struct header_field {
	const char *name;
	uint8_t kind;
	uint8_t offset; /* in the header, of the bytes that are read and written together */
	uint8_t bytes;  /* how many: 1, 2, 4, 6 or 16 */
	uint8_t shift;
	uint8_t bits;
};

/* A header as it is by itself. */
struct header_info {
	const char *name;
	uint8_t len;
	uint8_t bytes[40];                 /* with what fields hold when nothing is said of them */
	const struct header_field *fields; /* ends with one without a name */
};

/* A 16-bit field that holds the number of bytes from @from to the frame's end. */
struct template_length {
	uint16_t at, from;
};

/* A checksum: of an IPv4 header, or of everything from @from to the frame's end. */
struct template_sum {
	uint8_t header;    /* enum header */
	uint16_t at;       /* where it stands */
	uint16_t from;     /* its header begins here */
	uint16_t ip;       /* the IP header whose addresses count too; 0: they do not */
	uint8_t ip_header; /* HEADER_IPV4 or _IPV6 */
};

struct template_layer {
	uint8_t header; /* enum header */
	uint8_t len;
	uint16_t offset;
	uint32_t said; /* which of its fields were set, by their place in the table */
};

struct template
{
	uint8_t bytes[TEMPLATE_BYTES];
	unsigned len; /* of all headers; the payload follows */
	unsigned layers;
	struct template_layer layer[TEMPLATE_LAYERS];
	unsigned lengths;
	struct template_length length[TEMPLATE_LAYERS];
	unsigned sums; /* the outermost first; at most one is not of an IPv4 header, the last */
	struct template_sum sum[TEMPLATE_LAYERS + 1];
	bool own_mac; /* nothing is said of the source address: it is to be the port's */

	/* Of the sums, those that a port can fill in begin with number @offload, when it is asked so. */
	unsigned offload;
	uint16_t flags; /* WEIR_PKT_* */
	uint32_t txo;
};

/* The table. NULL: there is no header of that name; no such field. */
const struct header_info *header_info(enum header header);
int header_find(const char *name);
const struct header_field *header_field(enum header header, const char *name);

void template_begin(struct template *t);

/*
 * Puts another header behind those that there are. Returns 0, or -EINVAL with a sentence in @why: it cannot follow the
 * last one, or is one too many.
 */
int template_add(struct template *t, enum header header, char *why, size_t size);

/* Describes a field of the last header to field_store(), and notes that it is set. */
void template_field(struct template *t, const struct header_field *of, struct field *field);

/* Fills in what was not said. Returns 0, or -EINVAL with a sentence in @why: more has to follow. */
int template_finish(struct template *t, char *why, size_t size);

/*
 * Fills in the checksums of the frame of @len bytes that was made from the template. With @offload those that the port
 * can do are left to it, and the field holds what WEIR_PKT_TX_L4 wants there.
 */
void template_checksums(const struct template *t, uint8_t *frame, unsigned len, bool offload);

#endif
