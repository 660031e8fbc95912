/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Time that goes on steadily, and waiting for it to pass. Internal.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

#define US UINT64_C(1)
#define MS UINT64_C(1000)
#define S  UINT64_C(1000000)

uint64_t now_ns(void);
void sleep_us(uint64_t us);

#endif
