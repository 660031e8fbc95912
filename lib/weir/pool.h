/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pools of equal buffers, and the caches through which threads use them.
 *
 * A pool is a run of buffers in the arena. Its free list, the *depot*, moves in whole batches; it is shared by all
 * threads. Nobody takes single buffers from it: each thread (and each queue of a port) owns a *cache*, a small LIFO of
 * buffers that exchanges batches with the depot when it runs empty or full. A cache is an explicit object: there is no
 * thread registration and no thread-local state.
 *
 *      thread A -- cache A --\
 *                             >-- depot: [64 buffers] [64 buffers] [64 buffers] ...
 *      queue 3  -- cache 3 --/
 *
 * A buffer that is freed goes back to the pool it came from, whatever pool the cache belongs to.
 *
 * A buffer may be held more than once (mirroring, multicast): weir_pkt_clone() marks every holder's entry
 * WEIR_PKT_SHARED and counts the extra references in a side table of the pool, which nothing else ever touches.
 */
#ifndef WEIR_POOL_H
#define WEIR_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "pkt.h"
#include "weir.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weir_pool;
struct weir_ring;

/** What a pool is told when it is made. @count is needed; the rest may be 0. */
struct weir_pool_conf {
	const char *name;  /* for messages; copied; NULL: "pool" */
	uint32_t count;    /* buffers */
	uint32_t room;     /* bytes in a buffer, headroom included, up to 65,472; 0: 2,048 + 128 + 64 */
	uint32_t headroom; /* bytes before the data of a fresh packet; 0: WEIR_HEADROOM */
	int node;          /* WEIR_NODE(n); WEIR_NODE_ANY: the context's */
	bool checks;       /* find double frees and writes after free, slowly; always on in debug builds */
};

/** A moment's view of a pool. Caches are read while their owners work, so the sum may be off by what is in flight. */
struct weir_pool_info {
	char name[32];
	uint32_t count;
	uint32_t room;
	uint32_t headroom;
	uint32_t stride; /* bytes from a buffer to the next: the room, padded so that buffers do not share cache sets */
	uint32_t depot;  /* free, in the depot */
	uint32_t cached; /* free, in caches */
	uint32_t in_use; /* count - depot - cached */
	uint32_t high_water; /* most buffers ever outside the depot at once */
	uint64_t failures;   /* allocations that got fewer buffers than they asked for */
	uint64_t misuse;     /* with checks: double frees, foreign buffers, writes after free */
};

/**
 * A thread's private stock of free buffers. The fields are for the inline functions below.
 */
struct weir_pool_cache {
	struct weir_pool *pool;
	uint8_t *base;  /* weir_mem_base() */
	uint32_t first; /* buffers of this pool lie in [first, last), in units of 64 bytes */
	uint32_t last;
	uint32_t len;  /* buffers in bufs[] */
	uint32_t size; /* capacity of bufs[] */
	uint16_t headroom;
	uint16_t slow; /* set when the pool checks: every call goes the checking way */
	struct weir *weir;
	struct weir_pool_cache *next; /* of the same pool */
	uint32_t bufs[] __attribute__((aligned(64)));
};

/**
 * Makes a pool of @conf->count buffers.
 *
 * The pool lives until weir_pool_destroy() or weir_close(). Returns 0, -EINVAL (a size out of range) or -ENOMEM (no
 * hugepages or memory for so many buffers; the sentence says how many there would be room for). Any thread.
 */
int weir_pool_create(struct weir *weir, const struct weir_pool_conf *conf, struct weir_pool **pool);

/**
 * Destroys a pool; NULL is allowed. Returns 0, or -EBUSY when buffers or caches are still out, and then changes
 * nothing. Any thread.
 */
int weir_pool_destroy(struct weir_pool *pool);

/** Fills @info. Any thread. */
void weir_pool_info(struct weir_pool *pool, struct weir_pool_info *info);

