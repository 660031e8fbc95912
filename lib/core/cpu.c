/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The processor's level and its clock.
 */
#include "core/cpu.h"

#include "core/clock.h"
#include "core/core.h"

/* Two looks that are some 20 ns wide each, so far apart: good for some ten parts in a million. */
#define MEASURE_NS 1000000u
#define LOOKS      8u

#if defined(__x86_64__)
#include <cpuid.h>

/* The levels of the x86-64 psABI; __builtin_cpu_supports() also asks whether the system saves the registers. */
unsigned cpu_level(void)
{
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("sse4.2") || !__builtin_cpu_supports("ssse3") || !__builtin_cpu_supports("popcnt"))
		return 1;
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2") ||
	    !__builtin_cpu_supports("fma"))
		return 2;
	if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
	    !__builtin_cpu_supports("avx512cd") || !__builtin_cpu_supports("avx512dq") ||
	    !__builtin_cpu_supports("avx512vl"))
		return 3;
	return 4;
}

/* CPUID leaf 0x15: the ratio of the time-stamp counter to a crystal of known frequency (Intel SDM volume 3, 19.7.3). */
static uint64_t clock_told(void)
{
	unsigned denominator, numerator, crystal_hz, unused;

	if (!__get_cpuid(0x15, &denominator, &numerator, &crystal_hz, &unused) || !denominator)
		return 0;
	return (uint64_t)crystal_hz * numerator / denominator;
}
#else
unsigned cpu_level(void)
{
	return 1;
}

static uint64_t clock_told(void)
{
#if defined(__aarch64__)
	uint64_t hz;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
#else
	return 0;
#endif
}
#endif

struct moment {
	uint64_t ns, ticks;
};

/* What both clocks say at once: the narrowest of a few looks, since whatever comes in between makes one wider. */
static struct moment moment_now(void)
{
	struct moment moment = { 0 };
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < LOOKS; i++) {
		uint64_t before = weir_clock(), ns = now_ns(), width = weir_clock() - before;

		if (width < least) {
			least = width;
			moment = (struct moment){ .ns = ns, .ticks = before + width / 2 };
		}
	}
	return moment;
}

static uint64_t clock_measured(void)
{
	struct moment start = moment_now(), end;

	do
		end = moment_now();
	while (end.ns - start.ns < MEASURE_NS);
	return (uint64_t)((double)(end.ticks - start.ticks) * 1e9 / (double)(end.ns - start.ns));
}

uint64_t weir_clock_hz(void)
{
	static uint64_t hz; /* the machine's, the same whoever measures it */
	uint64_t known = __atomic_load_n(&hz, __ATOMIC_RELAXED);

	if (!known) {
		known = clock_told();
		if (!known)
			known = clock_measured();
		__atomic_store_n(&hz, known, __ATOMIC_RELAXED);
	}
	return known;
}

unsigned weir_cpu_level(const struct weir *weir)
{
	return weir ? weir->cpu_level : cpu_level();
}

const char *weir_version(void)
{
#define TEXT(x)  #x
#define QUOTE(x) TEXT(x)
	return QUOTE(WEIR_VERSION_MAJOR) "." QUOTE(WEIR_VERSION_MINOR) "." QUOTE(WEIR_VERSION_PATCH);
}
