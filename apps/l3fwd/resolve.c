/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The life of neighbours.
 *
 *      NONE --asked for--> INCOMPLETE --answer--> REACHABLE --time--> STALE --in use--> PROBE --answer--> REACHABLE
 *                               \---silence---> FAILED                    \--unused--> gone  \--silence--> FAILED
 *
 * (RFC 4861, 7.3, without hints from layers above, which a router does not see.) Where the kernel keeps neighbours, it
 * goes through such states itself; then INCOMPLETE and STALE are times to tell it who is wanted.
 */
#include "resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS       65536u
#define TRIES        3u
#define RETRY_MS     1000u
#define REACHABLE_MS 30000u
#define CHECK_MS     5000u   /* between looks whether a stale neighbour is in use */
#define UNUSED_MS    600000u /* known, and not used for so long: forgotten */
#define FAILED_MS    3000u   /* nobody is asked for again in that time */

int resolver_init(struct resolver *resolver, struct router *router, const struct resolver_hooks *hooks)
{
	int err;

	memset(resolver, 0, sizeof(*resolver));
	resolver->router = router;
	resolver->hooks = *hooks;
	resolver->due = UINT64_MAX;
	resolver->heads = calloc(CHAINS, sizeof(*resolver->heads));
	resolver->by_hop = calloc(HOPS_MAX, sizeof(*resolver->by_hop));
	resolver->all = calloc(NEIGHBOURS_MAX, sizeof(*resolver->all));
	resolver->addresses = calloc(ADDRESSES_MAX, sizeof(*resolver->addresses));
	err = weir_pool_cache_create(router->pool, 0, &resolver->cache);
	if (!err && resolver->heads && resolver->by_hop && resolver->all && resolver->addresses)
		return 0;
	log_say(router->log, "no memory for %u neighbours", NEIGHBOURS_MAX);
	resolver_fini(resolver);
	return -ENOMEM;
}

static void drop(struct resolver *resolver, const struct weir_pkt *pkts, unsigned n)
{
	struct router_counts *counts = &resolver->router->counts[resolver->router->reader_count];

	weir_pool_free(resolver->cache, pkts, n);
	__atomic_store_n(&counts->drops[DROP_UNRESOLVED], counts->drops[DROP_UNRESOLVED] + 1, __ATOMIC_RELAXED);
}

static void queue_drop(struct resolver *resolver, struct adjacency *neighbour)
{
	for (unsigned i = 0; i < neighbour->waiting; i++)
		drop(resolver, &neighbour->queue[i], 1);
	resolver->waiting -= neighbour->waiting;
	neighbour->waiting = 0;
}

void resolver_fini(struct resolver *resolver)
{
	for (uint32_t i = 0; resolver->all && i < resolver->fresh; i++)
		queue_drop(resolver, &resolver->all[i]);
	weir_pool_cache_destroy(resolver->cache);
	free(resolver->heads);
	free(resolver->by_hop);
	free(resolver->all);
	free(resolver->addresses);
	memset(resolver, 0, sizeof(*resolver));
}

/* --- finding ------------------------------------------------------------------------------------------------------- */

static uint32_t *chain(const struct resolver *resolver, unsigned interface, const struct ip *ip)
{
	uint64_t word[2];

	memcpy(word, ip->byte, sizeof(word));
	word[0] = (word[0] ^ (word[1] * 0x9e3779b97f4a7c15u) ^ interface) * 0xff51afd7ed558ccdu;
	return &resolver->heads[word[0] >> 40 & (CHAINS - 1)];
}

struct adjacency *resolver_find(const struct resolver *resolver, unsigned interface, const struct ip *ip)
{
	for (uint32_t at = *chain(resolver, interface, ip); at; at = resolver->all[at - 1].next) {
		struct adjacency *neighbour = &resolver->all[at - 1];

		if (neighbour->interface == interface && ip_equal(&neighbour->ip, ip))
			return neighbour;
	}
	return NULL;
}

static void wait_until(struct resolver *resolver, struct adjacency *neighbour, uint64_t due)
{
	neighbour->due = due;
	if (due < resolver->due)
		resolver->due = due;
}

static bool room(const struct resolver *resolver)
{
	return resolver->free || resolver->fresh < NEIGHBOURS_MAX;
}

/* A neighbour that is not there yet; there must be room. */
static struct adjacency *add(struct resolver *resolver, unsigned interface, const struct ip *ip, uint32_t hop)
{
	uint32_t *head = chain(resolver, interface, ip), at = resolver->free;
	struct adjacency *neighbour;

