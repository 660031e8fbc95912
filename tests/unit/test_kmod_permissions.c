/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which bits of config space weir.ko shows to a caller, and lets him write (invariant I21).
 */
#include <stdint.h>

#include "unit.h"

#include "../../kmod/permissions.c"

/*
 * A network card as config space shows it: BAR 0 of 128 KiB and 64 bits, BAR 2 of 32 ports, BAR 4 of 16 KiB; power
 * management at 40, MSI at 50 (64 bits, no masks), MSI-X at 70, PCI Express at a0, a capability of its maker at e0.
 */
static uint8_t config[256];
static const __u64 bars[6] = { 0x20000, 0, 0x20, 0, 0x4000, 0 };

static void put(unsigned at, unsigned size, uint32_t value)
{
	for (; size; size--, value >>= 8)
		config[at++] = (uint8_t)value;
}

static struct weir_permissions card(void)
{
	struct weir_permissions p;

	memset(config, 0, sizeof(config));
	put(0x00, 4, 0x10d38086);
	put(0x04, 4, 0x00100403); /* I/O, memory, INTx off; a list of capabilities */
	put(0x10, 4, 0xfe00000c);
	put(0x14, 4, 0x00000001);
	put(0x18, 4, 0x0000c001);
	put(0x20, 4, 0xfebd0000);
	put(0x30, 4, 0xfeb00001);
	put(0x34, 1, 0x40);
	put(0x3c, 2, 0x010b);
	put(0x40, 4, 0x00035001);
	put(0x44, 4, 0x00000100);
	put(0x50, 4, 0x00807005);
	put(0x70, 4, 0x8004a011);
	put(0xa0, 4, 0x0002e010);
	put(0xa8, 4, 0x00002810);
	put(0xe0, 4, 0x00100009);
	permissions_init(&p, config, bars);
	return p;
}

/* What a caller reads after writing @value, if the device keeps what reaches it. */
static uint32_t written(struct weir_permissions *p, unsigned at, unsigned size, uint32_t value)
{
	uint32_t device = 0, mask = permissions_write(p, at, size, value);

	for (unsigned i = 0; i < size; i++)
		device |= (uint32_t)config[at + i] << (8 * i);
	device = (device & ~mask) | (value & mask);
	put(at, size, device);
	return permissions_read(p, at, size, device);
}

static void i21_bars_are_sized_and_stay(void)
{
	struct weir_permissions p = card();
	uint8_t before[256];

	memcpy(before, config, sizeof(before));
	CU_ASSERT_EQUAL(permissions_read(&p, 0x10, 4, 0xfe00000c), 0xfe00000c);
	CU_ASSERT_EQUAL(written(&p, 0x10, 4, 0xffffffff), 0xfffe000c);
	CU_ASSERT_EQUAL(written(&p, 0x14, 4, 0xffffffff), 0xffffffff);
	CU_ASSERT_EQUAL(written(&p, 0x18, 4, 0xffffffff), 0xffffffe1);
	CU_ASSERT_EQUAL(written(&p, 0x1c, 4, 0xffffffff), 0);
	CU_ASSERT_EQUAL(written(&p, 0x20, 4, 0xffffffff), 0xffffc000);
	CU_ASSERT_EQUAL(written(&p, 0x24, 4, 0xffffffff), 0);
	CU_ASSERT_EQUAL(written(&p, 0x30, 4, 0xffffffff), 0); /* no ROM is offered */
	CU_ASSERT_EQUAL(written(&p, 0x10, 4, 0xdead0000), 0xdeac000c);
	CU_ASSERT_EQUAL(memcmp(before, config, sizeof(before)), 0);
}

static void i21_of_the_command_only_master_reaches_the_device(void)
{
	struct weir_permissions p = card();

	CU_ASSERT_EQUAL(permissions_write(&p, 0x04, 2, 0xffff), 0x0004);
	CU_ASSERT_EQUAL(permissions_write(&p, 0x04, 1, 0x00), 0x04);
	CU_ASSERT_EQUAL(permissions_write(&p, 0x05, 1, 0xff), 0);
}

/* The device has its INTx off; the caller sees what he chose. */
static void i21_intx_disable_is_the_callers_own(void)
{
	struct weir_permissions p = card();

	CU_ASSERT_EQUAL(permissions_read(&p, 0x04, 2, 0x0403), 0x0003);
	CU_ASSERT_EQUAL(permissions_write(&p, 0x04, 2, 0x0403), 0x0004);
	CU_ASSERT_EQUAL(permissions_read(&p, 0x04, 2, 0x0003), 0x0403);
}

