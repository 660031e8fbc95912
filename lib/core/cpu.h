/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the processor can do. Internal.
 */
#ifndef CORE_CPU_H
#define CORE_CPU_H

#define CPU_LEVEL_MAX 4

/* A name with a number behind it: of what is compiled once for each level, with -DCPU_LEVEL=n. */
#define PASTE(a, b) a##b
#define LEVEL(a, b) PASTE(a, b)

/* 1: portable C; 2, 3, 4: x86-64-v2, -v3, -v4, as far as the processor and the operating system support them. */
unsigned cpu_level(void);

#endif
