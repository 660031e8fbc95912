/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fields of headers whose value changes from packet to packet.
 *
 * What a field holds is a function of the packet's number in its stream and of nothing else: packets can be made in any
 * order and by anybody, and a receiver can tell what was sent.
 */
#ifndef PKTGEN_FIELD_H
#define PKTGEN_FIELD_H

#include <stdint.h>

/* Wide enough for an IPv6 address. */
typedef unsigned __int128 field_value;

enum field_mode { FIELD_FIXED, FIELD_INCREMENT, FIELD_DECREMENT, FIELD_LIST, FIELD_RANDOM };

struct field {
	enum field_mode mode;
	uint16_t offset;  /* of its first byte in the frame */
	uint8_t bytes;    /* 1, 2, 4, 6 or 16, that are read and written together */
	uint8_t shift;    /* of the value within these */
	field_value mask; /* of the bits, shifted, that the field has of them */

	field_value first; /* FIELD_FIXED, or the least of the values */
	field_value step;  /* between values */
	field_value *list; /* FIELD_LIST: @count of them */
	uint64_t count;    /* of different values; at least 1 */
	uint64_t each;     /* packets that get the same value before the next one's turn; at least 1 */
	uint64_t seed;     /* FIELD_RANDOM */
};

/* The value in packet number @n. */
field_value field_at(const struct field *field, uint64_t n);

/* Writes @value into the frame. */
void field_store(const struct field *field, uint8_t *frame, field_value value);

/* The @n-th number of the pseudo-random sequence of @seed: 64 bits, each as likely as any other. */
static inline uint64_t field_random(uint64_t seed, uint64_t n)
{
	/* SplitMix64 (Steele, Lea, Flood 2014), whose state is a counter. */
	uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

#endif
