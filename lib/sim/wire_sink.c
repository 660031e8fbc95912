/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * sink: what the card sends is counted and forgotten.
 */
#include "sim/wire.h"

static bool sink_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	(void)wire;
	(void)frame;
	(void)len;
	return true;
}

const struct wire_ops wire_sink = {
	.name = "sink",
	.size = sizeof(struct sim_wire),
	.send = sink_send,
};
