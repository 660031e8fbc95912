/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is asked of the device rather than of its queues: events, a light, registers, EEPROM and module.
 */
#include "ixgbe.h"
#include "port/pauses.h"
#include "port/rows.h"

/* --- events (7.3.1, 8.2.3.5.1) ------------------------------------------------------------------------------------------- */

/* With vectors, thanks to GPIE.OCD, reading forgets no queue's cause. */
bool ixgbe_causes(struct ixgbe *nic)
{
	uint32_t causes = reg_get(nic, IXGBE_EICR);

	if (causes == UINT32_MAX)
		return false; /* gone */
	ixgbe_line_seen(nic, causes);
	if (causes & EICR_LSC)
		__atomic_fetch_or(&nic->causes, WEIR_EVENT_LINK, __ATOMIC_ACQ_REL);
	if (causes & (EICR_PCI | EICR_ECC)) /* queues are no longer served then */
		port_damage(
		    &nic->port, -EIO,
		    "port '%s': the device could not reach memory, or its own is damaged; stop and start the port",
		    nic->port.spec);
	return causes & IXGBE_EVENTS;
}

static uint32_t ixgbe_events(struct weir_port *port)
{
	struct ixgbe *nic = ixgbe(port);

	if (port->info.started)
		ixgbe_causes(nic);
	return __atomic_exchange_n(&nic->causes, 0, __ATOMIC_ACQ_REL);
}

/* --- flow control (3.7.7, 8.2.3.3) ----------------------------------------------------------------------------------------- */

/* What is still to come after a pause was asked for, in bit times (3.7.7). */
#define PAUSE_BITS    672u   /* the pause itself */
#define CABLE_BITS    5556u  /* 100 m, one way */
#define DEVICE_BITS   31744u /* MAC, XAUI and copper PHY, one way */
#define REPLY_BITS    6144u  /* what the other side needs to stop */
#define BUS_BITS      10000u /* what this side needs to begin emptying the buffer */
#define LONGEST_PAUSE 0xffffu

/* Frames take up to 36/25 of their size in the buffer. One may have begun on either side. */
static uint32_t headroom(uint32_t frame)
{
	uint32_t bits = 8 * frame + PAUSE_BITS + 2 * CABLE_BITS + 2 * DEVICE_BITS + REPLY_BITS;

	return (bits * 36 / 25 + 2 * 8 * frame) / 8;
}

/* So that the buffer does not run empty while the other side begins again. */
static uint32_t reserve(uint32_t frame)
{
	return 2 * (2 * 8 * frame + BUS_BITS * 36 / 25) / 8;
}

/* What was asked for, with what was left to the port. */
static void flow_complete(const struct ixgbe *nic, struct weir_flow_control *flow)
{
	uint32_t frame = nic->port.info.mtu + IXGBE_OVERHEAD + IXGBE_TAGS;

	if (!flow->pause_time)
		flow->pause_time = LONGEST_PAUSE;
	if (!flow->high)
		flow->high = nic->rx_buffer - headroom(frame);
	if (!flow->low)
		flow->low = reserve(frame) < flow->high ? reserve(frame) : flow->high / 2;
	flow->high &= ~31u;
	flow->low &= ~31u;
}

void ixgbe_flow_apply(struct ixgbe *nic)
{
	struct weir_flow_control flow = nic->flow;
	unsigned theirs = 0;
	bool negotiated = flow.negotiate && ixgbe_pauses_offered(nic, &theirs);

	flow_complete(nic, &flow);
	pauses_agree(&flow, negotiated, theirs);
	nic->flow.obeying = flow.obeying;
	nic->flow.asking = flow.asking;
	reg_set(nic, IXGBE_MFLCN, MFLCN_DPF | (flow.obeying ? MFLCN_RFCE : 0));
	for (unsigned i = 0; i < IXGBE_FCTTV_COUNT; i++)
		reg_set(nic, IXGBE_AT(FCTTV, i), flow.pause_time * 0x00010001u);
	reg_set(nic, IXGBE_FCRTV, flow.pause_time / 2u); /* asked for again in time */
	reg_set(nic, IXGBE_FCRTL, flow.asking ? flow.low | FCRTL_XONE : 0);
	reg_set(nic, IXGBE_FCRTH, flow.asking ? flow.high | FCRTH_FCEN : 0);
	reg_set(nic, IXGBE_FCCFG, flow.asking ? field(FCCFG_TFCE, 1) : 0);
}

