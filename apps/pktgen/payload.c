/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures, written and read.
 */
#include "payload.h"

#include <endian.h>
#include <string.h>

#include <weir/net.h>

/* Where things stand in the two forms. */
enum { LONG_STREAM = 4, LONG_COVERED = 6, LONG_SEQUENCE = 8, LONG_TIME = 16, LONG_CHECK = 24 };
enum { SHORT_STREAM = 2, SHORT_SEQUENCE = 4, SHORT_TIME = 10, SHORT_CHECK = 16 };

#define LOWER_48 0xffffffffffffull

void payload_init(struct payload *payload)
{
	payload->crc[0] = ~0u;
	for (unsigned i = 0; i < FRAME_MAX; i++) {
		payload->byte[i] = (uint8_t)i;
		payload->crc[i + 1] = weir_crc32c(payload->crc[i], &payload->byte[i], 1);
	}
}

/*
 * Both forms are words of 64 bits, big-endian, with a checksum behind: they are put together in words, since bytes that were
 * just written one by one are slow to read as a word.
 */
#define WORDS_MAX (LONG_CHECK / 8)

static void put_words(uint8_t *at, uint64_t *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		words[i] = htobe64(words[i]);
	memcpy(at, words, n * sizeof(*words));
}

void payload_sign(const struct payload *payload, uint8_t *frame, unsigned len, unsigned from, uint16_t stream,
                  uint64_t sequence, uint64_t time_ns)
{
	unsigned room = len - from;
	uint64_t words[WORDS_MAX];
	uint8_t *at;

	if (room >= PAYLOAD_LONG) {
		at = frame + len - PAYLOAD_LONG;
		words[0] = (uint64_t)PAYLOAD_MAGIC << 32 | (uint32_t)stream << 16 | (uint16_t)(room - PAYLOAD_LONG);
		words[1] = sequence;
		words[2] = time_ns;
		put_words(at, words, 3);
		weir_store_be32(at + LONG_CHECK, ~weir_crc32c(payload->crc[room - PAYLOAD_LONG], words, LONG_CHECK));
	} else {
		at = frame + len - PAYLOAD_SHORT;
		words[0] = (uint64_t)PAYLOAD_MAGIC_SHORT << 48 | (uint64_t)stream << 32 | (uint32_t)(sequence >> 16);
		words[1] = sequence << 48 | (time_ns & LOWER_48);
		put_words(at, words, 2);
		weir_store_be16(at + SHORT_CHECK, (uint16_t)~weir_crc32c(~0u, words, SHORT_CHECK));
	}
}

static uint64_t word_at(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return be64toh(word);
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
	mark->sequence = word_at(at + LONG_SEQUENCE);
	mark->time_ns = word_at(at + LONG_TIME);
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
	mark->sequence = word_at(at + SHORT_SEQUENCE) >> 16;
	mark->time_ns = word_at(at + SHORT_TIME - 2) & LOWER_48;
	mark->whole = (uint16_t)~weir_crc32c(~0u, at, SHORT_CHECK) == weir_load_be16(at + SHORT_CHECK);
	return true;
}
