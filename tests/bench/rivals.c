/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tables of DPDK, where its packages are installed: rte_lpm and rte_fib for IPv4, rte_lpm6 and rte_fib6 for IPv6.
 *
 * DPDK's memory is made like that of lib/fib: anonymous, in large pages where the kernel has some. So all tables pay the
 * same for the translation of addresses.
 */
#ifdef WITH_DPDK
#include "../dpdk/eal.h" /* first: DPDK leaves alone what is defined already, likely() and the like */
#endif

#include "rivals.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef WITH_DPDK
#include <arpa/inet.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>
#include <rte_lpm6.h>
#include <rte_malloc.h>
#include <rte_vect.h>
#include <string.h>

#define GROUPS4   65536u /* blocks of 256 cells; the routes of the bench need fewer */
#define GROUPS6   1000000u
#define NOWHERE   0xffu  /* like no hop of a route, but small enough to be added up */
#define MEGABYTES "8192" /* reserved, not used */

static struct {
	struct rte_lpm *lpm;
	struct rte_fib *fib;
	struct rte_lpm6 *lpm6;
	struct rte_fib6 *fib6;
	uint64_t lpm_bytes, fib_bytes, lpm6_bytes, fib6_bytes;
} dpdk;

static uint64_t heap(void)
{
	struct rte_malloc_socket_stats stats;
	uint64_t bytes = 0;

	for (unsigned i = 0; i < rte_socket_count(); i++)
		if (!rte_malloc_get_socket_stats(rte_socket_id_by_idx(i), &stats))
			bytes += stats.heap_allocsz_bytes;
	return bytes;
}

static uint32_t number(const struct prefix *prefix)
{
	uint32_t addr;

	memcpy(&addr, prefix->addr, sizeof(addr));
	return ntohl(addr);
}

/* --- rte_lpm ------------------------------------------------------------------------------------------------------ */

static bool lpm_make(unsigned routes)
{
	const struct rte_lpm_config conf = { .max_rules = routes, .number_tbl8s = GROUPS4 };
	uint64_t before = heap();

	dpdk.lpm = rte_lpm_create("bench-lpm", SOCKET_ID_ANY, &conf);
	dpdk.lpm_bytes = heap() - before;
	return dpdk.lpm;
}

static int lpm_add(const struct prefix *prefix)
{
	return rte_lpm_add(dpdk.lpm, number(prefix), prefix->len, prefix->hop);
}

static int lpm_remove(const struct prefix *prefix)
{
	return rte_lpm_delete(dpdk.lpm, number(prefix), prefix->len);
}

static uint64_t lpm_bytes(void)
{
	return dpdk.lpm_bytes;
}

static uint32_t lpm_hop(uint32_t found)
{
	return found & RTE_LPM_LOOKUP_SUCCESS ? found & 0xffffff : NOWHERE;
}

static uint64_t lpm_one(const struct traffic *traffic)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < traffic->count; i++) {
		uint32_t hop;

		sum += rte_lpm_lookup(dpdk.lpm, traffic->numbers[i], &hop) ? NOWHERE : hop;
	}
	return sum;
}

static uint64_t lpm_bulk(const struct traffic *traffic)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < traffic->count; i += BURST) {
		uint32_t found[BURST];

		rte_lpm_lookup_bulk(dpdk.lpm, traffic->numbers + i, found, BURST);
		for (unsigned j = 0; j < BURST; j++)
			sum += lpm_hop(found[j]);
	}
	return sum;
}

static uint64_t lpm_four(const struct traffic *traffic)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < traffic->count; i += 4) {
		uint32_t hops[4];

		rte_lpm_lookupx4(dpdk.lpm, _mm_loadu_si128((const __m128i *)(traffic->numbers + i)), hops, NOWHERE);
		for (unsigned j = 0; j < 4; j++)
			sum += hops[j];
	}
	return sum;
}

static const struct manner lpm_manners[] = {
	{ "one by one", NULL, lpm_one }, { "bulk", NULL, lpm_bulk }, { "4, SSE", NULL, lpm_four }, { 0 }
};

/* --- rte_fib ------------------------------------------------------------------------------------------------------ */

/* Its tree has, beside the routes, nodes where they part. */
static bool fib_make(unsigned routes)
{
	struct rte_fib_conf conf = { .type = RTE_FIB_DIR24_8,
		                     .default_nh = NOWHERE,
		                     .max_routes = (int)(2 * routes),
		                     .dir24_8 = { RTE_FIB_DIR24_8_4B, GROUPS4 } };
	uint64_t before = heap();

	dpdk.fib = rte_fib_create("bench-fib", SOCKET_ID_ANY, &conf);
	dpdk.fib_bytes = heap() - before;
	return dpdk.fib;
}

static int fib_add(const struct prefix *prefix)
{
	return rte_fib_add(dpdk.fib, number(prefix), prefix->len, prefix->hop);
}

static int fib_remove(const struct prefix *prefix)
{
	return rte_fib_delete(dpdk.fib, number(prefix), prefix->len);
}

static uint64_t fib_bytes(void)
{
	return dpdk.fib_bytes;
}

static bool fib_scalar(void)
{
	return !rte_fib_select_lookup(dpdk.fib, RTE_FIB_LOOKUP_DIR24_8_SCALAR_MACRO);
}

