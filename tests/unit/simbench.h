/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A simulator with the cards of simcard.h, and clients of them.
 */
#ifndef TESTS_SIMBENCH_H
#define TESTS_SIMBENCH_H

#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "sim/card.h"
#include "simcard.h"
#include "unit.h"
#include "vfio_user/client.h"
#include "weir/port.h"
#include "weir/sim.h"

#define CONFIG VFIO_PCI_CONFIG_REGION_INDEX
#define IOVA   0x10000000u
#define MEMORY 0x4000u

/* A client of a card, with memory that the card may reach at IOVA. */
struct bench {
	struct weir_sim_nic *card;
	struct vu_client *client;
	uint8_t *memory;
	int fd;
	unsigned messages; /* accesses by message */
};

static inline uint32_t bench_get(struct bench *b, uint64_t offset)
{
	uint32_t value = 0xdeadbeef;

	CU_ASSERT_EQUAL(vu_client_read(b->client, 0, offset, &value, 4), 0);
	return value;
}

static inline void bench_set(struct bench *b, uint64_t offset, uint32_t value)
{
	CU_ASSERT_EQUAL(vu_client_write(b->client, 0, offset, &value, 4, false), 0);
}

static inline uint32_t bench_config(struct bench *b, unsigned offset)
{
	uint32_t value = 0xdeadbeef;

	CU_ASSERT_EQUAL(vu_client_read(b->client, CONFIG, offset, &value, 4), 0);
	return value;
}

static inline void bench_config_set(struct bench *b, unsigned offset, uint32_t value)
{
	CU_ASSERT_EQUAL(vu_client_write(b->client, CONFIG, offset, &value, 4, false), 0);
}

static int bench_dma(void *arg, uint64_t iova, void *data, size_t len, bool write)
{
	struct bench *b = arg;

	b->messages++;
	if (iova < IOVA || iova - IOVA > MEMORY || len > MEMORY - (iova - IOVA))
		return -EFAULT;
	if (write)
		memcpy(b->memory + (iova - IOVA), data, len);
	else
		memcpy(data, b->memory + (iova - IOVA), len);
	return 0;
}

/* Connects to a card, with memory in a file that is sealed or not; nothing is mapped and bus mastering is off. */
static inline void bench_open(struct bench *b, struct weir_sim_nic *card, bool sealed)
{
	int fd = -1;

	memset(b, 0, sizeof(*b));
	b->card = card;
	b->fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CU_ASSERT_EQUAL_FATAL(ftruncate(b->fd, MEMORY), 0);
	if (sealed)
		CU_ASSERT_EQUAL(fcntl(b->fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	b->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	CU_ASSERT_EQUAL_FATAL(weir_sim_nic_connect(card, &fd), 0);
	CU_ASSERT_EQUAL_FATAL(vu_client_open(NULL, fd, "card", bench_dma, b, &b->client), 0);
}

static inline void bench_close(struct bench *b)
{
	vu_client_close(b->client);
	munmap(b->memory, MEMORY);
	close(b->fd);
}

/* Lets the card reach all of the memory. */
static inline void bench_map(struct bench *b)
{
	CU_ASSERT_EQUAL(vu_client_dma_map(b->client, IOVA, MEMORY, VU_DMA_READABLE | VU_DMA_WRITEABLE, b->fd, 0), 0);
	bench_config_set(b, 0x04, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* Sends @len bytes of @byte through the card's register; returns TX_STATUS. */
static inline uint32_t bench_send(struct bench *b, uint8_t byte, uint32_t len)
{
	memset(b->memory, byte, len);
	bench_set(b, CARD_TX_ADDRESS, IOVA);
	bench_set(b, CARD_TX, len);
	return bench_get(b, CARD_TX_STATUS);
}

static inline uint64_t bench_counter(struct weir_sim_nic *card, const char *wanted)
{
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_sim_counter(card, i, &name, &value); i++)
		if (!strcmp(name, wanted))
			return value;
	return UINT64_MAX;
}

static inline void bench_pause(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/* A simulator with one card. */
static inline struct weir_sim *bench_sim(const struct weir_sim_conf *conf, const char *text, struct weir_sim_nic **card)
{
	struct weir_sim *sim = NULL;

	CU_ASSERT_EQUAL_FATAL(weir_sim_create(conf, &sim), 0);
	if (weir_sim_nic_add(sim, text, card))
		printf("%s\n", weir_sim_error());
	CU_ASSERT_PTR_NOT_NULL_FATAL(*card);
	return sim;
}

#endif
