/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The model of a card with memory that it may reach, driven by its registers directly: no client, no thread of its own.
 */
#ifndef TESTS_SIM_RIG_H
#define TESTS_SIM_RIG_H

#include <fcntl.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/card.h"
#include "unit.h"
#include "weir/sim.h"

#define IOVA    0x100000000ull
#define MEMORY  0x100000u
#define RX_RING 0x1000u /* offsets in the memory */
#define TX_RING 0x2000u
#define BUFFERS 0x10000u
#define ENTRIES 64u

struct rig {
	struct weir_sim *sim;
	struct weir_sim_nic *card;
	struct sim_nic *nic;
	uint8_t *memory;
	int fd;
	unsigned rx_tail, tx_tail;
};

static inline uint32_t get(struct rig *r, uint32_t offset)
{
	return r->nic->model->read(r->nic, 0, offset);
}

static inline void set(struct rig *r, uint32_t offset, uint32_t value)
{
	r->nic->model->write(r->nic, 0, offset, value);
}

static inline uint32_t *words(struct rig *r, uint32_t offset)
{
	return (uint32_t *)(void *)(r->memory + offset);
}

static inline void rig_open_as(struct rig *r, const char *text, bool fast)
{
	const struct weir_sim_conf conf = { .manual = true, .fast = fast };
	const uint16_t command = 0x0006;

	memset(r, 0, sizeof(*r));
	CU_ASSERT_EQUAL_FATAL(weir_sim_create(&conf, &r->sim), 0);
	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_add(r->sim, text, &r->card), 0);
	r->nic = r->card->nic;
	r->fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CU_ASSERT_EQUAL_FATAL(ftruncate(r->fd, MEMORY), 0);
	CU_ASSERT_EQUAL_FATAL(fcntl(r->fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	r->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
	CU_ASSERT_EQUAL_FATAL(dma_map(r->nic->dma, IOVA, MEMORY, 3, dup(r->fd), 0), 0);
	pci_write(r->nic, 0x04, &command, 2);
}

static inline void rig_close(struct rig *r)
{
	weir_sim_destroy(r->sim);
	munmap(r->memory, MEMORY);
	close(r->fd);
}

/* Appends a transmit descriptor; the doorbell is the model's own. */
static inline void rig_descriptor(struct rig *r, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3)
{
	uint32_t w[4] = { w0, w1, w2, w3 };

	memcpy(r->memory + TX_RING + r->tx_tail % ENTRIES * 16, w, 16);
	r->tx_tail++;
}

/* A frame arrives. */
static inline void rig_receive(struct rig *r, const void *frame, size_t len)
{
	CU_ASSERT_EQUAL(weir_sim_send(r->card, frame, len), 0);
	weir_sim_run(r->sim);
}

static inline uint32_t *rx_words(struct rig *r, unsigned q, unsigned i)
{
	return words(r, RX_RING + q * 0x4000 + i * 16);
}

static inline const uint8_t *rx_buffer(struct rig *r, unsigned i)
{
	return r->memory + BUFFERS + i * 2048;
}

static inline uint64_t rig_counter(struct rig *r, const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_sim_counter(r->card, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	return UINT64_MAX;
}

/* Connects MSI-X vectors 0 to @n - 1 to the eventfds at @fds. */
static inline void rig_msix(struct rig *r, int *fds, unsigned n)
{
	int given[64];

	for (unsigned i = 0; i < n; i++) {
		fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		given[i] = dup(fds[i]);
	}
	CU_ASSERT_EQUAL(irq_set(r->nic, VFIO_PCI_MSIX_IRQ_INDEX,
	                        VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, 0, n, given, NULL),
	                0);
}

/* How many times it fired since the last look. */
static inline uint64_t fired(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

#endif
