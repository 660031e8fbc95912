/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is at the other end of a card's cable. Internal to libweirsim.
 *
 * A wire is one file with one struct wire_ops. Its functions are called by the thread that runs the card, with the card's
 * lock held; what it brings to the card goes through inbox_put(), which any thread may call.
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include "sim/nic.h"

struct wire_ops {
	const char *name; /* "gen": what stands before the colon */
	size_t size;      /* of the wire's own struct, whose head is the struct sim_wire */

	/* @args is what follows the colon ("" if nothing does). */
	int (*open)(struct sim_wire *wire, const char *args);
	void (*close)(struct sim_wire *wire);

	/* A frame that the card sends. Returns false when there is no room for it now. */
	bool (*send)(struct sim_wire *wire, const uint8_t *frame, size_t len);

	/* Optional: brings what is due at @now_ns to the inbox. Returns how many frames. */
	unsigned (*run)(struct sim_wire *wire, uint64_t now_ns);

	/* Optional: when run() will next have something to do; UINT64_MAX: not by itself. */
	uint64_t (*due)(const struct sim_wire *wire, uint64_t now_ns);

	/* Optional: readable when run() has something to do. */
	int (*fd)(const struct sim_wire *wire);

	/* With wire=hold only: the frames that the card sent. */
	int (*take)(struct sim_wire *wire, void *frame, size_t size);

	int (*counter)(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value);
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

/* --- frames on their way to a card ------------------------------------------------------------------------------------ */

#define INBOX_SLOTS 1024

struct inbox_frame {
	uint64_t due_ns; /* not before */
	uint16_t len;
	uint16_t flags; /* SIM_FRAME_* */
	uint8_t *bytes;
};

/* A bounded queue with a lock of its own, so that two cards on one cable never wait for each other. */
struct inbox {
	pthread_mutex_t lock;
	unsigned head, tail;
	struct inbox_frame frames[INBOX_SLOTS];
	uint8_t *memory;  /* SIM_FRAME_MAX for each slot, touched when used */
	uint64_t refused; /* frames that found it full */
};

int inbox_open(struct inbox *inbox);
void inbox_close(struct inbox *inbox);

/* Returns false when it is full or the frame too long. Wakes the card's thread. */
bool inbox_put(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags, uint64_t due_ns);

/* The next frame that is due, or NULL. It stays until inbox_drop(). By the card's thread only. */
const struct inbox_frame *inbox_next(struct inbox *inbox, uint64_t now_ns);
void inbox_drop(struct inbox *inbox);
uint64_t inbox_due(struct inbox *inbox);

/* Wakes the thread that runs the card. */
void nic_wake(struct sim_nic *nic);

#endif