static int ixgbe_set_flow_control(struct weir_port *port, const struct weir_flow_control *flow)
{
	struct ixgbe *nic = ixgbe(port);
	struct weir_flow_control whole = *flow;
	int err;

	flow_complete(nic, &whole);
	err = pauses_check(port, &whole, nic->rx_buffer);
	if (!err)
		err = ixgbe_offer_pauses(nic, pauses_to_offer(flow));
	if (err)
		return err;
	nic->flow = *flow;
	ixgbe_flow_apply(nic);
	return 0;
}

static int ixgbe_flow_control(struct weir_port *port, struct weir_flow_control *flow)
{
	struct ixgbe *nic = ixgbe(port);
	struct weir_link link = { 0 };

	ixgbe_link(port, &link);
	*flow = nic->flow;
	flow_complete(nic, flow);
	return 0;
}

/* --- a light (8.2.3.1) --------------------------------------------------------------------------------------------------- */

#define LEDS     4u
#define LINK_LED 2u /* where the EEPROM names none */

/* MISSING: a light blinks only while there is a link; it is lit without one. */
static int ixgbe_identify(struct weir_port *port, bool on)
{
	struct ixgbe *nic = ixgbe(port);
	uint32_t control = reg_get(nic, IXGBE_LEDCTL);
	unsigned led = LINK_LED;

	if (on == nic->identifying)
		return 0;
	nic->identifying = on;
	if (!on) {
		reg_set(nic, IXGBE_LEDCTL, nic->leds);
		return 0;
	}
	nic->leds = control;
	for (unsigned i = 0; i < LEDS; i++)
		if (field_of(LEDCTL_MODE(i), control) == LEDCTL_ACTIVITY)
			led = i;
	reg_change(nic, IXGBE_LEDCTL, LEDCTL_MODE(led), field(LEDCTL_MODE(led), LEDCTL_ON) | LEDCTL_BLINK(led));
	return 0;
}

/* --- registers --------------------------------------------------------------------------------------------------------------- */

static const struct row rows[] = {
#define ROW(offset, stride, count, mode, name, section, text) { offset, stride, count, mode, 0 },
	IXGBE_REGS(ROW)
#undef ROW
};

static const char texts[] =
#define ROW(offset, stride, count, mode, name, section, text) #name "\0" section "\0" text "\0"
    IXGBE_REGS(ROW)
#undef ROW
    ;

/* X540: GSSR takes its guard; the clock's lower half holds the upper one. */
static const uint32_t changed[] = { IXGBE_EICR,
	                            IXGBE_SWSM,
	                            IXGBE_GSSR,
	                            IXGBE_LINKS,
	                            IXGBE_SYSTIML,
	                            IXGBE_RXSTMPH,
	                            IXGBE_TXSTMPH,
	                            IXGBE_AUXSTMP,
	                            IXGBE_RXBUFDATA,
	                            IXGBE_TXBUFDATA,
	                            0 };

static unsigned has(const void *device, const struct row *row)
{
	(void)device;
	return row->count;
}

static int ixgbe_reg(struct weir_port *port, unsigned index, struct weir_register *reg)
{
	static const struct row_table table = { rows, sizeof(rows) / sizeof(rows[0]), texts, changed, has };
	int err = rows_find(&table, port, index, reg);

	if (!err && reg->readable)
		reg->value = reg_get(ixgbe(port), reg->offset);
	return err;
}

/* --- EEPROM (6.0, 8.2.3.2.1) -------------------------------------------------------------------------------------------------- */

static uint32_t ixgbe_eeprom_size(struct weir_port *port)
{
	return 2 * 64u << field_of(EEC_SIZE, reg_get(ixgbe(port), IXGBE_EEC));
}

static int ixgbe_eeprom(struct weir_port *port, struct weir_eeprom *eeprom)
{
	uint16_t sum;
	int err = ixgbe_eeprom_sum(ixgbe(port), &sum);

	eeprom->size = ixgbe_eeprom_size(port);
	eeprom->checksum_bad = sum != IXGBE_EEPROM_SUM;
	return err;
}

static int ixgbe_read_eeprom(struct weir_port *port, unsigned word, uint16_t *values, unsigned n)
{
	return ixgbe_eeprom_read(ixgbe(port), word, values, n);
}

const struct device_ops ixgbe_hardware = {
	.events = ixgbe_events,
	.set_flow_control = ixgbe_set_flow_control,
	.flow_control = ixgbe_flow_control,
	.identify = ixgbe_identify,
	.reg = ixgbe_reg,
	.eeprom = ixgbe_eeprom,
	.eeprom_size = ixgbe_eeprom_size,
	.read_eeprom = ixgbe_read_eeprom,
	.module = ixgbe_module,
	.read_module = ixgbe_read_module,
};
