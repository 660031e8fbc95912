/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capturing into memory. Who may touch it is said by its state: in WAITING and TRIGGERED the worker, else the main thread.
 */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_pcapng.h"

#define SNAP_LEAST 14u
#define SNAP_MOST  16384u

enum state { IDLE, WAITING, TRIGGERED, FULL };

/* What is kept of a packet; its bytes follow. */
struct kept {
	uint64_t time_ns;
	uint32_t len, kept;
	uint32_t what;
};

struct capture {
	struct capture_gate gate; /* open in WAITING and TRIGGERED; must be first */
	unsigned state;
	bool stop; /* the main thread wants it to end */
	struct capture_conf conf;
	uint64_t seen; /* packets put into the ring */
	unsigned left; /* packets still to come, once triggered */
	size_t stride;
	uint8_t *ring; /* conf.before + conf.after times @stride */
};

int capture_create(struct capture **capture)
{
	*capture = calloc(1, sizeof(**capture));
	return *capture ? 0 : -ENOMEM;
}

void capture_destroy(struct capture *capture)
{
	if (!capture)
		return;
	free(capture->ring);
	free(capture);
}

static unsigned state_of(const struct capture *capture)
{
	return __atomic_load_n(&capture->state, __ATOMIC_ACQUIRE);
}

static int check(const struct capture *capture, const struct capture_conf *conf, char error[CAPTURE_ERROR])
{
	uint64_t packets = (uint64_t)conf->before + conf->after;

	if (state_of(capture) != IDLE) {
		snprintf(error, CAPTURE_ERROR, "a capture is %s already; end it first", capture_state(capture));
		return -EBUSY;
	}
	if (!conf->after || packets > CAPTURE_PACKETS_MAX || conf->snap < SNAP_LEAST || conf->snap > SNAP_MOST) {
		snprintf(
		    error, CAPTURE_ERROR,
		    "a capture takes 1 to %u packets, of which at least one is after the trigger, and %u to %u bytes of each",
		    CAPTURE_PACKETS_MAX, SNAP_LEAST, SNAP_MOST);
		return -EINVAL;
	}
	if (packets * conf->snap > CAPTURE_BYTES_MAX) {
		snprintf(error, CAPTURE_ERROR,
		         "%llu packets of %u bytes are more than a capture may take of memory (%llu MiB)",
		         (unsigned long long)packets, conf->snap, CAPTURE_BYTES_MAX >> 20);
		return -EINVAL;
	}
	return 0;
}

int capture_arm(struct capture *capture, const struct capture_conf *conf, char error[CAPTURE_ERROR])
{
	int err = check(capture, conf, error);

	if (err)
		return err;
	capture->stride = (sizeof(struct kept) + conf->snap + 7) / 8 * 8;
	capture->ring = malloc(((size_t)conf->before + conf->after) * capture->stride);
	if (!capture->ring) {
		snprintf(error, CAPTURE_ERROR, "no memory for %u packets", conf->before + conf->after);
		return -ENOMEM;
	}
	capture->conf = *conf;
	capture->seen = 0;
	__atomic_store_n(&capture->stop, false, __ATOMIC_RELAXED);
	__atomic_store_n(&capture->state, WAITING, __ATOMIC_RELEASE);
	__atomic_store_n(&capture->gate.open, 1, __ATOMIC_RELEASE);
	return 0;
}

void capture_stop(struct capture *capture)
{
	__atomic_store_n(&capture->stop, true, __ATOMIC_RELEASE);
}

const char *capture_state(const struct capture *capture)
{
	static const char *const names[] = { "idle", "waiting", "triggered", "full" };

	return names[state_of(capture)];
}

bool capture_finished(const struct capture *capture)
{
	return state_of(capture) == FULL;
}

static void finish(struct capture *capture)
{
	__atomic_store_n(&capture->gate.open, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&capture->state, FULL, __ATOMIC_RELEASE);
}

void capture_packet(struct capture *capture, const uint8_t *frame, unsigned len, uint64_t time_ns, unsigned what,
                    uint64_t latency_ns)
{
	const struct capture_conf *conf = &capture->conf;
	unsigned size = conf->before + conf->after;
	struct kept *kept = (struct kept *)(void *)(capture->ring + capture->seen % size * capture->stride);

	what |= CAPTURE_ANY | (latency_ns > conf->latency_ns ? CAPTURE_LATENCY : 0);
	kept->time_ns = time_ns;
	kept->len = len;
	kept->kept = len < conf->snap ? len : conf->snap;
	kept->what = what;
	memcpy(kept + 1, frame, kept->kept);
	capture->seen++;
	if (state_of(capture) == WAITING && what & conf->trigger) {
		capture->left = conf->after;
		__atomic_store_n(&capture->state, TRIGGERED, __ATOMIC_RELAXED);
	}
	if (state_of(capture) == TRIGGERED && !--capture->left)
		finish(capture);
}

void capture_rest(struct capture *capture)
{
	if (capture_wants(capture) && __atomic_load_n(&capture->stop, __ATOMIC_ACQUIRE))
		finish(capture);
}

/* Why a packet is worth a look, as the comment that is written beside it. */
static const char *remark(unsigned what)
{
	static const struct {
		unsigned what;
		const char *text;
	} remarks[] = {
		{ MEASURE_CORRUPTED, "corrupted" },
		{ MEASURE_GAP, "packets before this one are missing" },
		{ MEASURE_REORDERED, "reordered" },
		{ MEASURE_DUPLICATE, "duplicate" },
		{ MEASURE_ANCIENT, "too late to tell whether it is the first of its number" },
		{ CAPTURE_FOREIGN, "not of weir-pktgen" },
	};

	for (unsigned i = 0; i < sizeof(remarks) / sizeof(*remarks); i++)
		if (what & remarks[i].what)
			return remarks[i].text;
	return NULL;
}

int capture_save(struct capture *capture, const char *path, const char *name, uint64_t *count,
                 char error[CAPTURE_ERROR])
{
	unsigned size = capture->conf.before + capture->conf.after;
	uint64_t first = capture->seen > size ? capture->seen - size : 0;
	struct pcapng *file;
	int err;

	*count = capture->seen - first;
	err = pcapng_open(&file, path, name, capture->conf.snap);
	for (uint64_t i = first; !err && i < capture->seen; i++) {
		const struct kept *kept = (const void *)(capture->ring + i % size * capture->stride);

		err = pcapng_write(file, kept + 1, kept->kept, kept->len, kept->time_ns, remark(kept->what));
	}
	if (!err)
		err = pcapng_close(file);
	else if (file)
		pcapng_close(file);
	if (err)
		snprintf(error, CAPTURE_ERROR, "the capture cannot be written to '%s': %s", path, strerror(-err));
	free(capture->ring);
	capture->ring = NULL;
	__atomic_store_n(&capture->state, IDLE, __ATOMIC_RELEASE);
	return err;
}
