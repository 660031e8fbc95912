/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The simulator as its users see it: cards are added, looked at, and broken on request.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/core.h"
#include "sim/card.h"
#include "sim/wire.h"
#include "weir/port.h"

int weir_sim_create(const struct weir_sim_conf *conf, struct weir_sim **sim)
{
	struct weir_sim *s = calloc(1, sizeof(*s));

	*sim = NULL;
	if (!s)
		return weir_fail(NULL, -ENOMEM, "no memory for a simulator");
	if (conf)
		s->conf = *conf;
	pthread_mutex_init(&s->lock, NULL);
	*sim = s;
	return 0;
}

/* A card whose thread has ended. */
static void card_free(struct weir_sim_nic *card)
{
	struct sim_nic *nic = card->nic;

	card_close(card);
	wire_close(nic->wire);
	inbox_close(&card->inbox);
	if (card->wake_fd >= 0)
		close(card->wake_fd);
	pthread_mutex_destroy(&card->lock);
	free(nic);
	free(card);
}

void weir_sim_destroy(struct weir_sim *sim)
{
	if (!sim)
		return;
	/* Cards on one cable know each other: all stop before the first is freed. */
	for (unsigned i = 0; i < sim->count; i++)
		card_stop(sim->cards[i]);
	for (unsigned i = 0; i < sim->count; i++)
		card_free(sim->cards[i]);
	pthread_mutex_destroy(&sim->lock);
	free(sim);
}

struct weir_sim_nic *weir_sim_nic(struct weir_sim *sim, unsigned index)
{
	return index < __atomic_load_n(&sim->count, __ATOMIC_ACQUIRE) ? sim->cards[index] : NULL;
}

/* --- adding a card ---------------------------------------------------------------------------------------------------- */

static const struct sim_model *find_model(const char *name)
{
	char known[200] = "";
	size_t used = 0;

	for (unsigned i = 0; i < sim_model_count; i++) {
		if (!sim_models[i])
			continue;
		if (!strcmp(sim_models[i]->name, name))
			return sim_models[i];
		if (used < sizeof(known))
			used += (size_t)snprintf(known + used, sizeof(known) - used, " %s", sim_models[i]->name);
	}
	weir_fail(NULL, -EINVAL, "there is no model of a card '%s'; there are:%s", name, known);
	return NULL;
}

static int read_mac(struct sim_nic *nic, const char *text)
{
	uint8_t mac[6];
	int end = -1;

	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5],
	           &end) != 6 ||
	    text[end] || mac[0] & 1)
		return weir_fail(NULL, -EINVAL, "mac=%s is no address of a card, such as 02:00:00:00:00:01", text);
	memcpy(nic->mac, mac, sizeof(mac));
	return 0;
}

/* What both ends of the cable have agreed on. */
static int read_link(struct sim_nic *nic, const char *text)
{
	static const uint32_t speeds[] = { 100, 1000, 10000 };
	char *end;
	unsigned long mbps = strtoul(text, &end, 10);

	for (unsigned i = 0; *text && !*end && i < sizeof(speeds) / sizeof(*speeds); i++) {
		if (speeds[i] != mbps)
			continue;
		nic->speed_mbps = speeds[i];
		return 0;
	}
	return weir_fail(NULL, -EINVAL, "link=%s is no speed; there are 100, 1000 and 10000 (Mbit/s)", text);
}

static int read_device(struct sim_nic *nic, const char *text)
{
	char *end;
	unsigned long id = strtoul(text, &end, 16);

	for (const uint16_t *known = nic->model->devices; *text && !*end && known && *known; known++)
		if (*known == id) {
			nic->device = *known;
			return 0;
		}
	return weir_fail(NULL, -EINVAL, "device=%s is no id of a card %s", text, nic->model->name);
}

static int read_option(struct sim_nic *nic, char *option)
{
	char *value = strchr(option, '=');

	if (value)
		*value++ = '\0';
	if (value && !strcmp(option, "mac"))
		return read_mac(nic, value);
	if (value && !strcmp(option, "device"))
		return read_device(nic, value);
	if (value && !strcmp(option, "link"))
		return read_link(nic, value);
	if (value && nic->model->option && !nic->model->option(nic, option, value))
		return 0;
	return weir_fail(NULL, -EINVAL, "a card %s takes no '%s%s%s'; it is MODEL[,mac=MAC],wire=WIRE",
	                 nic->model->name, option, value ? "=" : "", value ? value : "");
}

