/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads a list of processors. libnuma's reader gives a set, which forgets the order, and prints by itself.
 */
#include "cpus.h"

#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

/* A number below CPU_SETSIZE; moves *@text behind it. */
static bool read_cpu(const char **text, unsigned *cpu)
{
	unsigned long value;
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	value = strtoul(*text, &end, 10);
	if (value >= CPU_SETSIZE)
		return false;
	*text = end;
	*cpu = (unsigned)value;
	return true;
}

static bool add_cpu(struct cpus *cpus, unsigned cpu)
{
	if (cpus->count == CPUS_MAX)
		return false;
	for (unsigned i = 0; i < cpus->count; i++)
		if (cpus->cpu[i] == cpu)
			return false;
	cpus->cpu[cpus->count++] = cpu;
	return true;
}

int cpus_parse(const char *text, struct cpus *cpus)
{
	unsigned first, last;

	cpus->count = 0;
	do {
		if (!read_cpu(&text, &first))
			return -EINVAL;
		last = first;
		if (*text == '-') {
			text++;
			if (!read_cpu(&text, &last) || last < first)
				return -EINVAL;
		}
		for (unsigned cpu = first; cpu <= last; cpu++)
			if (!add_cpu(cpus, cpu))
				return -EINVAL;
	} while (*text++ == ',');
	return text[-1] ? -EINVAL : 0;
}
