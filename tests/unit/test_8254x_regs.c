/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82540EM's model beside its queues: config space, EEPROM by its pins and by EERD, PHY, link, reset, interrupts. What is
 * expected was worked out by hand from the 8254x Family Software Developer's Manual (317453).
 */
#include "sim_e1000.h"

#include <unistd.h>

static void it_says_who_it_is(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	CU_ASSERT_EQUAL(config(&r, 0x00), 0x100e8086);
	CU_ASSERT_EQUAL(config(&r, 0x08) >> 8, 0x020000);
	CU_ASSERT_EQUAL(config(&r, 0x2c), 0x001e8086);
	CU_ASSERT_EQUAL(bar_mask(&r, 0), 0xfffe0004); /* 128 KiB, 64-bit */
	CU_ASSERT_EQUAL(bar_mask(&r, 1), 0xffffffff);
	CU_ASSERT_EQUAL(bar_mask(&r, 4), 0xffffffc1); /* 64 bytes of I/O */
	CU_ASSERT_EQUAL(config(&r, 0x34) & 0xff, 0xdc);
	CU_ASSERT_EQUAL(config(&r, 0xdc) & 0xffff, 0xe401);
	CU_ASSERT_EQUAL(config(&r, 0xe4) & 0xffff, 0xf007);
	CU_ASSERT_EQUAL(config(&r, 0xf0) & 0xffff, 0x0005);
	rig_close(&r);
	rig_open(&r, "82545EM");
	CU_ASSERT_EQUAL(config(&r, 0x00), 0x100f8086);
	rig_close(&r);
	rig_open(&r, "82545EM,device=1010"); /* 82546EB */
	CU_ASSERT_EQUAL(config(&r, 0x00), 0x10108086);
	rig_close(&r);
}

static void io_space_leads_to_registers(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	r.nic->model->write(r.nic, 4, 0, 0x5200);
	r.nic->model->write(r.nic, 4, 4, 0x12345678);
	CU_ASSERT_EQUAL(r.nic->model->read(r.nic, 4, 0), 0x5200);
	CU_ASSERT_EQUAL(r.nic->model->read(r.nic, 4, 4), 0x12345678);
	CU_ASSERT_EQUAL(get(&r, 0x5200), 0x12345678);
	rig_close(&r);
}

static void registers_that_are_not_there_are_listed(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	CU_ASSERT_EQUAL(get(&r, 0x2900), 0); /* a second queue */
	set(&r, 0x5818, 1);                  /* RSS */
	CU_ASSERT_EQUAL(get(&r, 0x1524), 0);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 3);
	set(&r, 0x2800, 8); /* not aligned to 16 bytes */
	set(&r, 0x3808, 64);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 5);
	set(&r, 0x100, 2);
	set(&r, 0x2810, 5);
	set(&r, 0x5000, 0x100);
	CU_ASSERT_EQUAL(weir_sim_violations(r.card, NULL, 0), 7);
	rig_close(&r);
}

static void bits_that_are_not_there_read_as_0(void)
{
	static const uint32_t widths[][2] = {
		{ 0x2c, 0xffff },       { 0x30, 0xffff },       { 0x38, 0xffff },       { 0x170, 0xffff },
		{ 0x2800, 0xfffffff0 }, { 0x2808, 0x000fff80 }, { 0x3800, 0xfffffff0 }, { 0x3808, 0x000fff80 },
		{ 0x2820, 0xffff },     { 0x3820, 0xffff },     { 0x410, 0x3fffffff },  { 0x5404, 0x8003ffff },
	};
	struct rig r;

	rig_open(&r, "82540EM");
	for (unsigned i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		set(&r, widths[i][0], ~0u);
		CU_ASSERT_EQUAL(get(&r, widths[i][0]), widths[i][1]);
	}
	rig_close(&r);
}

/* --- EEPROM ----------------------------------------------------------------------------------------------------------------- */

static void clock_out(struct rig *r, unsigned value, unsigned bits)
{
	while (bits--) {
		uint32_t pins = 0x42 | (value >> bits & 1) << 2; /* request, select, data */

		set(r, 0x10, pins);
		set(r, 0x10, pins | 1);
		set(r, 0x10, pins);
	}
}

static unsigned clock_in(struct rig *r, unsigned bits)
{
	unsigned value = 0;

	while (bits--) {
		set(r, 0x10, 0x43);
		value = value << 1 | (get(r, 0x10) >> 3 & 1);
		set(r, 0x10, 0x42);
	}
	return value;
}

