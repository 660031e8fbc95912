/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames on their way: a card's packet buffer, and what a test takes from a cable. Internal to libweirsim.
 *
 * A ring of bytes that any thread puts frames into and one thread takes them from. It has a lock of its own for those
 * who put, so that two cards on one cable never wait for each other.
 */
#ifndef SIM_INBOX_H
#define SIM_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INBOX_BYTES (1u << 20)

struct inbox_frame {
	uint64_t due_ns; /* not before */
	uint32_t len;
	uint16_t flags; /* SIM_FRAME_* */
	uint16_t skip;  /* no frame: go on at the ring's start */
	uint8_t bytes[];
};

/* The two sides lie apart, and each remembers of the other what it saw last: looking is what costs. */
#define INBOX_APART 64

struct inbox {
	uint8_t *memory;
	uint8_t apart[INBOX_APART];
	pthread_mutex_t lock;
	uint64_t tail;      /* bytes put: it runs free */
	uint64_t head_seen; /* not beyond head */
	uint64_t refused;   /* frames that found it full */
	uint8_t apart_too[INBOX_APART];
	uint64_t head;      /* bytes taken */
	uint64_t tail_seen; /* not beyond tail */
	uint8_t apart_as_well[INBOX_APART];
};

int inbox_open(struct inbox *inbox);
void inbox_close(struct inbox *inbox);

/* Returns false when there is no room; @len is at most SIM_FRAME_MAX. */
bool inbox_put(struct inbox *inbox, const uint8_t *frame, size_t len, unsigned flags, uint64_t due_ns);

/* Bytes that frames take, with their records. */
uint64_t inbox_used(const struct inbox *inbox);

/* Whether a frame of any length would find room. */
bool inbox_roomy(struct inbox *inbox);

/* Whether there is nothing; the first frame, or NULL, which stays until inbox_drop(). By one thread at a time. */
bool inbox_empty(struct inbox *inbox);
const struct inbox_frame *inbox_first(struct inbox *inbox);
void inbox_drop(struct inbox *inbox);

#endif
