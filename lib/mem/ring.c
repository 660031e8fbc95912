/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cold half of weir/ring.h: making and describing rings, and waiting for a turn.
 */
#include "weir/ring.h"

#include <sched.h>
#include <stdio.h>

#include "mem/mem.h"

#define RING_SIZE_MAX (1u << 30) /* differences of two 32-bit counters must stay unambiguous */

int weir_ring_create(struct weir *weir, const struct weir_ring_conf *conf, struct weir_ring **ring)
{
	const char *name = conf->name ? conf->name : "ring";
	uint32_t slots = 1;
	struct weir_ring *r;
	void *mem;
	int err;

	*ring = NULL;
	if (!conf->size || conf->size > RING_SIZE_MAX)
		return weir_fail(weir, -EINVAL, "ring %s: a size of %u entries; it must be 1 to 2^30", name,
		                 conf->size);
	if (conf->watermark > conf->size)
		return weir_fail(weir, -EINVAL,
		                 "ring %s: a watermark of %u entries would never be reached; its size is %u", name,
		                 conf->watermark, conf->size);
	if (conf->flags & ~(WEIR_RING_SP | WEIR_RING_SC))
		return weir_fail(weir, -EINVAL, "ring %s: unknown flags 0x%x; give WEIR_RING_SP, WEIR_RING_SC or both",
		                 name, conf->flags);
	while (slots < conf->size)
		slots *= 2;
	err = weir_mem_alloc(weir, sizeof(*r) + (uint64_t)slots * sizeof(r->slots[0]), _Alignof(struct weir_ring),
	                     conf->node, &mem);
	if (err)
		return err;
	r = (struct weir_ring *)mem;
	r->mask = slots - 1;
	r->size = conf->size;
	r->watermark = conf->watermark ? conf->watermark : conf->size - conf->size / 4;
	r->flags = conf->flags;
	r->weir = weir;
	snprintf(r->name, sizeof(r->name), "%s", name);
	*ring = r;
	return 0;
}

void weir_ring_destroy(struct weir_ring *ring)
{
	if (ring)
		weir_mem_free(ring->weir, ring);
}

void weir_ring_info(const struct weir_ring *ring, struct weir_ring_info *info)
{
	snprintf(info->name, sizeof(info->name), "%s", ring->name);
	info->size = ring->size;
	info->count = weir_ring_count(ring);
	info->watermark = ring->watermark;
	info->peak = __atomic_load_n(&ring->prod.peak, __ATOMIC_RELAXED);
	info->refused = count_read(&ring->prod.refused);
}

unsigned weir_ring_put_some(struct weir_ring *ring, uint32_t tail, const struct weir_pkt *pkts, unsigned n, bool all)
{
	struct weir_ring_side *prod = &ring->prod;
	uint32_t used = tail - prod->other; /* exact: the caller has just looked */
	unsigned fit = n <= ring->size - used ? n : ring->size - used;

	fit = weir_pkt_whole(pkts, fit);
	if (fit < n) {
		fit = all ? 0 : fit;
		count_add(&prod->refused, n - fit);
	}
	if (used + fit > prod->peak)
		__atomic_store_n(&prod->peak, used + fit, __ATOMIC_RELAXED);
	if (fit)
		weir_ring_write(ring, tail, pkts, fit);
	weir_ring_finish(prod, tail + fit);
	return fit;
}

unsigned weir_ring_get_some(struct weir_ring *ring, uint32_t tail, struct weir_pkt *pkts, unsigned n, bool all)
{
	struct weir_ring_side *cons = &ring->cons;
	unsigned there = cons->other - tail;
	unsigned got = n <= there ? n : there;

	while (got && ring->slots[(tail + got - 1) & ring->mask].flags & WEIR_PKT_MORE)
		got--;
	if (all && got < n)
		got = 0;
	if (got)
		weir_ring_read(ring, tail, pkts, got);
	weir_ring_finish(cons, tail + got);
	return got;
}

/*
 * A turn lasts some tens of nanoseconds, so it is worth a few pauses; when it lasts longer, its thread has lost the
 * processor, perhaps to this one.
 */
static void ring_pause(unsigned tries)
{
	if (tries % 64 == 63) {
		sched_yield();
		return;
	}
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("isb");
#endif
}

uint32_t weir_ring_queue(struct weir_ring_side *side, uint32_t n)
{
	for (unsigned tries = 0;; tries++) {
		uint64_t seen = __atomic_load_n(&side->turn, __ATOMIC_RELAXED);

		if (weir_ring_claim(side, seen, n))
			return (uint32_t)seen;
		ring_pause(tries);
	}
}
