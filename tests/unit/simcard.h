/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card simple enough to test lib/sim with: no rings, a handful of registers. It takes the place of the library's table
 * of models.
 *
 *      0x00  ID          RO   0x77656972
 *      0x04  SCRATCH     RW   forgotten by a reset
 *      0x08  ENABLE      RW   1: frames are received
 *      0x0c  TX_ADDRESS  RW   where the frame to send is
 *      0x10  TX          WO   its length: sends it; TX_STATUS tells how that went
 *      0x14  TX_STATUS   RO   0, or 1: the memory could not be read, 2: waits for the wire
 *      0x18  RX_ADDRESS  RW   where the next frame goes; 0: nowhere, it waits
 *      0x1c  RX_LENGTH   RC   length of the frame that was written there
 *      0x20  VECTOR      WO   fires an MSI-X vector
 *      0x24  LEGACY      WO   the level of INTx
 *      0x1000 TX_BELL    RW   in a page that is mapped in fast mode: as TX
 */
#ifndef TESTS_SIMCARD_H
#define TESTS_SIMCARD_H

#include "sim/nic.h"

#define CARD_ID         0x00
#define CARD_SCRATCH    0x04
#define CARD_ENABLE     0x08
#define CARD_TX_ADDRESS 0x0c
#define CARD_TX         0x10
#define CARD_TX_STATUS  0x14
#define CARD_RX_ADDRESS 0x18
#define CARD_RX_LENGTH  0x1c
#define CARD_VECTOR     0x20
#define CARD_LEGACY     0x24
#define CARD_TX_BELL    0x1000

struct simcard {
	struct sim_nic nic;
	uint32_t scratch, enable, tx_address, tx_length, tx_status, rx_address, rx_length;
	uint64_t received, bad, missed, resets;
};

static inline struct simcard *simcard(struct sim_nic *nic)
{
	return (struct simcard *)nic;
}

static inline uint32_t *simcard_bell(struct sim_nic *nic)
{
	return (uint32_t *)(void *)(nic->bar[0] + CARD_TX_BELL);
}

static int simcard_open(struct sim_nic *nic)
{
	const uint8_t express[0x3a] = { 0x02 };
	const uint8_t msix[10] = { 3, 0, 2 }; /* 4 vectors, the table in BAR 2 at 0 */
	const uint8_t pm[6] = { 0x23, 0x48 };

	sim_config_identity(nic, 0x1234, 0x5678, 0x9abc, 0xdef0, 7, 0x020000);
	sim_config_capability(nic, 0x01, 0x40, pm, sizeof(pm));
	sim_config_capability(nic, 0x11, 0x70, msix, sizeof(msix));
	sim_config_capability(nic, 0x10, 0xa0, express, sizeof(express));
	return 0;
}

static void simcard_close(struct sim_nic *nic)
{
	(void)nic;
}

static void simcard_reset(struct sim_nic *nic)
{
	struct simcard *c = simcard(nic);

	c->scratch = c->enable = c->tx_address = c->tx_length = c->tx_status = c->rx_address = c->rx_length = 0;
	*simcard_bell(nic) = 0;
	c->resets++;
}

static void simcard_send(struct simcard *c)
{
	uint8_t frame[2048];

	if (!c->tx_length)
		return;
	if (c->tx_length > sizeof(frame) ||
	    sim_dma_read(&c->nic, c->tx_address, frame, c->tx_length, "the frame to send")) {
		c->tx_status = 1;
	} else if (!sim_wire_send(&c->nic, frame, c->tx_length)) {
		c->tx_status = 2;
		return;
	} else {
		c->tx_status = 0;
	}
	c->tx_length = 0;
}

static uint32_t simcard_peek(struct sim_nic *nic, uint64_t offset)
{
	struct simcard *c = simcard(nic);

	switch (offset) {
	case CARD_ID:
		return 0x77656972;
	case CARD_SCRATCH:
		return c->scratch;
	case CARD_ENABLE:
		return c->enable;
	case CARD_TX_ADDRESS:
		return c->tx_address;
	case CARD_TX_STATUS:
		return c->tx_status;
	case CARD_RX_ADDRESS:
		return c->rx_address;
	case CARD_RX_LENGTH:
		return c->rx_length;
	case CARD_TX_BELL:
		return *simcard_bell(nic);
	default:
		return 0;
	}
}