	if (at)
		resolver->free = resolver->all[at - 1].next;
	else
		at = ++resolver->fresh;
	neighbour = &resolver->all[at - 1];
	*neighbour = (struct adjacency){
		.ip = *ip, .interface = (uint16_t)interface, .hop = hop, .next = *head, .due = UINT64_MAX
	};
	*head = at;
	resolver->by_hop[hop] = at;
	resolver->count++;
	return neighbour;
}

struct adjacency *resolver_get(struct resolver *resolver, unsigned interface, const struct ip *ip)
{
	struct adjacency *neighbour = resolver_find(resolver, interface, ip);
	int hop;

	if (neighbour || !room(resolver))
		return neighbour;
	hop = router_hop_alloc(resolver->router);
	if (hop < 0)
		return NULL;
	neighbour = add(resolver, interface, ip, (uint32_t)hop);
	router_hop_set(resolver->router, neighbour->hop, neighbour_word(neighbour));
	wait_until(resolver, neighbour, resolver->now + UNUSED_MS);
	return neighbour;
}

int resolver_adopt(struct resolver *resolver, unsigned interface, const struct ip *ip, uint32_t hop)
{
	uint64_t word = router_hop_get(resolver->router, hop);
	struct adjacency *neighbour;

	if (!room(resolver) || resolver_find(resolver, interface, ip))
		return -ENOSPC;
	neighbour = add(resolver, interface, ip, hop);
	if (hop_kind(word) == HOP_NEIGHBOUR) {
		neighbour->state = NEIGHBOUR_PERMANENT;
		neighbour->mac = hop_mac(word);
	} else {
		resolver_hold(resolver, neighbour); /* its hop is for ever, and wanted */
	}
	return 0;
}

static void remove_neighbour(struct resolver *resolver, struct adjacency *neighbour)
{
	uint32_t *at = chain(resolver, neighbour->interface, &neighbour->ip);
	uint32_t number = (uint32_t)(neighbour - resolver->all) + 1;

	queue_drop(resolver, neighbour);
	while (*at != number)
		at = &resolver->all[*at - 1].next;
	*at = neighbour->next;
	resolver->by_hop[neighbour->hop] = 0;
	router_hop_free(resolver->router, neighbour->hop);
	neighbour->interface = 0;
	neighbour->next = resolver->free;
	resolver->free = number;
	resolver->count--;
}

/* --- what is known -------------------------------------------------------------------------------------------------- */

static bool known(const struct adjacency *neighbour)
{
	return neighbour->state == NEIGHBOUR_REACHABLE || neighbour->state == NEIGHBOUR_STALE ||
	       neighbour->state == NEIGHBOUR_PROBE || neighbour->state == NEIGHBOUR_PERMANENT;
}

uint64_t neighbour_word(const struct adjacency *neighbour)
{
	return known(neighbour) ? hop_word(HOP_NEIGHBOUR, neighbour->interface, neighbour->mac)
	                        : hop_word(HOP_UNRESOLVED, neighbour->interface, 0);
}

static void set_state(struct resolver *resolver, struct adjacency *neighbour, enum neighbour_state state)
{
	uint64_t word;

	neighbour->state = (uint8_t)state;
	word = neighbour_word(neighbour);
	if (router_hop_get(resolver->router, neighbour->hop) == word)
		return;
	router_hop_set(resolver->router, neighbour->hop, word);
	if (neighbour->gateways)
		resolver->hooks.changed(resolver->hooks.arg, neighbour);
}

static void send(struct resolver *resolver, const struct adjacency *neighbour, struct weir_pkt *pkts, unsigned n)
{
	struct router *router = resolver->router;
	uint8_t mac[6];

	mac_unpack(mac, neighbour->mac);
	router_address(router, pkts, neighbour->interface, mac);
	if (router_inject(router, router->interfaces[neighbour->interface].port, pkts, n) < n)
		drop(resolver, pkts, n);
}

void resolver_learn(struct resolver *resolver, struct adjacency *neighbour, uint64_t mac, bool sure)
{
	bool was = known(neighbour) && neighbour->mac == mac;

	if (neighbour->state == NEIGHBOUR_PERMANENT)
		return;
	if (!was)
		resolver->counts.learned++;
	neighbour->mac = mac;
	neighbour->tries = 0;
	neighbour->since = resolver->now;
	set_state(resolver, neighbour, sure ? NEIGHBOUR_REACHABLE : NEIGHBOUR_STALE);
	wait_until(resolver, neighbour, resolver->now + (sure ? REACHABLE_MS : CHECK_MS));
	for (unsigned i = 0; i < neighbour->waiting; i++)
		send(resolver, neighbour, &neighbour->queue[i], 1);
	resolver->waiting -= neighbour->waiting;
	neighbour->waiting = 0;
}

