/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a simulator tells: log, violations, counters.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "sim/card.h"
#include "sim/wire.h"

const char *weir_sim_error(void)
{
	return weir_error();
}

/* --- log -------------------------------------------------------------------------------------------------------------- */

static bool logs(const struct weir_sim *sim, enum weir_log_level level)
{
	enum weir_log_level most = sim->conf.log_level ? sim->conf.log_level : WEIR_LOG_WARNING;

	return sim->conf.log && level <= most;
}

void sim_log(struct sim_nic *nic, enum weir_log_level level, const char *format, ...)
{
	char text[400];
	va_list args;
	int n;

	if (!logs(nic->sim, level))
		return;
	n = snprintf(text, sizeof(text), "%s: ", nic->name);
	va_start(args, format);
	vsnprintf(text + n, sizeof(text) - (size_t)n, format, args);
	va_end(args);
	nic->sim->conf.log(nic->sim->conf.log_arg, level, text);
}

/* --- violations ------------------------------------------------------------------------------------------------------- */

void sim_violation(struct sim_nic *nic, const char *section, const char *format, ...)
{
	struct weir_sim_nic *card = nic->card;
	char text[sizeof(card->violations[0])];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(text))
		snprintf(text + n, sizeof(text) - (size_t)n, " (%s)", section);
	if (card->violation_count < VIOLATIONS_MAX)
		memcpy(card->violations[card->violation_count], text, sizeof(text));
	card->violation_count++;
	sim_log(nic, nic->sim->conf.strict ? WEIR_LOG_WARNING : WEIR_LOG_INFO, "%s", text);
}

unsigned weir_sim_violations(struct weir_sim_nic *card, char *text, size_t size)
{
	unsigned count;
	size_t used = 0;

	card_lock(card);
	count = card->violation_count;
	if (size)
		*text = '\0';
	for (unsigned i = 0; i < count && i < VIOLATIONS_MAX && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s: %s\n", card->nic->name, card->violations[i]);
	card_unlock(card);
	return count;
}

/* --- counters --------------------------------------------------------------------------------------------------------- */

/* The counters that every card has. */
static int own_counter(const struct weir_sim_nic *card, unsigned index, const char **name, uint64_t *value)
{
	const struct wire_counter rows[] = {
		{ "wire_sent", card->nic->wire->sent }, { "wire_sent_bytes", card->nic->wire->sent_bytes },
		{ "wire_unplugged", card->unplugged },  { "rx_buffer_full", count_read(&card->inbox.refused) },
		{ "irq_fired", card->irqs.fired },      { "irq_unheard", card->irqs.unheard },
		{ "dma_refused", card->dma.refused },   { "violations", card->violation_count },
	};

	return wire_counter(rows, sizeof(rows) / sizeof(rows[0]), index, name, value);
}

static int wire_own_counter(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value)
{
	return wire->ops->counter ? wire->ops->counter(wire, index, name, value) : -ENOENT;
}

static int model_counter(struct sim_nic *nic, unsigned index, const char **name, uint64_t *value)
{
	return nic->model->counter ? nic->model->counter(nic, index, name, value) : -ENOENT;
}

int weir_sim_counter(struct weir_sim_nic *card, unsigned index, const char **name, uint64_t *value)
{
	unsigned own = 0, wire = 0;
	int err;

	card_lock(card);
	/* The tables follow each other; where one ends is found by asking. */
	err = own_counter(card, index, name, value);
	if (err) {
		while (!own_counter(card, own, name, value))
			own++;
		err = wire_own_counter(card->nic->wire, index - own, name, value);
	}
	if (err) {
		while (!wire_own_counter(card->nic->wire, wire, name, value))
			wire++;
		err = model_counter(card->nic, index - own - wire, name, value);
	}
	card_unlock(card);
	return err;
}
