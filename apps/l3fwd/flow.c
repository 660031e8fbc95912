/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Flows in a hash table with linear probing, at most half full.
 */
#include "flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ABREAST 8 /* keys that are looked up side by side: their first slots are asked for together */

struct flow_slot {
	struct flow_key key;
	uint32_t hop;
	uint32_t taken;
};

struct flows {
	uint32_t mask, most, count;
	struct flow_slot *slots;
};

/* Ports stand first in all of these. */
static bool has_ports(uint8_t protocol)
{
	return protocol == WEIR_IP_TCP || protocol == WEIR_IP_UDP || protocol == WEIR_IP_SCTP;
}

/* @l4: where layer 4 begins, counted from the start of the frame. */
static void take_ports(const uint8_t *data, const struct item *item, unsigned l4, struct flow_key *key)
{
	if (!has_ports(key->protocol) || item->pkts->len < l4 + 4)
		return;
	memcpy(&key->src_port, data + l4, 2);
	memcpy(&key->dst_port, data + l4 + 2, 2);
}

void flow_key(uint8_t *base, const struct item *item, struct flow_key *key)
{
	const uint8_t *data = weir_pkt_data(base, item->pkts);
	const struct weir_ipv4 *ip4 = (const void *)(data + sizeof(struct weir_eth));
	const struct weir_ipv6 *ip6 = (const void *)ip4;

	memset(key, 0, sizeof(*key));
	key->family = item->family;
	if (item->family == 6) {
		key->protocol = ip6->next;
		memcpy(key->src, ip6->src, 16);
		memcpy(key->dst, ip6->dst, 16);
		take_ports(data, item, sizeof(struct weir_eth) + sizeof(*ip6), key);
		return;
	}
	key->protocol = ip4->protocol;
	memcpy(key->src, &ip4->src, 4);
	memcpy(key->dst, &ip4->dst, 4);
	if (!(ip4->fragment & weir_be16(WEIR_IPV4_MF | WEIR_IPV4_OFFSET)))
		take_ports(data, item, (unsigned)sizeof(struct weir_eth) + (ip4->version_ihl & 0xfu) * 4, key);
}

/* Multiplications that spread each bit over the upper half, which is taken down. */
static uint32_t hash(const struct flow_key *key)
{
	uint64_t words[5], sum = 0;

	static_assert(sizeof(*key) == sizeof(words), "a key is five words");
	memcpy(words, key, sizeof(words));
	for (unsigned i = 0; i < 5; i++) {
		sum = (sum ^ words[i]) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 32;
	}
	return (uint32_t)(sum * 0xd6e8feb86659fd93u >> 32);
}

uint32_t flow_hash(uint8_t *base, const struct item *item)
{
	struct flow_key key;

	flow_key(base, item, &key);
	return hash(&key);
}

int flows_create(struct flows **flows, uint32_t most)
{
	uint32_t slots = 2;

	while (slots < 2 * (uint64_t)most)
		slots *= 2;
	*flows = calloc(1, sizeof(**flows));
	if (!*flows)
		return -ENOMEM;
	(*flows)->mask = slots - 1;
	(*flows)->most = most;
	(*flows)->slots = calloc(slots, sizeof(*(*flows)->slots));
	if ((*flows)->slots)
		return 0;
	free(*flows);
	*flows = NULL;
	return -ENOMEM;
}

void flows_destroy(struct flows *flows)
{
	if (flows)
		free(flows->slots);
	free(flows);
}

uint32_t flows_count(const struct flows *flows)
{
	return flows->count;
}

/* The slot that has the key, or the empty one where it would be. */
static struct flow_slot *find(const struct flows *flows, const struct flow_key *key, uint32_t slot)
{
	for (;; slot++) {
		struct flow_slot *at = &flows->slots[slot & flows->mask];

		if (!at->taken || !memcmp(&at->key, key, sizeof(*key)))
			return at;
	}
}

int flows_add(struct flows *flows, const struct flow_key *key, uint32_t hop)
{
	struct flow_slot *slot = find(flows, key, hash(key));

	if (slot->taken)
		return -EEXIST;
	if (flows->count == flows->most)
		return -ENOSPC;
	slot->key = *key;
	slot->hop = hop;
	slot->taken = 1;
	flows->count++;
	return 0;
}

void flows_look_up(const struct flows *flows, uint8_t *base, const struct item *items, uint32_t *hops, unsigned n)
{
	struct flow_key keys[ABREAST];
	uint32_t hashes[ABREAST];

	for (unsigned i = 0; i < n; i += ABREAST) {
		unsigned some = n - i < ABREAST ? n - i : ABREAST;

		for (unsigned j = 0; j < some; j++) {
			flow_key(base, &items[i + j], &keys[j]);
			hashes[j] = hash(&keys[j]);
			__builtin_prefetch(&flows->slots[hashes[j] & flows->mask]);
		}
		for (unsigned j = 0; j < some; j++) {
			const struct flow_slot *slot = find(flows, &keys[j], hashes[j]);

			if (slot->taken)
				hops[i + j] = slot->hop;
		}
	}
}
