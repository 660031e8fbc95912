/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking up 16 addresses with each instruction, at CPU level 4 alone: gathers of fewer do not beat single loads.
 *
 * A gather loads each of its cells as a load would, in no order among themselves and in order with other loads.
 */
#include <assert.h>

#include "fib/fib.h"

#if CPU_LEVEL == 4
#include <immintrin.h>

#define LANES   16u
#define VECTORS (FIB_BATCH / LANES)

/* Those lanes of vector @v that have one of @n addresses. */
static inline __mmask16 lanes_of(unsigned n, unsigned v)
{
	unsigned left = n > v * LANES ? n - v * LANES : 0;

	return (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffffu);
}

/* Numbers as they stand in packets. */
static inline __m512i from_network(__m512i words)
{
	return _mm512_shuffle_epi8(words, _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203));
}

/* The cells @index, of @lanes; others stay what they were. */
static inline __m512i cells_load(const uint32_t *cells, __m512i was, __mmask16 lanes, __m512i index)
{
	return _mm512_mask_i32gather_epi32(was, lanes, index, cells, sizeof(*cells));
}

/* Steps into the groups that cells lead to, by the lowest byte of @bytes. */
static inline __m512i groups_enter(const uint32_t *cells, __m512i found, __mmask16 lanes, __m512i bytes)
{
	__m512i byte = _mm512_and_si512(bytes, _mm512_set1_epi32(FIB_GROUP - 1));

	return cells_load(cells, found, lanes, _mm512_or_si512(_mm512_slli_epi32(found, FIB_GROUP_BITS), byte));
}

static inline void hops_store(uint32_t *hops, __mmask16 lanes, __m512i found)
{
	_mm512_mask_storeu_epi32(hops, lanes, _mm512_sub_epi32(found, _mm512_set1_epi32(1)));
}

void fib_batch4_wide(const struct weir_fib *fib, const uint32_t *addrs, uint32_t *hops, unsigned n)
{
	for (unsigned v = 0; v * LANES < n; v++) {
		__mmask16 lanes = lanes_of(n, v), down;
		__m512i addr = from_network(_mm512_maskz_loadu_epi32(lanes, addrs + v * LANES));
		__m512i found =
		    cells_load(fib->cells, _mm512_setzero_si512(), lanes, _mm512_srli_epi32(addr, 32 - FIB_ROOT_BITS));

		down = _mm512_movepi32_mask(found);
		if (down)
			found = groups_enter(fib->cells, found, down, addr);
		hops_store(hops + v * LANES, lanes, found);
	}
	__atomic_signal_fence(__ATOMIC_ACQUIRE);
}

/* Four bytes of each address from byte @at on. */
static inline __m512i words_load(const struct weir_fib_ip6 *addrs, __mmask16 lanes, unsigned at)
{
	const __m512i index = _mm512_set_epi32(240, 224, 208, 192, 176, 160, 144, 128, 112, 96, 80, 64, 48, 32, 16, 0);

	return from_network(_mm512_mask_i32gather_epi32(_mm512_setzero_si512(), lanes, index, addrs->byte + at, 1));
}

static inline void batch6(const struct weir_fib *fib, const struct weir_fib_ip6 *addrs, uint32_t *hops, unsigned n,
                          const unsigned vectors)
{
	__m512i found[VECTORS], words[VECTORS];
	unsigned any = 1;

	for (unsigned v = 0; v < vectors; v++) {
		words[v] = words_load(addrs + v * LANES, lanes_of(n, v), 0);
		found[v] = cells_load(fib->cells, _mm512_setzero_si512(), lanes_of(n, v),
		                      _mm512_srli_epi32(words[v], 32 - FIB_ROOT_BITS));
	}
	for (unsigned depth = 3; any && depth < 16; depth++) {
		any = 0;
		for (unsigned v = 0; v < vectors; v++) {
			__mmask16 down = _mm512_movepi32_mask(found[v]);

			any |= down;
			if (depth % 4 == 0)
				words[v] = words_load(addrs + v * LANES, down, depth);
			found[v] =
			    groups_enter(fib->cells, found[v], down, _mm512_srli_epi32(words[v], 24 - depth % 4 * 8));
		}
	}
	for (unsigned v = 0; v < vectors; v++)
		hops_store(hops + v * LANES, lanes_of(n, v), found[v]);
	__atomic_signal_fence(__ATOMIC_ACQUIRE);
}

void fib_batch6_wide(const struct weir_fib *fib, const struct weir_fib_ip6 *addrs, uint32_t *hops, unsigned n)
{
	static_assert(VECTORS == 2, "a vector more would be left out here");
	if (n > LANES)
		batch6(fib, addrs, hops, n, 2);
	else
		batch6(fib, addrs, hops, n, 1);
}

#endif