/* What stands between the model and the wire. */
static int read_options(struct sim_nic *nic, char *options)
{
	char *option;
	int err = 0;

	while (!err && (option = strsep(&options, ",")))
		err = read_option(nic, option);
	return err;
}

/* Cuts "MODEL,options,wire=WIRE" at the commas that matter. *@options may become NULL, *@wire has a default. */
static void cut(char *text, char **options, const char **wire)
{
	char *at = strstr(text, ",wire=");

	*wire = at ? at + strlen(",wire=") : "hold";
	if (at)
		*at = '\0';
	*options = text;
	strsep(options, ",");
}

static struct weir_sim_nic *card_make(struct weir_sim *sim, const struct sim_model *model)
{
	struct weir_sim_nic *card = calloc(1, sizeof(*card));
	struct sim_nic *nic = calloc(1, model->size);

	if (!card || !nic) {
		free(card);
		free(nic);
		weir_fail(NULL, -ENOMEM, "no memory for a card");
		return NULL;
	}
	nic->model = model;
	nic->device = model->devices ? model->devices[0] : 0;
	nic->sim = sim;
	nic->index = sim->count;
	snprintf(nic->name, sizeof(nic->name), "%.16s#%u", model->name, nic->index);
	memcpy(nic->mac, (uint8_t[]){ 0x02, 'w', 'e', 'i', (uint8_t)(nic->index >> 8), (uint8_t)nic->index }, 6);
	nic->link_up = true;
	nic->fast = sim->conf.fast;
	nic->speed_mbps = 10000;
	nic->card = card;
	card->nic = nic;
	memset(card->bar_fd, -1, sizeof(card->bar_fd));
	card->wake_fd = -1;
	card->listen_fd = -1;
	card->next_fd = -1;
	pthread_mutex_init(&card->lock, NULL);
	return card;
}

/* Makes the parts of a card that take more than memory. */
static int card_equip(struct weir_sim_nic *card, char *options, const char *wire)
{
	int err = read_options(card->nic, options);

	if (!err && inbox_open(&card->inbox))
		err = weir_fail(NULL, -ENOMEM, "no memory for a card");
	if (!err) {
		err = card_open(card, card->nic);
		if (err)
			weir_fail(NULL, err, "cannot make a card %s: %s", card->nic->model->name, strerror(-err));
	}
	if (!err)
		err = wire_open(card->nic, wire, &card->nic->wire);
	return err;
}

static int add_locked(struct weir_sim *sim, char *text, struct weir_sim_nic **added)
{
	const struct sim_model *model;
	struct weir_sim_nic *card;
	const char *wire;
	char *options;
	int err;

	if (sim->count == SIM_CARDS)
		return weir_fail(NULL, -ENOSPC, "a simulator holds %u cards at most", SIM_CARDS);
	cut(text, &options, &wire);
	model = find_model(text);
	if (!model)
		return -EINVAL;
	card = card_make(sim, model);
	if (!card)
		return -ENOMEM;
	err = card_equip(card, options, wire);
	if (!err)
		err = card_start(card);
	if (err) {
		card_free(card);
		return err;
	}
	sim->cards[sim->count] = card;
	__atomic_store_n(&sim->count, sim->count + 1, __ATOMIC_RELEASE);
	*added = card;
	return 0;
}

int weir_sim_nic_add(struct weir_sim *sim, const char *text, struct weir_sim_nic **nic)
{
	char *copy = strdup(text);
	int err;

	*nic = NULL;
	if (!copy)
		return weir_fail(NULL, -ENOMEM, "no memory for a card");
	pthread_mutex_lock(&sim->lock);
	err = add_locked(sim, copy, nic);
	pthread_mutex_unlock(&sim->lock);
	free(copy);
	return err;
}

/* --- specs ------------------------------------------------------------------------------------------------------------ */

/* Makes the card of a spec sim:..., and connects its port to it. */
static int connect_spec(void *arg, const char *text, int *fd)
{
	struct weir_sim_nic *card;
	int err = weir_sim_nic_add(arg, text, &card);

	return err ? err : weir_sim_nic_connect(card, fd);
}

