/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What all wires share: the table of them, their texts, and the way to a card.
 */
#include "sim/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "sim/card.h"

extern const struct wire_ops wire_af_packet, wire_gen, wire_hold, wire_loop, wire_pair, wire_pcap, wire_sink, wire_tap;

/* The one list to edit for a new wire. */
static const struct wire_ops *const wires[] = { &wire_hold, &wire_loop, &wire_sink,      &wire_gen,
	                                        &wire_pair, &wire_tap,  &wire_af_packet, &wire_pcap };
#define WIRE_COUNT (sizeof(wires) / sizeof(wires[0]))

static const struct wire_ops *find(const char *name, size_t len)
{
	for (unsigned i = 0; i < WIRE_COUNT; i++)
		if (strlen(wires[i]->name) == len && !memcmp(wires[i]->name, name, len))
			return wires[i];
	return NULL;
}

int wire_open(struct sim_nic *nic, const char *text, struct sim_wire **wire)
{
	size_t len = strcspn(text, ":");
	const struct wire_ops *ops = find(text, len);
	const char *args = text[len] ? text + len + 1 : "";
	struct sim_wire *w;
	int err;

	if (!ops)
		return weir_fail(NULL, -EINVAL,
		                 "'%.*s' is no wire; there are hold, loop, sink, gen, pair, tap, af_packet and pcap",
		                 (int)len, text);
	if (*args && !ops->open)
		return weir_fail(NULL, -EINVAL, "wire %s takes no '%s'", ops->name, args);
	w = calloc(1, ops->size);
	if (!w)
		return weir_fail(NULL, -ENOMEM, "no memory for a wire");
	w->ops = ops;
	w->nic = nic;
	err = ops->open ? ops->open(w, args) : 0;
	if (err) {
		free(w);
		return err;
	}
	*wire = w;
	return 0;
}

void wire_close(struct sim_wire *wire)
{
	if (!wire)
		return;
	if (wire->ops->close)
		wire->ops->close(wire);
	free(wire);
}

/* --- the way to a card ------------------------------------------------------------------------------------------------ */

bool wire_deliver(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags, uint64_t due_ns)
{
	struct weir_sim_nic *card = nic->card;

	if (!inbox_put(&card->inbox, frame, len, flags, due_ns))
		return false;
	/* Either the card's thread sees the frame before it sleeps, or we see that it does: both exchange. */
	if (__atomic_exchange_n(&card->asleep, false, __ATOMIC_ACQ_REL))
		card_wake(card);
	return true;
}

bool wire_room(const struct sim_nic *nic)
{
	return inbox_roomy(&nic->card->inbox);
}

size_t sim_buffered(const struct sim_nic *nic)
{
	return (size_t)inbox_used(&nic->card->inbox);
}

bool wire_wanted(const struct sim_nic *nic)
{
	return !nic->gone && nic->link_up && nic->card->served && pci_bus_master(nic) &&
	       (!nic->model->listening || nic->model->listening(nic));
}

bool sim_wire_send(struct sim_nic *nic, const uint8_t *frame, size_t len)
{
	struct sim_wire *wire = nic->wire;

	if (!nic->link_up) {
		nic->card->unplugged++;
		return true;
	}
	if (!wire->ops->send(wire, frame, len)) {
		nic->card->stalled = true;
		return false;
	}
	wire->sent++;
	wire->sent_bytes += len;
	return true;
}

/* --- texts ------------------------------------------------------------------------------------------------------------ */

static int read_number(const struct sim_wire *wire, const struct wire_option *option, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end != text && *end && strchr("kMG", *end)) {
		value *= *end == 'k' ? 1e3 : *end == 'M' ? 1e6 : 1e9;
		end++;
	}
	if (end == text || *end || !(value >= option->min && value <= option->max))
		return weir_fail(NULL, -EINVAL, "wire %s: %s=%s is not a number from %g to %g", wire->ops->name,
		                 option->key, text, option->min, option->max);
	*option->number = value;
	return 0;
}

static int read_option(const struct sim_wire *wire, char *text, const struct wire_option *option)
{
	char *value = strchr(text, '=');

	if (value)
		*value++ = '\0';
	while (option->key && strcmp(option->key, text))
		option++;
	if (!option->key || !value)
		return weir_fail(NULL, -EINVAL, "wire %s does not take '%s'; its options are key=value",
		                 wire->ops->name, text);
	if (option->number)
		return read_number(wire, option, value);
	if (!*value || strlen(value) >= option->size)
		return weir_fail(NULL, -EINVAL, "wire %s: %s needs 1 to %zu characters", wire->ops->name, option->key,
		                 option->size - 1);
	strcpy(option->text, value);
	return 0;
}

int wire_options(const struct sim_wire *wire, const char *args, const struct wire_option *options)
{
	char *copy = strdup(args), *rest = copy, *one;
	int err = copy ? 0 : -ENOMEM;

	while (!err && *args && (one = strsep(&rest, ",")))
		err = read_option(wire, one, options);
	free(copy);
	return err;
}

int wire_counter(const struct wire_counter *rows, unsigned count, unsigned index, const char **name, uint64_t *value)
{
	if (index >= count)
		return -ENOENT;
	*name = rows[index].name;
	*value = rows[index].value;
	return 0;
}