static unsigned microwire_read(struct rig *r, unsigned word)
{
	unsigned value;

	set(r, 0x10, 0x40);
	CU_ASSERT_EQUAL(get(r, 0x10) & 0x80, 0x80); /* granted */
	clock_out(r, 6, 3);
	clock_out(r, word, 6);
	CU_ASSERT_EQUAL(get(r, 0x10) & 8, 0); /* the first bit is 0 */
	value = clock_in(r, 16);
	set(r, 0x10, 0x40);
	return value;
}

static void microwire_write(struct rig *r, unsigned word, unsigned value, bool enable)
{
	if (enable) {
		clock_out(r, 0x13, 5); /* 1 00 11xxxx */
		clock_out(r, 0, 4);
		set(r, 0x10, 0x40);
	}
	clock_out(r, 5, 3);
	clock_out(r, word, 6);
	clock_out(r, value, 16);
	set(r, 0x10, 0x40);
}

static void the_eeprom_is_read_by_its_pins(void)
{
	unsigned sum = 0;
	struct rig r;

	rig_open(&r, "82540EM");
	CU_ASSERT_EQUAL(get(&r, 0x10) & 0x300, 0x100);  /* there is one, of 64 words */
	CU_ASSERT_EQUAL(microwire_read(&r, 0), 0x0002); /* 02:00:00:00:00:01 */
	CU_ASSERT_EQUAL(microwire_read(&r, 1), 0x0000);
	CU_ASSERT_EQUAL(microwire_read(&r, 2), 0x0100);
	CU_ASSERT_EQUAL(microwire_read(&r, 0x0d), 0x100e);
	for (unsigned i = 0; i < 64; i++)
		sum += microwire_read(&r, i);
	CU_ASSERT_EQUAL(sum & 0xffff, 0xbaba);
	rig_close(&r);
}

static void the_eeprom_is_written_by_its_pins(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	set(&r, 0x10, 0x40);
	microwire_write(&r, 0x20, 0x1234, false);
	CU_ASSERT_EQUAL(microwire_read(&r, 0x20), 0);
	microwire_write(&r, 0x20, 0x1234, true);
	CU_ASSERT_EQUAL(microwire_read(&r, 0x20), 0x1234);
	CU_ASSERT_EQUAL(microwire_read(&r, 0x21), 0);
	rig_close(&r);
}

static void eerd_reads_words(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	set(&r, 0x14, 2 << 8 | 1);
	CU_ASSERT_EQUAL(get(&r, 0x14), 0x01000210); /* the word, the address, done */
	rig_close(&r);
}

/* --- PHY and link ------------------------------------------------------------------------------------------------------------- */

static unsigned phy_read(struct rig *r, unsigned reg)
{
	set(r, 0x20, 0x08200000 | reg << 16);
	CU_ASSERT_EQUAL(get(r, 0x20) & 0x50000000, 0x10000000); /* ready, no error */
	return get(r, 0x20) & 0xffff;
}

static void phy_write(struct rig *r, unsigned reg, unsigned value)
{
	set(r, 0x20, 0x04200000 | reg << 16 | value);
}

static void the_phy_is_a_m88e1011(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	CU_ASSERT_EQUAL(phy_read(&r, 2), 0x0141);
	CU_ASSERT_EQUAL(phy_read(&r, 3), 0x0c20);
	CU_ASSERT_EQUAL(phy_read(&r, 1) & 0x24, 0x24);      /* negotiated, link */
	CU_ASSERT_EQUAL(phy_read(&r, 17) & 0xec00, 0xac00); /* 1000, full, resolved, link */
	CU_ASSERT_EQUAL(phy_read(&r, 10) & 0x3800, 0x3800);
	set(&r, 0x20, 0x08400000); /* nobody is at address 2 */
	CU_ASSERT_EQUAL(get(&r, 0x20) & 0x40000000, 0x40000000);
	phy_write(&r, 4, 0x01e1);
	CU_ASSERT_EQUAL(phy_read(&r, 4), 0x01e1);
	phy_write(&r, 0, 0x9140); /* reset */
	CU_ASSERT_EQUAL(phy_read(&r, 0), 0x1140);
	rig_close(&r);
}

static void it_negotiates_what_both_can(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0xc3, 0x83); /* 1000, link, full */
	phy_write(&r, 9, 0);
	phy_write(&r, 0, 0x1340); /* negotiate again, without 1000 */
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0xc3, 0x43);
	CU_ASSERT_EQUAL(phy_read(&r, 17) & 0xc000, 0x4000);
	phy_write(&r, 4, 0x0061);
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0xc3, 0x03);
	phy_write(&r, 0, 0x2100); /* forced to 100 */
	CU_ASSERT_EQUAL(get(&r, 0x08) & 0xc3, 0x43);
	phy_write(&r, 0, 0x0800); /* powered down */
	CU_ASSERT_EQUAL(get(&r, 0x08) & 2, 0);
	CU_ASSERT_EQUAL(phy_read(&r, 1) & 4, 0);
	rig_close(&r);
}

