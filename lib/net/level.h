/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The variants that lib/net has for each CPU level (cpu_level()). Internal.
 */
#ifndef NET_LEVEL_H
#define NET_LEVEL_H

#include <stddef.h>
#include <stdint.h>

/* weir_sum(), by level. Level 1 is portable; the others may only be called where the processor has the level. */
typedef uint32_t sum_fn(const void *data, size_t len);

sum_fn sum_v1;
#if defined(__x86_64__)
sum_fn sum_v2, sum_v3, sum_v4;
#endif

/* weir_crc32c() without the processor's help. */
uint32_t crc32c_table(uint32_t crc, const void *data, size_t len);

#endif
