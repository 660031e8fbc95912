/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The text file that tells a router where packets go. A line is a statement:
 *
 *      interface PORT[.VLAN] [mac MAC] [mtu BYTES] [address ADDRESS/LENGTH]...
 *      neighbour ADDRESS mac MAC [interface PORT[.VLAN]]
 *      route PREFIX/LENGTH via ADDRESS [interface PORT[.VLAN]] [via ...]...
 *      route PREFIX/LENGTH interface PORT[.VLAN]
 *      route PREFIX/LENGTH blackhole | unreachable | prohibit
 *      flow PROTOCOL SOURCE PORT DESTINATION PORT via ... | blackhole | unreachable | prohibit
 *
 * What follows a # is a comment. Here is the grammar; what statements do is in config.h.
 */
#ifndef L3FWD_ROUTES_FILE_H
#define L3FWD_ROUTES_FILE_H

#include "flow.h"

#define ADDRESSES_MOST 16u
#define WHY_SIZE       256

enum statement_kind { STATEMENT_INTERFACE, STATEMENT_NEIGHBOUR, STATEMENT_ROUTE, STATEMENT_FLOW };

struct prefix {
	uint8_t family; /* 4 or 6; 0: none */
	uint8_t len;
	uint8_t addr[16];
};

struct interface_name {
	bool given;
	uint16_t port, vlan;
};

struct via {
	struct prefix addr;
	struct interface_name interface;
};

struct statement {
	enum statement_kind kind;
	struct interface_name interface;
	bool has_mac;
	uint8_t mac[6];
	unsigned mtu; /* 0: not given */
	unsigned address_count;
	struct prefix addresses[ADDRESSES_MOST]; /* of an interface, with the bits of the host */
	struct prefix prefix;                    /* of a route; the address of a neighbour */
	struct flow_key flow;
	enum hop_kind what; /* HOP_NEIGHBOUR: the vias */
	unsigned via_count;
	struct via vias[GROUP_MOST];
};

/*
 * Reads a line, which it takes apart. Returns 1 with *@statement filled, 0 when there is nothing in it, or -EINVAL with
 * a sentence in @why.
 */
int routes_line(char *line, struct statement *statement, char why[WHY_SIZE]);

/* What is done with a statement. Returns 0, or -errno with a sentence in @why. */
typedef int statement_fn(void *arg, const struct statement *statement, char why[WHY_SIZE]);

/* Reads a file. Returns 0, or -errno after saying "FILE:LINE: why". */
int routes_file_read(const char *path, struct log *log, statement_fn *fn, void *arg);

/* "192.0.2.0/24" */
#define PREFIX_TEXT 64
const char *prefix_text(char text[PREFIX_TEXT], const struct prefix *prefix);

#endif
