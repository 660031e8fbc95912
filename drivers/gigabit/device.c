/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is asked of the device rather than of its queues: events, a light, registers, EEPROM.
 */
#include "gigabit.h"
#include "port/rows.h"

/* --- events ------------------------------------------------------------------------------------------------------------------ */

uint32_t gigabit_causes(struct gigabit *nic)
{
	uint32_t causes = reg_get(nic, E1000_ICR);

	if (causes == UINT32_MAX)
		return 0; /* gone */
	if (causes & ICR_LSC)
		__atomic_fetch_or(&nic->causes, WEIR_EVENT_LINK, __ATOMIC_ACQ_REL);
	if (nic->seen)
		nic->seen(nic, causes);
	if (causes & gigabit_event_causes(nic) & ICR_FER)
		port_damage(&nic->port, -EIO, "port '%s': the device's memory is damaged; stop and start the port",
		            nic->port.spec);
	return causes;
}

static uint32_t gigabit_events(struct weir_port *port)
{
	struct gigabit *nic = gigabit(port);

	if (port->info.started)
		gigabit_causes(nic);
	return __atomic_exchange_n(&nic->causes, 0, __ATOMIC_ACQ_REL);
}

/* --- a light (317453, 13.4.15) ------------------------------------------------------------------------------------------------- */

#define LED_FIELD(i) (0xffu << 8 * (i))
#define LED_MODE(i)  (0x0fu << 8 * (i))
#define LED_LINK     0x02u /* lit while there is a link */
#define LED_ON       0x0eu
#define LED_BLINK    0x80u
#define LEDS         4u

/* The one that shows the link; one of them if there is none such. It blinks, whatever the link is. */
static int gigabit_identify(struct weir_port *port, bool on)
{
	struct gigabit *nic = gigabit(port);
	uint32_t control = reg_get(nic, E1000_LEDCTL);
	unsigned led = 0;

	if (on == nic->identifying)
		return 0;
	nic->identifying = on;
	if (on)
		nic->leds = control;
	for (unsigned i = 0; on && i < LEDS; i++)
		if (field_of(LED_MODE(i), control) == LED_LINK)
			led = i;
	reg_set(nic, E1000_LEDCTL,
	        on ? (control & ~LED_FIELD(led)) | field(LED_FIELD(led), LED_ON | LED_BLINK) : nic->leds);
	return 0;
}

/* --- registers --------------------------------------------------------------------------------------------------------------- */

static const struct row rows[] = {
#define ROW(offset, stride, count, mode, who, name, section, text) { offset, stride, count, mode, E1000_ON_##who },
	E1000_REGS(ROW) IGB_REGS(ROW)
#undef ROW
};

static const char texts[] =
#define ROW(offset, stride, count, mode, who, name, section, text) #name "\0" section "\0" text "\0"
    E1000_REGS(ROW) IGB_REGS(ROW)
#undef ROW
    ;

/* SWSM is H2ME, too; the clock's lower half holds the upper one. */
static const uint32_t changed[] = { E1000_ICR,     IGB_ICR,       IGB_EICR,      E1000_SWSM,
	                            E1000_SYSTIML, E1000_RXSTMPH, E1000_TXSTMPH, 0 };

/* As many registers of queues as there are those; the packet buffer's memory is none. */
static unsigned has(const void *device, const struct row *row)
{
	const struct gigabit_kind *kind = ((const struct gigabit *)device)->kind;

	if (!(row->who & kind->rows) || row->offset == E1000_PBM)
		return 0;
	return row->stride == 0x100 && row->count == 4 && kind->queues < 4 ? kind->queues : row->count;
}

static int gigabit_reg(struct weir_port *port, unsigned index, struct weir_register *reg)
{
	static const struct row_table table = { rows, sizeof(rows) / sizeof(rows[0]), texts, changed, has };
	struct gigabit *nic = gigabit(port);
	int err = rows_find(&table, nic, index, reg);

	if (!err && reg->readable)
		reg->value = reg_get(nic, reg->offset);
	return err;
}

/* --- EEPROM ------------------------------------------------------------------------------------------------------------------ */

static uint32_t gigabit_eeprom_size(struct weir_port *port)
{
	return 2 * gigabit_nvm_words(gigabit(port));
}

static int gigabit_eeprom(struct weir_port *port, struct weir_eeprom *eeprom)
{
	eeprom->size = gigabit_eeprom_size(port);
	return gigabit_nvm_sum(gigabit(port), &eeprom->checksum_bad);
}

static int gigabit_read_eeprom(struct weir_port *port, unsigned word, uint16_t *values, unsigned n)
{
	return gigabit_nvm_read(gigabit(port), word, values, n);
}

const struct device_ops gigabit_hardware = {
	.events = gigabit_events,
	.set_flow_control = gigabit_set_flow_control,
	.flow_control = gigabit_flow_control,
	.identify = gigabit_identify,
	.reg = gigabit_reg,
	.eeprom = gigabit_eeprom,
	.eeprom_size = gigabit_eeprom_size,
	.read_eeprom = gigabit_read_eeprom,
};