static bool fib_avx512(void)
{
	return !rte_fib_select_lookup(dpdk.fib, RTE_FIB_LOOKUP_DIR24_8_VECTOR_AVX512);
}

static uint64_t fib_bulk(const struct traffic *traffic)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < traffic->count; i += BURST) {
		uint64_t hops[BURST];

		rte_fib_lookup_bulk(dpdk.fib, traffic->numbers + i, hops, BURST);
		for (unsigned j = 0; j < BURST; j++)
			sum += hops[j];
	}
	return sum;
}

static const struct manner fib_manners[] = { { "scalar", fib_scalar, fib_bulk },
	                                     { "AVX-512", fib_avx512, fib_bulk },
	                                     { 0 } };

/* --- rte_lpm6 ----------------------------------------------------------------------------------------------------- */

static bool lpm6_make(unsigned routes)
{
	const struct rte_lpm6_config conf = { .max_rules = routes, .number_tbl8s = GROUPS6 };
	uint64_t before = heap();

	dpdk.lpm6 = rte_lpm6_create("bench-lpm6", SOCKET_ID_ANY, &conf);
	dpdk.lpm6_bytes = heap() - before;
	return dpdk.lpm6;
}

static int lpm6_add(const struct prefix *prefix)
{
	return rte_lpm6_add(dpdk.lpm6, prefix->addr, prefix->len, prefix->hop);
}

static int lpm6_remove(const struct prefix *prefix)
{
	return rte_lpm6_delete(dpdk.lpm6, prefix->addr, prefix->len);
}

static uint64_t lpm6_bytes(void)
{
	return dpdk.lpm6_bytes;
}

static uint64_t lpm6_bulk(const struct traffic *traffic)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < traffic->count; i += BURST) {
		int32_t hops[BURST];

		rte_lpm6_lookup_bulk_func(dpdk.lpm6, traffic->ip6 + i, hops, BURST);
		for (unsigned j = 0; j < BURST; j++)
			sum += hops[j] < 0 ? NOWHERE : (uint32_t)hops[j];
	}
	return sum;
}

static const struct manner lpm6_manners[] = { { "bulk", NULL, lpm6_bulk }, { 0 } };

/* --- rte_fib6 ----------------------------------------------------------------------------------------------------- */

static bool fib6_make(unsigned routes)
{
	struct rte_fib6_conf conf = { .type = RTE_FIB6_TRIE,
		                      .default_nh = NOWHERE,
		                      .max_routes = (int)(2 * routes),
		                      .trie = { RTE_FIB6_TRIE_4B, GROUPS6 } };
	uint64_t before = heap();

	dpdk.fib6 = rte_fib6_create("bench-fib6", SOCKET_ID_ANY, &conf);
	dpdk.fib6_bytes = heap() - before;
	return dpdk.fib6;
}

static int fib6_add(const struct prefix *prefix)
{
	return rte_fib6_add(dpdk.fib6, prefix->addr, prefix->len, prefix->hop);
}

static int fib6_remove(const struct prefix *prefix)
{
	return rte_fib6_delete(dpdk.fib6, prefix->addr, prefix->len);
}

static uint64_t fib6_bytes(void)
{
	return dpdk.fib6_bytes;
}

static bool fib6_scalar(void)
{
	return !rte_fib6_select_lookup(dpdk.fib6, RTE_FIB6_LOOKUP_TRIE_SCALAR);
}

static bool fib6_avx512(void)
{
	return !rte_fib6_select_lookup(dpdk.fib6, RTE_FIB6_LOOKUP_TRIE_VECTOR_AVX512);
}

static uint64_t fib6_bulk(const struct traffic *traffic)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < traffic->count; i += BURST) {
		uint64_t hops[BURST];

		rte_fib6_lookup_bulk(dpdk.fib6, traffic->ip6 + i, hops, BURST);
		for (unsigned j = 0; j < BURST; j++)
			sum += hops[j];
	}
	return sum;
}

static const struct manner fib6_manners[] = { { "scalar", fib6_scalar, fib6_bulk },
	                                      { "AVX-512", fib6_avx512, fib6_bulk },
	                                      { 0 } };

static const struct rival tables[] = {
	{ "rte_lpm", 4, lpm_make, lpm_add, lpm_remove, lpm_bytes, lpm_manners },
	{ "rte_fib", 4, fib_make, fib_add, fib_remove, fib_bytes, fib_manners },
	{ "rte_lpm6", 6, lpm6_make, lpm6_add, lpm6_remove, lpm6_bytes, lpm6_manners },
	{ "rte_fib6", 6, fib6_make, fib6_add, fib6_remove, fib6_bytes, fib6_manners },
	{ 0 },
};

const struct rival *rivals_start(void)
{
	int err = eal_start_large(MEGABYTES);

	if (err)
		exit(err);
	rte_vect_set_max_simd_bitwidth(RTE_VECT_SIMD_512);
	return tables;
}
#else
const struct rival *rivals_start(void)
{
	static const struct rival none[] = { { 0 } };

	printf("nothing to compare with: libdpdk-dev 22.11 was not there when this was built (config/deps.sh check)\n");
	return none;
}
#endif