static void the_link_is_told_of(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0);
	weir_sim_link(r.card, false);
	CU_ASSERT_EQUAL(get(&r, 0x08) & 2, 0);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 4);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0);
	weir_sim_link(r.card, true);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 4);
	CU_ASSERT_EQUAL(phy_read(&r, 1) & 4, 0); /* it fell since it was read last */
	CU_ASSERT_EQUAL(phy_read(&r, 1) & 4, 4);
	set(&r, 0x00, get(&r, 0x00) & ~0x40u); /* SLU: the MAC may say no */
	CU_ASSERT_EQUAL(get(&r, 0x08) & 2, 0);
	rig_close(&r);
}

/* --- reset ----------------------------------------------------------------------------------------------------------------------- */

static void a_reset_forgets_the_mac_but_not_the_phy(void)
{
	struct rig r;

	rig_open(&r, "82540EM");
	set(&r, 0x100, 2);
	set(&r, 0xd0, 0xff);
	set(&r, 0x5200, 1);
	set(&r, 0x1000, 0x20);
	set(&r, 0x5404, 0);
	phy_write(&r, 4, 0x0061);
	set(&r, 0x00, get(&r, 0x00) | 0x04000000);
	CU_ASSERT_EQUAL(get(&r, 0x00), 0x00000201);
	CU_ASSERT_EQUAL(get(&r, 0x100), 0);
	CU_ASSERT_EQUAL(get(&r, 0xd0), 0);
	CU_ASSERT_EQUAL(get(&r, 0x5200), 0);
	CU_ASSERT_EQUAL(get(&r, 0x1000), 0x20); /* stays */
	CU_ASSERT_EQUAL(get(&r, 0x5400), 0x00000002);
	CU_ASSERT_EQUAL(get(&r, 0x5404), 0x80000100);
	CU_ASSERT_EQUAL(get(&r, 0x08) & 2, 0);
	CU_ASSERT_EQUAL(phy_read(&r, 4), 0x0061);
	set(&r, 0x00, get(&r, 0x00) | 0x80000000); /* PHY_RST, by hand, */
	CU_ASSERT_EQUAL(phy_read(&r, 1) & 4, 0);
	set(&r, 0x00, 0x00000241); /* ... and out of it again */
	CU_ASSERT_EQUAL(phy_read(&r, 4), 0x0de1);
	CU_ASSERT_EQUAL(get(&r, 0x08) & 2, 2);
	weir_sim_fault(r.card, WEIR_SIM_RESET_STUCK, 0, 1);
	set(&r, 0x00, get(&r, 0x00) | 0x04000000);
	CU_ASSERT_EQUAL(get(&r, 0x00) & 0x04000000, 0x04000000);
	rig_close(&r);
}

/* --- interrupts ------------------------------------------------------------------------------------------------------------------- */

/* Connects the line, which masks itself when it fires. */
static int connect_line(struct rig *r)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), given = dup(fd);

	CU_ASSERT_EQUAL(irq_set(r->nic, VFIO_PCI_INTX_IRQ_INDEX,
	                        VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1, &given, NULL),
	                0);
	return fd;
}

static void unmask_line(struct rig *r)
{
	irq_set(r->nic, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, 0, 1, NULL, NULL);
}

static void causes_are_masked_told_and_cleared(void)
{
	struct rig r;
	int fd;

	rig_open(&r, "82540EM");
	fd = connect_line(&r);
	set(&r, 0xc8, 0x84);
	CU_ASSERT_EQUAL(fired(fd), 0);
	set(&r, 0xd0, 0x80);
	CU_ASSERT_EQUAL(get(&r, 0xd0), 0x80);
	CU_ASSERT_EQUAL(fired(fd), 1);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x84);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0);
	unmask_line(&r);
	CU_ASSERT_EQUAL(fired(fd), 0);
	set(&r, 0xc8, 0x80);
	CU_ASSERT_EQUAL(fired(fd), 1);
	unmask_line(&r); /* nobody has cleared it */
	CU_ASSERT_EQUAL(fired(fd), 1);
	set(&r, 0xc0, 0x80); /* writing clears, too */
	unmask_line(&r);
	CU_ASSERT_EQUAL(fired(fd), 0);
	set(&r, 0xd8, 0x80);
	set(&r, 0xc8, 0x80);
	CU_ASSERT_EQUAL(fired(fd), 0);
	close(fd);
	rig_close(&r);
}

