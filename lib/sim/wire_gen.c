/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gen: a generator, which checks what comes back for loss, order and every byte.
 *
 * It starts when the card has a driver that listens, and it does not flood: when the card's packet buffer is full it
 * waits (as for a PAUSE frame) and counts that. So whatever is lost was lost behind the card.
 */
#include <errno.h>
#include <stdlib.h>

#include "core/core.h"
#include "sim/pattern.h"
#include "sim/wire.h"

#define BURST   256u     /* frames at once, and at most so many behind the rate */
#define LOOK_NS 1000000u /* before it looks again whether somebody listens */
#define CRC     4u

struct gen {
	struct sim_wire wire;
	double size; /* with CRC, as everybody counts */
	double pps;  /* 0: as fast as the card takes them */
	double flows;
	double count;   /* 0: no end */
	double next_ns; /* when the next frame is due; 0: nobody listens */
	uint64_t sent, held;
	unsigned flow;
	uint64_t *seq; /* of each flow */
	struct pattern_check check;
	uint8_t frame[SIM_FRAME_MAX];
};

static struct gen *gen_of(struct sim_wire *wire)
{
	return (struct gen *)wire;
}

static int gen_open(struct sim_wire *wire, const char *args)
{
	struct gen *gen = gen_of(wire);
	const struct wire_option options[] = {
		{ .key = "size", .number = &gen->size, .min = PATTERN_MIN + CRC, .max = 9728 },
		{ .key = "pps", .number = &gen->pps, .max = 1e9 },
		{ .key = "flows", .number = &gen->flows, .min = 1, .max = 65536 },
		{ .key = "count", .number = &gen->count, .max = 1e15 },
		{ .key = NULL },
	};
	int err;

	gen->size = PATTERN_MIN + CRC;
	gen->flows = 1;
	err = wire_options(wire, args, options);
	if (err)
		return err;
	gen->seq = calloc((size_t)gen->flows, sizeof(*gen->seq));
	return gen->seq ? 0 : weir_fail(NULL, -ENOMEM, "no memory for a generator");
}

static void gen_close(struct sim_wire *wire)
{
	free(gen_of(wire)->seq);
	pattern_free(&gen_of(wire)->check);
}

static bool gen_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	pattern_look(&gen_of(wire)->check, frame, len);
	return true;
}

static bool done(const struct gen *gen)
{
	return gen->count > 0 && gen->sent >= (uint64_t)gen->count;
}

static bool generate(struct gen *gen)
{
	size_t len = (size_t)gen->size - CRC;
	struct sim_nic *nic = gen->wire.nic;

	if (!wire_room(nic)) {
		gen->held++;
		return false;
	}
	pattern_make(gen->frame, len, nic->mac, (uint16_t)nic->index, (uint16_t)gen->flow, gen->seq[gen->flow]);
	if (!wire_deliver(nic, gen->frame, len, 0, 0))
		return false;
	gen->seq[gen->flow]++;
	gen->flow = (gen->flow + 1) % (unsigned)gen->flows;
	gen->sent++;
	return true;
}

static unsigned gen_run(struct sim_wire *wire, uint64_t now_ns)
{
	struct gen *gen = gen_of(wire);
	double gap = gen->pps > 0 ? 1e9 / gen->pps : 0;
	unsigned n = 0;

	if (!wire_wanted(wire->nic)) {
		gen->next_ns = 0;
		return 0;
	}
	if (gen->next_ns <= 0)
		gen->next_ns = (double)now_ns;
	if ((double)now_ns - gen->next_ns > BURST * gap)
		gen->next_ns = (double)now_ns - BURST * gap;
	for (; n < BURST && !done(gen) && gen->next_ns <= (double)now_ns && generate(gen); n++)
		gen->next_ns += gap;
	return n;
}

static uint64_t gen_due(const struct sim_wire *wire, uint64_t now_ns)
{
	const struct gen *gen = (const struct gen *)wire;

	if (done(gen))
		return UINT64_MAX;
	if (gen->next_ns <= 0 || !wire_room(wire->nic))
		return now_ns + LOOK_NS;
	return (uint64_t)gen->next_ns;
}

static int gen_counter(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value)
{
	const struct gen *gen = (const struct gen *)wire;
	struct wire_counter rows[2 + PATTERN_COUNTERS] = { { "gen_sent", gen->sent }, { "gen_held", gen->held } };

	pattern_counters(&gen->check, rows + 2);
	return wire_counter(rows, 2 + PATTERN_COUNTERS, index, name, value);
}

const struct wire_ops wire_gen = {
	.name = "gen",
	.size = sizeof(struct gen),
	.open = gen_open,
	.close = gen_close,
	.send = gen_send,
	.run = gen_run,
	.due = gen_due,
	.counter = gen_counter,
};
