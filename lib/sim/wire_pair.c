/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pair:N: a cable to card number N. It has a speed, a length, and on request it loses frames or flips a bit in them, and
 * does what a device on the way might: delivers a frame twice, lets the next one overtake it, or changes it with a CRC that
 * fits; by dice that fall the same way each time (seed=).
 *
 * A card can be a millisecond ahead of the cable's speed; then it has to wait. So it has when the other card's packet
 * buffer is full: the cable itself loses nothing that it was not told to lose.
 */
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "sim/card.h"
#include "sim/wire.h"

#define AHEAD_NS     1000000u
#define GAP_BYTES    24u /* preamble, CRC and the gap between two frames */
#define NS_PER_METER 5u
#define TAIL_BYTES   12u

struct pair {
	struct sim_wire wire;
	unsigned peer;
	double mbps, meters, loss, errors, corrupt, duplicate, reorder;
	uint64_t dice;
	uint64_t seen_ns; /* on the clock, last */
	uint64_t free_ns; /* when the cable has carried all that was sent */
	uint64_t lost, damaged, corrupted, doubled, overtaken, nobody;
	uint8_t frame[SIM_FRAME_MAX]; /* a damaged one */
	size_t held_len;              /* 0: none is held back */
	unsigned held_flags;
	uint8_t held[SIM_FRAME_MAX]; /* ... until the next one has passed */
};

static struct pair *pair_of(struct sim_wire *wire)
{
	return (struct pair *)wire;
}

static int pair_open(struct sim_wire *wire, const char *args)
{
	struct pair *pair = pair_of(wire);
	const char *rest = args + strcspn(args, ",");
	double peer = -1, seed = 1;
	const struct wire_option peer_option[] = { { .key = "N", .number = &peer, .max = SIM_CARDS - 1 },
		                                   { .key = NULL } };
	const struct wire_option options[] = {
		{ .key = "mbps", .number = &pair->mbps, .max = 1e6 },
		{ .key = "meters", .number = &pair->meters, .max = 1e9 },
		{ .key = "loss", .number = &pair->loss, .max = 1 },
		{ .key = "errors", .number = &pair->errors, .max = 1 },
		{ .key = "corrupt", .number = &pair->corrupt, .max = 1 },
		{ .key = "duplicate", .number = &pair->duplicate, .max = 1 },
		{ .key = "reorder", .number = &pair->reorder, .max = 1 },
		{ .key = "seed", .number = &seed, .max = 1e15 },
		{ .key = NULL },
	};
	char text[32];
	int err;

	pair->mbps = 10000;
	snprintf(text, sizeof(text), "N=%.*s", (int)(rest - args), args);
	err = wire_options(wire, text, peer_option);
	if (!err && *rest)
		err = wire_options(wire, rest + 1, options);
	if (err)
		return err;
	if (peer == wire->nic->index)
		return weir_fail(NULL, -EINVAL, "card %u cannot be at both ends of a pair; use wire=loop",
		                 wire->nic->index);
	pair->peer = (unsigned)peer;
	pair->dice = (uint64_t)seed;
	return 0;
}

static struct weir_sim_nic *pair_peer(const struct sim_wire *wire)
{
	return weir_sim_nic(wire->nic->sim, ((const struct pair *)wire)->peer);
}

/* True with the given probability. The generator is splitmix64. */
static bool happens(struct pair *pair, double probability)
{
	uint64_t z;

	if (probability <= 0)
		return false;
	z = pair->dice += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return (double)(z >> 11) * 0x1p-53 < probability;
}

/*
 * Whether the cable takes another frame now, and if so until when it is busy with it. The time at which the card's round has
 * begun will do for that, until it would make a frame wait.
 */
