/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hold: a test is the other end of the cable. What the card sends waits for weir_sim_take().
 */
#include <errno.h>
#include <string.h>

#include "core/core.h"
#include "sim/inbox.h"
#include "sim/wire.h"

struct hold {
	struct sim_wire wire;
	struct inbox sent;
};

static int hold_open(struct sim_wire *wire, const char *args)
{
	if (*args)
		return weir_fail(NULL, -EINVAL, "wire hold takes no '%s'", args);
	return inbox_open(&((struct hold *)wire)->sent);
}

static void hold_close(struct sim_wire *wire)
{
	inbox_close(&((struct hold *)wire)->sent);
}

static bool hold_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	return inbox_put(&((struct hold *)wire)->sent, frame, len, 0, 0);
}

static int hold_take(struct sim_wire *wire, void *frame, size_t size)
{
	struct inbox *sent = &((struct hold *)wire)->sent;
	const struct inbox_frame *first = inbox_first(sent);
	int len;

	if (!first)
		return 0;
	if (first->len > size)
		return -EMSGSIZE;
	memcpy(frame, first->bytes, first->len);
	len = (int)first->len;
	inbox_drop(sent);
	return len;
}

const struct wire_ops wire_hold = {
	.name = "hold",
	.size = sizeof(struct hold),
	.open = hold_open,
	.close = hold_close,
	.send = hold_send,
	.take = hold_take,
};
