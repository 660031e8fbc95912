/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A model of the 82599 with memory that it may reach, driven by its registers directly: no client, no thread of its own.
 */
#ifndef TESTS_SIM_82599_H
#define TESTS_SIM_82599_H

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

static inline void rig_open(struct rig *r)
{
	rig_open_as(r, "82599,mac=02:00:00:00:00:01,wire=hold", false);
}

static inline void rig_close(struct rig *r)
{
	weir_sim_destroy(r->sim);
	munmap(r->memory, MEMORY);
	close(r->fd);
}

/* Starts receive queue @q with advanced descriptors and @n buffers of 2 KiB, the ring of queue q behind that of q - 1. */
static inline void rig_rx(struct rig *r, unsigned q, unsigned n)
{
	uint32_t ring = RX_RING + q * 0x4000, at = q * 0x40;

	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t buffer[2] = { IOVA + BUFFERS + i * 2048, 0 };

		memcpy(r->memory + ring + i * 16, buffer, 16);
	}
	set(r, 0x1000 + at, (uint32_t)(IOVA + ring));
	set(r, 0x1004 + at, (uint32_t)((IOVA + ring) >> 32));
	set(r, 0x1008 + at, ENTRIES * 16);
	set(r, 0x1014 + at, 0x02000002); /* advanced, 2 KiB */
	set(r, 0x1028 + at, get(r, 0x1028 + at) | 0x02000000);
	set(r, 0x1010 + at, 0);
	set(r, 0x2f00, get(r, 0x2f00) | 2); /* the CRC is stripped here as in HLREG0 */
	set(r, 0x3000, 1);
	set(r, 0x1018 + at, n);
	r->rx_tail = n;
}

static inline void rig_tx(struct rig *r)
{
	set(r, 0x6000, (uint32_t)(IOVA + TX_RING));
	set(r, 0x6004, (uint32_t)((IOVA + TX_RING) >> 32));
	set(r, 0x6008, ENTRIES * 16);
	set(r, 0x6010, 0);
	set(r, 0x6018, 0);
	set(r, 0x4a80, get(r, 0x4a80) | 1);
	set(r, 0x6028, 0x02000000);
}

/* Appends a transmit descriptor; the tail moves with rig_bell(). */
static inline void rig_descriptor(struct rig *r, uint32_t w0, uint32_t w1, uint32_t w2, uint32_t w3)
{
	uint32_t w[4] = { w0, w1, w2, w3 };

	memcpy(r->memory + TX_RING + r->tx_tail % ENTRIES * 16, w, 16);
	r->tx_tail++;
}

static inline void rig_bell(struct rig *r)
{
	set(r, 0x6018, r->tx_tail % ENTRIES);
}

/* A data descriptor of the bytes at @offset of the memory; @command is added to "advanced, data, insert CRC". */
static inline void rig_data(struct rig *r, uint32_t offset, uint32_t len, uint32_t command, uint32_t options,
                            uint32_t paylen)
{
	rig_descriptor(r, (uint32_t)(IOVA + offset), (uint32_t)((IOVA + offset) >> 32), 0x22300000 | command | len,
	               options | paylen << 14);
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
