/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two forwarding tables that are slow and plain, for tests to compare with: a list that is searched from end to end,
 * and a trie of single bits.
 */
#ifndef TESTS_FIB_REFERENCE_H
#define TESTS_FIB_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "weir/fib.h"

struct listed {
	uint8_t addr[16];
	unsigned len;
	uint32_t hop;
	bool there;
};

static inline bool bit_of(const uint8_t *addr, unsigned i)
{
	return addr[i / 8] >> (7 - i % 8) & 1;
}

static inline bool listed_covers(const struct listed *route, const uint8_t *addr)
{
	for (unsigned i = 0; i < route->len; i++)
		if (bit_of(route->addr, i) != bit_of(addr, i))
			return false;
	return true;
}

static inline uint32_t list_lookup(const struct listed *list, unsigned n, const uint8_t *addr)
{
	const struct listed *best = NULL;

	for (unsigned i = 0; i < n; i++)
		if (list[i].there && listed_covers(&list[i], addr) && (!best || list[i].len > best->len))
			best = &list[i];
	return best ? best->hop : WEIR_FIB_NONE;
}

struct twig {
	struct twig *next[2];
	uint32_t hop; /* WEIR_FIB_NONE: no route ends here */
};

static inline struct twig *twig_new(void)
{
	struct twig *twig = calloc(1, sizeof(*twig));

	if (!twig)
		abort();
	twig->hop = WEIR_FIB_NONE;
	return twig;
}

/* Sets the hop of a route; WEIR_FIB_NONE removes it. */
static inline void twig_set(struct twig *twig, const uint8_t *addr, unsigned len, uint32_t hop)
{
	for (unsigned i = 0; i < len; i++) {
		struct twig **next = &twig->next[bit_of(addr, i)];

		if (!*next)
			*next = twig_new();
		twig = *next;
	}
	twig->hop = hop;
}

static inline uint32_t twig_lookup(const struct twig *twig, const uint8_t *addr, unsigned bits)
{
	uint32_t hop = WEIR_FIB_NONE;

	for (unsigned i = 0; twig; i++) {
		if (twig->hop != WEIR_FIB_NONE)
			hop = twig->hop;
		twig = i < bits ? twig->next[bit_of(addr, i)] : NULL;
	}
	return hop;
}

static inline void twig_free(struct twig *twig)
{
	if (!twig)
		return;
	twig_free(twig->next[0]);
	twig_free(twig->next[1]);
	free(twig);
}

/* Numbers without pattern, the same in every run. */
static inline uint32_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

/*
 * An address near others: each byte is one of a few, so that routes lie within each other. Cut to @len bits.
 */
static inline void draw_addr(uint64_t *state, uint8_t addr[16], unsigned bytes, unsigned len)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned bit = i * 8;

		addr[i] = i >= bytes ? 0 : i < 2 ? (uint8_t)(32 + draw(state) % 2) : (uint8_t)(draw(state) % 4 * 85);
		if (bit + 8 > len)
			addr[i] &= bit >= len ? 0 : (uint8_t)(0xff00 >> (len - bit));
	}
}

#endif
