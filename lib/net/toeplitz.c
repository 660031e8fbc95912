/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Toeplitz hashes, as network cards with receive-side scaling make them.
 *
 * Each bit of the input that is set exclusive-ors into the hash the 32 bits of the key that begin at the same bit. The
 * hash is therefore linear: what a byte at a given place contributes does not depend on the others, and is looked up.
 */
#include "net/net.h"

uint32_t weir_toeplitz_plain(const uint8_t *key, const void *input, size_t len)
{
	const uint8_t *at = input;
	uint32_t window = weir_load_be32(key), hash = 0;

	for (size_t i = 0; i < len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			if (at[i] << bit & 0x80)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> (7 - bit) & 1u);
		}
	return hash;
}

void weir_toeplitz_init(struct weir_toeplitz *toeplitz, const uint8_t key[WEIR_RSS_KEY])
{
	for (unsigned i = 0; i < WEIR_RSS_INPUT; i++)
		for (unsigned byte = 0; byte < 256; byte++) {
			uint8_t value = (uint8_t)byte;

			toeplitz->table[i][byte] = weir_toeplitz_plain(key + i, &value, 1);
		}
}

/* The types that a packet is of, the one that its ports count for first. */
static unsigned rss_l4(const struct weir_parsed *parsed)
{
	bool ipv4 = parsed->flags & WEIR_PKT_IPV4;

	if (parsed->flags & WEIR_PARSED_FRAGMENT || !parsed->l4_len)
		return 0;
	switch (parsed->flags & WEIR_PKT_L4) {
	case WEIR_PKT_TCP:
		return ipv4 ? WEIR_RSS_IPV4_TCP : WEIR_RSS_IPV6_TCP;
	case WEIR_PKT_UDP:
		return ipv4 ? WEIR_RSS_IPV4_UDP : WEIR_RSS_IPV6_UDP;
	case WEIR_PKT_SCTP:
		return ipv4 ? WEIR_RSS_IPV4_SCTP : WEIR_RSS_IPV6_SCTP;
	}
	return 0;
}

unsigned weir_rss_input(const void *data, const struct weir_parsed *parsed, unsigned types,
                        uint8_t input[WEIR_RSS_INPUT])
{
	const uint8_t *bytes = data;
	unsigned l4 = rss_l4(parsed) & types, len;

	switch (parsed->l3_len ? parsed->flags & WEIR_PKT_L3 : 0) {
	case WEIR_PKT_IPV4:
		len = 8;
		memcpy(input, bytes + parsed->l3_off + offsetof(struct weir_ipv4, src), 8);
		types &= WEIR_RSS_IPV4;
		break;
	case WEIR_PKT_IPV6:
		len = 32;
		memcpy(input, bytes + parsed->l3_off + offsetof(struct weir_ipv6, src), 32);
		types &= WEIR_RSS_IPV6;
		break;
	default:
		return 0;
	}
	if (l4) {
		memcpy(input + len, bytes + parsed->l4_off, 4); /* both ports */
		return len + 4;
	}
	return types ? len : 0;
}
