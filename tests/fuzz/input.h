/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the fuzzer gives, taken piece by piece: where nothing is left come zeros.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct input {
	const uint8_t *at;
	size_t left;
};

static void take(struct input *in, void *to, size_t len)
{
	size_t some = len < in->left ? len : in->left;

	memset(to, 0, len);
	memcpy(to, in->at, some);
	in->at += some;
	in->left -= some;
}

static unsigned take_byte(struct input *in)
{
	uint8_t byte;

	take(in, &byte, 1);
	return byte;
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

#endif
