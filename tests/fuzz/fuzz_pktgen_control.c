/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines of the control socket: what is let pass has all that its command needs.
 */
#include <stdint.h>
#include <stdlib.h>

#include "pktgen/control_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum control_verb verb = CONTROL_VERBS;
	char error[CONTROL_ERROR] = "";
	json_t *object = control_read((const char *)data, size, &verb, error);

	if (object ? verb >= CONTROL_VERBS : !error[0])
		abort();
	if (object && verb == CONTROL_RATE && !json_string_value(json_object_get(object, "rate")))
		abort();
	json_decref(object);
	return 0;
}