static void host_drop(struct resolver *resolver, struct adjacency *neighbour)
{
	if (neighbour->host) {
		resolver->hooks.host(resolver->hooks.arg, neighbour, false);
		neighbour->host = false;
		resolver->hosts--;
	}
}

void resolver_forget(struct resolver *resolver, struct adjacency *neighbour)
{
	if (neighbour->state == NEIGHBOUR_PERMANENT)
		return;
	host_drop(resolver, neighbour);
	neighbour->tries = 0;
	set_state(resolver, neighbour, NEIGHBOUR_NONE);
	queue_drop(resolver, neighbour);
	wait_until(resolver, neighbour, resolver->now + (neighbour->gateways ? 0 : UNUSED_MS));
}

static void each(struct resolver *resolver, void (*act)(struct resolver *, struct adjacency *, const void *),
                 const void *arg)
{
	for (uint32_t i = 0; i < resolver->fresh; i++)
		if (resolver->all[i].interface)
			act(resolver, &resolver->all[i], arg);
}

static void down(struct resolver *resolver, struct adjacency *neighbour, const void *arg)
{
	if (neighbour->interface == *(const unsigned *)arg)
		resolver_forget(resolver, neighbour);
}

void resolver_interface_down(struct resolver *resolver, unsigned interface)
{
	each(resolver, down, &interface);
}

struct prefix_of {
	const struct ip *ip;
	unsigned len;
};

static void host_drop_within(struct resolver *resolver, struct adjacency *neighbour, const void *arg)
{
	const struct prefix_of *prefix = arg;

	if (neighbour->host && ip_within(&neighbour->ip, prefix->ip, prefix->len))
		host_drop(resolver, neighbour);
}

void resolver_hosts_drop(struct resolver *resolver, const struct ip *ip, unsigned len)
{
	const struct prefix_of prefix = { ip, len };

	if (resolver->hosts)
		each(resolver, host_drop_within, &prefix);
}

static void sweep(struct resolver *resolver, struct adjacency *neighbour, const void *arg)
{
	if (known(neighbour) && neighbour->generation != *(const uint32_t *)arg)
		resolver_forget(resolver, neighbour);
}

void resolver_sweep(struct resolver *resolver, uint32_t generation)
{
	each(resolver, sweep, &generation);
}

/* --- asking --------------------------------------------------------------------------------------------------------- */

static void ask(struct resolver *resolver, struct adjacency *neighbour)
{
	resolver->counts.asked++;
	neighbour->tries++;
	if (resolver->hooks.ask)
		resolver->hooks.ask(resolver->hooks.arg, neighbour);
	else
		resolver_ask(resolver, neighbour);
	wait_until(resolver, neighbour, resolver->now + RETRY_MS);
}

static void start(struct resolver *resolver, struct adjacency *neighbour)
{
	neighbour->tries = 0;
	set_state(resolver, neighbour, NEIGHBOUR_INCOMPLETE);
	ask(resolver, neighbour);
}

void resolver_hold(struct resolver *resolver, struct adjacency *neighbour)
{
	neighbour->gateways++;
	if (neighbour->state == NEIGHBOUR_NONE || neighbour->state == NEIGHBOUR_FAILED)
		wait_until(resolver, neighbour, resolver->now);
}

void resolver_release(struct resolver *resolver, struct adjacency *neighbour)
{
	neighbour->gateways--;
	neighbour->since = resolver->now;
	(void)resolver;
}

static void fail(struct resolver *resolver, struct adjacency *neighbour)
{
	resolver->counts.failed++;
	host_drop(resolver, neighbour);
	queue_drop(resolver, neighbour);
	set_state(resolver, neighbour, NEIGHBOUR_FAILED);
	wait_until(resolver, neighbour, resolver->now + FAILED_MS);
}

static bool in_use(struct resolver *resolver, struct adjacency *neighbour)
{
	return router_hop_used(resolver->router, neighbour->hop) || neighbour->gateways;
}

