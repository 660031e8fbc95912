/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers: which offset is which, what reading and writing them does beyond storing a value, what they hold at first.
 */
#include "model.h"

enum mode { RW, RO, RC, RH, WO, SC };

static const struct row {
	uint32_t offset, stride, count;
	enum mode mode;
	unsigned who;
	const char *name, *section;
} rows[] = {
#define ROW(offset, stride, count, mode, who, name, section, text) \
	{ offset, stride, count, mode, E1000_ON_##who, #name, section },
	E1000_REGS(ROW) IGB_REGS(ROW)
#undef ROW
};
_Static_assert(sizeof(rows) / sizeof(*rows) == IGB_ROWS, "the rows of both tables have one numbering");

/* What is not zero after a reset. */
static const struct {
	unsigned who;
	uint32_t offset, value;
} defaults[] = {
	{ E1000_ON_all, E1000_CTRL, CTRL_FD | 2u << 8 },
	{ E1000_ON_all, E1000_VET, WEIR_ETHER_VLAN },
	{ E1000_ON_all, E1000_FCAL, 0x00c28001 },
	{ E1000_ON_all, E1000_FCAH, 0x00000100 },
	{ E1000_ON_all, E1000_FCT, 0x00008808 },
	{ E1000_ON_x, E1000_LEDCTL, 0x07068302 },
	{ E1000_ON_eg, E1000_LEDCTL, 0x07061302 },
	{ E1000_ON_x, E1000_EECD, EECD_PRES },
	{ E1000_ON_eg, E1000_EECD, EECD_PRES | EECD_ARD | EECD_ADDR_BITS | 6u << 11 },
	{ E1000_ON_eg, E1000_EEMNGCTL, EEMNGCTL_DONE0 | EEMNGCTL_DONE0 << 1 },
	{ E1000_ON_eg, E1000_TCTL, TCTL_PSP | 0x0fu << 4 | 0x40u << 12 },
	{ E1000_ON_eg, E1000_RXCSUM, RXCSUM_IPOFL | RXCSUM_TUOFL },
	{ E1000_ON_e, E1000_AT(TARC, 0), 0x00000403 },
	{ E1000_ON_e, E1000_AT(TARC, 1), 0x00000403 },
	{ E1000_ON_g, IGB_RXPBS, 64 },
	{ E1000_ON_g, IGB_TXPBS, 40 },
	{ E1000_ON_g, IGB_RLPML, 9728 },
	{ E1000_ON_g, IGB_DTXTCPFLGL, 0x0f760ff6 },
	{ E1000_ON_g, IGB_DTXTCPFLGH, 0x00000f7f },
};

/* Bits that there are of a register; the others read as 0. */
static const struct {
	unsigned who, row;
	uint32_t mask;
} widths[] = {
	{ E1000_ON_all, E1000_ROW_FCAH, 0x0000ffff }, { E1000_ON_all, E1000_ROW_FCT, 0x0000ffff },
	{ E1000_ON_xe, E1000_ROW_VET, 0x0000ffff },   { E1000_ON_all, E1000_ROW_FCTTV, 0x0000ffff },
	{ E1000_ON_xe, E1000_ROW_RDBAL, 0xfffffff0 }, { E1000_ON_xe, E1000_ROW_TDBAL, 0xfffffff0 },
	{ E1000_ON_xe, E1000_ROW_RDLEN, 0x000fff80 }, { E1000_ON_xe, E1000_ROW_TDLEN, 0x000fff80 },
	{ E1000_ON_g, E1000_ROW_RDBAL, 0xffffff80 },  { E1000_ON_g, E1000_ROW_TDBAL, 0xffffff80 },
	{ E1000_ON_g, E1000_ROW_RDLEN, 0x000ffff0 },  { E1000_ON_g, E1000_ROW_TDLEN, 0x000ffff0 },
	{ E1000_ON_g, IGB_ROW_RDBAL, 0xffffff80 },    { E1000_ON_g, IGB_ROW_TDBAL, 0xffffff80 },
	{ E1000_ON_g, IGB_ROW_RDLEN, 0x000ffff0 },    { E1000_ON_g, IGB_ROW_TDLEN, 0x000ffff0 },
	{ E1000_ON_xe, E1000_ROW_RDTR, 0x8000ffff },  { E1000_ON_xe, E1000_ROW_TIDV, 0x8000ffff },
	{ E1000_ON_xe, E1000_ROW_RADV, 0x0000ffff },  { E1000_ON_xe, E1000_ROW_TADV, 0x0000ffff },
	{ E1000_ON_all, E1000_ROW_TIPG, 0x3fffffff }, { E1000_ON_all, E1000_ROW_TXCW, 0xc000ffff },
	{ E1000_ON_xe, E1000_ROW_RAH, 0x8003ffff },   { E1000_ON_g, E1000_ROW_RAH, 0x83ffffff },
	{ E1000_ON_g, IGB_ROW_RAH2, 0x83ffffff },
};

static unsigned count_of(const struct e1 *e1, const struct row *row)
{
	return row->stride == 0x100 && row->count == 4 && e1->variant->queues < 4 ? e1->variant->queues : row->count;
}

void e1_regs_open(struct e1 *e1)
{
	for (unsigned i = 0; i < IGB_ROWS; i++)
		for (unsigned j = 0; rows[i].who & e1->variant->who && j < count_of(e1, &rows[i]); j++)
			e1->rows[(rows[i].offset + j * rows[i].stride) / 4] = (uint16_t)(i + 1);
	/* A software reset leaves the sharing of the packet buffer alone (317453, 13.4.16). */
	e1_set(e1, E1000_PBA, e1_is_4x(e1) ? 0x00100030 : 0x00140014);
}

static void set_address(struct e1 *e1)
{
	const uint8_t *mac = e1->nic.mac;

	e1_set(e1, E1000_RAL, mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24);
	e1_set(e1, E1000_RAH, mac[4] | (uint32_t)mac[5] << 8 | RAH_AV);
}

void e1_regs_reset(struct e1 *e1)
{
	static const uint32_t kept[] = { E1000_PBA, E1000_SWSM, E1000_SW_FW_SYNC };
	uint32_t values[sizeof(kept) / sizeof(*kept)];

	for (unsigned i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		values[i] = e1_get(e1, kept[i]);
	for (uint32_t offset = 0; offset < E1_REGISTERS; offset += 4)
		e1_set(e1, offset, 0);
	for (unsigned i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		e1_set(e1, kept[i], values[i]);
	for (unsigned i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		if (defaults[i].who & e1->variant->who)
			e1_set(e1, defaults[i].offset, defaults[i].value);
	for (unsigned i = 0; i < E1_QUEUES && e1_is_76(e1); i++) {
		e1_set(e1, IGB_RX(IGB_SRRCTL, i), 4u << 8);
		e1_set(e1, IGB_RX(E1000_RXDCTL, i), 1u << 16 | (i ? 0 : XDCTL_ENABLE));
		e1_set(e1, IGB_TX(E1000_TXDCTL, i), i ? 0 : XDCTL_ENABLE);
	}
	set_address(e1);
}

/* Where a register that has two addresses is stored. */
static uint32_t canonical(const struct e1 *e1, uint32_t offset)
{
	if (offset == E1000_CTRL_DUP)
		return E1000_CTRL;
	if (!e1_is_76(e1))
		return offset;
	switch (offset) {
	case IGB_ICR:
		return E1000_ICR;
	case IGB_ICS:
		return E1000_ICS;
	case IGB_IMS:
		return E1000_IMS;
	case IGB_IMC:
		return E1000_IMC;
	case IGB_IAM:
		return E1000_IAM;
	default:
		break;
	}
	if (offset - IGB_RDBAL < 4 * IGB_RDBAL_STRIDE)
		return E1000_RDBAL + offset % 0x40 + (offset - IGB_RDBAL) / 0x40 * 0x100;
	if (offset - IGB_TDBAL < 4 * IGB_TDBAL_STRIDE)
		return E1000_TDBAL + offset % 0x40 + (offset - IGB_TDBAL) / 0x40 * 0x100;
	return offset;
}

static const struct row *row_of(const struct e1 *e1, uint64_t offset)
{
	unsigned number = offset < E1_REGISTERS && offset % 4 == 0 ? e1->rows[offset / 4] : 0;

	return number ? &rows[number - 1] : NULL;
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

/* Registers whose value is made when they are read. */
static uint32_t computed(struct e1 *e1, unsigned row, uint32_t offset, bool peek)
{
	uint32_t value = e1_get(e1, offset);

	switch (row) {
	case E1000_ROW_STATUS:
		return e1_status(e1);
	case E1000_ROW_EECD:
		return e1_eecd_read(e1);
	case IGB_ROW_FRTIMER:
		return (uint32_t)(sim_now_ns(&e1->nic) / 1000) & 0xffffff;
	case E1000_ROW_SWSM:
		if (!peek)
			e1_set(e1, offset, value | SWSM_SMBI);
		return value;
	case E1000_ROW_SYSTIML:
		return (uint32_t)e1_time(e1);
	case E1000_ROW_SYSTIMH:
		return (uint32_t)(e1_time(e1) >> 32);
	case E1000_ROW_RXSTMPH:
		if (!peek)
			e1_set(e1, E1000_TSYNCRXCTL, e1_get(e1, E1000_TSYNCRXCTL) & ~TSYNC_VALID);
		return value;
	case E1000_ROW_TXSTMPH:
		if (!peek)
			e1_set(e1, E1000_TSYNCTXCTL, e1_get(e1, E1000_TSYNCTXCTL) & ~TSYNC_VALID);
		return value;
	case E1000_ROW_ICR:
	case E1000_ROW_ICS:
	case E1000_ROW_IMS:
	case E1000_ROW_IMC:
	case IGB_ROW_EICR:
	case IGB_ROW_EICS:
	case IGB_ROW_EIMS:
	case IGB_ROW_EIMC:
		return e1_irq_read(e1, offset, peek);
	default:
		return value;
	}
}

static uint32_t read_register(struct e1 *e1, uint64_t offset, bool peek)
{
	const struct row *row = row_of(e1, offset);
	uint32_t at, value;

	if (!row) {
		if (!peek)
			sim_violation(&e1->nic, "13.2", "read at 0x%05llx, where there is no register",
			              (unsigned long long)offset);
		return 0;
	}
	at = canonical(e1, (uint32_t)offset);
	row = row_of(e1, at);
	value = computed(e1, (unsigned)(row - rows), at, peek);
	if (peek)
		return value;
	if (row->mode == RC || row->mode == RH)
		e1_set(e1, at, 0);
	if (row->mode == RH)
		e1_set(e1, at - 4, 0);
	return row->mode == WO ? 0 : value;
}

uint32_t e1_read(struct sim_nic *nic, unsigned bar, uint64_t offset)
{
	struct e1 *e1 = e1_of(nic);

	if (!bar)
		return read_register(e1, offset, false);
	if (bar != e1->variant->io_bar || offset > 4)
		return 0;
	return offset ? read_register(e1, e1->io_address, false) : e1->io_address;
}

uint32_t e1_peek(struct sim_nic *nic, uint64_t offset)
{
	return read_register(e1_of(nic), offset, true);
}

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static void write_ctrl(struct e1 *e1, uint32_t value)
{
	uint32_t reset = CTRL_RST | (e1_is_76(e1) ? CTRL_DEV_RST : 0), was = e1_get(e1, E1000_CTRL);
	uint64_t unused;

	if (value & ~was & CTRL_PHY_RST)
		e1_phy_reset(e1);
	if (value & reset && !sim_fault(&e1->nic, WEIR_SIM_RESET_STUCK, &unused)) {
		e1_reset(e1);
		return;
	}
	e1_set(e1, E1000_CTRL, value);
	e1_link_changed(e1);
}

static void write_ctrl_ext(struct e1 *e1, uint32_t value)
{
	if (value & CTRL_EXT_EE_RST)
		set_address(e1);
	e1_set(e1, E1000_CTRL_EXT, value & ~(CTRL_EXT_EE_RST | (e1_is_74(e1) ? CTRL_EXT_PBA_CLR : 0)));
}

/* Whether a queue may be running: then its head is the card's. */
static bool rx_enabled(const struct e1 *e1, unsigned queue)
{
	return e1_get(e1, E1000_RCTL) & RCTL_EN &&
	       (!e1_is_76(e1) || e1_get(e1, IGB_RX(E1000_RXDCTL, queue)) & XDCTL_ENABLE);
}

static bool tx_enabled(const struct e1 *e1, unsigned queue)
{
	return e1_get(e1, E1000_TCTL) & TCTL_EN &&
	       (!e1_is_76(e1) || e1_get(e1, IGB_TX(E1000_TXDCTL, queue)) & XDCTL_ENABLE);
}

/* What may be written only while something stands still, or not in this form (317453, 13.4; 82576 datasheet, 8.10, 8.12). */
static void check_write(struct e1 *e1, unsigned row, unsigned index, uint32_t offset, uint32_t value)
{
	bool changes = e1_get(e1, offset) != value;
	const char *what = NULL;

	switch (row) {
	case E1000_ROW_RXCSUM:
	case E1000_ROW_RFCTL:
		if (changes && e1_get(e1, E1000_RCTL) & RCTL_EN)
			what = "while RCTL.EN is set";
		break;
	case E1000_ROW_RDH:
	case IGB_ROW_RDH:
		if (changes && rx_enabled(e1, index))
			what = "while the queue is enabled";
		break;
	case E1000_ROW_TDH:
	case IGB_ROW_TDH:
		if (changes && tx_enabled(e1, index))
			what = "while the queue is enabled";
		break;
	case E1000_ROW_RDBAL:
	case IGB_ROW_RDBAL:
	case E1000_ROW_TDBAL:
	case IGB_ROW_TDBAL:
		if (value % (e1_is_76(e1) ? 128 : 16))
			what = "with a ring that is not aligned as it must be";
		break;
	case E1000_ROW_RDLEN:
	case IGB_ROW_RDLEN:
	case E1000_ROW_TDLEN:
	case IGB_ROW_TDLEN:
		if (value % 128 || value > 0x100000)
			what = "with a ring of a length that is no multiple of 128 bytes, or above 1 MiB";
		break;
	default:
		break;
	}
	if (what)
		sim_violation(&e1->nic, rows[row].section, "%s[%u] is written (0x%08x) %s", rows[row].name, index,
		              value, what);
}

/* What is on the board around the card. Returns false when it is another register. */
static bool write_board(struct e1 *e1, unsigned row, uint32_t offset, uint32_t value)
{
	switch (row) {
	case E1000_ROW_CTRL:
		write_ctrl(e1, value);
		return true;
	case E1000_ROW_CTRL_EXT:
		write_ctrl_ext(e1, value);
		return true;
	case E1000_ROW_EECD:
		e1_eecd_write(e1, value);
		return true;
	case E1000_ROW_EERD:
		e1_set(e1, offset, e1_eerd(e1, value));
		return true;
	case E1000_ROW_EEWR:
		e1_set(e1, offset, e1_eewr(e1, value));
		return true;
	case E1000_ROW_MDIC:
		e1_set(e1, offset, e1_mdic(e1, value));
		if (value & MDIC_INT)
			e1_irq_other(e1, ICR_MDAC);
		e1_link_changed(e1);
		return true;
	case E1000_ROW_SCTL:
		e1_set(e1, offset, value | 0x80000000u); /* ready */
		return true;
	case E1000_ROW_SWSM:
		e1_set(e1, offset, value & (SWSM_SMBI | SWSM_SWESMBI | SWSM_DRV_LOAD));
		return true;
	case E1000_ROW_EXTCNF_CTRL:
		e1_set(e1, offset, value & ~EXTCNF_MDIO_HW); /* firmware never asks for it */
		return true;
	default:
		return false;
	}
}

/* What sets engines going. Returns false when it is another register. */
static bool write_engine(struct e1 *e1, unsigned row, unsigned index, uint32_t offset, uint32_t value)
{
	bool queued = e1_is_76(e1);

	switch (row) {
	case E1000_ROW_RCTL:
		e1_set(e1, offset, value & ~RCTL_RST);
		for (unsigned i = 0; i < e1->variant->queues; i++)
			e1_rx_control(e1, i);
		return true;
	case E1000_ROW_TCTL:
		e1_set(e1, offset, value);
		for (unsigned i = 0; i < e1->variant->queues; i++)
			e1_tx_control(e1, i);
		return true;
	case E1000_ROW_RXDCTL:
	case IGB_ROW_RXDCTL:
		e1_set(e1, offset, queued ? value & ~XDCTL_SWFLSH : value);
		e1_rx_control(e1, index);
		return true;
	case E1000_ROW_TXDCTL:
	case IGB_ROW_TXDCTL:
	case E1000_ROW_TARC:
		e1_set(e1, offset, queued ? value & ~XDCTL_SWFLSH : value);
		e1_tx_control(e1, index);
		return true;
	case E1000_ROW_TDT:
	case IGB_ROW_TDT:
		e1_set(e1, offset, value & 0xffff);
		e1_tx_queue(e1, index);
		return true;
	case E1000_ROW_RDT: /* lib/sim offers a frame that waits again */
	case IGB_ROW_RDT:
	case E1000_ROW_RDH:
	case IGB_ROW_RDH:
	case E1000_ROW_TDH:
	case IGB_ROW_TDH:
		e1_set(e1, offset, value & 0xffff);
		return true;
	case E1000_ROW_RDTR:
	case E1000_ROW_TIDV:
		e1_set(e1, offset, value & ~RDTR_FPD);
		if (value & RDTR_FPD)
			e1_irq_flush(e1, row == E1000_ROW_TIDV);
		return true;
	default:
		return false;
	}
}

static void write_self_clearing(struct e1 *e1, unsigned row, unsigned index, uint32_t offset, uint32_t value)
{
	if (write_board(e1, row, offset, value) || write_engine(e1, row, index, offset, value))
		return;
	switch (row) {
	case E1000_ROW_SYSTIML:
	case E1000_ROW_SYSTIMH:
	case E1000_ROW_TIMINCA:
	case E1000_ROW_TIMADJH:
	case E1000_ROW_TSYNCTXCTL:
	case E1000_ROW_TSYNCRXCTL:
		e1_time_write(e1, offset, value);
		break;
	case E1000_ROW_PBECCSTS:
	case E1000_ROW_WUS:
	case IGB_ROW_MBVFICR:
	case IGB_ROW_VFLRE:
	case IGB_ROW_MDFB:
		e1_set(e1, offset, e1_get(e1, offset) & ~value);
		break;
	case IGB_ROW_PCS_LCTL:
		e1_set(e1, offset, value & ~0x00020000u); /* the restart of autonegotiation */
		break;
	case E1000_ROW_HICR:
	case E1000_ROW_PBACL:
		break;
	default:
		e1_irq_write(e1, offset, value);
		break;
	}
}

static uint32_t existing_bits(const struct e1 *e1, unsigned row, uint32_t value)
{
	for (unsigned i = 0; i < sizeof(widths) / sizeof(*widths); i++)
		if (widths[i].row == row && widths[i].who & e1->variant->who)
			return value & widths[i].mask;
	return value;
}

static void write_register(struct e1 *e1, uint64_t offset, uint32_t value)
{
	const struct row *row = row_of(e1, offset);
	unsigned number, index;
	uint32_t at;

	if (!row) {
		sim_violation(&e1->nic, "13.2", "0x%08x is written at 0x%05llx, where there is no register", value,
		              (unsigned long long)offset);
		return;
	}
	at = canonical(e1, (uint32_t)offset);
	row = row_of(e1, at);
	number = (unsigned)(row - rows);
	index = row->stride ? (at - row->offset) / row->stride : 0;
	check_write(e1, number, index, at, value);
	value = existing_bits(e1, number, value);
	switch (row->mode) {
	case RW:
	case WO:
		e1_set(e1, at, value);
		break;
	case SC:
		write_self_clearing(e1, number, index, at, value);
		break;
	default:
		break;
	}
}

void e1_write(struct sim_nic *nic, unsigned bar, uint64_t offset, uint32_t value)
{
	struct e1 *e1 = e1_of(nic);

	if (!bar)
		write_register(e1, offset, value);
	else if (bar == e1->variant->io_bar && offset == 0)
		e1->io_address = value;
	else if (bar == e1->variant->io_bar && offset == 4)
		write_register(e1, e1->io_address, value);
}
