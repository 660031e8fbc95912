/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cuts IPv4 packets that are longer than the next link takes, and may be cut (RFC 791, section 3.2; RFC 1812, section
 * 5.2.6).
 */
#include <weir/net.h>

#include "copy.h"
#include "forward.h"

#define ENTRIES_MOST 64u /* of a fragment */

/* Options that are for the first fragment alone become empty ones in the others. */
static void empty_options(uint8_t *options, unsigned len)
{
	unsigned i = 0, size;

	while (i < len && options[i] != 0) {
		size = options[i] == 1 ? 1 : i + 1 < len ? options[i + 1] : 0;
		if (!size || size > len - i)
			return;
		if (!(options[i] & 0x80u))
			memset(options + i, 1, size);
		i += size;
	}
}

/* Gathers fresh buffers for @len bytes. Returns the number of entries, or 0. */
static unsigned gather(struct forwarder *forwarder, struct weir_pkt *pkts, uint32_t len)
{
	uint32_t room = weir_pool_room(forwarder->cache->pool) - forwarder->cache->headroom;
	unsigned n = (len + room - 1) / room, got;

	if (n > ENTRIES_MOST)
		return 0;
	got = weir_pool_alloc(forwarder->cache, pkts, n);
	if (got < n) {
		weir_pool_free(forwarder->cache, pkts, got);
		return 0;
	}
	for (unsigned i = 0; i < n; i++) {
		pkts[i].len = (uint16_t)(len < room ? len : room);
		len -= pkts[i].len;
		pkts[i].flags = i + 1 < n ? WEIR_PKT_MORE : 0;
	}
	return n;
}

/* Makes the fragment with the @len bytes of payload from @from on. Returns the number of entries, or 0. */
static unsigned make(struct forwarder *forwarder, const struct item *item, uint32_t from, uint32_t len,
                     struct weir_pkt *pkts)
{
	const struct weir_ipv4 *whole = item_ipv4(forwarder, item);
	uint32_t size = (whole->version_ihl & 0xfu) * 4, at = (uint32_t)sizeof(struct weir_eth) + size;
	unsigned word = weir_be16(whole->fragment), n = gather(forwarder, pkts, at + len);
	bool last = from + len == item->total - size && !(word & WEIR_IPV4_MF);
	struct weir_ipv4 *ip;
	uint8_t *data;

	if (!n)
		return 0;
	data = weir_pkt_data(forwarder->base, pkts);
	ip = (void *)(data + sizeof(struct weir_eth));
	memcpy(data, weir_pkt_data(forwarder->base, item->pkts), at);
	for (unsigned i = 0, done = 0; i < n; i++) {
		uint32_t head = i ? 0 : at, some = pkts[i].len - head;

		copy_bytes(forwarder->base, item->pkts, at + from + done,
		           weir_pkt_data(forwarder->base, &pkts[i]) + head, some);
		done += some;
	}
	if (from)
		empty_options((uint8_t *)(ip + 1), size - (unsigned)sizeof(*ip));
	ip->total_len = weir_be16((uint16_t)(size + len));
	word = (word & WEIR_IPV4_OFFSET) + from / 8;
	ip->fragment = weir_be16((uint16_t)(last ? word : word | WEIR_IPV4_MF));
	ip->csum = 0;
	ip->csum = weir_csum_ipv4(ip);
	return n;
}

void fragment_send(struct forwarder *forwarder, struct item *item, uint64_t word, unsigned mtu)
{
	uint32_t size = (item_ipv4(forwarder, item)->version_ihl & 0xfu) * 4, all = item->total - size;
	uint32_t most = mtu < size + 8 ? 0 : (mtu - size) & ~7u, len;
	struct weir_pkt pkts[ENTRIES_MOST];
	struct item part = *item;

	/* Whoever puts the packet together checks the layer-4 checksum: it must be there before there are parts. */
	if (!most || (item->pkts->flags & WEIR_PKT_TX && weir_pkt_finish(forwarder->base, item->pkts, item->n))) {
		forward_drop(forwarder, item->pkts, item->n, DROP_TOO_BIG);
		return;
	}
	for (uint32_t from = 0; from < all; from += len) {
		len = all - from < most ? all - from : most;
		part.pkts = pkts;
		part.n = (uint16_t)make(forwarder, item, from, len, pkts);
		if (!part.n) {
			forward_drop(forwarder, item->pkts, item->n, DROP_NO_BUFFER);
			return;
		}
		part.total = size + len;
		tally(&forwarder->counts->fragments, 1);
		dispatch_to(forwarder, &part, word);
	}
	weir_pool_free(forwarder->cache, item->pkts, item->n);
}