static uint32_t simcard_read(struct sim_nic *nic, unsigned bar, uint64_t offset)
{
	uint32_t value = simcard_peek(nic, offset);

	(void)bar;
	if (offset == CARD_RX_LENGTH)
		simcard(nic)->rx_length = 0;
	return value;
}

static void simcard_write(struct sim_nic *nic, unsigned bar, uint64_t offset, uint32_t value)
{
	struct simcard *c = simcard(nic);

	(void)bar;
	switch (offset) {
	case CARD_SCRATCH:
		c->scratch = value;
		break;
	case CARD_ENABLE:
		c->enable = value;
		break;
	case CARD_TX_ADDRESS:
		c->tx_address = value;
		break;
	case CARD_TX:
	case CARD_TX_BELL:
		c->tx_length = value;
		simcard_send(c);
		break;
	case CARD_RX_ADDRESS:
		c->rx_address = value;
		break;
	case CARD_VECTOR:
		sim_irq_msix(nic, value);
		break;
	case CARD_LEGACY:
		sim_irq_legacy(nic, value);
		break;
	default:
		sim_violation(nic, "1.2", "0x%llx is read-only", (unsigned long long)offset);
	}
}

static bool simcard_receive(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags)
{
	struct simcard *c = simcard(nic);

	if (!c->enable)
		return true;
	if (flags & SIM_FRAME_BAD_CRC) {
		c->bad++;
		return true;
	}
	if (!c->rx_address)
		return false;
	if (!sim_dma_write(nic, c->rx_address, frame, len, "the received frame")) {
		c->rx_length = (uint32_t)len;
		c->received++;
	}
	c->rx_address = 0;
	return true;
}

static void simcard_missed(struct sim_nic *nic, uint64_t frames)
{
	simcard(nic)->missed += frames;
}

static bool simcard_listening(const struct sim_nic *nic)
{
	return ((const struct simcard *)nic)->enable;
}

static unsigned simcard_run(struct sim_nic *nic, uint64_t now_ns)
{
	struct simcard *c = simcard(nic);
	uint32_t bell = __atomic_load_n(simcard_bell(nic), __ATOMIC_ACQUIRE);

	(void)now_ns;
	if (!c->tx_length && nic->fast && bell) {
		c->tx_length = bell;
		simcard_send(c);
		if (!c->tx_length)
			__atomic_store_n(simcard_bell(nic), 0, __ATOMIC_RELEASE);
		return 1;
	}
	if (!c->tx_length)
		return 0;
	simcard_send(c);
	return !c->tx_length;
}

static void simcard_link(struct sim_nic *nic)
{
	(void)nic;
}

static int simcard_counter(struct sim_nic *nic, unsigned index, const char **name, uint64_t *value)
{
	static const char *const names[] = { "received", "bad", "missed", "resets" };
	const struct simcard *c = simcard(nic);
	const uint64_t values[] = { c->received, c->bad, c->missed, c->resets };

	if (index >= 4)
		return -1;
	*name = names[index];
	*value = values[index];
	return 0;
}

static const struct sim_window simcard_windows[] = { { 0, 0x1000, 0x1000 }, { 0, 0, 0 } };

static const struct sim_model simcard_model = {
	.name = "simple",
	.help = "a card for tests",
	.size = sizeof(struct simcard),
	.bar_size = { 0x2000, 0, 0x1000 },
	.msix_bar = 2,
	.msix_vectors = 4,
	.windows = simcard_windows,
	.open = simcard_open,
	.close = simcard_close,
	.reset = simcard_reset,
	.read = simcard_read,
	.write = simcard_write,
	.peek = simcard_peek,
	.receive = simcard_receive,
	.missed = simcard_missed,
	.listening = simcard_listening,
	.run = simcard_run,
	.link = simcard_link,
	.counter = simcard_counter,
};

const struct sim_model *const sim_models[] = { &simcard_model };
const unsigned sim_model_count = 1;

#endif