static bool carry(struct pair *pair, size_t len)
{
	if (pair->mbps <= 0)
		return true;
	if (pair->seen_ns < pair->wire.nic->card->now_ns)
		pair->seen_ns = pair->wire.nic->card->now_ns;
	if (!pair->seen_ns || pair->free_ns > pair->seen_ns + AHEAD_NS)
		pair->seen_ns = sim_now_ns(pair->wire.nic);
	if (pair->free_ns > pair->seen_ns + AHEAD_NS)
		return false;
	if (pair->free_ns < pair->seen_ns)
		pair->free_ns = pair->seen_ns;
	pair->free_ns += (uint64_t)((double)(len + GAP_BYTES) * 8000 / pair->mbps);
	return true;
}

/* Flips a bit of the last bytes, where whoever sends frames to be checked has his checks. */
static const uint8_t *change(struct pair *pair, const uint8_t *frame, size_t len)
{
	if (frame != pair->frame)
		memcpy(pair->frame, frame, len);
	pair->frame[len - 1 - pair->dice / 8 % TAIL_BYTES] ^= (uint8_t)(1u << pair->dice % 8);
	return pair->frame;
}

/*
 * Delivers a frame as often, and in the order, that the dice say. The caller knows that there is room for one; where there
 * is none for more, there is no second copy, and a frame that is held back goes on waiting.
 */
static bool hand_over(struct pair *pair, const struct weir_sim_nic *peer, const uint8_t *frame, size_t len,
                      unsigned flags, uint64_t due)
{
	if (!pair->held_len && happens(pair, pair->reorder)) {
		memcpy(pair->held, frame, len);
		pair->held_len = len;
		pair->held_flags = flags;
		return true;
	}
	if (!wire_deliver(peer->nic, frame, len, flags, due))
		return false;
	if (happens(pair, pair->duplicate) && wire_deliver(peer->nic, frame, len, flags, due))
		pair->doubled++;
	if (pair->held_len && wire_deliver(peer->nic, pair->held, pair->held_len, pair->held_flags, due)) {
		pair->overtaken++;
		pair->held_len = 0;
	}
	return true;
}

static bool pair_send(struct sim_wire *wire, const uint8_t *frame, size_t len)
{
	struct pair *pair = pair_of(wire);
	struct weir_sim_nic *peer = pair_peer(wire);
	unsigned flags = 0;
	uint64_t due = 0;

	if (!peer) {
		pair->nobody++;
		return true;
	}
	if (!wire_room(peer->nic) || !carry(pair, len))
		return false;
	if (happens(pair, pair->loss)) {
		pair->lost++;
		return true;
	}
	if (happens(pair, pair->errors)) {
		pair->damaged++;
		memcpy(pair->frame, frame, len);
		pair->frame[pair->dice / 8 % len] ^= (uint8_t)(1u << pair->dice % 8);
		frame = pair->frame;
		flags = SIM_FRAME_BAD_CRC;
	}
	if (happens(pair, pair->corrupt)) {
		pair->corrupted++;
		frame = change(pair, frame, len);
	}
	if (pair->meters > 0) {
		uint64_t now = sim_now_ns(wire->nic);

		due = (pair->free_ns > now ? pair->free_ns : now) + (uint64_t)(pair->meters * NS_PER_METER);
	}
	return hand_over(pair, peer, frame, len, flags, due);
}

static int pair_counter(const struct sim_wire *wire, unsigned index, const char **name, uint64_t *value)
{
	const struct pair *pair = (const struct pair *)wire;
	const struct wire_counter rows[] = {
		{ "cable_lost", pair->lost },           { "cable_damaged", pair->damaged },
		{ "cable_corrupted", pair->corrupted }, { "cable_doubled", pair->doubled },
		{ "cable_overtaken", pair->overtaken }, { "cable_held", pair->held_len != 0 },
		{ "cable_no_peer", pair->nobody },
	};

	return wire_counter(rows, sizeof(rows) / sizeof(rows[0]), index, name, value);
}

const struct wire_ops wire_pair = {
	.name = "pair",
	.size = sizeof(struct pair),
	.open = pair_open,
	.send = pair_send,
	.peer = pair_peer,
	.counter = pair_counter,
};
