/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captures what a port receives, as an oscilloscope does: the last packets are kept in a ring, and when what is waited for
 * happens, some more are taken, and all are written to a pcapng file.
 *
 *      main thread:  capture_arm() ... capture_finished() -> capture_save()
 *      worker:       capture_packet() for each packet
 */
#ifndef PKTGEN_CAPTURE_H
#define PKTGEN_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "measure.h"

/* What a capture waits for, beside MEASURE_*. */
#define CAPTURE_ANY     0x100u /* the next packet */
#define CAPTURE_FOREIGN 0x200u /* a packet that is not ours */
#define CAPTURE_LATENCY 0x400u /* one that took too long */

#define CAPTURE_PACKETS_MAX 1048576u
#define CAPTURE_BYTES_MAX   (1ull << 30)
#define CAPTURE_ERROR       256

struct capture_conf {
	unsigned trigger;    /* MEASURE_*, CAPTURE_*: any of these */
	uint64_t latency_ns; /* CAPTURE_LATENCY: longer than this */
	unsigned before;     /* packets in front of that which triggers */
	unsigned after;      /* ... and from it on; at least 1 */
	unsigned snap;       /* bytes that are kept of each */
};

struct capture;

int capture_create(struct capture **capture);
void capture_destroy(struct capture *capture);

/*
 * Begins to wait. Returns 0, -EBUSY (it does already, or is not saved), -EINVAL or -ENOMEM with a sentence in @error.
 */
int capture_arm(struct capture *capture, const struct capture_conf *conf, char error[CAPTURE_ERROR]);

/* Takes no more, triggered or not. */
void capture_stop(struct capture *capture);

/* "idle", "waiting", "triggered", "full". */
const char *capture_state(const struct capture *capture);

/* Nothing is added any more: it can be saved. */
bool capture_finished(const struct capture *capture);

/*
 * Writes what was captured to @path, as from the interface @name. With *@count the packets. Returns 0, or -errno with a
 * sentence in @error. The capture is idle afterwards.
 */
int capture_save(struct capture *capture, const char *path, const char *name, uint64_t *count,
                 char error[CAPTURE_ERROR]);

/* By the worker: a packet of @len bytes came at @time_ns, and is @what. */
void capture_packet(struct capture *capture, const uint8_t *frame, unsigned len, uint64_t time_ns, unsigned what,
                    uint64_t latency_ns);

/* By the worker, now and then: obeys capture_stop(). */
void capture_rest(struct capture *capture);

/* Whether capture_packet() has to be called at all. */
struct capture_gate {
	unsigned open;
};

static inline bool capture_wants(const struct capture *capture)
{
	return __atomic_load_n(&((const struct capture_gate *)(const void *)capture)->open, __ATOMIC_ACQUIRE);
}

#endif
