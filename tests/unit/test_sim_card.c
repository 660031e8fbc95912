/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A simulated card as its client sees it: config space, memory access, interrupts, removal. The card is simcard.h's.
 */
#include "simbench.h"

static const struct weir_sim_conf manual = { .manual = true };

/* --- config space ----------------------------------------------------------------------------------------------------- */

static void config_space_tells_who_it_is(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;

	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(bench_config(&b, 0x00), 0x56781234);
	CU_ASSERT_EQUAL(bench_config(&b, 0x08), 0x02000007);
	CU_ASSERT_EQUAL(bench_config(&b, 0x2c), 0xdef09abc);
	bench_config_set(&b, 0x00, 0);
	CU_ASSERT_EQUAL(bench_config(&b, 0x00), 0x56781234);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void all_ones_in_a_bar_read_back_as_its_size(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;

	bench_open(&b, card, true);
	bench_config_set(&b, 0x10, 0xffffffff);
	bench_config_set(&b, 0x14, 0xffffffff);
	CU_ASSERT_EQUAL(bench_config(&b, 0x10), 0xffffe004); /* 8 KiB, 64 bits wide */
	CU_ASSERT_EQUAL(bench_config(&b, 0x14), 0xffffffff);
	bench_config_set(&b, 0x18, 0xffffffff);
	CU_ASSERT_EQUAL(bench_config(&b, 0x18), 0xfffff004);
	bench_config_set(&b, 0x20, 0xffffffff); /* there is no BAR 4 */
	CU_ASSERT_EQUAL(bench_config(&b, 0x20), 0);
	bench_config_set(&b, 0x10, 0xe0001234);
	CU_ASSERT_EQUAL(bench_config(&b, 0x10), 0xe0000004);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void capabilities_are_a_list(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;

	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(bench_config(&b, 0x04) >> 16 & 0x10, 0x10);
	CU_ASSERT_EQUAL(bench_config(&b, 0x34) & 0xff, 0x40);
	CU_ASSERT_EQUAL(bench_config(&b, 0x40) & 0xffff, 0x7001);
	CU_ASSERT_EQUAL(bench_config(&b, 0x70), 0x0003a011); /* 4 vectors, off */
	CU_ASSERT_EQUAL(bench_config(&b, 0xa0) & 0xffff, 0x0010);
	bench_config_set(&b, 0x70, 0xffffffff);
	CU_ASSERT_EQUAL(bench_config(&b, 0x70), 0xc003a011);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void a_function_level_reset_forgets_everything(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_SCRATCH, 42);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_SCRATCH), 42);
	bench_config_set(&b, 0xa8, 0x8000);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_SCRATCH), 0);
	CU_ASSERT_EQUAL(bench_config(&b, 0x04) & 0xffff, 0);
	CU_ASSERT_EQUAL(bench_config(&b, 0xa8) & 0x8000, 0);
	bench_set(&b, CARD_SCRATCH, 43);
	CU_ASSERT_EQUAL(vu_client_reset(b.client), 0);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_SCRATCH), 0);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void parts_of_a_register_are_read_but_not_written(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	uint8_t two[2];
	uint64_t both;
	char text[200];
	struct bench b;

	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(vu_client_read(b.client, 0, 1, two, 2), 0);
	CU_ASSERT_EQUAL(two[0], 0x69);
	CU_ASSERT_EQUAL(two[1], 0x65);
	bench_set(&b, CARD_SCRATCH, 5);
	CU_ASSERT_EQUAL(vu_client_read(b.client, 0, 0, &both, 8), 0);
	CU_ASSERT_EQUAL(both, 0x577656972ull);
	CU_ASSERT_EQUAL(vu_client_write(b.client, 0, CARD_SCRATCH, two, 2, false), -EINVAL);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_SCRATCH), 5);
	CU_ASSERT_EQUAL(weir_sim_violations(card, text, sizeof(text)), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "simple#0: a write of 2 bytes at 0x4"));
	bench_close(&b);
	weir_sim_destroy(sim);
}

/* --- memory ----------------------------------------------------------------------------------------------------------- */

