/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Packets that change buffers: copied, or made one of several.
 */
#include <string.h>

#include "mem/pool.h"

static unsigned lesser(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned greater(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* Bytes at the start of a packet's first buffer that are not for data. */
static unsigned kept(const struct weir_pkt *pkt)
{
	return pkt->flags & WEIR_PKT_META ? (unsigned)sizeof(struct weir_pkt_meta) : 0;
}

/*
 * Fills the fresh entries at @copy with the data of @pkts; the first begins @off bytes into its buffer, the others at
 * the start of theirs.
 */
static void fill(const struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n, struct weir_pkt *copy,
                 unsigned off)
{
	unsigned room = cache->pool->room, done = 0, part;
	uint8_t *base = cache->base;
	struct weir_pkt *to = copy;

	to->off = (uint16_t)off;
	to->hash = pkts[0].hash;
	to->vlan = pkts[0].vlan;
	to->flags = pkts[0].flags & (uint16_t) ~(WEIR_PKT_MORE | WEIR_PKT_SHARED);
	if (kept(pkts))
		memcpy(weir_pkt_buffer(base, to), weir_pkt_buffer(base, pkts), kept(pkts));
	for (unsigned i = 0; i < n; i++)
		for (done = 0; done < pkts[i].len; done += part) {
			if (!weir_pkt_tailroom(to, room)) {
				to->flags |= WEIR_PKT_MORE;
				to++;
				to->off = 0;
			}
			part = lesser(pkts[i].len - done, weir_pkt_tailroom(to, room));
			memcpy(weir_pkt_data(base, to) + to->len, weir_pkt_data(base, &pkts[i]) + done, part);
			to->len = (uint16_t)(to->len + part);
		}
}

unsigned weir_pkt_copy(struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n, struct weir_pkt *copy,
                       unsigned max)
{
	uint64_t bytes = weir_pkt_bytes(pkts, n), entries = 1;
	unsigned off, room, got;

	if (!cache->pool || !n)
		return 0;
	room = cache->pool->room;
	off = greater(cache->headroom, kept(pkts));
	if (bytes > room - off)
		entries += (bytes - (room - off) + room - 1) / room;
	if (entries > max)
		return 0;
	got = weir_pool_alloc(cache, copy, (unsigned)entries);
	if (got < entries) {
		weir_pool_free(cache, copy, got);
		return 0;
	}
	fill(cache, pkts, n, copy, off);
	return got;
}

/* Moves the data of the other entries behind that of the first, and that to the front as far as it must. */
static void gather(uint8_t *base, unsigned room, struct weir_pkt *pkts, unsigned n, unsigned bytes)
{
	uint8_t *data = weir_pkt_data(base, pkts);

	if (pkts->off + bytes > room) {
		pkts->off = (uint16_t)(room - bytes);
		memmove(weir_pkt_data(base, pkts), data, pkts->len);
	}
	data = weir_pkt_data(base, pkts) + pkts->len;
	for (unsigned i = 1; i < n; i++) {
		memcpy(data, weir_pkt_data(base, &pkts[i]), pkts[i].len);
		data += pkts[i].len;
	}
	pkts->len = (uint16_t)bytes;
	pkts->flags &= (uint16_t)~WEIR_PKT_MORE;
}

int weir_pkt_linearise(struct weir_pool_cache *cache, struct weir_pkt *pkts, unsigned n)
{
	const struct weir_pool *pool = weir_pool_of(cache->weir, pkts->buf);
	uint64_t bytes = weir_pkt_bytes(pkts, n);
	struct weir_pkt one;

	if (n < 2)
		return 0;
	if (!(pkts->flags & WEIR_PKT_SHARED) && pool && bytes + kept(pkts) <= pool->room) {
		gather(cache->base, pool->room, pkts, n, (unsigned)bytes);
		weir_pool_free(cache, pkts + 1, n - 1);
		return 0;
	}
	if (!cache->pool || bytes + kept(pkts) > cache->pool->room)
		return -EMSGSIZE;
	if (!weir_pool_alloc(cache, &one, 1))
		return -ENOBUFS;
	fill(cache, pkts, n, &one, lesser(greater(cache->headroom, kept(pkts)), cache->pool->room - (unsigned)bytes));
	weir_pool_free(cache, pkts, n);
	pkts[0] = one;
	return 0;
}
