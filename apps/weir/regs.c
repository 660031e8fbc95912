/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir regs: what stands in the registers of a device.
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include <weir/device.h>

#include "weir.h"

static json_t *register_object(const struct weir_register *reg)
{
	json_t *value = reg->readable ? json_integer(reg->value) : json_null();

	return json_pack("{s:s, s:I, s:o, s:s, s:s}", "name", reg->name, "offset", (json_int_t)reg->offset, "value",
	                 value, "section", reg->section, "what", reg->what);
}

static void print_register(const struct weir_register *reg)
{
	char value[16] = "-";

	if (reg->readable)
		snprintf(value, sizeof(value), "0x%08x", reg->value);
	printf("0x%05x %-18s %-10s %s (%s)\n", reg->offset, reg->name, value, reg->what, reg->section);
}

int command_regs(const struct weir_options *options)
{
	struct weir_register reg;
	struct subject subject;
	json_t *array;
	int err = subject_open(&subject, options, false);

	if (err)
		return EXIT_FAILURE;
	array = json_array();
	for (unsigned i = 0; !err; i++) {
		err = weir_port_register(subject.port, i, &reg);
		if (err)
			break;
		if (options->json)
			json_array_append_new(array, register_object(&reg));
		else
			print_register(&reg);
	}
	err = err == -ENOENT ? 0 : complain(err);
	if (options->json && !err) {
		json_dumpf(array, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(array);
	return subject_close(&subject, err);
}
