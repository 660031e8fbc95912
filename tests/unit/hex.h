/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bytes written as hexadecimal text, the way that frames are easiest to read.
 */
#ifndef TESTS_HEX_H
#define TESTS_HEX_H

#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes the bytes that @text spells at @to; spaces are skipped. Returns how many. */
static inline size_t hex(uint8_t *to, const char *text)
{
	size_t len = 0;
	unsigned byte;

	for (; *text; text++)
		if (!isspace((unsigned char)*text)) {
			if (sscanf(text, "%2x", &byte) != 1)
				return 0;
			to[len++] = (uint8_t)byte;
			text++;
		}
	return len;
}

#endif