static void i21_interrupts_are_not_set_up_by_hand(void)
{
	struct weir_permissions p = card();

	for (unsigned at = 0x50; at < 0x50 + 14; at++)
		CU_ASSERT_EQUAL(permissions_write(&p, at, 1, 0xff), 0);
	for (unsigned at = 0x70; at < 0x70 + 12; at++)
		CU_ASSERT_EQUAL(permissions_write(&p, at, 1, 0xff), 0);
	/* What the kernel put there is not shown. */
	CU_ASSERT_EQUAL(permissions_read(&p, 0x52, 2, 0x0081), 0x0080);
	CU_ASSERT_EQUAL(permissions_read(&p, 0x54, 4, 0xfee01000), 0);
	CU_ASSERT_EQUAL(permissions_read(&p, 0x72, 2, 0xc004), 0x8004);
	CU_ASSERT_EQUAL(permissions_read(&p, 0x5e, 2, 0xabcd), 0xabcd); /* behind it */
}

static void i21_power_and_function_reset_are_the_kernels(void)
{
	struct weir_permissions p = card();

	CU_ASSERT_EQUAL(permissions_write(&p, 0x44, 2, 0x0003), 0);
	/* Relaxed ordering and the size of reads; no reset, no payload, no phantom functions, no snooping off. */
	CU_ASSERT_EQUAL(permissions_write(&p, 0xa8, 2, 0xffff), 0x7010);
	CU_ASSERT_EQUAL(permissions_write(&p, 0xaa, 2, 0xffff), 0);
	CU_ASSERT_EQUAL(permissions_write(&p, 0xb0, 4, 0xffffffff), 0);
	CU_ASSERT_EQUAL(permissions_write(&p, 0xc8, 2, 0xffff), 0x001f);
}

static void i21_what_is_unknown_is_only_read(void)
{
	struct weir_permissions p = card();

	for (unsigned at = 0xe0; at < 0xf0; at += 4) {
		CU_ASSERT_EQUAL(permissions_write(&p, at, 4, 0xffffffff), 0);
		CU_ASSERT_EQUAL(permissions_read(&p, at, 4, 0x12345678), 0x12345678);
	}
	CU_ASSERT_EQUAL(permissions_write(&p, 0x00, 4, 0xffffffff), 0);
	CU_ASSERT_EQUAL(permissions_write(&p, 0x08, 4, 0xffffffff), 0);
	CU_ASSERT_EQUAL(permissions_write(&p, 0x0c, 4, 0xffffffff), 0);
	CU_ASSERT_EQUAL(permissions_write(&p, 0x100, 4, 0xffffffff), 0);
	CU_ASSERT_EQUAL(permissions_read(&p, 0x100, 4, 0x12345678), 0x12345678);
	CU_ASSERT_EQUAL(permissions_write(&p, 0xfe, 4, 0xffffffff), 0);
	CU_ASSERT_EQUAL(permissions_write(&p, 0xffffffff, 4, 0xffffffff), 0);
}

static void the_interrupt_line_is_a_note_of_the_callers(void)
{
	struct weir_permissions p = card();

	CU_ASSERT_EQUAL(written(&p, 0x3c, 2, 0x0405), 0x0105);
	CU_ASSERT_EQUAL(config[0x3c], 0x0b);
}

static void no_capabilities_no_rules_for_them(void)
{
	struct weir_permissions p = card();

	put(0x06, 2, 0);
	permissions_init(&p, config, bars);
	CU_ASSERT_EQUAL(permissions_write(&p, 0xa8, 2, 0xffff), 0);
}

static void a_broken_list_of_capabilities_ends(void)
{
	struct weir_permissions p = card();

	put(0xe1, 1, 0x40); /* a circle */
	permissions_init(&p, config, bars);
	CU_ASSERT_EQUAL(permissions_write(&p, 0xa8, 2, 0xffff), 0x7010);
	put(0xe1, 1, 0xfc);
	put(0xfc, 4, 0x00000010); /* PCI Express in the last four bytes */
	permissions_init(&p, config, bars);
	CU_ASSERT_EQUAL(permissions_write(&p, 0xfc, 4, 0xffffffff), 0);
	put(0xe1, 1, 0xff);
	put(0xfc, 4, 0x0000ff05); /* and MSI */
	permissions_init(&p, config, bars);
	memset(config, 0xff, sizeof(config));
	permissions_init(&p, config, bars);
}

static const struct unit_case cases[] = {
	{ "I21: BARs are sized, and stay", i21_bars_are_sized_and_stay },
	{ "I21: of the command only MASTER reaches the device", i21_of_the_command_only_master_reaches_the_device },
	{ "I21: INTx disable is the caller's own", i21_intx_disable_is_the_callers_own },
	{ "I21: interrupts are not set up by hand", i21_interrupts_are_not_set_up_by_hand },
	{ "I21: power and function reset are the kernel's", i21_power_and_function_reset_are_the_kernels },
	{ "I21: what is unknown is only read", i21_what_is_unknown_is_only_read },
	{ "the interrupt line is a note of the caller's", the_interrupt_line_is_a_note_of_the_callers },
	{ "no capabilities, no rules for them", no_capabilities_no_rules_for_them },
	{ "a broken list of capabilities ends", a_broken_list_of_capabilities_ends },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("kmod permissions", cases);
}
