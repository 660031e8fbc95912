/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files of streams: any text is understood or gets a sentence, and what was understood makes frames within their sizes,
 * whatever their number.
 */
#include <stdlib.h>
#include <string.h>

#include "pktgen/payload.h"
#include "pktgen/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make(const struct stream *stream, const struct payload *payload)
{
	static const uint64_t numbers[] = { 0, 1, 1000003, UINT64_MAX };
	uint32_t least, most;

	stream_size_bounds(stream, &least, &most);
	for (unsigned i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		/* A buffer of just its size, which the sanitizers watch. */
		uint8_t *frame = malloc(most - FRAME_CRC);
		unsigned len;

		if (!frame)
			return;
		len = stream_frame(stream, payload, numbers[i], frame);
		if (len + FRAME_CRC < least || len + FRAME_CRC > most || len < stream->template.len)
			abort();
		if (stream->sign)
			payload_sign(payload, frame, len, stream->template.len, stream->id, i, i);
		template_checksums(&stream->template, frame, len, i & 1);
		free(frame);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct payload payload;
	struct stream_set set = { 0, NULL };
	char error[STREAM_ERROR] = "";

	if (!payload.crc[0])
		payload_init(&payload);
	if (stream_read(&set, "fuzz", (const char *)data, size, error) && !strlen(error))
		abort();
	for (unsigned i = 0; i < set.count && i < 8; i++)
		if (!set.streams[i].replay.file)
			make(&set.streams[i], &payload);
	stream_set_free(&set);
	return 0;
}
