/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Intel's gigabit cards as lib/sim sees them: variants, identity, reset, and what is due from time to time.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

#define INTEL          0x8086
#define CLASS_ETHERNET 0x020000u
#define MSIX_BAR       3

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

/* Each body begins behind the capability's two header bytes. */
static void add_power(struct e1 *e1, unsigned offset)
{
	uint8_t body[6] = { 0 };

	put16(body, 0x4822);
	sim_config_capability(&e1->nic, 0x01, offset, body, sizeof(body));
}

static void add_msi(struct e1 *e1, unsigned offset)
{
	uint8_t body[12] = { 0 };

	put16(body, 0x0080); /* 64-bit address */
	sim_config_capability(&e1->nic, 0x05, offset, body, sizeof(body));
}

static void add_msix(struct e1 *e1, unsigned offset)
{
	uint8_t body[10] = { 0 };

	put16(body, e1->nic.model->msix_vectors - 1);
	put32(body + 2, MSIX_BAR);
	put32(body + 6, 0x2000 | MSIX_BAR);
	sim_config_capability(&e1->nic, 0x11, offset, body, sizeof(body));
}

static void add_express(struct e1 *e1, unsigned offset, uint32_t capabilities, unsigned link)
{
	uint8_t body[0x3a] = { 0 };

	put16(body, e1_is_76(e1) ? 0x0002 : 0x0001); /* an endpoint */
	put32(body + 2, capabilities);
	put16(body + 6, 0x2810); /* device control */
	put32(body + 10, link);
	put16(body + 16, 0x1000 | link); /* ... as negotiated */
	sim_config_capability(&e1->nic, 0x10, offset, body, e1_is_76(e1) ? sizeof(body) : 0x12);
}

/* Capabilities lie where they do on the cards (317453, 4.1; 82574 datasheet, 9.1; 82576 datasheet, 9.4 and 9.5). */
static void configure(struct e1 *e1)
{
	uint8_t pcix[6] = { 0 };

	sim_config_identity(&e1->nic, INTEL, e1->nic.device, INTEL, e1->variant->subdevice, e1->variant->revision,
	                    CLASS_ETHERNET);
	if (e1_is_4x(e1)) {
		add_power(e1, 0xdc);
		put32(pcix + 2, 0x0043fff8);
		sim_config_capability(&e1->nic, 0x07, 0xe4, pcix, sizeof(pcix));
		add_msi(e1, 0xf0);
	} else if (e1_is_74(e1)) {
		add_power(e1, 0xc8);
		add_msi(e1, 0xd0);
		add_express(e1, 0xe0, 0x00000cc1, 0x0011); /* no function reset; 2.5 GT/s, 1 lane */
		if (e1->nic.model->msix_vectors)
			add_msix(e1, 0xa0);
	} else {
		add_power(e1, 0x40);
		add_msi(e1, 0x50);
		add_msix(e1, 0x70);
		add_express(e1, 0xa0, 0x10008cc2, 0x0041); /* function reset; 4 lanes */
	}
}

void e1_reset(struct e1 *e1)
{
	e1_irq_reset(e1);
	e1_regs_reset(e1);
	e1_rx_reset(e1);
	memset(e1->tx, 0, sizeof(e1->tx));
	memset(&e1->serial, 0, sizeof(e1->serial));
	e1->late.runs = 0;
	e1->pause_until_ns = 0;
	e1->time_offset = 0;
	e1->time_base_ns = sim_now_ns(&e1->nic);
	e1->link_told = e1_link_up(e1);
}

/* A reset of the bus: the PHY, too. */
static void model_reset(struct sim_nic *nic)
{
	e1_phy_reset(e1_of(nic));
	e1_set(e1_of(nic), E1000_SWSM, 0);
	e1_set(e1_of(nic), E1000_SW_FW_SYNC, 0);
	e1_reset(e1_of(nic));
}

static void model_close(struct sim_nic *nic)
{
	free(e1_of(nic)->tx_buffer);
}

