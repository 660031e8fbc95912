/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Port specs: any text parses or gets a sentence, and what a parsed spec points at lies inside it.
 */
#include <stdlib.h>
#include <string.h>

#include "port/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(const struct spec *spec, const char *text)
{
	if (text && (text < spec->text || text + strlen(text) >= spec->text + sizeof(spec->text)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct spec spec;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (spec_parse(NULL, text, &spec) == 0) {
		for (unsigned i = 0; i < SPEC_WORDS_MAX; i++)
			check_inside(&spec, spec.word[i]);
		for (unsigned i = 0; i < SPEC_OPTIONS_MAX; i++)
			check_inside(&spec, spec.value[i].string);
	} else if (!strlen(weir_error())) {
		abort();
	}
	free(text);
	return 0;
}