/** Bytes in each buffer, headroom included. */
unsigned weir_pool_room(const struct weir_pool *pool);

/** Bytes before the data of a fresh packet. */
unsigned weir_pool_headroom(const struct weir_pool *pool);

/** Buffers in the pool, and where they lie: arena offset of the first and length of the run, in bytes. */
unsigned weir_pool_count(const struct weir_pool *pool);
void weir_pool_extent(const struct weir_pool *pool, uint64_t *offset, uint64_t *size);

/** The pool that @buf (as in struct weir_pkt) belongs to, or NULL. Any thread. */
struct weir_pool *weir_pool_of(struct weir *weir, uint32_t buf);

/**
 * Makes the pool of another context known to this one, which has borrowed its memory (weir_mem_borrow()): @info and @offset
 * are what weir_pool_info() and weir_pool_extent() say there. Buffers that are freed here, by ports that have sent them
 * too, go into @home, a ring of the other context's with room for all of them (WEIR_RING_SC at most); from there it takes
 * and frees them. Nothing can be allocated from the pool here.
 *
 * Holds of this process on a buffer (weir_pkt_clone()) count here alone: what is given away must not be WEIR_PKT_SHARED.
 * Returns 0, -EINVAL or -ENOMEM. Any thread.
 */
int weir_pool_borrow(struct weir *weir, const struct weir_pool_info *info, uint64_t offset, struct weir_ring *home,
                     struct weir_pool **pool);

/**
 * Makes a cache of at most @size buffers (0: 256; rounded up to two batches). It starts empty, and holds less in a small
 * pool: all caches of a pool together hold half of it at most. One thread at a time may use it. Returns 0 or -ENOMEM.
 */
int weir_pool_cache_create(struct weir_pool *pool, uint32_t size, struct weir_pool_cache **cache);

/** Gives the cached buffers back to the depot and the cache to the system. NULL is allowed. */
void weir_pool_cache_destroy(struct weir_pool_cache *cache);

/** Gives the cached buffers back to the depot. */
void weir_pool_cache_flush(struct weir_pool_cache *cache);

/* The ways that the inline functions take when the cache cannot serve; not to be called directly. */
unsigned weir_pool_alloc_slow(struct weir_pool_cache *cache, uint32_t *bufs, unsigned n);
unsigned weir_pool_alloc_pkts_slow(struct weir_pool_cache *cache, struct weir_pkt *pkts, unsigned n);
void weir_pool_free_slow(struct weir_pool_cache *cache, const uint32_t *bufs, unsigned n);
void weir_pool_free_pkts_slow(struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n);

/*
 * A call of memcpy(), unless @n is a constant: where compilers know a bound, they do worse in line (rep movs). For one buffer
 * it would cost more than all the rest.
 */
static inline void weir_pool_move(uint32_t *to, const uint32_t *from, size_t n)
{
	if (n == 1) {
		*to = *from;
		return;
	}
	if (!__builtin_constant_p(n))
		__asm__("" : "+r"(n));
	memcpy(to, from, n * sizeof(*to));
}

/**
 * Takes up to @n buffers. Returns how many: @n unless the pool ran out. The buffers are the caller's. Their contents
 * are undefined.
 */
static inline unsigned weir_pool_alloc_bufs(struct weir_pool_cache *cache, uint32_t *bufs, unsigned n)
{
	if (__builtin_expect(cache->len < n || cache->slow, 0))
		return weir_pool_alloc_slow(cache, bufs, n);
	__atomic_store_n(&cache->len, cache->len - n, __ATOMIC_RELAXED);
	weir_pool_move(bufs, &cache->bufs[cache->len], n);
	return n;
}

/**
 * Gives @n buffers back, all of them from the cache's own pool and none of them shared: the way for drivers that know.
 */
