/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What weir.ko lets a caller ask for, and the layout in which he asks.
 */
#include <stdint.h>

#include "unit.h"

#include "../../kmod/rules.c"

/* The ABI: what a program was compiled with once holds for ever. */
static void i37_layouts_are_what_they_were(void)
{
	CU_ASSERT_EQUAL(sizeof(struct weir_region), 24);
	CU_ASSERT_EQUAL(sizeof(struct weir_dev_info), 240);
	CU_ASSERT_EQUAL(sizeof(struct weir_attach), 24);
	CU_ASSERT_EQUAL(sizeof(struct weir_irq), 32);
	CU_ASSERT_EQUAL(sizeof(struct weir_reset), 16);
	CU_ASSERT_EQUAL(sizeof(struct weir_map), 32);
	CU_ASSERT_EQUAL(sizeof(struct weir_unmap), 24);
	CU_ASSERT_EQUAL(sizeof(struct weir_domain_info), 48);
	CU_ASSERT_EQUAL(offsetof(struct weir_dev_info, regions), 48);
	CU_ASSERT_EQUAL(WEIR_REGION_OFFSET(7), UINT64_C(7) << 40);
	CU_ASSERT_EQUAL(WEIR_UNMAP, 0xee11);
}

/* Pages of 4 KiB; addresses from 4 KiB up to 39 bits. */
static const struct weir_limits limits = { .page = 4096, .first = 0x1000, .last = 0x7fffffffff };

static void i12_mappings_are_whole_pages_inside_the_limits(void)
{
	static const struct {
		uint32_t flags;
		uint64_t vaddr, iova, length;
		int want;
	} cases[] = {
		{ 3, 0x10000, 0x1000, 0x1000, 0 },
		{ 1, 0x10000, 0x1000, 0x7fffffe000, 0 },
		{ 2, 0x10000, 0x7ffffff000, 0x1000, 0 },
		{ 0, 0x10000, 0x1000, 0x1000, -EINVAL },
		{ 4, 0x10000, 0x1000, 0x1000, -EOPNOTSUPP },
		{ 3, 0x10000, 0x1000, 0, -EINVAL },
		{ 3, 0x10001, 0x1000, 0x1000, -EINVAL },
		{ 3, 0x10000, 0x1800, 0x1000, -EINVAL },
		{ 3, 0x10000, 0x1000, 0x1001, -EINVAL },
		{ 3, 0x10000, 0x0000, 0x1000, -EINVAL },
		{ 3, 0x10000, 0x7ffffff000, 0x2000, -EINVAL },
		{ 3, 0x10000, 0x8000000000, 0x1000, -EINVAL },
		{ 3, 0x10000, UINT64_MAX - 0xfff, 0x2000, -EOVERFLOW },
		{ 3, 0x10000, 0x1000, UINT64_MAX - 0xfff, -EOVERFLOW },
		{ 3, UINT64_MAX - 0xfff, 0x1000, 0x2000, -EOVERFLOW },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct weir_map map = { .flags = cases[i].flags,
			                      .vaddr = cases[i].vaddr,
			                      .iova = cases[i].iova,
			                      .length = cases[i].length };

		CU_ASSERT_EQUAL(rules_map(&map, &limits), cases[i].want);
	}
}

static void i12_the_last_page_of_all_can_be_unmapped(void)
{
	struct weir_unmap unmap = { .iova = UINT64_MAX - 0xfff, .length = 0x1000 };

	CU_ASSERT_EQUAL(rules_unmap(&unmap, &limits), 0);
	unmap.length = 0x2000;
	CU_ASSERT_EQUAL(rules_unmap(&unmap, &limits), -EOVERFLOW);
	unmap.length = 0;
	CU_ASSERT_EQUAL(rules_unmap(&unmap, &limits), -EINVAL);
	unmap.flags = WEIR_UNMAP_ALL;
	CU_ASSERT_EQUAL(rules_unmap(&unmap, &limits), 0);
	unmap.flags = 2;
	CU_ASSERT_EQUAL(rules_unmap(&unmap, &limits), -EOPNOTSUPP);
}

enum { BLOCKED, ATTACHED, SAME, NEIGHBOUR, MATE_ELSEWHERE, MATE_THERE };

static const struct weir_place places[] = {
	[BLOCKED] = { .attached = false },
	[ATTACHED] = { .attached = true, .group_attached = true },
	[SAME] = { .attached = true, .same = true, .group_attached = true, .group_same = true },
	[NEIGHBOUR] = { .attached = true, .neighbours = 1, .group_attached = true },
	[MATE_ELSEWHERE] = { .attached = false, .neighbours = 1, .group_attached = true },
	[MATE_THERE] = { .attached = false, .neighbours = 1, .group_attached = true, .group_same = true },
};

