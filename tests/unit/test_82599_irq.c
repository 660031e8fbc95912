/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82599's model interrupts: causes, masks, vectors, throttling, the line; and fast mode, where it looks at tails in
 * mapped memory.
 */
#include "sim_82599.h"

#define GPIE_LINUX 0xc0000030u /* MSI-X, OCD, EIAME, PBA */

static void receive_one(struct rig *r)
{
	uint8_t frame[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };

	rig_receive(r, frame, sizeof(frame));
}

/* Queue 0 receives to vector 1, all other causes go to vector 0, as drivers like it. */
static void rig_vectors(struct rig *r, int *fds, unsigned n)
{
	rig_open(r);
	rig_msix(r, fds, n);
	set(r, 0x898, GPIE_LINUX);
	set(r, 0x900, 0x00000081);
	set(r, 0xa00, 0x00008000);
	rig_rx(r, 0, 60);
}

static void close_all(struct rig *r, const int *fds, unsigned n)
{
	rig_close(r);
	for (unsigned i = 0; i < n; i++)
		close(fds[i]);
}

static void a_packet_fires_its_queues_vector(void)
{
	struct rig r;
	int fds[3];

	rig_vectors(&r, fds, 3);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[1]), 0); /* masked */
	CU_ASSERT_EQUAL(get(&r, 0x808), 2);
	set(&r, 0x880, 2);
	CU_ASSERT_EQUAL(fired(fds[1]), 1); /* the cause was still there */
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	CU_ASSERT_EQUAL(fired(fds[0]), 0);
	CU_ASSERT_EQUAL(get(&r, 0x808), 2);
	CU_ASSERT_EQUAL(get(&r, 0x800), 2); /* OCD: reading leaves it */
	CU_ASSERT_EQUAL(get(&r, 0x808), 2);
	set(&r, 0x800, 2);
	CU_ASSERT_EQUAL(get(&r, 0x808), 0);
	close_all(&r, fds, 3);
}

static void causes_clear_and_mask_themselves(void)
{
	struct rig r;
	int fds[3];

	rig_vectors(&r, fds, 3);
	set(&r, 0x810, 0xffff);
	set(&r, 0xad0, 0xffffffff); /* EIAM_EX */
	set(&r, 0xaa0, 2);
	CU_ASSERT_EQUAL(get(&r, 0x880), 2); /* EIMS shows the lower 16 of EIMS_EX */
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	CU_ASSERT_EQUAL(get(&r, 0x808), 0);
	CU_ASSERT_EQUAL(get(&r, 0x880), 0);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[1]), 0);
	set(&r, 0xaa0, 2);
	CU_ASSERT_EQUAL(fired(fds[1]), 1); /* what came meanwhile */
	set(&r, 0xaa0, 2);
	CU_ASSERT_EQUAL(fired(fds[1]), 0);
	set(&r, 0xa90, 2); /* software may raise it */
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	close_all(&r, fds, 3);
}

static void vectors_above_16_work_by_the_extended_registers(void)
{
	struct rig r;
	int fds[40];

	rig_vectors(&r, fds, 40);
	set(&r, 0x900, 0x000000a5); /* vector 37 */
	set(&r, 0xaa4, 1u << 5);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[37]), 1);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[37]), 1);
	set(&r, 0xab4, 1u << 5);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[37]), 0);
	close_all(&r, fds, 40);
}

static void transmit_queues_have_vectors_too(void)
{
	struct rig r;
	int fds[3];

	rig_vectors(&r, fds, 3);
	rig_tx(&r);
	set(&r, 0x900, 0x00008200); /* transmit queue 0: vector 2 */
	set(&r, 0x880, 0xffff);
	rig_data(&r, BUFFERS, 64, 0x01000000, 0, 64);
	rig_bell(&r);
	CU_ASSERT_EQUAL(fired(fds[2]), 0); /* no report, no interrupt */
	rig_data(&r, BUFFERS, 64, 0x09000000, 0, 64);
	rig_bell(&r);
	CU_ASSERT_EQUAL(fired(fds[2]), 1);
	close_all(&r, fds, 3);
}

