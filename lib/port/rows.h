/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device's registers for weir_port_register(), from the rows of lib/regs.
 */
#ifndef PORT_ROWS_H
#define PORT_ROWS_H

#include "weir/device.h"

/* The modes of lib/regs. */
enum row_mode { RW, RO, RC, RH, WO, SC };

struct row {
	uint32_t offset;
	uint16_t stride, count;
	uint8_t mode, who;
};

struct row_table {
	const struct row *rows;
	unsigned count;
	const char
	    *texts; /* of all rows behind each other, three of each: pointers would take more room than they do */
	const uint32_t
	    *changed; /* what reading takes, releases or forgets, beside those that it clears; the last one is 0 */
	unsigned (*has)(const void *device, const struct row *row); /* how many of a row's registers */
};

/* Fills all of @reg but the value of number @index of those that @device has. Returns 0 or -ENOENT. */
int rows_find(const struct row_table *table, const void *device, unsigned index, struct weir_register *reg);

#endif
