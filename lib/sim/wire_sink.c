/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sink: what the card sends is counted and forgotten; frames that come from a generator (of any card) are checked first.
 */
#include "sim/pattern.h"
#include "sim/wire.h"

struct sink {
	struct sim_wire wire;
	struct pattern_check check;
};

static bool sink_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	pattern_look(&((struct sink *)wire)->check, frame, len);
	return true;
}

static void sink_close(struct sim_wire *wire)
{
	pattern_free(&((struct sink *)wire)->check);
}

static int sink_counter(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value)
{
	struct wire_counter rows[PATTERN_COUNTERS];

	pattern_counters(&((const struct sink *)wire)->check, rows);
	return wire_counter(rows, PATTERN_COUNTERS, index, name, value);
}

const struct wire_ops wire_sink = {
	.name = "sink",
	.size = sizeof(struct sink),
	.close = sink_close,
	.send = sink_send,
	.counter = sink_counter,
};
