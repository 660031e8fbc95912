/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that one context borrows from another, and packets that go from the one to the other without being copied.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pools.h"
#include "weir/mem.h"
#include "weir/ring.h"

#define BUFFERS 100u

/* The lender, with a pool and two rings: packets go there by one, and free buffers come home by the other. */
struct lender {
	struct weir *weir;
	struct weir_pool *pool;
	struct weir_pool_cache *cache;
	struct weir_ring *there, *home;
};

static struct weir_ring *make_ring(struct weir *weir, uint32_t size, uint32_t flags)
{
	struct weir_ring_conf conf = { .size = size, .flags = flags };
	struct weir_ring *ring;

	CU_ASSERT_EQUAL_FATAL(weir_ring_create(weir, &conf, &ring), 0);
	return ring;
}

static struct lender lender_open(void)
{
	struct lender l = { .weir = open_weir() };

	l.pool = make_pool(l.weir, BUFFERS, true);
	l.cache = make_cache(l.pool, 0);
	l.there = make_ring(l.weir, 64, WEIR_RING_SP | WEIR_RING_SC);
	l.home = make_ring(l.weir, BUFFERS, WEIR_RING_SC);
	return l;
}

static void lender_close(struct lender *l)
{
	weir_pool_cache_destroy(l->cache);
	CU_ASSERT_EQUAL(weir_pool_destroy(l->pool), 0);
	weir_close(l->weir);
}

static struct weir *borrower_open(uint64_t first)
{
	struct weir_conf conf = {
		.mem_reserve = GIB(2), .mem_grow = MIB(2), .mem_page_size = KIB(4), .mem_first = first
	};
	struct weir *weir;

	CU_ASSERT_EQUAL_FATAL(weir_open(&conf, &weir), 0);
	return weir;
}

static void borrow_all(struct weir *weir, struct weir *from)
{
	struct weir_mem_chunk chunk;

	for (unsigned i = 0; weir_mem_chunk(from, i, &chunk) == 0; i++)
		CU_ASSERT_EQUAL(weir_mem_borrow(weir, &chunk), 0);
}

/* What lies at the same offset there. */
static void *same(struct weir *weir, struct weir *from, const void *at)
{
	return weir_mem_base(weir) + ((const uint8_t *)at - weir_mem_base(from));
}

static int borrow_pool(struct weir *weir, const struct lender *l, struct weir_ring *home, struct weir_pool **pool)
{
	struct weir_pool_info info = info_of(l->pool);
	uint64_t offset, size;

	weir_pool_extent(l->pool, &offset, &size);
	return weir_pool_borrow(weir, &info, offset, same(weir, l->weir, home), pool);
}

static void an_offset_means_the_same_bytes(void)
{
	struct lender l = lender_open();
	struct weir *weir = borrower_open(GIB(1));
	struct weir_mem_chunk chunk;
	struct weir_mem_info info;
	uint8_t *mem;
	void *own;

	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(l.weir, 4096, 0, WEIR_NODE_ANY, (void **)&mem), 0);
	borrow_all(weir, l.weir);
	memcpy(mem, "here", 4);
	CU_ASSERT_EQUAL(memcmp(same(weir, l.weir, mem), "here", 4), 0);
	memcpy(same(weir, l.weir, mem), "back", 4);
	CU_ASSERT_EQUAL(memcmp(mem, "back", 4), 0);
	CU_ASSERT_EQUAL_FATAL(weir_mem_alloc(weir, 4096, 0, WEIR_NODE_ANY, &own), 0);
	CU_ASSERT_EQUAL((uint64_t)((uint8_t *)own - weir_mem_base(weir)), GIB(1));
	weir_mem_info(weir, &info);
	CU_ASSERT_EQUAL(info.used, 4096);
	CU_ASSERT_EQUAL_FATAL(weir_mem_chunk(weir, 0, &chunk), 0);
	CU_ASSERT(chunk.borrowed);
	CU_ASSERT_EQUAL_FATAL(weir_mem_chunk(weir, info.chunks - 1, &chunk), 0);
	CU_ASSERT(!chunk.borrowed);
	lender_close(&l); /* the memory stays where it is borrowed */
	memcpy(weir_mem_base(weir) + 64, "still", 5);
	weir_close(weir);
}

static void packets_go_there_and_buffers_come_home(void)
{
	struct lender l = lender_open();
	struct weir *weir = borrower_open(GIB(1));
	struct weir_pool *own = make_pool(weir, 64, false), *pool;
	struct weir_pool_cache *cache = make_cache(own, 0);
	struct weir_pkt pkts[BUFFERS];
	struct weir_ring *there;

	borrow_all(weir, l.weir);
	there = same(weir, l.weir, l.there);
	CU_ASSERT_EQUAL_FATAL(borrow_pool(weir, &l, l.home, &pool), 0);
	for (unsigned round = 0; round < 10; round++) {
		CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(l.cache, pkts, 50), 50);
		for (unsigned i = 0; i < 50; i++) {
			pkts[i].len = 4;
			memcpy(weir_pkt_data(weir_mem_base(l.weir), &pkts[i]), &i, 4);
		}
		CU_ASSERT_EQUAL(weir_ring_push(l.there, pkts, 50), 50);
		memset(pkts, 0, sizeof(pkts));
		CU_ASSERT_EQUAL(weir_ring_pop(there, pkts, BUFFERS), 50);
		for (unsigned i = 0; i < 50; i++)
			CU_ASSERT_EQUAL(memcmp(weir_pkt_data(weir_mem_base(weir), &pkts[i]), &i, 4), 0);
		weir_pool_free(cache, pkts, 50);
		CU_ASSERT_EQUAL(weir_ring_count(l.home), 50);
		CU_ASSERT_EQUAL(weir_ring_pop(l.home, pkts, BUFFERS), 50);
		weir_pool_free(l.cache, pkts, 50);
	}
	CU_ASSERT_EQUAL(info_of(l.pool).in_use, 0);
	CU_ASSERT_EQUAL(info_of(l.pool).misuse, 0);
	CU_ASSERT_EQUAL(info_of(own).in_use, 0);
	CU_ASSERT_EQUAL(info_of(own).misuse, 0);
	weir_pool_cache_destroy(cache);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), 0);
	weir_close(weir);
	lender_close(&l);
}