static int model_open(struct sim_nic *nic)
{
	struct e1 *e1 = e1_of(nic);

	e1->variant = (const struct e1_variant *)nic->model;
	e1->tx_buffer = malloc(E1_TX_BUFFER);
	if (!e1->tx_buffer)
		return -ENOMEM;
	for (unsigned i = 0; i < e1->variant->queues; i++) {
		snprintf(e1->tx_name[i], sizeof(e1->tx_name[i]), "a descriptor of transmit queue %u", i);
		snprintf(e1->rx_name[i], sizeof(e1->rx_name[i]), "a descriptor of receive queue %u", i);
	}
	if (nic->speed_mbps > 1000)
		nic->speed_mbps = 1000;
	e1_regs_open(e1);
	e1_nvm_open(e1);
	configure(e1);
	model_reset(nic);
	return 0;
}

static void model_link(struct sim_nic *nic)
{
	e1_link_changed(e1_of(nic));
}

bool e1_ring(const struct e1 *e1, uint32_t base_register, unsigned size, struct e1_ring *ring)
{
	uint32_t aligned = e1_is_76(e1) ? ~127u : ~15u;

	ring->base = (e1_get(e1, base_register) & aligned) | (uint64_t)e1_get(e1, base_register + 4) << 32;
	ring->count = (e1_get(e1, base_register + 8) & 0xfff80u) / size;
	ring->head = (e1_get(e1, base_register + 0x10) & 0xffff) * 16 / size;
	ring->tail = (e1_get(e1, base_register + 0x18) & 0xffff) * 16 / size;
	return ring->count && ring->head < ring->count && ring->tail < ring->count;
}

/* In fast mode the 82576's queues are enabled and disabled in mapped memory; not often, so not looked at often. */
static void look_at_queues(struct e1 *e1)
{
	bool rx_on = e1_get(e1, E1000_RCTL) & RCTL_EN, tx_on = e1_get(e1, E1000_TCTL) & TCTL_EN;

	for (unsigned i = 0; i < e1->variant->queues; i++) {
		bool rx = rx_on && e1_get(e1, IGB_RX(E1000_RXDCTL, i)) & XDCTL_ENABLE;
		bool tx = tx_on && e1_get(e1, IGB_TX(E1000_TXDCTL, i)) & XDCTL_ENABLE;

		if (rx != e1->rx[i].running)
			e1_rx_control(e1, i);
		if (tx != e1->tx[i].running)
			e1_tx_control(e1, i);
	}
}

static unsigned run_late(struct e1 *e1)
{
	if (!e1->late.runs || --e1->late.runs)
		return 0;
	sim_dma_store(&e1->nic, e1->late.iova, &e1->late.word, sizeof(e1->late.word), "a late write-back");
	return 1;
}

static unsigned model_run(struct sim_nic *nic, uint64_t now_ns)
{
	struct e1 *e1 = e1_of(nic);
	unsigned done = run_late(e1);

	if (nic->fast && e1_is_76(e1) && e1->looks++ % 16 == 0)
		look_at_queues(e1);
	e1_link_changed(e1);
	done += e1_tx_all(e1);
	return done + e1_irq_run(e1, now_ns);
}

/* Interrupts held back, the end of a pause, a write-back that is late. Fast mode's registers lib/sim looks at by itself. */
static uint64_t model_due(const struct sim_nic *nic, uint64_t now_ns)
{
	const struct e1 *e1 = (const struct e1 *)nic;
	uint64_t due = e1_irq_due(e1);

	if (e1->late.runs)
		return now_ns;
	return e1->pause_until_ns > now_ns && e1->pause_until_ns < due ? e1->pause_until_ns : due;
}

static const struct sim_window windows[] = {
	{ 0, 0x2000, 0x2000 }, /* all queues of the 8254x and 82574, the first four of the 82576 */
	{ 0, 0, 0 },
};

static const struct sim_window windows_76[] = {
	{ 0, 0x2000, 0x2000 },
	{ 0, 0xc000, 0x1000 }, /* the other receive queues */
	{ 0, 0xe000, 0x1000 }, /* the other transmit queues */
	{ 0, 0, 0 },
};

