/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The 82599 as lib/sim sees it: identity, reset, and what is due from time to time.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

#define INTEL          0x8086
#define CLASS_ETHERNET 0x020000u
#define MSIX_BAR       4
#define VECTORS        64

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value & 0xffff);
	put16(at + 2, value >> 16);
}

/*
 * Capabilities lie where they do on the card: Linux's driver knows their offsets (9.3 of the datasheet). Each body
 * begins behind the capability's two header bytes.
 */
static void configure(struct ix *ix)
{
	uint8_t power[6] = { 0 }, msi[12] = { 0 }, msix[10] = { 0 }, express[0x3a] = { 0 };

	sim_config_identity(&ix->nic, INTEL, ix->nic.device, INTEL, ix->variant->subdevice, 1, CLASS_ETHERNET);
	put16(power, 0x4823);
	sim_config_capability(&ix->nic, 0x01, 0x40, power, sizeof(power));
	put16(msi, 0x0080); /* 64-bit address */
	sim_config_capability(&ix->nic, 0x05, 0x50, msi, sizeof(msi));
	put16(msix, VECTORS - 1);
	put32(msix + 2, MSIX_BAR);
	put32(msix + 6, 0x2000 | MSIX_BAR);
	sim_config_capability(&ix->nic, 0x11, 0x70, msix, sizeof(msix));
	put16(express, 0x0002);          /* an endpoint */
	put32(express + 2, 0x10008cc2);  /* function reset, 512-byte payloads */
	put16(express + 6, 0x2810);      /* device control */
	put32(express + 10, 0x00000482); /* 5 GT/s, 8 lanes */
	put16(express + 16, 0x1082);     /* ... as negotiated */
	put32(express + 0x22, 0x0000001f);
	put32(express + 0x2a, 0x00000006);
	sim_config_capability(&ix->nic, 0x10, 0xa0, express, sizeof(express));
}

void ix_reset(struct ix *ix)
{
	ix_irq_reset(ix);
	ix_regs_reset(ix);
	ix_rx_reset(ix);
	memset(ix->tx, 0, sizeof(ix->tx));
	ix->tx_end = 0;
	ix_fdir_reset(ix);
	ix_i2c_reset(ix);
	ix->late.runs = 0;
	ix->pause_until_ns = 0;
	ix->time_offset = 0;
	ix->time_base_ns = sim_now_ns(&ix->nic);
	ix->link_told = ix_link_up(ix);
	ix->link_fell = false;
}

static void model_reset(struct sim_nic *nic)
{
	ix_reset(ix_of(nic));
}

static void model_close(struct sim_nic *nic)
{
	struct ix *ix = ix_of(nic);

	free(ix->tx_buffer);
	free(ix->filters);
}

static int model_option(struct sim_nic *nic, const char *key, const char *value)
{
	struct ix *ix = ix_of(nic);
	char *end;

	if (!((const struct ix_variant *)nic->model)->sfp)
		return -EINVAL;
	if (!strcmp(key, "module"))
		return ix_module_choose(ix, value);
	if (strcmp(key, "stretch"))
		return -EINVAL;
	ix->stretch_us = (unsigned)strtoul(value, &end, 10);
	return *value && !*end && ix->stretch_us <= 1000000 ? 0 : -EINVAL;
}

static int model_open(struct sim_nic *nic)
{
	struct ix *ix = ix_of(nic);

	ix->variant = (const struct ix_variant *)nic->model;
	ix->tx_buffer = malloc(IX_TX_BUFFER);
	ix->filters = calloc(IX_FILTERS, sizeof(*ix->filters));
	if (!ix->tx_buffer || !ix->filters) {
		model_close(nic);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < IX_QUEUES; i++) {
		snprintf(ix->tx_name[i], sizeof(ix->tx_name[i]), "a descriptor of transmit queue %u", i);
		snprintf(ix->rx_name[i], sizeof(ix->rx_name[i]), "a descriptor of receive queue %u", i);
	}
	ix_regs_open(ix);
	ix_eeprom_open(ix);
	ix_module_open(ix);
	configure(ix);
	ix_set(ix, IXGBE_SWSM, 0);
	ix_set(ix, IXGBE_GSSR, 0);
	ix_reset(ix);
	return 0;
}

static void model_link(struct sim_nic *nic)
{
	if (!nic->link_up)
		ix_rx_unplugged(ix_of(nic));
	ix_link_changed(ix_of(nic));
}

