/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CRC32c, which SCTP uses: by the processor's instruction where the build has one, else a byte at a time.
 */
#include <string.h>

#include "net/level.h"
#include "net/net.h"

#if defined(__SSE4_2__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

/*
 * What a byte does to the remainder. The remainder is linear: a byte's entry is the exclusive or of its bits' entries,
 * which are the polynomial 0x82f63b78 (reflected) shifted down.
 */
#define BYTE(n)                                                                                                   \
	((((n)&0x01u) ? 0xf26b8303u : 0u) ^ (((n)&0x02u) ? 0xe13b70f7u : 0u) ^ (((n)&0x04u) ? 0xc79a971fu : 0u) ^ \
	 (((n)&0x08u) ? 0x8ad958cfu : 0u) ^ (((n)&0x10u) ? 0x105ec76fu : 0u) ^ (((n)&0x20u) ? 0x20bd8edeu : 0u) ^ \
	 (((n)&0x40u) ? 0x417b1dbcu : 0u) ^ (((n)&0x80u) ? 0x82f63b78u : 0u))
#define BYTES4(n)  BYTE(n), BYTE((n) + 1u), BYTE((n) + 2u), BYTE((n) + 3u)
#define BYTES16(n) BYTES4(n), BYTES4((n) + 4u), BYTES4((n) + 8u), BYTES4((n) + 12u)
#define BYTES64(n) BYTES16(n), BYTES16((n) + 16u), BYTES16((n) + 32u), BYTES16((n) + 48u)

static const uint32_t crc32c_bytes[256] = { BYTES64(0u), BYTES64(64u), BYTES64(128u), BYTES64(192u) };

uint32_t crc32c_table(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len--)
		crc = crc >> 8 ^ crc32c_bytes[(crc ^ *at++) & 0xffu];
	return crc;
}

#if defined(__SSE4_2__) || defined(__ARM_FEATURE_CRC32)
static inline uint32_t crc32c_word(uint32_t crc, uint64_t word)
{
#if defined(__SSE4_2__)
	return (uint32_t)_mm_crc32_u64(crc, word);
#else
	return __crc32cd(crc, word);
#endif
}

uint32_t weir_crc32c(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *at = data;

	for (; len >= 8; at += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, at, sizeof(word));
		crc = crc32c_word(crc, word);
	}
	return crc32c_table(crc, at, len);
}
#else
uint32_t weir_crc32c(uint32_t crc, const void *data, size_t len)
{
	return crc32c_table(crc, data, len);
}
#endif

static uint32_t crc32c_pkt(uint32_t crc, struct walk walk)
{
	while (walk_next(&walk))
		crc = weir_crc32c(crc, walk.at, walk.len);
	return crc;
}

uint32_t sctp_csum(uint8_t *base, const struct weir_pkt *pkts, unsigned n, size_t from, size_t len)
{
	static const uint8_t zeros[sizeof(((struct weir_sctp *)0)->csum)];
	size_t before = offsetof(struct weir_sctp, csum), after = sizeof(struct weir_sctp);
	uint32_t crc = ~0u;

	crc = crc32c_pkt(crc, (struct walk){ .base = base, .pkts = pkts, .n = n, .from = from, .left = before });
	crc = weir_crc32c(crc, zeros, sizeof(zeros));
	crc = crc32c_pkt(
	    crc, (struct walk){ .base = base, .pkts = pkts, .n = n, .from = from + after, .left = len - after });
	crc = ~crc;
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? crc : __builtin_bswap32(crc);
}