int weir_sim_enable(struct weir *weir, struct weir_sim *sim)
{
	weir_set_simulator(weir, connect_spec, weir_sim_error, sim);
	return 0;
}

/* --- the other end of the cable --------------------------------------------------------------------------------------- */

unsigned weir_sim_run(struct weir_sim *sim)
{
	struct weir_sim_nic *card;
	unsigned work = 0;

	for (unsigned i = 0; (card = weir_sim_nic(sim, i)); i++) {
		card_lock(card);
		work += card_run(card);
		card_unlock(card);
	}
	return work;
}

int weir_sim_send(struct weir_sim_nic *card, const void *frame, size_t len)
{
	if (!len || len > SIM_FRAME_MAX)
		return weir_fail(NULL, -EMSGSIZE, "a frame has 1 to %u bytes, not %zu", SIM_FRAME_MAX, len);
	if (!wire_deliver(card->nic, frame, len, 0, 0))
		return weir_fail(NULL, -ENOBUFS, "%s: its packet buffer is full", card->nic->name);
	return 0;
}

int weir_sim_take(struct weir_sim_nic *card, void *frame, size_t size)
{
	struct sim_wire *wire = card->nic->wire;
	int n;

	if (!wire->ops->take)
		return weir_fail(NULL, -ENOTSUP, "%s: frames can be taken from wire=hold only, not from %s",
		                 card->nic->name, wire->ops->name);
	card_lock(card);
	n = wire->ops->take(wire, frame, size);
	card_unlock(card);
	if (n < 0)
		return weir_fail(NULL, n, "%s: the next frame is longer than %zu bytes", card->nic->name, size);
	return n;
}

static void set_link(struct weir_sim_nic *card, bool up)
{
	struct sim_nic *nic = card->nic;

	card_lock(card);
	if (nic->link_up != up) {
		nic->link_up = up;
		if (nic->wire->ops->link)
			nic->wire->ops->link(nic->wire, up);
		if (!nic->gone)
			nic->model->link(nic);
	}
	card_unlock(card);
	card_wake(card);
}

void weir_sim_link(struct weir_sim_nic *card, bool up)
{
	const struct sim_wire *wire = card->nic->wire;
	struct weir_sim_nic *peer = wire->ops->peer ? wire->ops->peer(wire) : NULL;

	set_link(card, up);
	if (peer)
		set_link(peer, up);
}

/* Each card may be at work in a thread of its own. */
void sim_offer(struct sim_nic *nic, unsigned pauses)
{
	__atomic_store_n(&nic->offers, pauses, __ATOMIC_RELEASE);
}

unsigned sim_offered(struct sim_nic *nic)
{
	struct weir_sim_nic *peer = nic->wire->ops->peer ? nic->wire->ops->peer(nic->wire) : NULL;

	return peer ? __atomic_load_n(&peer->nic->offers, __ATOMIC_ACQUIRE) : 0;
}

/* --- breaking it ------------------------------------------------------------------------------------------------------ */

/* What a client has mapped reads all ones, too. */
void weir_sim_remove(struct weir_sim_nic *card)
{
	struct sim_nic *nic = card->nic;

	card_lock(card);
	nic->gone = true;
	for (const struct sim_window *w = nic->model->windows; nic->fast && w && w->size; w++)
		memset(nic->bar[w->bar] + w->offset, 0xff, w->size);
	card_unlock(card);
}

void weir_sim_fault(struct weir_sim_nic *card, enum weir_sim_fault fault, uint64_t arg, unsigned times)
{
	if (fault >= WEIR_SIM_FAULT_COUNT)
		return;
	card_lock(card);
	card->faults[fault].arg = arg;
	card->faults[fault].times = times;
	card_unlock(card);
	card_wake(card);
}

bool sim_fault(struct sim_nic *nic, enum weir_sim_fault fault, uint64_t *arg)
{
	struct weir_sim_nic *card = nic->card;

	if (!card->faults[fault].times)
		return false;
	if (card->faults[fault].times != ~0u)
		card->faults[fault].times--;
	*arg = card->faults[fault].arg;
	return true;
}

uint32_t weir_sim_peek(struct weir_sim_nic *card, uint64_t offset)
{
	uint32_t value;

	card_lock(card);
	value = card->nic->gone ? UINT32_MAX : card->nic->model->peek(card->nic, offset);
	card_unlock(card);
	return value;
}
