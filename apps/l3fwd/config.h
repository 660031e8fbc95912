/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a file of routes says, put into a router's tables: its interfaces, the networks and addresses of these, neighbours,
 * routes, flows. An interface has to be there before what refers to it; a neighbour may be told of after the routes that
 * lead to it, or never, and then its packets are punted.
 */
#ifndef L3FWD_CONFIG_H
#define L3FWD_CONFIG_H

#include "common/ports.h"
#include "routes_file.h"

/* A network that an interface is on, and the interface's own address in it. */
struct network {
	struct prefix prefix; /* with the host's bits: the address */
	unsigned interface;
};

struct neighbour {
	struct prefix addr;
	unsigned interface;
	uint32_t hop;
	uint32_t next; /* in its chain, plus 1 */
};

struct config {
	struct router *router;
	const struct ports *ports;
	struct flows *flows; /* NULL: none */
	unsigned network_count;
	struct network *networks;
	uint32_t neighbour_count;
	struct neighbour *neighbours;
	uint32_t *chains; /* of neighbours, by a hash of the address; numbers plus 1 */
};

/* An empty configuration. Returns 0, or -errno after saying why. */
int config_init(struct config *config, struct router *router, const struct ports *ports);
void config_fini(struct config *config);

/* Reads a file. Before there are workers. Returns 0, or -errno after saying why. */
int config_read(struct config *config, const char *path);

/* Carries out a statement; takes a struct config. */
statement_fn config_apply;

#endif