/* A clone holds the buffer here; it goes home when the last one is freed. */
static void a_clone_holds_the_buffer(void)
{
	struct lender l = lender_open();
	struct weir *weir = borrower_open(GIB(1));
	struct weir_pool_cache *cache = make_cache(make_pool(weir, 64, false), 0);
	struct weir_pkt pkt, clone;
	struct weir_pool *pool;

	borrow_all(weir, l.weir);
	CU_ASSERT_EQUAL_FATAL(borrow_pool(weir, &l, l.home, &pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_alloc(l.cache, &pkt, 1), 1);
	CU_ASSERT_EQUAL_FATAL(weir_pkt_clone(cache, &pkt, 1, &clone), 0);
	weir_pool_free(cache, &pkt, 1);
	CU_ASSERT_EQUAL(weir_ring_count(l.home), 0);
	weir_pool_free(cache, &clone, 1);
	CU_ASSERT_EQUAL_FATAL(weir_ring_pop(l.home, &pkt, 1), 1);
	CU_ASSERT_EQUAL(pkt.buf, clone.buf);
	weir_pool_free(l.cache, &pkt, 1);
	weir_close(weir);
	lender_close(&l);
}

static void nothing_is_allocated_from_it(void)
{
	struct lender l = lender_open();
	struct weir *weir = borrower_open(GIB(1));
	struct weir_pool_cache *cache;
	struct weir_pool *pool;
	struct weir_pkt pkt;

	borrow_all(weir, l.weir);
	CU_ASSERT_EQUAL_FATAL(borrow_pool(weir, &l, l.home, &pool), 0);
	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(pool, 0, &cache), 0);
	CU_ASSERT_EQUAL(weir_pool_alloc(cache, &pkt, 1), 0);
	CU_ASSERT_EQUAL(weir_pool_destroy(pool), -EBUSY);
	weir_close(weir);
	lender_close(&l);
}

static void what_cannot_be_borrowed(void)
{
	struct lender l = lender_open();
	struct weir *weir = borrower_open(GIB(1)), *none = borrower_open(0);
	struct weir_ring *small = make_ring(l.weir, BUFFERS - 1, 0), *single = make_ring(l.weir, BUFFERS, WEIR_RING_SP);
	struct weir_mem_chunk chunk, wrong;
	struct weir_pool *pool;

	CU_ASSERT_EQUAL_FATAL(weir_mem_chunk(l.weir, 0, &chunk), 0);
	CU_ASSERT_EQUAL(weir_mem_borrow(none, &chunk), -EINVAL);
	wrong = chunk;
	wrong.offset = GIB(1);
	CU_ASSERT_EQUAL(weir_mem_borrow(weir, &wrong), -EINVAL);
	wrong.offset = 4096;
	CU_ASSERT_EQUAL(weir_mem_borrow(weir, &wrong), -EINVAL);
	wrong = chunk;
	wrong.size += MIB(64);
	CU_ASSERT_EQUAL(weir_mem_borrow(weir, &wrong), -EPERM);
	wrong = chunk;
	wrong.fd = memfd_create("test", MFD_CLOEXEC);
	CU_ASSERT_EQUAL_FATAL(ftruncate(wrong.fd, (off_t)chunk.size), 0);
	CU_ASSERT(weir_mem_borrow(weir, &wrong) < 0);
	close(wrong.fd);
	CU_ASSERT_EQUAL(borrow_pool(weir, &l, l.home, &pool), -EINVAL);
	borrow_all(weir, l.weir);
	CU_ASSERT_EQUAL(weir_mem_borrow(weir, &chunk), -EEXIST);
	CU_ASSERT_EQUAL(borrow_pool(weir, &l, small, &pool), -EINVAL);
	CU_ASSERT_EQUAL(borrow_pool(weir, &l, single, &pool), -EINVAL);
	CU_ASSERT_PTR_NULL(pool);
	weir_close(none);
	weir_close(weir);
	lender_close(&l);
}

/* Without weir.ko there is no domain, and what is none is refused. */
static void domains_are_weir_kos(void)
{
	struct weir *weir = borrower_open(GIB(1)), *none = borrower_open(0);

	CU_ASSERT_EQUAL(weir_mem_domain(weir), -ENOENT);
	CU_ASSERT_EQUAL(weir_mem_join(none, 0), -EINVAL);
	CU_ASSERT(weir_mem_join(weir, -1) == -EBADF);
	CU_ASSERT(weir_mem_join(weir, 0) < 0);
	weir_close(none);
	weir_close(weir);
}

int main(void)
{
	static const struct unit_case cases[] = {
		{ "an offset means the same bytes in both", an_offset_means_the_same_bytes },
		{ "packets go there, and free buffers come home", packets_go_there_and_buffers_come_home },
		{ "a clone holds a borrowed buffer", a_clone_holds_the_buffer },
		{ "nothing is allocated from a borrowed pool", nothing_is_allocated_from_it },
		{ "what cannot be borrowed is refused", what_cannot_be_borrowed },
		{ "domains are weir.ko's", domains_are_weir_kos },
		{ NULL, NULL },
	};

	return unit_run("borrow", cases);
}
