/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The Internet checksum's sum, once for each CPU level: the same C with 8, 16, 32 or 64 bytes to a vector.
 *
 * Ones' complement sums need every carry. Rather than split each 64-bit word into two halves and add both, two sums run
 * side by side: of the words (`all`, which wraps) and of their upper halves (`high`, which does not). What the lower
 * halves add up to follows once at the end, modulo 2^64: all - high * 2^32. That is two loads with an add and a shift
 * per vector instead of five operations.
 */
#include <string.h>

#include "core/cpu.h"
#include "net/level.h"

#define LANES (1 << (CPU_LEVEL - 1))

#if CPU_LEVEL == 1
typedef uint64_t vec;
#else
typedef uint64_t vec __attribute__((vector_size(8 * LANES)));
#endif

static inline vec load(const uint8_t *at)
{
	vec value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static inline uint64_t lanes(vec value)
{
	union {
		vec all;
		uint64_t lane[LANES];
	} lanes = { value };
	uint64_t sum = 0;

	for (unsigned i = 0; i < LANES; i++)
		sum += lanes.lane[i];
	return sum;
}

/* The last bytes, fewer than 8, as if zeros followed. */
static inline uint64_t load_rest(const uint8_t *at, size_t len)
{
	uint64_t sum = 0;
	uint32_t word;
	uint16_t half;

	if (len & 4) {
		memcpy(&word, at, 4);
		sum += word;
		at += 4;
	}
	if (len & 2) {
		memcpy(&half, at, 2);
		sum += half;
		at += 2;
	}
	if (len & 1) {
		half = 0;
		memcpy(&half, at, 1);
		sum += half;
	}
	return sum;
}

static inline uint32_t fold(uint64_t sum)
{
	sum = (sum & 0xffffffffu) + (sum >> 32);
	return (uint32_t)(sum + (sum >> 32));
}

uint32_t LEVEL(sum_v, CPU_LEVEL)(const void *data, size_t len)
{
	const uint8_t *at = data;
	uint64_t sum = 0;

	if (len >= sizeof(vec)) {
		vec all = load(at), high = load(at) >> 32;

		at += sizeof(vec);
		len -= sizeof(vec);
		for (; len >= 2 * sizeof(vec); at += 2 * sizeof(vec), len -= 2 * sizeof(vec)) {
			vec a = load(at), b = load(at + sizeof(vec));

			all += a;
			high += a >> 32;
			all += b;
			high += b >> 32;
		}
		if (len >= sizeof(vec)) {
			all += load(at);
			high += load(at) >> 32;
			at += sizeof(vec);
			len -= sizeof(vec);
		}
		sum = lanes(all - (high << 32) + high);
	}
	for (; len >= 8; at += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, at, 8);
		sum += (word & 0xffffffffu) + (word >> 32);
	}
	return fold(sum + load_rest(at, len));
}
