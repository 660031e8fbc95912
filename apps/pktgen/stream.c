/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What streams are made of, once read.
 */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include <weir/wire.h>

#include "payload.h"

void stream_free(struct stream *stream)
{
	for (unsigned i = 0; i < stream->field_count; i++)
		free(stream->fields[i].list);
	free(stream->fields);
	free(stream->size.list);
	free(stream->replay.file);
}

void stream_set_free(struct stream_set *set)
{
	while (set->count)
		stream_free(&set->streams[--set->count]);
	free(set->streams);
	set->streams = NULL;
}

void stream_size_bounds(const struct stream *stream, uint32_t *least, uint32_t *most)
{
	const struct field *size = &stream->size;

	*least = (uint32_t)size->first;
	*most = (uint32_t)(size->first + size->step * (size->count - 1));
	for (uint64_t i = 0; size->list && i < size->count; i++) {
		uint32_t value = (uint32_t)size->list[i];

		*least = !i || value < *least ? value : *least;
		*most = !i || value > *most ? value : *most;
	}
}

/* Of each value of the size as often as it comes. */
double stream_mean_size(const struct stream *stream)
{
	const struct field *size = &stream->size;
	uint32_t least, most;
	double sum = 0;

	stream_size_bounds(stream, &least, &most);
	if (!size->list)
		return (least + most) / 2.0;
	for (uint64_t i = 0; i < size->count; i++)
		sum += (double)size->list[i];
	return sum / (double)size->count;
}

double stream_mean_cost(const struct stream *stream, enum rate_unit unit)
{
	uint32_t none = rate_cost(unit, 0), byte = rate_cost(unit, 1) - none;

	return none + byte * (stream->mean_size - FRAME_CRC);
}

unsigned stream_frame(const struct stream *stream, const struct payload *payload, uint64_t n, uint8_t *frame)
{
	const struct template *t = &stream->template;
	unsigned len = (unsigned)field_at(&stream->size, n) - FRAME_CRC;
	uint64_t flow = stream->flows ? n % stream->flows : n;

	memcpy(frame, t->bytes, t->len);
	memcpy(frame + t->len, payload->byte, len - t->len);
	for (unsigned i = 0; i < t->lengths; i++)
		weir_store_be16(frame + t->length[i].at, (uint16_t)(len - t->length[i].from));
	for (unsigned i = 0; i < stream->field_count; i++)
		field_store(&stream->fields[i], frame, field_at(&stream->fields[i], flow));
	return len;
}
