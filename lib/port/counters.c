/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads counters before they are full, and adds up what they had.
 */
#include "port/counters.h"

#include <string.h>

#include "port/registers.h"

void counters_open(struct counters *counters, const struct counter_table *table)
{
	counters->table = table;
	pthread_mutex_init(&counters->lock, NULL);
}

void counters_close(struct counters *counters)
{
	pthread_mutex_destroy(&counters->lock);
}

static enum counter_kind kind_of(const struct counters *counters, struct weir_port *port, unsigned row)
{
	return counters->table->kind ? counters->table->kind(port, row) : COUNTER_CLEARS;
}

/* A device that is gone counts nothing. */
static void read_row(struct counters *counters, struct weir_port *port, unsigned row)
{
	const struct counter *counter = &counters->table->rows[row];
	enum counter_kind kind = kind_of(counters, port, row);
	uint32_t low, high;

	if (kind == COUNTER_MISSING)
		return;
	low = port_read(port, counter->reg);
	high = counter->high ? port_read(port, counter->high) : 0;
	if (low == UINT32_MAX && (high == UINT32_MAX || port_is_gone(port)))
		return;
	if (kind == COUNTER_STAYS)
		port_write(port, counter->reg, 0);
	count_add(&counters->totals[row], low | (uint64_t)(high & counters->table->high) << 32);
}

void counters_read(struct counters *counters, struct weir_port *port, unsigned rows)
{
	if (port_is_gone(port))
		return;
	for (unsigned i = 0; i < rows; i++)
		read_row(counters, port, i);
}

void counters_forget(struct counters *counters, struct weir_port *port)
{
	for (unsigned i = 0; i < counters->table->count; i++)
		read_row(counters, port, i);
	memset(counters->totals, 0, sizeof(counters->totals));
}

uint64_t counters_sum(const struct counters *counters, unsigned first, unsigned rows)
{
	uint64_t sum = 0;

	for (unsigned i = first; i < first + rows; i++)
		sum += count_read(&counters->totals[i]);
	return sum;
}

int counters_get(struct counters *counters, struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	for (unsigned i = 0; i <= index && index < counters->table->count; i++)
		index += kind_of(counters, port, i) == COUNTER_MISSING;
	if (index >= counters->table->count)
		return -ENOENT;
	pthread_mutex_lock(&counters->lock);
	if (!port_is_lost(port))
		read_row(counters, port, index);
	*name = counters->table->rows[index].name;
	*value = count_read(&counters->totals[index]);
	pthread_mutex_unlock(&counters->lock);
	return 0;
}
