/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames to try.
 */
#include "frames.h"

#include <string.h>

#include "weir/net.h"

static const uint8_t to_card[6] = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 };
static const uint8_t from_peer[6] = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x02 };

size_t frame_plain(uint8_t *frame, size_t len)
{
	memcpy(frame, to_card, 6);
	memcpy(frame + 6, from_peer, 6);
	weir_store_be16(frame + 12, 0x88b5); /* for local experiments */
	for (size_t i = 14; i < len; i++)
		frame[i] = (uint8_t)(i * 31 + len + (len >> 8) * 7);
	return len;
}
