/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets to and from plain memory.
 */
#include "host.h"

#include <string.h>

unsigned host_entries(const struct weir_pool *pool, size_t len)
{
	unsigned room = weir_pool_room(pool), headroom = weir_pool_headroom(pool);

	if (room <= headroom)
		return 0;
	return len ? (unsigned)((len + room - headroom - 1) / (room - headroom)) : 1;
}

/* Fills entry after entry: the general case of host_copy_in(), @n entries that are allocated. */
static void copy_scattered(uint8_t *base, unsigned room, const struct iovec *parts, unsigned count,
                           struct weir_pkt *pkts, unsigned n)
{
	struct weir_pkt *pkt = pkts;

	for (unsigned i = 0; i < count; i++) {
		const uint8_t *from = parts[i].iov_base;
		size_t left = parts[i].iov_len;

		while (left) {
			size_t chunk = left < room - pkt->len ? left : room - pkt->len;

			memcpy(weir_pkt_data(base, pkt) + pkt->len, from, chunk);
			pkt->len = (uint16_t)(pkt->len + chunk);
			from += chunk;
			left -= chunk;
			if (left)
				pkt++;
			else if (pkt->len == room && pkt < &pkts[n - 1])
				pkt++;
		}
	}
	for (unsigned i = 0; i + 1 < n; i++)
		pkts[i].flags |= WEIR_PKT_MORE;
}

unsigned host_copy_in(struct weir_pool_cache *cache, const struct iovec *parts, unsigned count, size_t len,
                      struct weir_pkt *pkts)
{
	return host_copy_pieces(cache, weir_pool_room(cache->pool) - cache->headroom, parts, count, len, pkts);
}

unsigned host_copy_pieces(struct weir_pool_cache *cache, unsigned room, const struct iovec *parts, unsigned count,
                          size_t len, struct weir_pkt *pkts)
{
	unsigned n = len <= room ? 1 : (unsigned)((len + room - 1) / room);
	unsigned got = weir_pool_alloc(cache, pkts, n);

	if (unlikely(got < n)) {
		weir_pool_free(cache, pkts, got);
		return 0;
	}
	if (likely(n == 1 && count == 1)) {
		memcpy(weir_pkt_data(cache->base, pkts), parts->iov_base, len);
		pkts->len = (uint16_t)len;
		return 1;
	}
	copy_scattered(cache->base, room, parts, count, pkts, n);
	return n;
}

uint8_t *host_copy_out(uint8_t *base, const struct weir_pkt *pkts, unsigned n, uint8_t *to)
{
	for (unsigned i = 0; i < n; i++) {
		memcpy(to, weir_pkt_data(base, &pkts[i]), pkts[i].len);
		to += pkts[i].len;
	}
	return to;
}

void host_iovec(uint8_t *base, const struct weir_pkt *pkts, unsigned n, struct iovec *iov)
{
	for (unsigned i = 0; i < n; i++)
		iov[i] = (struct iovec){ weir_pkt_data(base, &pkts[i]), pkts[i].len };
}

void host_put_meta(uint8_t *base, struct weir_pkt *pkt, uint64_t time_ns)
{
	struct weir_pkt_meta meta = { .time_ns = time_ns };

	if (pkt->off < sizeof(meta))
		return;
	memcpy(weir_pkt_buffer(base, pkt), &meta, sizeof(meta));
	pkt->flags |= WEIR_PKT_META;
}

int host_decide_entries(struct weir_port *port)
{
	size_t len = port->info.mtu + ETH_HLEN + 2 * HOST_VLAN_LEN;

	port->info.rx_entries_max = 0;
	if (!port->conf.pool)
		return 0;
	if (port->conf.offloads & WEIR_OFFLOAD_LRO || len > HOST_FRAME_MAX)
		len = HOST_FRAME_MAX;
	port->info.rx_entries_max = host_entries(port->conf.pool, len);
	if (port->info.rx_entries_max)
		return 0;
	return weir_fail(port->weir, -EINVAL, "port '%s': the pool's buffers are all headroom; give them more room",
	                 port->spec);
}

unsigned host_frame_max(const struct weir_port *port)
{
	unsigned len = port->info.mtu + ETH_HLEN + HOST_VLAN_LEN;

	return len < HOST_FRAME_MAX ? len : HOST_FRAME_MAX;
}

uint64_t host_tx_len(struct weir_queue_stats *stats, const struct weir_pkt *pkts, unsigned n, unsigned frame_max)
{
	uint64_t len = weir_pkt_bytes(pkts, n) + (pkts->flags & WEIR_PKT_VLAN ? HOST_VLAN_LEN : 0);

	if (unlikely(len < ETH_HLEN)) {
		queue_drop(stats, WEIR_DROP_TOO_SHORT, 1);
		return 0;
	}
	if (unlikely(len > (pkts->flags & WEIR_PKT_TX_TSO ? HOST_FRAME_MAX : frame_max))) {
		queue_drop(stats, WEIR_DROP_TOO_LONG, 1);
		return 0;
	}
	return len;
}
