/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures, written and read.
 */
#include "payload.h"

#include <string.h>

#include <weir/net.h>

/* Where things stand in the two forms. */
enum { LONG_STREAM = 4, LONG_COVERED = 6, LONG_SEQUENCE = 8, LONG_TIME = 16, LONG_CHECK = 24 };
enum { SHORT_STREAM = 2, SHORT_SEQUENCE = 4, SHORT_TIME = 10, SHORT_CHECK = 16 };

static void store_be(uint8_t *at, unsigned bytes, uint64_t value)
{
	while (bytes--) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static uint64_t load_be(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

void payload_init(struct payload *payload)
{
	payload->crc[0] = ~0u;
	for (unsigned i = 0; i < FRAME_MAX; i++) {
		payload->byte[i] = (uint8_t)i;
		payload->crc[i + 1] = weir_crc32c(payload->crc[i], &payload->byte[i], 1);
	}
}

void payload_sign(const struct payload *payload, uint8_t *frame, unsigned len, unsigned from, uint16_t stream,
                  uint64_t sequence, uint64_t time_ns)
{
	unsigned room = len - from;
	uint8_t *at;

	if (room >= PAYLOAD_LONG) {
		at = frame + len - PAYLOAD_LONG;
		weir_store_be32(at, PAYLOAD_MAGIC);
		weir_store_be16(at + LONG_STREAM, stream);
		weir_store_be16(at + LONG_COVERED, (uint16_t)(room - PAYLOAD_LONG));
		store_be(at + LONG_SEQUENCE, 8, sequence);
		store_be(at + LONG_TIME, 8, time_ns);
		weir_store_be32(at + LONG_CHECK, ~weir_crc32c(payload->crc[room - PAYLOAD_LONG], at, LONG_CHECK));
	} else {
		at = frame + len - PAYLOAD_SHORT;
		weir_store_be16(at, PAYLOAD_MAGIC_SHORT);
		weir_store_be16(at + SHORT_STREAM, stream);
		store_be(at + SHORT_SEQUENCE, 6, sequence);
		store_be(at + SHORT_TIME, 6, time_ns);
		weir_store_be16(at + SHORT_CHECK, (uint16_t)~weir_crc32c(~0u, at, SHORT_CHECK));
	}
}

static bool read_long(const uint8_t *frame, unsigned end, struct payload_mark *mark)
{
	const uint8_t *at = frame + end - PAYLOAD_LONG;
	unsigned covered;

	if (end < PAYLOAD_LONG || weir_load_be32(at) != PAYLOAD_MAGIC)
		return false;
	covered = weir_load_be16(at + LONG_COVERED);
	mark->stream = weir_load_be16(at + LONG_STREAM);
	mark->bits = 64;
	mark->sequence = load_be(at + LONG_SEQUENCE, 8);
	mark->time_ns = load_be(at + LONG_TIME, 8);
	mark->whole = covered <= end - PAYLOAD_LONG &&
	              ~weir_crc32c(~0u, at - covered, covered + LONG_CHECK) == weir_load_be32(at + LONG_CHECK);
	return true;
}

bool payload_read(const uint8_t *frame, unsigned end, struct payload_mark *mark)
{
	const uint8_t *at = frame + end - PAYLOAD_SHORT;

	if (read_long(frame, end, mark))
		return true;
	if (end < PAYLOAD_SHORT || weir_load_be16(at) != PAYLOAD_MAGIC_SHORT)
		return false;
	mark->stream = weir_load_be16(at + SHORT_STREAM);
	mark->bits = PAYLOAD_BITS_SHORT;
	mark->sequence = load_be(at + SHORT_SEQUENCE, 6);
	mark->time_ns = load_be(at + SHORT_TIME, 6);
	mark->whole = (uint16_t)~weir_crc32c(~0u, at, SHORT_CHECK) == weir_load_be16(at + SHORT_CHECK);
	return true;
}
