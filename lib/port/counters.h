/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A device's counters, added up in 64 bits; a row each. Internal.
 */
#ifndef PORT_COUNTERS_H
#define PORT_COUNTERS_H

#include "port/driver.h"

#define COUNTERS_MAX 192u

struct counter {
	const char *name;
	uint32_t reg;
	uint32_t high; /* the upper half, which clears both; 0: there is none */
	uint8_t who;   /* the driver's: which devices have it */
};

/* A row for each of 8 or 16: ROW(reg, 0, name), ROW(reg, 1, name) ... */
#define COUNTERS_8(ROW, reg, name)                                                                     \
	ROW(reg, 0, name), ROW(reg, 1, name), ROW(reg, 2, name), ROW(reg, 3, name), ROW(reg, 4, name), \
	    ROW(reg, 5, name), ROW(reg, 6, name), ROW(reg, 7, name)
#define COUNTERS_16(ROW, reg, name)                                                                               \
	COUNTERS_8(ROW, reg, name), ROW(reg, 8, name), ROW(reg, 9, name), ROW(reg, 10, name), ROW(reg, 11, name), \
	    ROW(reg, 12, name), ROW(reg, 13, name), ROW(reg, 14, name), ROW(reg, 15, name)

enum counter_kind { COUNTER_MISSING, COUNTER_CLEARS, COUNTER_STAYS };

struct counter_table {
	const struct counter *rows;
	unsigned count;                                                  /* up to COUNTERS_MAX */
	uint32_t high;                                                   /* the bits of an upper half that count */
	enum counter_kind (*kind)(struct weir_port *port, unsigned row); /* NULL: all are there; reading clears */
};

struct counters {
	const struct counter_table *table;
	pthread_mutex_t lock;
	uint64_t totals[COUNTERS_MAX];
};

void counters_open(struct counters *counters, const struct counter_table *table);
void counters_close(struct counters *counters);

/* Forgets what the device has counted. */
void counters_forget(struct counters *counters, struct weir_port *port);

/* Reads the first @rows of them. The lock is held by the caller, for counters_sum(). */
void counters_read(struct counters *counters, struct weir_port *port, unsigned rows);
uint64_t counters_sum(const struct counters *counters, unsigned first, unsigned rows);

/* As weir_port_counter(). */
int counters_get(struct counters *counters, struct weir_port *port, unsigned index, const char **name, uint64_t *value);

#endif
