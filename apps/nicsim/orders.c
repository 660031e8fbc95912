/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Orders, a line each: "link CARD up", "link CARD down", "remove CARD". What is not understood is said, and changes
 * nothing.
 */
#include "orders.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void obey(struct orders *orders, const char *line)
{
	struct weir_sim_nic *nic;
	unsigned card;
	char verb[8], state[8] = "";
	int n = sscanf(line, "%7s %u %7s", verb, &card, state);

	if (n < 1)
		return;
	nic = n < 2 ? NULL : weir_sim_nic(orders->sim, card);
	if (!nic)
		log_say(orders->log, "'%s' names no card; say link CARD up, link CARD down or remove CARD", line);
	else if (!strcmp(verb, "link") && (!strcmp(state, "up") || !strcmp(state, "down")))
		weir_sim_link(nic, !strcmp(state, "up"));
	else if (!strcmp(verb, "remove") && n == 2)
		weir_sim_remove(nic);
	else
		log_say(orders->log, "'%s' is no order; say link CARD up, link CARD down or remove CARD", line);
}

void orders_read(struct orders *orders)
{
	ssize_t n = read(orders->fd, orders->line + orders->used, sizeof(orders->line) - 1 - orders->used);
	char *line = orders->line, *end;

	if (n <= 0) {
		orders->fd = -1;
		return;
	}
	orders->used += (size_t)n;
	orders->line[orders->used] = '\0';
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		obey(orders, line);
	}
	orders->used = strlen(line);
	if (orders->used == sizeof(orders->line) - 1)
		orders->used = 0;
	memmove(orders->line, line, orders->used);
}
