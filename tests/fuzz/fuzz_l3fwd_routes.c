/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file of routes of weir-l3fwd, whatever is in it: it is read to the end or refused with a sentence, and what a
 * statement says is within its limits.
 */
#include <stdlib.h>
#include <string.h>

#include "l3fwd/routes_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct statement *statement = malloc(sizeof(*statement));
	char *text = malloc(size + 1), *line, *next, why[WHY_SIZE] = "";

	if (!statement || !text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	for (line = text; line; line = next) {
		int got;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		why[0] = '\0';
		got = routes_line(line, statement, why);
		if (got < 0 && !why[0])
			abort();
		if (got == 1 && (statement->address_count > ADDRESSES_MOST || statement->via_count > GROUP_MOST ||
		                 statement->prefix.len > 128))
			abort();
	}
	free(text);
	free(statement);
	return 0;
}
