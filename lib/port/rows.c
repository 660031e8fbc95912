/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds registers by number.
 */
#include "port/rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *next_text(const char *text)
{
	return text + strlen(text) + 1;
}

static bool reading_changes(const struct row_table *table, const struct row *row)
{
	for (const uint32_t *changed = table->changed; *changed; changed++)
		if (*changed == row->offset)
			return true;
	return row->mode == RC || row->mode == RH || row->mode == WO;
}

int rows_find(const struct row_table *table, const void *device, unsigned index, struct weir_register *reg)
{
	const struct row *row = table->rows, *end = row + table->count;
	const char *name = table->texts;

	for (; row < end && index >= table->has(device, row); row++) {
		index -= table->has(device, row);
		name = next_text(next_text(next_text(name)));
	}
	if (row == end)
		return -ENOENT;
	snprintf(reg->name, sizeof(reg->name), row->count > 1 ? "%s[%u]" : "%s", name, index);
	reg->offset = row->offset + row->stride * index;
	reg->section = next_text(name);
	reg->what = next_text(reg->section);
	reg->readable = !reading_changes(table, row);
	return 0;
}