bool ix_ring(const struct ix *ix, uint32_t base_register, struct ix_ring *ring)
{
	ring->base = (ix_get(ix, base_register) & ~127u) | (uint64_t)ix_get(ix, base_register + 4) << 32;
	ring->count = (ix_get(ix, base_register + 8) & 0xfff80u) / 16;
	ring->head = ix_get(ix, base_register + 0x10) & 0xffff;
	ring->tail = ix_get(ix, base_register + 0x18) & 0xffff;
	return ring->count && ring->head < ring->count && ring->tail < ring->count;
}

/* In fast mode queues are enabled and disabled in mapped memory; not often, so not looked at often. */
static void look_at_queues(struct ix *ix)
{
	for (unsigned i = 0; i < IX_QUEUES; i++) {
		bool rx = ix_get(ix, ix_rx_reg(i, IXGBE_RXDCTL)) & RXDCTL_ENABLE;
		bool tx = ix_get(ix, ix_tx_reg(i, IXGBE_TXDCTL)) & TXDCTL_ENABLE;

		if (rx != ix->rx[i].running)
			ix_rx_control(ix, i);
		if (tx != ix->tx[i].running)
			ix_tx_control(ix, i);
	}
}

static unsigned run_late(struct ix *ix)
{
	if (!ix->late.runs || --ix->late.runs)
		return 0;
	sim_dma_store(&ix->nic, ix->late.iova, &ix->late.word, sizeof(ix->late.word), "a late write-back");
	return 1;
}

static unsigned model_run(struct sim_nic *nic, uint64_t now_ns)
{
	struct ix *ix = ix_of(nic);
	unsigned done = run_late(ix);

	if (nic->fast && ix->looks++ % 16 == 0)
		look_at_queues(ix);
	done += ix_tx_all(ix);
	done += ix_rsc_run(ix, now_ns);
	done += ix_pause_run(ix, now_ns);
	return done + ix_irq_run(ix, now_ns);
}

/* Throttled interrupts, coalesced packets, pauses, a write-back that is late. Fast mode's registers lib/sim looks at by itself. */
static uint64_t model_due(const struct sim_nic *nic, uint64_t now_ns)
{
	const struct ix *ix = (const struct ix *)nic;
	const uint64_t dues[] = { ix_irq_due(ix), ix_rsc_due(ix), ix_pause_due(ix, now_ns) };
	uint64_t due = ix->late.runs ? now_ns : UINT64_MAX;

	for (unsigned i = 0; i < sizeof(dues) / sizeof(*dues); i++)
		due = dues[i] < due ? dues[i] : due;
	return due;
}

static const struct sim_window windows[] = {
	{ 0, 0x1000, 0x1000 }, /* receive queues 0 to 63 */
	{ 0, 0x6000, 0x2000 }, /* transmit queues */
	{ 0, 0xd000, 0x1000 }, /* receive queues 64 to 127 */
	{ 0, 0, 0 },
};

#define MODEL_OPS                                                                                                      \
	.size = sizeof(struct ix), .bar_size = { [0] = 0x80000, [MSIX_BAR] = 0x4000 }, .msix_bar = MSIX_BAR,           \
	.msix_vectors = VECTORS, .windows = windows, .option = model_option, .open = model_open, .close = model_close, \
	.reset = model_reset, .read = ix_read, .write = ix_write, .peek = ix_peek, .receive = ix_receive,              \
	.missed = ix_missed, .listening = ix_listening, .due = model_due, .run = model_run, .link = model_link,        \
	.counter = ix_counter

const struct ix_variant ix_82599 = {
	.model = { .name = "82599",
	           .help = "Intel 82599, SFP+ cage with a 10GBASE-SR module",
	           .devices = (const uint16_t[]){ 0x10fb, 0x1507, 0x1529, 0x154a, 0x1557, 0 },
	           MODEL_OPS },
	.subdevice = 0x000c,
	.sfp = true,
};

const struct ix_variant ix_82599_kx4 = {
	.model = { .name = "82599-kx4",
	           .help = "Intel 82599 on a backplane",
	           .devices = (const uint16_t[]){ 0x10f7, 0x1514, 0x1517, 0x10f8, 0x10f9, 0x10fc, 0x152a, 0 },
	           MODEL_OPS },
	.subdevice = 0x000d,
};

const struct ix_variant ix_x540 = {
	.model = { .name = "x540",
	           .help = "Intel X540, copper",
	           .devices = (const uint16_t[]){ 0x1528, 0x1560, 0 },
	           MODEL_OPS },
	.subdevice = 0x0001,
	.copper = true,
};
