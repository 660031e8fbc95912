/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Registers: which offset is which, what reading and writing them does beyond storing a value, what they hold at first.
 */
#include "model.h"

enum mode { RW, RO, RC, RH, WO, SC };

static const struct row {
	uint32_t offset, stride, count;
	enum mode mode;
	const char *name, *section;
} rows[] = {
#define ROW(offset, stride, count, mode, name, section, text) { offset, stride, count, mode, #name, section },
	IXGBE_REGS(ROW)
#undef ROW
};

/* Bits 16:4 of RDRXCTL are reserved with the value 0x0880, and read back so whatever is written (8.2.3.8.8). */
#define RDRXCTL_FIXED       0x0001fff0u
#define RDRXCTL_FIXED_VALUE 0x00008800u

void ix_regs_open(struct ix *ix)
{
	for (unsigned i = 0; i < IXGBE_ROWS; i++)
		for (unsigned j = 0; j < rows[i].count; j++)
			ix->rows[(rows[i].offset + j * rows[i].stride) / 4] = (uint16_t)(i + 1);
}

/* Where a register that has two addresses is stored. */
static uint32_t canonical(uint32_t offset)
{
	if (offset - IXGBE_SRRCTL_0 < 64)
		return IXGBE_SRRCTL + (offset - IXGBE_SRRCTL_0) / 4 * 0x40;
	if (offset - IXGBE_DCA_RXCTRL_0 < 64)
		return IXGBE_DCA_RXCTRL + (offset - IXGBE_DCA_RXCTRL_0) / 4 * 0x40;
	if (offset - IXGBE_RAL_0 < 128)
		return IXGBE_RAL + (offset - IXGBE_RAL_0);
	if (offset - IXGBE_PSRTYPE_0 < 64)
		return IXGBE_PSRTYPE + (offset - IXGBE_PSRTYPE_0);
	return offset;
}

static const struct row *row_of(const struct ix *ix, uint64_t offset)
{
	unsigned number = offset < IX_REGISTERS && offset % 4 == 0 ? ix->rows[offset / 4] : 0;

	return number ? &rows[number - 1] : NULL;
}