static void nothing_is_read_until_bus_mastering_is_on(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	uint8_t frame[64];
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	bench_config_set(&b, 0x04, PCI_COMMAND_MEMORY);
	CU_ASSERT_EQUAL(bench_send(&b, 1, 60), 1);
	CU_ASSERT_EQUAL(bench_counter(card, "dma_refused"), 1);
	CU_ASSERT_STRING_EQUAL(card->dma.reason,
	                       "read of 60 bytes at 0x10000000 for the frame to send: bus mastering is off");
	bench_config_set(&b, 0x04, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	CU_ASSERT_EQUAL(bench_send(&b, 2, 60), 0);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 60);
	CU_ASSERT_EQUAL(frame[0], 2);
	CU_ASSERT_EQUAL(frame[59], 2);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 0);
	CU_ASSERT_EQUAL(bench_counter(card, "dma_refused"), 1);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void memory_outside_the_maps_is_refused(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	bench_set(&b, CARD_TX_ADDRESS, IOVA + MEMORY - 59);
	bench_set(&b, CARD_TX, 60); /* one byte too many */
	CU_ASSERT_EQUAL(bench_get(&b, CARD_TX_STATUS), 1);
	bench_set(&b, CARD_TX_ADDRESS, IOVA - 1);
	bench_set(&b, CARD_TX, 60);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_TX_STATUS), 1);
	bench_set(&b, CARD_TX_ADDRESS, IOVA + MEMORY - 60);
	bench_set(&b, CARD_TX, 60);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_TX_STATUS), 0);
	CU_ASSERT_EQUAL(bench_counter(card, "dma_refused"), 2);

	CU_ASSERT_EQUAL(vu_client_dma_unmap(b.client, IOVA, MEMORY), 0);
	bench_set(&b, CARD_TX, 60);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_TX_STATUS), 1);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(b.client, IOVA, MEMORY), 0);
	bench_close(&b);
	weir_sim_destroy(sim);
}

/* QEMU with an emulated IOMMU takes back ranges in which it never mapped most. */
static void a_range_is_unmapped_with_all_maps_in_it(void)
{
	const uint32_t both = VU_DMA_READABLE | VU_DMA_WRITEABLE;
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;

	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA, 0x1000, both, b.fd, 0), 0);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA + 0x2000, 0x1000, both, b.fd, 0x2000), 0);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA + 0x4000, 0x2000, both, b.fd, 0x4000), 0);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(b.client, IOVA, 0x5000), -EINVAL); /* half of the last one */
	CU_ASSERT_EQUAL(vu_client_dma_unmap(b.client, IOVA + 0x800, 0x5000), -EINVAL);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(b.client, IOVA - 0x10000, 0x13000), 0); /* the first two */
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA, 0x4000, both, b.fd, 0), 0);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA + 0x5000, 0x1000, both, b.fd, 0), -EEXIST);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(b.client, 0x1000, UINT64_MAX - 0xfff), 0);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA, 0x8000, both, b.fd, 0), 0);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void an_access_may_span_maps_but_no_gap(void)
{
	const uint32_t both = VU_DMA_READABLE | VU_DMA_WRITEABLE;
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	uint8_t frame[64];
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	CU_ASSERT_EQUAL(vu_client_dma_unmap(b.client, IOVA, MEMORY), 0);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA + 0x2000, 0x1000, both, b.fd, 0x2000), 0);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA, 0x1000, both, b.fd, 0), 0);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA + 0x800, 0x1000, both, b.fd, 0), -EEXIST);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA - 0x1000, 0x1001, both, b.fd, 0), -EEXIST);
	bench_set(&b, CARD_TX_ADDRESS, IOVA + 0x1000 - 30);
	bench_set(&b, CARD_TX, 60);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_TX_STATUS), 1);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA + 0x1000, 0x1000, both, b.fd, 0x1000), 0);
	memset(b.memory, 0xaa, 0x1000);
	memset(b.memory + 0x1000, 0xbb, 0x1000);
	bench_set(&b, CARD_TX, 60);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_TX_STATUS), 0);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 60);
	CU_ASSERT_EQUAL(frame[29], 0xaa);
	CU_ASSERT_EQUAL(frame[30], 0xbb);
	CU_ASSERT_EQUAL(b.messages, 0);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void what_is_mapped_to_be_read_is_not_written(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	uint8_t frame[60] = { 1, 2, 3 };
	struct bench b;

	bench_open(&b, card, true);
	bench_config_set(&b, 0x04, PCI_COMMAND_MASTER);
	CU_ASSERT_EQUAL(vu_client_dma_map(b.client, IOVA, MEMORY, VU_DMA_READABLE, b.fd, 0), 0);
	bench_set(&b, CARD_ENABLE, 1);
	bench_set(&b, CARD_RX_ADDRESS, IOVA);
	CU_ASSERT_EQUAL(weir_sim_send(card, frame, sizeof(frame)), 0);
	CU_ASSERT_EQUAL(weir_sim_run(sim), 1);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_RX_LENGTH), 0);
	CU_ASSERT_EQUAL(bench_counter(card, "dma_refused"), 1);
	CU_ASSERT_EQUAL(b.memory[0], 0);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void a_file_that_may_be_cut_off_is_reached_by_message(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	uint8_t frame[64];
	struct bench b;

	bench_open(&b, card, false);
	bench_map(&b);
	CU_ASSERT_EQUAL(bench_send(&b, 7, 60), 0);
	CU_ASSERT_EQUAL(b.messages, 1);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 60);
	CU_ASSERT_EQUAL(frame[59], 7);
	munmap(b.memory, MEMORY); /* the callback's copy of the memory is elsewhere from now on */
	b.memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CU_ASSERT_EQUAL(ftruncate(b.fd, 0), 0);
	CU_ASSERT_EQUAL(bench_send(&b, 8, 60), 0);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 60);
	CU_ASSERT_EQUAL(frame[0], 8);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void an_access_fails_on_request(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	weir_sim_fault(card, WEIR_SIM_DMA_ERROR, 0, 2);
	CU_ASSERT_EQUAL(bench_send(&b, 1, 60), 1);
	CU_ASSERT_EQUAL(bench_send(&b, 1, 60), 1);
	CU_ASSERT_EQUAL(bench_send(&b, 1, 60), 0);
	CU_ASSERT_EQUAL(bench_counter(card, "dma_refused"), 2);
	bench_close(&b);
	weir_sim_destroy(sim);
}

