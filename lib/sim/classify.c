/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a card's parser makes of a frame.
 */
#include "sim/classify.h"

#include <string.h>

#include "regs/advanced.h"
#include "weir/net.h"

static void set_type(struct sim_class *class, const uint8_t *frame)
{
	const struct weir_parsed *parsed = &class->parsed;

	if (parsed->flags & WEIR_PKT_IPV4) {
		class->type = RXD_TYPE_IPV4;
		if ((frame[parsed->l3_off] & 0xf) > 5)
			class->type |= RXD_TYPE_IPV4E;
	} else {
		class->type = RXD_TYPE_IPV6;
		if (parsed->l3_len > 40)
			class->type |= RXD_TYPE_IPV6E;
	}
	if (parsed->flags & WEIR_PARSED_FRAGMENT)
		return;
	switch (parsed->flags & WEIR_PKT_L4) {
	case WEIR_PKT_TCP:
		class->type |= RXD_TYPE_TCP;
		break;
	case WEIR_PKT_UDP:
		class->type |= RXD_TYPE_UDP;
		break;
	case WEIR_PKT_SCTP:
		class->type |= RXD_TYPE_SCTP;
		break;
	default:
		break;
	}
}

static void check_sums(struct sim_class *class, const uint8_t *frame, size_t len)
{
	struct weir_pkt pkt = { .len = (uint16_t)len };
	unsigned verdict = weir_pkt_check((uint8_t *)frame, &pkt, 1, &class->parsed);

	if (class->type & RXD_TYPE_IPV4) {
		class->status |= RXD_IPCS;
		class->ip_bad = verdict & WEIR_PKT_IP_BAD;
	}
	if (!(class->type & (RXD_TYPE_TCP | RXD_TYPE_UDP | RXD_TYPE_SCTP)) ||
	    !(verdict & (WEIR_PKT_L4_GOOD | WEIR_PKT_L4_BAD)))
		return;
	class->status |= RXD_L4CS | (class->type & RXD_TYPE_UDP ? RXD_UDPCS : 0);
	class->l4_bad = verdict & WEIR_PKT_L4_BAD;
}

void sim_classify(struct sim_class *class, const uint8_t *frame, size_t len, unsigned tags)
{
	const struct weir_parsed *parsed = &class->parsed;

	memset(class, 0, sizeof(*class));
	weir_parse(frame, len, &class->parsed);
	class->understood =
	    !parsed->labels && parsed->tags <= tags && parsed->flags & (WEIR_PKT_IPV4 | WEIR_PKT_IPV6) &&
	    !(parsed->errors & (WEIR_PARSE_TRUNCATED | WEIR_PARSE_VERSION | WEIR_PARSE_IHL | WEIR_PARSE_CUT));
	if (!class->understood)
		return;
	set_type(class, frame);
	check_sums(class, frame, len);
}

/* How the number of bytes that were hashed, and the packet, say what they were. */
static unsigned rss_type(const struct sim_class *class, unsigned len)
{
	bool tcp = class->type & RXD_TYPE_TCP;

	switch (len) {
	case 8:
		return RSS_TYPE_IP4;
	case 12:
		return tcp ? RSS_TYPE_TCP4 : RSS_TYPE_UDP4;
	case 32:
		return RSS_TYPE_IP6;
	default:
		return tcp ? RSS_TYPE_TCP6 : RSS_TYPE_UDP6;
	}
}

unsigned sim_rss(struct sim_rss *rss, const uint8_t key[WEIR_RSS_KEY], unsigned types, const struct sim_class *class,
                 const uint8_t *frame, uint32_t *hash)
{
	uint8_t input[WEIR_RSS_INPUT];
	unsigned len = class->understood ? weir_rss_input(frame, &class->parsed, types, input) : 0;

	if (!len)
		return 0;
	if (!rss->made || memcmp(key, rss->key, sizeof(rss->key))) {
		weir_toeplitz_init(&rss->table, key);
		memcpy(rss->key, key, sizeof(rss->key));
		rss->made = true;
	}
	*hash = weir_toeplitz(&rss->table, input, len);
	return rss_type(class, len);
}