static void the_link_interrupts(void)
{
	struct rig r;
	int fds[2];

	rig_vectors(&r, fds, 2);
	set(&r, 0x880, 0x00100000);
	weir_sim_link(r.card, false);
	CU_ASSERT_EQUAL(fired(fds[0]), 1);
	CU_ASSERT_EQUAL(get(&r, 0x808) & 0x00100000, 0x00100000); /* reading EICS leaves it */
	CU_ASSERT_EQUAL(get(&r, 0x800), 0x80100000);
	CU_ASSERT_EQUAL(get(&r, 0x800), 0);
	weir_sim_link(r.card, true);
	CU_ASSERT_EQUAL(fired(fds[0]), 1);
	close_all(&r, fds, 2);
}

static void a_throttle_holds_interrupts_back(void)
{
	const uint64_t interval = 511 * 2048;
	uint64_t start, now, held;
	struct rig r;
	int fds[2];

	rig_vectors(&r, fds, 2);
	set(&r, 0x824, 0xff8); /* vector 1: 511 times 2.048 us */
	set(&r, 0x810, 0xffff);
	set(&r, 0x880, 2);
	start = sim_now_ns(r.nic);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	receive_one(&r);
	receive_one(&r);
	held = fired(fds[1]);
	now = sim_now_ns(r.nic);
	if (now - start >= interval) { /* the interval was over before the test had looked */
		unit_skip("three frames took longer than a millisecond");
		close_all(&r, fds, 2);
		return;
	}
	CU_ASSERT_EQUAL(held, 0);
	CU_ASSERT(r.nic->model->due(r.nic, now) <= now + interval);
	r.nic->model->run(r.nic, now + interval);
	CU_ASSERT_EQUAL(fired(fds[1]), 1); /* one for both */
	r.nic->model->run(r.nic, now + 10 * interval);
	CU_ASSERT_EQUAL(fired(fds[1]), 0);
	CU_ASSERT_EQUAL(r.nic->model->due(r.nic, now), UINT64_MAX);
	close_all(&r, fds, 2);
}

static void without_vectors_there_is_a_line(void)
{
	struct rig r;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), given = dup(fd);

	rig_open(&r);
	rig_rx(&r, 0, 8);
	CU_ASSERT_EQUAL(irq_set(r.nic, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
	                        0, 1, &given, NULL),
	                0);
	set(&r, 0x900, 0x00000083); /* queue 0: bit 3 of EICR */
	set(&r, 0x890, 0xffff);
	set(&r, 0x880, 0x00100008);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fd), 1);
	CU_ASSERT_EQUAL(get(&r, 0x800), 8);
	CU_ASSERT_EQUAL(get(&r, 0x800), 0);
	CU_ASSERT_EQUAL(get(&r, 0x880), 0x00100000); /* EIAM: masked by reading */
	CU_ASSERT_EQUAL(irq_set(r.nic, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK, 0,
	                        1, NULL, NULL),
	                0);
	CU_ASSERT_EQUAL(fired(fd), 0);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fd), 0);
	set(&r, 0x880, 8);
	CU_ASSERT_EQUAL(fired(fd), 1);
	rig_close(&r);
	close(fd);
}

static void config_space_tells_of_the_line_and_holds_it_down(void)
{
	struct rig r;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), given = dup(fd);
	uint16_t status, disable = 0x0407, enable = 0x0007;

	rig_open(&r);
	rig_rx(&r, 0, 8);
	irq_set(r.nic, VFIO_PCI_INTX_IRQ_INDEX, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 0, 1, &given,
	        NULL);
	set(&r, 0x900, 0x00000083);
	set(&r, 0x880, 8);
	pci_write(r.nic, 4, &disable, 2);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fd), 0);
	pci_read(r.nic, 6, &status, 2);
	CU_ASSERT_EQUAL(status & 8, 8); /* whose interrupt is it? */
	pci_write(r.nic, 4, &enable, 2);
	CU_ASSERT_EQUAL(fired(fd), 1);
	get(&r, 0x800);
	pci_read(r.nic, 6, &status, 2);
	CU_ASSERT_EQUAL(status & 8, 0);
	rig_close(&r);
	close(fd);
}