/* --- interrupts ------------------------------------------------------------------------------------------------------- */

static uint64_t events(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void each_vector_has_its_own_eventfd(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;
	int fds[4];

	bench_open(&b, card, true);
	for (unsigned i = 0; i < 4; i++)
		fds[i] = eventfd(0, EFD_NONBLOCK);
	CU_ASSERT_FALSE(sim_irq_msix_enabled(card->nic));
	CU_ASSERT_EQUAL(vu_client_set_irqs(b.client, VFIO_PCI_MSIX_IRQ_INDEX, 0, 4, fds), 0);
	CU_ASSERT_TRUE(sim_irq_msix_enabled(card->nic));
	bench_set(&b, CARD_VECTOR, 2);
	bench_set(&b, CARD_VECTOR, 2);
	bench_set(&b, CARD_VECTOR, 0);
	bench_set(&b, CARD_VECTOR, 99);
	CU_ASSERT_EQUAL(events(fds[0]), 1);
	CU_ASSERT_EQUAL(events(fds[1]), 0);
	CU_ASSERT_EQUAL(events(fds[2]), 2);
	CU_ASSERT_EQUAL(bench_counter(card, "irq_fired"), 3);
	CU_ASSERT_EQUAL(bench_counter(card, "irq_unheard"), 1);
	weir_sim_fault(card, WEIR_SIM_IRQ_LOST, 0, 1);
	bench_set(&b, CARD_VECTOR, 1);
	CU_ASSERT_EQUAL(events(fds[1]), 0);
	bench_set(&b, CARD_VECTOR, 1);
	CU_ASSERT_EQUAL(events(fds[1]), 1);
	CU_ASSERT_EQUAL(vu_client_set_irqs(b.client, VFIO_PCI_MSIX_IRQ_INDEX, 0, 0, NULL), 0);
	CU_ASSERT_FALSE(sim_irq_msix_enabled(card->nic));
	bench_set(&b, CARD_VECTOR, 1);
	CU_ASSERT_EQUAL(events(fds[1]), 0);
	for (unsigned i = 0; i < 4; i++)
		close(fds[i]);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void intx_masks_itself_until_it_is_unmasked(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	int fd = eventfd(0, EFD_NONBLOCK);
	struct bench b;

	bench_open(&b, card, true);
	CU_ASSERT_EQUAL(vu_client_set_irqs(b.client, VFIO_PCI_INTX_IRQ_INDEX, 0, 1, &fd), 0);
	bench_set(&b, CARD_LEGACY, 1);
	CU_ASSERT_EQUAL(events(fd), 1);
	bench_set(&b, CARD_LEGACY, 0);
	bench_set(&b, CARD_LEGACY, 1);
	CU_ASSERT_EQUAL(events(fd), 0);
	CU_ASSERT_EQUAL(vu_client_unmask_irq(b.client, VFIO_PCI_INTX_IRQ_INDEX), 0);
	CU_ASSERT_EQUAL(events(fd), 1); /* the line is still up */
	bench_set(&b, CARD_LEGACY, 0);
	CU_ASSERT_EQUAL(vu_client_unmask_irq(b.client, VFIO_PCI_INTX_IRQ_INDEX), 0);
	CU_ASSERT_EQUAL(events(fd), 0);
	bench_config_set(&b, 0x04, PCI_COMMAND_NO_INTX);
	bench_set(&b, CARD_LEGACY, 1);
	CU_ASSERT_EQUAL(events(fd), 0);
	close(fd);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static void only_an_eventfd_is_taken_for_an_interrupt(void)
{
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&manual, "simple", &card);
	struct bench b;
	int ends[2];

	bench_open(&b, card, true);
	CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
	CU_ASSERT_EQUAL(vu_client_set_irqs(b.client, VFIO_PCI_MSIX_IRQ_INDEX, 0, 1, &ends[1]), -EINVAL);
	close(ends[0]);
	bench_set(&b, CARD_VECTOR, 0);
	close(ends[1]);
	bench_close(&b);
	weir_sim_destroy(sim);
}

/* --- removal ---------------------------------------------------------------------------------------------------------- */

static void a_removed_card_reads_all_ones_and_does_nothing(void)
{
	static const struct weir_sim_conf fast = { .manual = true, .fast = true };
	struct weir_sim_nic *card;
	struct weir_sim *sim = bench_sim(&fast, "simple", &card);
	struct vu_region region;
	volatile uint32_t *page;
	uint8_t frame[64] = { 0 };
	struct bench b;

	bench_open(&b, card, true);
	bench_map(&b);
	CU_ASSERT_EQUAL(vu_client_region(b.client, 0, &region), 0);
	CU_ASSERT_EQUAL_FATAL(region.area_count, 1);
	CU_ASSERT_EQUAL(region.areas[0].offset, 0x1000);
	CU_ASSERT_EQUAL(ftruncate(region.fd, 0), -1); /* a client cannot cut it off under us */
	page = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, region.fd, 0x1000);
	CU_ASSERT_EQUAL(page[0], 0);
	weir_sim_remove(card);
	CU_ASSERT_EQUAL(page[0], 0xffffffff);
	CU_ASSERT_EQUAL(bench_get(&b, CARD_ID), 0xffffffff);
	CU_ASSERT_EQUAL(bench_config(&b, 0), 0xffffffff);
	CU_ASSERT_EQUAL(weir_sim_peek(card, CARD_ID), 0xffffffff);
	bench_set(&b, CARD_TX_ADDRESS, IOVA);
	bench_set(&b, CARD_TX, 60);
	page[0] = 60;
	CU_ASSERT_EQUAL(weir_sim_send(card, frame, 60), 0);
	weir_sim_run(sim);
	CU_ASSERT_EQUAL(weir_sim_take(card, frame, sizeof(frame)), 0);
	CU_ASSERT_EQUAL(bench_counter(card, "received"), 0);
	munmap((void *)page, 0x1000);
	close(region.fd);
	bench_close(&b);
	weir_sim_destroy(sim);
}

static const struct unit_case cases[] = {
	{ "config space tells who it is", config_space_tells_who_it_is },
	{ "all ones in a BAR read back as its size", all_ones_in_a_bar_read_back_as_its_size },
	{ "capabilities are a list", capabilities_are_a_list },
	{ "a function-level reset forgets everything", a_function_level_reset_forgets_everything },
	{ "parts of a register are read, but not written", parts_of_a_register_are_read_but_not_written },
	{ "nothing is read until bus mastering is on", nothing_is_read_until_bus_mastering_is_on },
	{ "memory outside the maps is refused", memory_outside_the_maps_is_refused },
	{ "a range is unmapped with all maps in it", a_range_is_unmapped_with_all_maps_in_it },
	{ "an access may span maps, but no gap", an_access_may_span_maps_but_no_gap },
	{ "what is mapped to be read is not written", what_is_mapped_to_be_read_is_not_written },
	{ "a file that may be cut off is reached by message", a_file_that_may_be_cut_off_is_reached_by_message },
	{ "an access fails on request", an_access_fails_on_request },
	{ "each vector has its own eventfd", each_vector_has_its_own_eventfd },
	{ "INTx masks itself until it is unmasked", intx_masks_itself_until_it_is_unmasked },
	{ "only an eventfd is taken for an interrupt", only_an_eventfd_is_taken_for_an_interrupt },
	{ "a removed card reads all ones and does nothing", a_removed_card_reads_all_ones_and_does_nothing },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("sim card", cases);
}
