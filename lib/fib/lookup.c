/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Looking up: several addresses side by side, so that the loads of one wait while those of the others do.
 *
 * A lookup that was in a group while it was recycled may have read what belongs to other addresses. It cannot have done
 * so without seeing, afterwards, that @recycled has moved (the stores that fill a group come after that one), and is
 * done again. Cells that lead nowhere sensible are only ever read in such a lookup; numbers of groups are in bounds
 * nevertheless.
 */
#include <arpa/inet.h>

#include "fib/fib.h"

#define WIDE_LEAST 4u /* addresses: fewer are looked up sooner one by one */

static uint64_t recycled(const struct weir_fib *fib)
{
	return __atomic_load_n(&fib->recycled, __ATOMIC_ACQUIRE);
}

static void batch4(const struct weir_fib *fib, const uint32_t *addrs, uint32_t *hops, unsigned n)
{
	const uint32_t *cells = fib->cells;
	uint32_t found[FIB_BATCH];

	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(&cells[ntohl(addrs[i]) >> FIB_GROUP_BITS]);
	for (unsigned i = 0; i < n; i++) {
		uint32_t addr = ntohl(addrs[i]);

		found[i] = cell_load(&cells[addr >> FIB_GROUP_BITS]);
		if (found[i] & FIB_CHILD)
			__builtin_prefetch(&cells[group_cells(found[i]) + addr % FIB_GROUP]);
	}
	for (unsigned i = 0; i < n; i++) {
		if (found[i] & FIB_CHILD)
			found[i] = cell_load(&cells[group_cells(found[i]) + ntohl(addrs[i]) % FIB_GROUP]);
		hops[i] = found[i] - 1;
	}
}

static size_t root_cell(const struct weir_fib_ip6 *addr)
{
	return (size_t)addr->byte[0] << 16 | (size_t)addr->byte[1] << 8 | addr->byte[2];
}

static void batch6(const struct weir_fib *fib, const struct weir_fib_ip6 *addrs, uint32_t *hops, unsigned n)
{
	const uint32_t *cells = fib->cells;
	uint32_t found[FIB_BATCH], any = 0;

	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(&cells[root_cell(&addrs[i])]);
	for (unsigned i = 0; i < n; i++) {
		found[i] = cell_load(&cells[root_cell(&addrs[i])]);
		any |= found[i];
		if (found[i] & FIB_CHILD)
			__builtin_prefetch(&cells[group_cells(found[i]) + addrs[i].byte[3]]);
	}
	for (unsigned depth = 3; any & FIB_CHILD && depth < 16; depth++) {
		any = 0;
		for (unsigned i = 0; i < n; i++) {
			if (!(found[i] & FIB_CHILD))
				continue;
			found[i] = cell_load(&cells[group_cells(found[i]) + addrs[i].byte[depth]]);
			any |= found[i];
			if (found[i] & FIB_CHILD && depth < 15)
				__builtin_prefetch(&cells[group_cells(found[i]) + addrs[i].byte[depth + 1]]);
		}
	}
	for (unsigned i = 0; i < n; i++)
		hops[i] = found[i] - 1;
}

void lookup_choose(struct weir_fib *fib)
{
	fib->batch4 = batch4;
	fib->batch6 = batch6;
#ifdef __x86_64__
	if (weir_cpu_level(fib->weir) >= 4 && FIB_FIRST + fib->max_groups <= 1u << (31 - FIB_GROUP_BITS)) {
		fib->batch4 = fib_batch4_wide;
		fib->batch6 = fib_batch6_wide;
	}
#endif
}

void weir_fib_lookup4(const struct weir_fib *fib, const uint32_t *addrs, uint32_t *hops, unsigned n)
{
	for (unsigned done = 0, now; done < n; done += now) {
		uint64_t before;

		now = n - done < FIB_BATCH ? n - done : FIB_BATCH;
		do {
			before = recycled(fib);
			(now < WIDE_LEAST ? batch4 : fib->batch4)(fib, addrs + done, hops + done, now);
		} while (unlikely(recycled(fib) != before));
	}
}

void weir_fib_lookup6(const struct weir_fib *fib, const struct weir_fib_ip6 *addrs, uint32_t *hops, unsigned n)
{
	for (unsigned done = 0, now; done < n; done += now) {
		uint64_t before;

		now = n - done < FIB_BATCH ? n - done : FIB_BATCH;
		do {
			before = recycled(fib);
			(now < WIDE_LEAST ? batch6 : fib->batch6)(fib, addrs + done, hops + done, now);
		} while (unlikely(recycled(fib) != before));
	}
}