static void an_interrupt_can_get_lost(void)
{
	struct rig r;
	int fds[2];

	rig_vectors(&r, fds, 2);
	set(&r, 0x810, 0xffff);
	set(&r, 0x880, 2);
	weir_sim_fault(r.card, WEIR_SIM_IRQ_LOST, 0, 1);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[1]), 0);
	receive_one(&r);
	CU_ASSERT_EQUAL(fired(fds[1]), 1);
	close_all(&r, fds, 2);
}

/* --- fast mode ------------------------------------------------------------------------------------------------------------ */

/* As a client writes a mapped register. */
static void poke(struct rig *r, uint32_t offset, uint32_t value)
{
	__atomic_store_n((uint32_t *)(void *)(r->nic->bar[0] + offset), value, __ATOMIC_RELEASE);
}

static void run_often(struct rig *r)
{
	for (unsigned i = 0; i < 32; i++)
		weir_sim_run(r->sim);
}

static void in_fast_mode_tails_are_looked_at(void)
{
	uint8_t frame[SIM_FRAME_MAX] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	struct rig r;

	rig_open_as(&r, "82599,mac=02:00:00:00:00:01,wire=hold", true);
	rig_rx(&r, 0, 0);
	rig_tx(&r);
	poke(&r, 0x6028, 0);
	run_often(&r);
	poke(&r, 0x6028, 0x02000000);
	memcpy(r.memory + 0x80000, frame, 100);
	rig_data(&r, 0x80000, 100, 0x09000000, 0, 100);
	poke(&r, 0x6018, 1);
	run_often(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, frame, sizeof(frame)), 100);
	CU_ASSERT_EQUAL(words(&r, TX_RING)[3], 1);
	poke(&r, 0x1018, 8);
	rig_receive(&r, frame, 100);
	CU_ASSERT_EQUAL(rx_words(&r, 0, 0)[3], 100);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	CU_ASSERT_EQUAL(get(&r, 0x1030), 0); /* cannot be cleared by reading there */
	CU_ASSERT_EQUAL(get(&r, 0x4074), 1);
	poke(&r, 0x1028, 0); /* the queue is off at once for what arrives */
	rig_receive(&r, frame, 100);
	CU_ASSERT_EQUAL(get(&r, 0x1010), 1);
	poke(&r, 0x6018, 0xffff); /* no such descriptor */
	poke(&r, 0x6010, 0x1234);
	run_often(&r);
	CU_ASSERT_EQUAL(weir_sim_take(r.card, frame, sizeof(frame)), 0);
	rig_close(&r);
}

static const struct unit_case cases[] = {
	{ "a packet fires its queue's vector", a_packet_fires_its_queues_vector },
	{ "causes clear and mask themselves", causes_clear_and_mask_themselves },
	{ "vectors above 16 work by the extended registers", vectors_above_16_work_by_the_extended_registers },
	{ "transmit queues have vectors too", transmit_queues_have_vectors_too },
	{ "the link interrupts", the_link_interrupts },
	{ "a throttle holds interrupts back", a_throttle_holds_interrupts_back },
	{ "without vectors there is a line", without_vectors_there_is_a_line },
	{ "config space tells of the line, and holds it down", config_space_tells_of_the_line_and_holds_it_down },
	{ "an interrupt can get lost", an_interrupt_can_get_lost },
	{ "in fast mode tails are looked at", in_fast_mode_tails_are_looked_at },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("82599 interrupts", cases);
}
