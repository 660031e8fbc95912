/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What fields hold, packet by packet.
 */
#include "field.h"

/* The place of the @n-th packet's value among the field's values. */
static uint64_t field_index(const struct field *field, uint64_t n)
{
	uint64_t turn = field->each > 1 ? n / field->each : n;

	switch (field->mode) {
	case FIELD_INCREMENT:
	case FIELD_LIST:
		return turn % field->count;
	case FIELD_DECREMENT:
		return field->count - 1 - turn % field->count;
	case FIELD_RANDOM:
		/* The upper half of a product spreads 64 random bits over any number of values. */
		return (uint64_t)((unsigned __int128)field_random(field->seed, turn) * field->count >> 64);
	default:
		return 0;
	}
}

field_value field_at(const struct field *field, uint64_t n)
{
	uint64_t index = field_index(field, n);

	return field->list ? field->list[index] : field->first + field->step * index;
}

void field_store(const struct field *field, uint8_t *frame, field_value value)
{
	uint8_t *at = frame + field->offset;
	field_value word = 0;

	for (unsigned i = 0; i < field->bytes; i++)
		word = word << 8 | at[i];
	word = (word & ~field->mask) | (value << field->shift & field->mask);
	for (unsigned i = field->bytes; i-- > 0; word >>= 8)
		at[i] = (uint8_t)word;
}