static inline void weir_pool_free_bufs(struct weir_pool_cache *cache, const uint32_t *bufs, unsigned n)
{
	if (__builtin_expect(cache->size - cache->len < n || cache->slow, 0)) {
		weir_pool_free_slow(cache, bufs, n);
		return;
	}
	weir_pool_move(&cache->bufs[cache->len], bufs, n);
	__atomic_store_n(&cache->len, cache->len + n, __ATOMIC_RELAXED);
}

/**
 * Makes fresh packets of @n buffers that were allocated: no data, the pool's headroom in front, no flags.
 */
static inline void weir_pool_fresh(const struct weir_pool_cache *cache, struct weir_pkt *pkts, const uint32_t *bufs,
                                   unsigned n)
{
	/* A packet as two words, which compilers do not make of its fields: buf, off and len; then what is all 0. */
	uint64_t words[2] = { 0, 0 }, off = (uint64_t)cache->headroom << 32;

	static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "buf comes first in the first word");
	for (unsigned i = 0; i < n; i++) {
		words[0] = off | bufs[i];
		memcpy(&pkts[i], words, sizeof(words));
	}
}

/**
 * Takes up to @n fresh packets of one buffer each. Returns how many.
 */
static inline unsigned weir_pool_alloc(struct weir_pool_cache *cache, struct weir_pkt *pkts, unsigned n)
{
	if (__builtin_expect(cache->len < n || cache->slow, 0))
		return weir_pool_alloc_pkts_slow(cache, pkts, n);
	__atomic_store_n(&cache->len, cache->len - n, __ATOMIC_RELAXED);
	weir_pool_fresh(cache, pkts, &cache->bufs[cache->len], n);
	return n;
}

/**
 * Frees the buffers of @n entries, of whatever pools of the context, shared or not.
 */
static inline void weir_pool_free(struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n)
{
	uint32_t *bufs = &cache->bufs[cache->len];
	uint32_t first = cache->first, flags = 0;
	int64_t most = (int64_t)cache->last - cache->first - 1, outside = 0;

	if (__builtin_expect(cache->size - cache->len < n || cache->slow, 0)) {
		weir_pool_free_pkts_slow(cache, pkts, n);
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		uint32_t buf = pkts[i].buf;

		bufs[i] = buf;
		flags |= pkts[i].flags;
		outside |= most - (uint32_t)(buf - first); /* negative from the first foreign buffer on */
	}
	if (__builtin_expect(outside < 0 || (flags & WEIR_PKT_SHARED), 0))
		weir_pool_free_pkts_slow(cache, pkts, n);
	else
		__atomic_store_n(&cache->len, cache->len + n, __ATOMIC_RELAXED);
}

/**
 * Copies the packet at @pkts (its first @n entries; they must be whole) into fresh buffers of the cache's pool, at @copy
 * (room for @max entries), with its flags and metadata. Returns the number of entries of the copy, or 0 when the pool
 * or @max ran out; then nothing is held.
 */
unsigned weir_pkt_copy(struct weir_pool_cache *cache, const struct weir_pkt *pkts, unsigned n, struct weir_pkt *copy,
                       unsigned max);

/**
 * Makes the packet at @pkts (@n entries) one entry, in place: the other buffers are freed, pkts[0] holds all. Copies
 * only what must move; a shared first buffer is copied, not written. Returns 0, -EMSGSIZE (longer than a buffer), or
 * -ENOBUFS; then nothing has changed.
 */
int weir_pkt_linearise(struct weir_pool_cache *cache, struct weir_pkt *pkts, unsigned n);

/**
 * Holds the @n entries at @pkts once more: marks them WEIR_PKT_SHARED and fills @clone with the same, to be sent or
 * freed by itself. Nobody may write into a shared buffer. Returns 0, -EOVERFLOW when a buffer is held 65,535 times,
 * or -EINVAL when one is no buffer; then nothing has changed.
 */
int weir_pkt_clone(struct weir_pool_cache *cache, struct weir_pkt *pkts, unsigned n, struct weir_pkt *clone);

#ifdef __cplusplus
}
#endif
#endif