/* Something is due for this neighbour. */
static void act(struct resolver *resolver, struct adjacency *neighbour)
{
	switch (neighbour->state) {
	case NEIGHBOUR_NONE:
	case NEIGHBOUR_FAILED:
		/* Who is a gateway is asked for again and again: the answer may come any day. */
		if (neighbour->gateways)
			start(resolver, neighbour);
		else
			remove_neighbour(resolver, neighbour);
		break;
	case NEIGHBOUR_INCOMPLETE:
	case NEIGHBOUR_PROBE:
		if (neighbour->tries < TRIES)
			ask(resolver, neighbour);
		else
			fail(resolver, neighbour);
		break;
	case NEIGHBOUR_REACHABLE:
		set_state(resolver, neighbour, NEIGHBOUR_STALE);
		wait_until(resolver, neighbour, resolver->now);
		break;
	case NEIGHBOUR_STALE:
		if (in_use(resolver, neighbour)) {
			neighbour->since = resolver->now;
			neighbour->tries = 0;
			/* The kernel decides for itself when it has asked often enough. */
			if (!resolver->hooks.ask)
				set_state(resolver, neighbour, NEIGHBOUR_PROBE);
			ask(resolver, neighbour);
			if (resolver->hooks.ask)
				wait_until(resolver, neighbour, resolver->now + CHECK_MS);
		} else if (resolver->now - neighbour->since >= UNUSED_MS) {
			host_drop(resolver, neighbour);
			remove_neighbour(resolver, neighbour);
		} else {
			wait_until(resolver, neighbour, resolver->now + CHECK_MS);
		}
		break;
	default:
		break;
	}
}

void resolver_tick(struct resolver *resolver, uint64_t now)
{
	resolver->now = now;
	if (resolver->addresses_changed)
		resolver_choose_sources(resolver);
	if (now < resolver->due)
		return;
	resolver->due = UINT64_MAX;
	for (uint32_t i = 0; i < resolver->fresh; i++) {
		struct adjacency *neighbour = &resolver->all[i];

		if (neighbour->interface && neighbour->due <= now)
			act(resolver, neighbour);
		if (neighbour->interface && neighbour->due < resolver->due)
			resolver->due = neighbour->due;
	}
}

/* --- packets that want a neighbour ----------------------------------------------------------------------------------- */

/* The neighbour that a packet is to go to, made if need be; NULL: none, or no room. */
static struct adjacency *of_packet(struct resolver *resolver, const struct weir_pkt *pkt)
{
	const uint8_t *frame = weir_pkt_data(resolver->router->base, pkt);
	struct ip ip = { 0 };

	if (punt_why(pkt) == PUNT_UNRESOLVED) {
		uint32_t number = punt_detail(pkt) < HOPS_MAX ? resolver->by_hop[punt_detail(pkt)] : 0;

		return number ? &resolver->all[number - 1] : NULL;
	}
	if (pkt->len >= 14 + sizeof(struct weir_ipv4) && weir_load_be16(frame + 12) == WEIR_ETHER_IPV4) {
		ip.family = 4;
		memcpy(ip.byte, frame + 14 + offsetof(struct weir_ipv4, dst), 4);
	} else if (pkt->len >= 14 + sizeof(struct weir_ipv6) && weir_load_be16(frame + 12) == WEIR_ETHER_IPV6) {
		ip.family = 6;
		memcpy(ip.byte, frame + 14 + offsetof(struct weir_ipv6, dst), 16);
	} else {
		return NULL;
	}
	return resolver_get(resolver, punt_interface(pkt), &ip);
}

void resolver_wanted(struct resolver *resolver, struct weir_pkt *pkts, unsigned n)
{
	struct adjacency *neighbour = of_packet(resolver, pkts);

	if (!neighbour || !interface_up(&resolver->router->interfaces[neighbour->interface])) {
		drop(resolver, pkts, n);
		return;
	}
	if (known(neighbour)) {
		if (punt_why(pkts) == PUNT_CONNECTED && !neighbour->host &&
		    resolver->hooks.host(resolver->hooks.arg, neighbour, true)) {
			neighbour->host = true;
			resolver->hosts++;
		}
		send(resolver, neighbour, pkts, n);
		return;
	}
	if (neighbour->state == NEIGHBOUR_NONE)
		start(resolver, neighbour);
	if (neighbour->state == NEIGHBOUR_FAILED || n != 1 || neighbour->waiting == QUEUE_MOST ||
	    resolver->waiting == QUEUED_MOST) {
		resolver->counts.queue_full++;
		drop(resolver, pkts, n);
		return;
	}
	neighbour->queue[neighbour->waiting++] = *pkts;
	resolver->waiting++;
	resolver->counts.queued++;
}