static void queues_have_causes(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r, "82540EM");
	rig_rx(&r, 0, 40);
	rig_tx(&r);
	set(&r, 0x100, RCTL_ON);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80);
	for (unsigned i = 0; i < 6; i++)
		rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80);
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x90); /* 32 of 64 descriptors are left */
	rig_receive(&r, frame, sizeof(frame));
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80); /* said once */
	rig_data(&r, BUFFERS, 0x0b000000 | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 3); /* written back, and empty */
	rig_data(&r, BUFFERS, 0x03000000 | 60, 0);
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 2);
	rig_close(&r);
}

static void the_throttle_holds_the_line_back(void)
{
	uint64_t start, early;
	struct rig r;
	int fd;

	rig_open(&r, "82540EM");
	fd = connect_line(&r);
	start = sim_now_ns(r.nic);
	set(&r, 0xc4, 0xffff); /* 16.8 ms */
	set(&r, 0xd0, 0x80);
	set(&r, 0xc8, 0x80);
	CU_ASSERT_EQUAL(fired(fd), 1);
	(void)get(&r, 0xc0);
	unmask_line(&r);
	set(&r, 0xc8, 0x80);
	weir_sim_run(r.sim);
	early = fired(fd);
	CU_ASSERT(!early || sim_now_ns(r.nic) - start > 16000000);
	usleep(20000);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(early + fired(fd), 1);
	close(fd);
	rig_close(&r);
}

static void delays_gather_interrupts(void)
{
	uint8_t frame[60];
	struct rig r;

	rig_open(&r, "82540EM");
	rig_rx(&r, 0, 60);
	rig_tx(&r);
	set(&r, 0x2820, 0xffff); /* RDTR: 67 ms after the last packet */
	set(&r, 0x3820, 0xffff); /* TIDV */
	set(&r, 0x100, RCTL_ON);
	plain(frame, sizeof(frame));
	rig_receive(&r, frame, sizeof(frame));
	rig_data(&r, BUFFERS, 0x8b000000 | 60, 0); /* IDE */
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 2); /* TXQE waits for nobody */
	set(&r, 0x2820, 0x8000ffff);       /* now */
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80);
	rig_data(&r, BUFFERS, 0x0b000000 | 60, 0); /* without IDE */
	rig_bell(&r);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 3);
	set(&r, 0x2820, 0xffff);
	set(&r, 0x282c, 1); /* RADV: but 1 us after the first at the latest */
	rig_receive(&r, frame, sizeof(frame));
	usleep(1000);
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(get(&r, 0xc0), 0x80);
	rig_close(&r);
}

static void in_fast_mode_tails_are_looked_at(void)
{
	uint8_t out[100];
	struct rig r;

	rig_open_as(&r, "82540EM,mac=02:00:00:00:00:01,wire=hold", true);
	set(&r, 0x0000, get(&r, 0x0000) | 0x40);
	rig_tx(&r);
	plain(r.memory + BUFFERS, 60);
	rig_data(&r, BUFFERS, 0x0b000000 | 60, 0);
	memcpy(r.nic->bar[0] + 0x3818, &r.tx_tail, 4); /* as a client that has the page mapped */
	weir_sim_run(r.sim);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, out, sizeof(out)), 60);
	CU_ASSERT_EQUAL(get(&r, 0x3810), 1);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "it says who it is", it_says_who_it_is },
	{ "I/O space leads to registers", io_space_leads_to_registers },
	{ "registers that are not there are listed", registers_that_are_not_there_are_listed },
	{ "bits that are not there read as 0", bits_that_are_not_there_read_as_0 },
	{ "the EEPROM is read by its pins", the_eeprom_is_read_by_its_pins },
	{ "the EEPROM is written by its pins", the_eeprom_is_written_by_its_pins },
	{ "EERD reads words", eerd_reads_words },
	{ "the PHY is a M88E1011", the_phy_is_a_m88e1011 },
	{ "it negotiates what both can", it_negotiates_what_both_can },
	{ "the link is told of", the_link_is_told_of },
	{ "a reset forgets the MAC, but not the PHY", a_reset_forgets_the_mac_but_not_the_phy },
	{ "causes are masked, told and cleared", causes_are_masked_told_and_cleared },
	{ "queues have causes", queues_have_causes },
	{ "the throttle holds the line back", the_throttle_holds_the_line_back },
	{ "delays gather interrupts", delays_gather_interrupts },
	{ "in fast mode tails are looked at", in_fast_mode_tails_are_looked_at },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("8254x registers", cases);
}