#define MODEL_OPS                                                                                                   \
	.size = sizeof(struct e1), .open = model_open, .close = model_close, .reset = model_reset, .read = e1_read, \
	.write = e1_write, .peek = e1_peek, .receive = e1_receive, .missed = e1_missed, .listening = e1_listening,  \
	.due = model_due, .run = model_run, .link = model_link, .counter = e1_counter

const struct e1_variant e1_82540em = {
	.model = { .name = "82540EM",
	           .help = "Intel 82540EM, PCI, one queue",
	           .devices = (const uint16_t[]){ 0x100e, 0x1015, 0x1016, 0x1017, 0x101e, 0 },
	           .bar_size = { 0x20000, 0, 0, 0, 0x40 },
	           .io_bars = 1u << 4,
	           .windows = windows,
	           MODEL_OPS },
	.who = E1000_ON_x,
	.subdevice = 0x001e,
	.revision = 2,
	.queues = 1,
	.io_bar = 4,
	.eeprom_words = 64,
	.phy = &e1_phy_m88,
};

const struct e1_variant e1_82545em = {
	.model = { .name = "82545EM",
	           .help = "Intel 82545EM and 82546EB, PCI-X, one queue",
	           .devices = (const uint16_t[]){ 0x100f, 0x1010, 0 },
	           .bar_size = { 0x20000, 0, 0, 0, 0x40 },
	           .io_bars = 1u << 4,
	           .windows = windows,
	           MODEL_OPS },
	.who = E1000_ON_x,
	.subdevice = 0x1001,
	.revision = 1,
	.queues = 1,
	.io_bar = 4,
	.eeprom_words = 64,
	.phy = &e1_phy_m88,
};

const struct e1_variant e1_82574l = {
	.model = { .name = "82574L",
	           .help = "Intel 82574L, two queues",
	           .devices = (const uint16_t[]){ 0x10d3, 0x10f6, 0 },
	           .bar_size = { [0] = 0x20000, [2] = 0x20, [MSIX_BAR] = 0x4000 },
	           .narrow_bars = 1u << 0 | 1u << 2 | 1u << MSIX_BAR,
	           .io_bars = 1u << 2,
	           .msix_bar = MSIX_BAR,
	           .msix_vectors = 5,
	           .windows = windows,
	           MODEL_OPS },
	.who = E1000_ON_e,
	.subdevice = 0xa01f,
	.queues = 2,
	.io_bar = 2,
	.eeprom_words = E1_EEPROM_WORDS,
	.phy = &e1_phy_bm,
};

const struct e1_variant e1_82583v = {
	.model = { .name = "82583V",
	           .help = "Intel 82583V: an 82574 with one queue and without vectors",
	           .devices = (const uint16_t[]){ 0x150c, 0 },
	           .bar_size = { [0] = 0x20000, [2] = 0x20 },
	           .narrow_bars = 1u << 0 | 1u << 2,
	           .io_bars = 1u << 2,
	           .windows = windows,
	           MODEL_OPS },
	.who = E1000_ON_e,
	.subdevice = 0x0000,
	.queues = 1,
	.io_bar = 2,
	.eeprom_words = E1_EEPROM_WORDS,
	.phy = &e1_phy_bm,
};

const struct e1_variant e1_82576 = {
	.model = { .name = "82576",
	           .help = "Intel 82576, sixteen queues",
	           .devices = (const uint16_t[]){ 0x10c9, 0x150a, 0x1526, 0x10e8, 0 },
	           .bar_size = { [0] = 0x20000, [2] = 0x20, [MSIX_BAR] = 0x4000 },
	           .narrow_bars = 1u << 0 | 1u << 2 | 1u << MSIX_BAR,
	           .io_bars = 1u << 2,
	           .msix_bar = MSIX_BAR,
	           .msix_vectors = E1_VECTORS,
	           .windows = windows_76,
	           MODEL_OPS },
	.who = E1000_ON_g,
	.subdevice = 0xa03c,
	.revision = 1,
	.queues = E1_QUEUES,
	.io_bar = 2,
	.eeprom_words = E1_EEPROM_WORDS,
	.phy = &e1_phy_igp,
};
