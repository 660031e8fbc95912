/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir eeprom, weir module: the memories on a device's board, and in what is plugged into it, byte by byte.
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include <weir/device.h>

#include "weir.h"

#define LINE 16u /* bytes of it are shown */

static void print_line(const uint8_t *bytes, uint32_t at, uint32_t n)
{
	printf("%05x ", at);
	for (uint32_t i = 0; i < LINE; i++)
		i < n ? printf(" %02x", bytes[at + i]) : printf("   ");
	printf("  ");
	for (uint32_t i = 0; i < n; i++)
		putchar(isprint(bytes[at + i]) ? bytes[at + i] : '.');
	putchar('\n');
}

/* Prints @head, of which it takes hold, with the bytes; as text the bytes alone. */
static int print_bytes(json_t *head, const uint8_t *bytes, uint32_t size, bool json)
{
	char *text = json ? malloc(2 * (size_t)size + 1) : NULL;

	if (text) {
		for (uint32_t i = 0; i < size; i++)
			snprintf(text + 2 * (size_t)i, 3, "%02x", bytes[i]);
		json_object_set_new(head, "bytes", size ? json_string(text) : json_string(""));
		json_dumpf(head, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	for (uint32_t at = 0; !json && at < size; at += LINE)
		print_line(bytes, at, size - at < LINE ? size - at : LINE);
	json_decref(head);
	free(text);
	return json && !text ? -ENOMEM : 0;
}

/* Reads all of a memory with @read, and prints it behind @head. */
static int show(struct weir_port *port, int (*read)(struct weir_port *port, uint32_t offset, void *data, uint32_t len),
                uint32_t size, json_t *head, bool json)
{
	uint8_t *bytes = malloc(size ? size : 1);
	int err = bytes ? read(port, 0, bytes, size) : -ENOMEM;

	if (err) {
		if (bytes)
			complain(err);
		json_decref(head);
	} else {
		err = print_bytes(head, bytes, size, json);
	}
	if (err == -ENOMEM)
		warnx("no memory for %u bytes", size);
	free(bytes);
	return err;
}

int command_eeprom(const struct weir_options *options)
{
	struct weir_eeprom eeprom;
	struct subject subject;
	int err = subject_open(&subject, options, false);

	if (err)
		return EXIT_FAILURE;
	err = weir_port_eeprom(subject.port, &eeprom);
	if (err)
		return subject_close(&subject, complain(err));
	if (!options->json)
		printf("%u bytes; their checksum is %s\n", eeprom.size, eeprom.checksum_bad ? "wrong" : "right");
	err = show(subject.port, weir_port_read_eeprom, eeprom.size,
	           json_pack("{s:I, s:b}", "size", (json_int_t)eeprom.size, "checksum_right", !eeprom.checksum_bad),
	           options->json);
	return subject_close(&subject, err);
}

int command_module(const struct weir_options *options)
{
	struct weir_module module;
	struct subject subject;
	int err = subject_open(&subject, options, false);

	if (err)
		return EXIT_FAILURE;
	err = weir_port_module(subject.port, &module);
	if (err)
		return subject_close(&subject, complain(err));
	if (!options->json)
		printf("%u bytes of a module of kind %02x (SFF-8024)\n", module.size, module.identifier);
	err = show(subject.port, weir_port_read_module, module.size,
	           json_pack("{s:I, s:i}", "size", (json_int_t)module.size, "identifier", module.identifier),
	           options->json);
	return subject_close(&subject, err);
}