static unsigned index_of(const struct row *row, uint32_t offset)
{
	return row->stride ? (offset - row->offset) / row->stride : 0;
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

/* Registers whose value is made when they are read. */
static uint32_t computed(struct ix *ix, unsigned row, uint32_t offset, bool peek)
{
	uint32_t value = ix_get(ix, offset);

	switch (row) {
	case IXGBE_ROW_STATUS:
		return (ix_get(ix, IXGBE_CTRL) & CTRL_GIO_DIS ? 0 : STATUS_GIO) | (ix_link_up(ix) ? STATUS_LINK_UP : 0);
	case IXGBE_ROW_FRTIMER:
		return (uint32_t)(sim_now_ns(&ix->nic) / 1000);
	case IXGBE_ROW_I2CCTL:
		return ix_i2c_read(ix);
	case IXGBE_ROW_TFCS:
		return ix_paused(ix) ? 0xfe : 0xff; /* the classes that may send */
	case IXGBE_ROW_ANLP1:
		return value | ix_offered(ix, ANLP1_PAUSE, ANLP1_PAUSE_ASYM);
	case IXGBE_ROW_LINKS:
		value = ix_links(ix);
		if (!peek)
			ix->link_fell = false;
		return value;
	case IXGBE_ROW_SWSM:
		if (!peek)
			ix_set(ix, offset, value | SWSM_SMBI);
		return value;
	case IXGBE_ROW_GSSR:
		/* The X540's is guarded by its own uppermost bit, which reading takes. */
		if (!peek && ix->variant->copper)
			ix_set(ix, offset, value | GSSR_REGSMP);
		return value;
	case IXGBE_ROW_RDRXCTL:
		return value | RDRXCTL_DMAIDONE;
	case IXGBE_ROW_SYSTIML:
		return peek ? (uint32_t)ix_time(ix) : ix_time_low(ix);
	case IXGBE_ROW_SYSTIMH:
		return peek ? (uint32_t)(ix_time(ix) >> 32) : ix_time_high(ix);
	case IXGBE_ROW_RXSTMPH:
		if (!peek)
			ix_set(ix, IXGBE_TSYNCRXCTL, ix_get(ix, IXGBE_TSYNCRXCTL) & ~TSYNC_VALID);
		return value;
	case IXGBE_ROW_TXSTMPH:
		if (!peek)
			ix_set(ix, IXGBE_TSYNCTXCTL, ix_get(ix, IXGBE_TSYNCTXCTL) & ~TSYNC_VALID);
		return value;
	case IXGBE_ROW_EICR:
	case IXGBE_ROW_EICS:
	case IXGBE_ROW_EIMS:
	case IXGBE_ROW_EIMC:
	case IXGBE_ROW_EIAM:
	case IXGBE_ROW_EICS_EX:
	case IXGBE_ROW_EIMS_EX:
	case IXGBE_ROW_EIMC_EX:
	case IXGBE_ROW_EIAM_EX:
		return ix_irq_read(ix, offset, peek);
	default:
		return value;
	}
}

static uint32_t read_register(struct ix *ix, uint64_t offset, bool peek)
{
	const struct row *row = row_of(ix, offset);
	uint32_t at, value;

	if (!row) {
		if (!peek)
			sim_violation(&ix->nic, "8.2.1", "read at 0x%05llx, where there is no register",
			              (unsigned long long)offset);
		return 0;
	}
	at = canonical((uint32_t)offset);
	value = computed(ix, (unsigned)(row - rows), at, peek);
	if (peek)
		return value;
	if (row->mode == RC || row->mode == RH)
		ix_set(ix, at, 0);
	if (row->mode == RH)
		ix_set(ix, at - 4, 0);
	return row->mode == WO ? 0 : value;
}

uint32_t ix_read(struct sim_nic *nic, unsigned bar, uint64_t offset)
{
	return bar ? 0 : read_register(ix_of(nic), offset, false);
}

uint32_t ix_peek(struct sim_nic *nic, uint64_t offset)
{
	return read_register(ix_of(nic), offset, true);
}

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static void write_ctrl(struct ix *ix, uint32_t value)
{
	uint64_t unused;

	if (!(value & (CTRL_RST | CTRL_LNK_RST))) {
		ix_set(ix, IXGBE_CTRL, value);
		return;
	}
	if (sim_fault(&ix->nic, WEIR_SIM_RESET_STUCK, &unused)) {
		ix_set(ix, IXGBE_CTRL, value);
		return;
	}
	ix_reset(ix);
	ix_set(ix, IXGBE_CTRL, value & ~(CTRL_RST | CTRL_LNK_RST));
}

/* What may be written only while something stands still (4.6, 8.2.3). */
static void check_write(struct ix *ix, unsigned row, unsigned index, uint32_t value)
{
	const char *what = NULL;
	bool strip;

	switch (row) {
	case IXGBE_ROW_RXCSUM:
	case IXGBE_ROW_RFCTL:
		if (ix_get(ix, IXGBE_RXCTRL) & RXCTRL_RXEN && ix_get(ix, rows[row].offset) != value)
			what = "while RXCTRL.RXEN is set";
		break;
	case IXGBE_ROW_RXCTRL:
		strip =
		    !(ix_get(ix, IXGBE_HLREG0) & HLREG0_RXCRCSTRP) == !(ix_get(ix, IXGBE_RDRXCTL) & RDRXCTL_CRCSTRIP);
		if (value & RXCTRL_RXEN && !strip)
			what = "while HLREG0.RXCRCSTRP and RDRXCTL.CRCSTRIP differ";
		break;
	case IXGBE_ROW_RDRXCTL:
		if ((value & RDRXCTL_FIXED) != RDRXCTL_FIXED_VALUE)
			what = "with other reserved bits than 0x0880";
		break;
	case IXGBE_ROW_MTQC:
		if (!(ix_get(ix, IXGBE_RTTDCS) & RTTDCS_ARBDIS))
			what = "while RTTDCS.ARBDIS is clear";
		break;
	case IXGBE_ROW_TDH:
		if (ix_get(ix, ix_tx_reg(index, IXGBE_TXDCTL)) & TXDCTL_ENABLE)
			what = "while the queue is enabled";
		break;
	case IXGBE_ROW_ETQF:
		if (value & ETQF_ENABLE &&
		    ((value & ETQF_TYPE) == WEIR_ETHER_IPV4 || (value & ETQF_TYPE) == WEIR_ETHER_IPV6))
			what = "with the EtherType of IP";
		else if (value & ETQF_FIXED)
			what = "with reserved bits";
		break;
	case IXGBE_ROW_TDBAL:
	case IXGBE_ROW_RDBAL:
	case IXGBE_ROW_RDBAL64:
		if (value % 128)
			what = "with a ring that is not aligned to 128 bytes";
		break;
	case IXGBE_ROW_TDLEN:
	case IXGBE_ROW_RDLEN:
	case IXGBE_ROW_RDLEN64:
		if (value % 128 || value > 0x80000)
			what = "with a ring of a length that is no multiple of 128 bytes, or above 512 KiB";
		break;
	default:
		break;
	}
	if (what)
		sim_violation(&ix->nic, rows[row].section, "%s[%u] is written (0x%08x) %s", rows[row].name, index,
		              value, what);
}

/* Which bits there are: the others read as 0, whatever is written. */
static uint32_t existing(unsigned row)
{
	switch (row) {
	case IXGBE_ROW_RDBAL:
	case IXGBE_ROW_RDBAL64:
	case IXGBE_ROW_TDBAL:
		return 0xffffff80;
	case IXGBE_ROW_RDLEN:
	case IXGBE_ROW_RDLEN64:
	case IXGBE_ROW_TDLEN:
		return 0x000fff80;
	case IXGBE_ROW_RAH:
	case IXGBE_ROW_RAH_0:
		return RAH_AV | RAH_HIGH;
	default:
		return 0xffffffff;
	}
}

static void write_rdrxctl(struct ix *ix, uint32_t value)
{
	ix_set(ix, IXGBE_RDRXCTL, (value & ~RDRXCTL_FIXED) | RDRXCTL_FIXED_VALUE);
}

static void write_time(struct ix *ix, unsigned row, uint32_t offset, uint32_t value)
{
	switch (row) {
	case IXGBE_ROW_SYSTIML:
	case IXGBE_ROW_SYSTIMH:
		ix_time_set(ix, row == IXGBE_ROW_SYSTIMH ? 32 : 0, value);
		break;
	case IXGBE_ROW_TIMADJH:
		ix_time_adjust(ix, value);
		break;
	case IXGBE_ROW_TIMINCA:
		ix_time_hold(ix);
		ix_set(ix, offset, value);
		break;
	default: /* TSYNCRXCTL, TSYNCTXCTL */
		ix_set(ix, offset, (value & ~TSYNC_VALID) | (ix_get(ix, offset) & TSYNC_VALID));
		break;
	}
}

/* What a queue's registers set going. */
static void write_queue(struct ix *ix, unsigned row, unsigned index, uint32_t offset, uint32_t value)
{
	switch (row) {
	case IXGBE_ROW_RXDCTL:
	case IXGBE_ROW_RXDCTL64:
		ix_set(ix, offset, value & ~RXDCTL_SWFLSH);
		ix_rx_control(ix, index + (row == IXGBE_ROW_RXDCTL64 ? 64 : 0));
		break;
	case IXGBE_ROW_TXDCTL:
		ix_set(ix, offset, value & ~TXDCTL_SWFLSH);
		ix_tx_control(ix, index);
		break;
	case IXGBE_ROW_TDT:
		ix_set(ix, offset, value & 0xffff);
		ix_tx_queue(ix, index);
		break;
	default: /* heads; and receive tails: lib/sim offers a frame that waits again */
		ix_set(ix, offset, value & 0xffff);
		break;
	}
}

/* What is on the board around the card: pins, module, EEPROM, PHY, cable. */
static void write_board(struct ix *ix, unsigned row, uint32_t offset, uint32_t value)
{
	switch (row) {
	case IXGBE_ROW_ESDP:
		/* An input shows what is connected to it: a module in the cage. */
		if (!(value & ESDP_SDP2_DIR))
			value = (value & ~ESDP_SDP2) | (ix_module_there(ix) ? ESDP_SDP2 : 0);
		ix_set(ix, offset, value);
		break;
	case IXGBE_ROW_I2CCTL:
		ix_set(ix, offset, value);
		ix_i2c_write(ix, value);
		break;
	case IXGBE_ROW_EEC:
		ix_set(ix, offset, ix_eec_write(ix, value));
		break;
	case IXGBE_ROW_EERD:
		ix_set(ix, offset, ix_eerd_write(ix, value));
		break;
	case IXGBE_ROW_EEWR:
		ix_set(ix, offset, ix_eewr_write(ix, value));
		break;
	case IXGBE_ROW_MSCA:
		ix_set(ix, offset, ix_mdio(ix, value));
		break;
	default: /* AUTOC */
		ix_set(ix, offset, value & ~AUTOC_AN_RESTART);
		if (!ix->variant->sfp && !ix->variant->copper)
			ix_offer(ix, value, AUTOC_PAUSE, AUTOC_PAUSE_ASYM);
		ix_link_changed(ix);
		break;
	}
}

/* Registers whose bits are cleared by writing them, or not kept at all. Returns false when it is none of those. */
static bool write_clearing(struct ix *ix, unsigned row, uint32_t offset, uint32_t value)
{
	switch (row) {
	case IXGBE_ROW_PICAUSE:
	case IXGBE_ROW_PFMBICR:
	case IXGBE_ROW_VFLREC:
	case IXGBE_ROW_WUS:
		ix_set(ix, offset, ix_get(ix, offset) & ~value);
		return true;
	case IXGBE_ROW_IPSTXIDX:
	case IXGBE_ROW_IPSRXIDX:
		ix_set(ix, offset, value & 0x3fffffff);
		return true;
	case IXGBE_ROW_HICR:
	case IXGBE_ROW_QDE:
		return true;
	case IXGBE_ROW_SWSM:
		ix_set(ix, offset, value & (SWSM_SMBI | SWSM_SWESMBI));
		return true;
	default:
		return false;
	}
}

static void write_self_clearing(struct ix *ix, unsigned row, unsigned index, uint32_t offset, uint32_t value)
{
	switch (row) {
	case IXGBE_ROW_CTRL:
		write_ctrl(ix, value);
		break;
	case IXGBE_ROW_ESDP:
	case IXGBE_ROW_I2CCTL:
	case IXGBE_ROW_EEC:
	case IXGBE_ROW_EERD:
	case IXGBE_ROW_EEWR:
	case IXGBE_ROW_MSCA:
	case IXGBE_ROW_AUTOC:
		write_board(ix, row, offset, value);
		break;
	case IXGBE_ROW_RDRXCTL:
		write_rdrxctl(ix, value);
		break;
	case IXGBE_ROW_FDIRCTRL:
		ix_set(ix, offset, ix_fdir_control(ix, value));
		break;
	case IXGBE_ROW_FDIRCMD:
		ix_set(ix, offset, ix_fdir_command(ix, value));
		break;
	case IXGBE_ROW_RXDCTL:
	case IXGBE_ROW_RXDCTL64:
	case IXGBE_ROW_TXDCTL:
	case IXGBE_ROW_RDH:
	case IXGBE_ROW_RDH64:
	case IXGBE_ROW_TDH:
	case IXGBE_ROW_RDT:
	case IXGBE_ROW_RDT64:
	case IXGBE_ROW_TDT:
		write_queue(ix, row, index, offset, value);
		break;
	case IXGBE_ROW_SYSTIML:
	case IXGBE_ROW_SYSTIMH:
	case IXGBE_ROW_TIMADJH:
	case IXGBE_ROW_TIMINCA:
	case IXGBE_ROW_TSYNCRXCTL:
	case IXGBE_ROW_TSYNCTXCTL:
		write_time(ix, row, offset, value);
		break;
	default:
		if (!write_clearing(ix, row, offset, value))
			ix_irq_write(ix, offset, value);
		break;
	}
}

static void note_tuples(struct ix *ix)
{
	ix->tuples = IXGBE_FTQF_COUNT;
	while (ix->tuples && !(ix_get(ix, IXGBE_AT(FTQF, ix->tuples - 1)) & FTQF_ENABLE))
		ix->tuples--;
}

void ix_write(struct sim_nic *nic, unsigned bar, uint64_t offset, uint32_t value)
{
	struct ix *ix = ix_of(nic);
	const struct row *row = bar ? NULL : row_of(ix, offset);
	unsigned number, index;
	uint32_t at;

	if (!row) {
		sim_violation(nic, "8.2.1", "0x%08x is written at 0x%05llx, where there is no register", value,
		              (unsigned long long)offset);
		return;
	}
	at = canonical((uint32_t)offset);
	number = (unsigned)(row - rows);
	index = index_of(row, (uint32_t)offset);
	check_write(ix, number, index, value);
	switch (row->mode) {
	case RW:
	case WO:
		ix_set(ix, at, value & existing(number));
		break;
	case SC:
		write_self_clearing(ix, number, index, at, value);
		break;
	default:
		break;
	}
	if (number == IXGBE_ROW_FTQF)
		note_tuples(ix);
	if (number == IXGBE_ROW_DMATXCTL || number == IXGBE_ROW_HLREG0)
		ix_tx_all(ix); /* what the queues waited for may have come */
}
