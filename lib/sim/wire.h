/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is at the other end of a card's cable. Internal to libweirsim.
 *
 * A wire is one file with one struct wire_ops. Its functions are called with the card's lock held, by the thread that
 * runs the card; what it brings to the card goes through wire_deliver().
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <string.h>

#include "sim/nic.h"

struct wire_ops {
	const char *name; /* "gen": what stands before the colon */
	size_t size;      /* of the wire's own struct, whose head is the struct sim_wire */

	/* Optional. @args is what follows the colon ("" if nothing does). Undoes what it did when it fails. */
	int (*open)(struct sim_wire *wire, const char *args);
	void (*close)(struct sim_wire *wire); /* optional */

	/* A frame that the card sends. Returns false when there is no room for it now. */
	bool (*send)(struct sim_wire *wire, const uint8_t *frame, size_t len);

	/* Optional: brings what is due at @now_ns to the card. Returns how many frames. */
	unsigned (*run)(struct sim_wire *wire, uint64_t now_ns);

	/* Optional: when run() will next have something to do; UINT64_MAX: not by itself. */
	uint64_t (*due)(const struct sim_wire *wire, uint64_t now_ns);

	/* Optional: readable when run() has something to do. */
	int (*fd)(const struct sim_wire *wire);

	/* Optional: the cable was plugged in or out. */
	void (*link)(struct sim_wire *wire, bool up);

	/* Optional: the card at the other end, whose cable is the same. NULL: there is none. */
	struct weir_sim_nic *(*peer)(const struct sim_wire *wire);

	/* With wire=hold only: the frames that the card sent. As weir_sim_take(). */
	int (*take)(struct sim_wire *wire, void *frame, size_t size);

	int (*counter)(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value); /* optional */
};

/* The head of every wire. */
struct sim_wire {
	const struct wire_ops *ops;
	struct sim_nic *nic;
	uint64_t sent, sent_bytes; /* by the card */
};

/* Makes the wire that @text describes. Returns 0 or -errno with a sentence. */
int wire_open(struct sim_nic *nic, const char *text, struct sim_wire **wire);
void wire_close(struct sim_wire *wire);

/* --- for wires -------------------------------------------------------------------------------------------------------- */

/* Puts a frame into the packet buffer of @nic, which may be another card. Returns false when that is full. */
bool wire_deliver(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags, uint64_t due_ns);

/* The kernel leaves it to a card to fill short frames up; a wire that brings some does that. Returns the length. */
static inline size_t wire_pad(uint8_t *frame, size_t len)
{
	if (len >= 60)
		return len;
	memset(frame + len, 0, 60 - len);
	return 60;
}

/* Whether a frame of any length would find room. */
bool wire_room(const struct sim_nic *nic);

/* Whether the card has a driver that waits for frames. */
bool wire_wanted(const struct sim_nic *nic);

/* A thing that a wire's text may say: key=value. */
struct wire_option {
	const char *key;
	double *number; /* may end in k, M or G; or ... */
	double min, max;
	char *text; /* ... of @size bytes */
	size_t size;
};

/* Reads "key=value,key=value" into @options, whose table ends with a NULL key. Returns 0 or -EINVAL with a sentence. */
int wire_options(const struct sim_wire *wire, const char *args, const struct wire_option *options);

/* A row of a wire's counters. */
struct wire_counter {
	const char *name;
	uint64_t value;
};
int wire_counter(const struct wire_counter *rows, unsigned count, unsigned index, const char **name, uint64_t *value);

#endif
