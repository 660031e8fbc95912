/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control plane: what workers punt is looked at here, and what they go by is kept right.
 *
 * It runs in the main thread, which polls control_fd() among others, and calls control_run() when that is readable.
 */
#ifndef L3FWD_CONTROL_H
#define L3FWD_CONTROL_H

#include "common/own.h"
#include "config.h"
#include "twin.h"

enum neighbours { NEIGHBOURS_OURS, NEIGHBOURS_KERNEL };

/* A port's twin, as asked for. */
struct twin_wish {
	unsigned port;
	char name[16];
	bool persist;
};

struct control_conf {
	const struct twin_wish *twins;
	unsigned twin_count; /* 0: the kernel has no part in it */
	enum neighbours neighbours;
	uint32_t routes; /* that the kernel may have, of both families */
};

struct control {
	struct router *router;
	struct ports *ports;
	int fd;
	int timer_fd;
	bool following; /* the kernel */
	struct resolver resolver;
	struct rib rib;
	struct netlink netlink;
	unsigned twin_count;
	struct twin *twins;
	struct twin *by_port[PORTS_MAX];
};

/*
 * Makes the control plane of a router, whose ports have been started; its workers have not. @config: what a file has said
 * already; or NULL. Returns 0, or -errno after saying why.
 */
int control_open(struct control *control, struct router *router, struct ports *ports, const struct config *config,
                 const struct control_conf *conf);
void control_close(struct control *control);

/* Readable when there is something to do. */
int control_fd(const struct control *control);

/* Does what there is to do, or a good part of it; never waits. */
void control_run(void *control);

/* What it counts, by number. */
#define CONTROL_COUNTS 16u
void control_count(const struct control *control, unsigned index, struct own_count *count);

#endif
