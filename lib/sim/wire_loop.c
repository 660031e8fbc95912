/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * loop: the card's sending end is plugged into its receiving end.
 */
#include "sim/wire.h"

static bool loop_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	return wire_room(wire->nic) && wire_deliver(wire->nic, frame, len, 0, 0);
}

const struct wire_ops wire_loop = {
	.name = "loop",
	.size = sizeof(struct sim_wire),
	.send = loop_send,
};