static void one_verb_moves_the_pointer(void)
{
	const uint32_t replace = WEIR_ATTACH_REPLACE, copy = WEIR_ATTACH_COPY, reset = WEIR_ATTACH_RESET;
	const struct {
		int place;
		int32_t domain;
		uint32_t flags;
		int want;
	} cases[] = {
		{ BLOCKED, WEIR_DOMAIN_NEW, 0, 0 },
		{ BLOCKED, 5, 0, 0 },
		{ BLOCKED, 5, replace, 0 },
		{ BLOCKED, WEIR_DOMAIN_NEW, copy | replace, -EINVAL }, /* of what? */
		{ BLOCKED, 5, reset, -EOPNOTSUPP },
		{ BLOCKED, 5, 8, -EOPNOTSUPP },
		{ ATTACHED, 5, 0, -EBUSY },
		{ ATTACHED, WEIR_DOMAIN_NONE, 0, -EBUSY },
		{ ATTACHED, WEIR_DOMAIN_NONE, replace, 0 },
		{ ATTACHED, WEIR_DOMAIN_NEW, replace, 0 },
		{ ATTACHED, WEIR_DOMAIN_NEW, replace | copy, 0 },
		{ ATTACHED, 5, replace | copy, -EINVAL },
		{ SAME, 5, 0, 0 },
		{ SAME, 5, replace, 0 },
		{ SAME, 5, 8, -EOPNOTSUPP },
		{ NEIGHBOUR, 5, replace, -EBUSY },
		{ MATE_THERE, 5, 0, 0 },
		{ MATE_ELSEWHERE, 5, 0, -EINVAL },
		{ MATE_ELSEWHERE, WEIR_DOMAIN_NEW, 0, -EINVAL },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct weir_attach attach = { .flags = cases[i].flags, .domain = cases[i].domain };

		CU_ASSERT_EQUAL(rules_attach(&attach, &places[cases[i].place]), cases[i].want);
	}
}

static void i24_a_reset_is_promised_where_there_is_one(void)
{
	struct weir_place place = { .attached = true, .group_attached = true };
	const struct weir_attach attach = { .flags = WEIR_ATTACH_RESET | WEIR_ATTACH_REPLACE, .domain = 5 };

	CU_ASSERT_EQUAL(rules_attach(&attach, &place), -EOPNOTSUPP);
	place.resets = true;
	CU_ASSERT_EQUAL(rules_attach(&attach, &place), 0);
}

static void a_drain_has_an_end(void)
{
	struct weir_attach attach = { .domain = 5, .drain_ms = 10000 };

	CU_ASSERT_EQUAL(rules_attach(&attach, &places[BLOCKED]), 0);
	attach.drain_ms++;
	CU_ASSERT_EQUAL(rules_attach(&attach, &places[BLOCKED]), -EINVAL);
}

static void i18_interrupts_are_those_of_the_device(void)
{
	const uint32_t vectors[WEIR_IRQ_TYPES] = { 1, 1, 5, 1, 1 };
	static const struct {
		uint32_t flags, type, start, count;
		int want;
	} cases[] = {
		{ 0, WEIR_IRQ_MSIX, 0, 5, 0 },
		{ 0, WEIR_IRQ_MSIX, 4, 1, 0 },
		{ 0, WEIR_IRQ_MSIX, 0, 0, 0 },
		{ 0, WEIR_IRQ_MSIX, 0, 6, -EINVAL },
		{ 0, WEIR_IRQ_MSIX, 5, 1, -EINVAL },
		{ 0, WEIR_IRQ_MSIX, 1, UINT32_MAX, -EINVAL },
		{ 0, WEIR_IRQ_TYPES, 0, 0, -EINVAL },
		{ 2, WEIR_IRQ_MSIX, 0, 1, -EOPNOTSUPP },
		{ WEIR_IRQ_UNMASK, WEIR_IRQ_INTX, 0, 0, 0 },
		{ WEIR_IRQ_UNMASK, WEIR_IRQ_INTX, 0, 1, -EINVAL },
		{ WEIR_IRQ_UNMASK, WEIR_IRQ_MSI, 0, 0, -EINVAL },
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct weir_irq irq = {
			.flags = cases[i].flags, .type = cases[i].type, .start = cases[i].start, .count = cases[i].count
		};

		CU_ASSERT_EQUAL(rules_irq(&irq, vectors), cases[i].want);
	}
}

static void i20_what_is_inside_does_not_wrap(void)
{
	CU_ASSERT_TRUE(rules_inside(0x1000, 0, 0x1000));
	CU_ASSERT_TRUE(rules_inside(0x1000, 0xfff, 1));
	CU_ASSERT_TRUE(rules_inside(0x1000, 0x1000, 0));
	CU_ASSERT_FALSE(rules_inside(0x1000, 0x1000, 1));
	CU_ASSERT_FALSE(rules_inside(0x1000, 0xfff, 2));
	CU_ASSERT_FALSE(rules_inside(0x1000, 1, UINT64_MAX));
	CU_ASSERT_FALSE(rules_inside(0x1000, UINT64_MAX, 2));
	CU_ASSERT_FALSE(rules_inside(0, 0, 1));
}

static const struct unit_case cases[] = {
	{ "one verb moves the pointer", one_verb_moves_the_pointer },
	{ "a drain has an end", a_drain_has_an_end },
	{ "I12: mappings are whole pages inside the limits", i12_mappings_are_whole_pages_inside_the_limits },
	{ "I12: the last page of all can be unmapped", i12_the_last_page_of_all_can_be_unmapped },
	{ "I18: interrupts are those of the device", i18_interrupts_are_those_of_the_device },
	{ "I20: what is inside does not wrap", i20_what_is_inside_does_not_wrap },
	{ "I24: a reset is promised where there is one", i24_a_reset_is_promised_where_there_is_one },
	{ "I37: layouts are what they were", i37_layouts_are_what_they_were },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("kmod rules", cases);
}
