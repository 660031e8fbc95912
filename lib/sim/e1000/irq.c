/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts (317453, 3.2.7 and 13.4.17 on): causes are bits of ICR, IMS lets them through to the line, which is throttled by
 * ITR, and reading ICR clears them. Those of queues may be held back by the delay timers. (vector.c: MSI-X.)
 */
#include "model.h"

#define DELAY_NS 1024u
#define ITR_NS   256u

/* What is not of a queue; with MSI-X the 82574 has one bit more for all of them (82574 datasheet, 10.2.4.1). */
#define OTHER_CAUSES (ICR_LSC | ICR_RXO | ICR_MDAC | ICR_SRPD | ICR_ACK)

static uint64_t line_interval_ns(const struct e1 *e1)
{
	if (e1_is_76(e1))
		return e1_vector_interval_ns(e1, 0);
	return (uint64_t)field_of(ITR_INTERVAL, e1_get(e1, E1000_ITR)) * ITR_NS;
}

static bool line_wanted(const struct e1 *e1)
{
	return e1->causes & e1->mask || e1->vectors & e1->vector_mask;
}

/* The line, or a message when MSI is on, or without the card's own knowledge the first vector. */
static unsigned drive_line(struct e1 *e1, uint64_t now_ns)
{
	bool want = line_wanted(e1);

	if (want == e1->line || (want && now_ns < e1->due_ns[0]))
		return 0;
	e1->line = want;
	if (want) {
		e1->due_ns[0] = now_ns + line_interval_ns(e1);
		e1->asserted = true;
		e1_count(e1, E1000_IAC, 1);
	}
	if (!sim_irq_msix_enabled(&e1->nic))
		sim_irq_legacy(&e1->nic, want);
	else if (want)
		sim_irq_msix(&e1->nic, 0);
	return want;
}

static unsigned drive_vectors(struct e1 *e1, uint64_t now_ns)
{
	unsigned fired = 0;

	for (uint32_t left = e1->pending; left; left &= left - 1) {
		unsigned vector = (unsigned)__builtin_ctz(left);

		if (!e1_vector_has_reason(e1, vector)) {
			e1->pending &= ~(1u << vector);
		} else if (now_ns >= e1->due_ns[vector]) {
			e1_vector_fire(e1, vector, now_ns);
			fired++;
		}
	}
	return fired;
}

static void settle(struct e1 *e1, uint64_t now_ns)
{
	if (e1_by_vector(e1))
		drive_vectors(e1, now_ns);
	else
		drive_line(e1, now_ns);
}

static void raise_causes(struct e1 *e1, uint32_t causes)
{
	if (e1_is_74(e1) && causes & OTHER_CAUSES && e1_by_vector(e1))
		causes |= ICR_OTHER;
	e1->causes |= causes;
	if (e1_by_vector(e1))
		e1_vector_causes(e1, causes);
	settle(e1, sim_now_ns(&e1->nic));
}

void e1_irq_other(struct e1 *e1, uint32_t causes)
{
	raise_causes(e1, causes);
}

/* --- delays --------------------------------------------------------------------------------------------------------------- */

/* Tells of @causes in @wait units from now, and at most @limit (0: no limit) from when they were told of first. */
static void hold(struct e1 *e1, struct e1_delay *delay, uint32_t causes, unsigned wait, unsigned limit)
{
	uint64_t now = sim_now_ns(&e1->nic);

	if (!delay->causes)
		delay->last_ns = limit ? now + (uint64_t)limit * DELAY_NS : UINT64_MAX;
	delay->causes |= causes;
	delay->due_ns = now + (uint64_t)wait * DELAY_NS;
	if (delay->due_ns > delay->last_ns)
		delay->due_ns = delay->last_ns;
}

static unsigned tell_held(struct e1 *e1, struct e1_delay *delay)
{
	uint32_t causes = delay->causes;

	delay->causes = 0;
	if (causes)
		raise_causes(e1, causes);
	return causes != 0;
}

void e1_irq_flush(struct e1 *e1, bool tx)
{
	tell_held(e1, tx ? &e1->tx_delay : &e1->rx_delay);
}

/* The 82576 knows no delays, but has queues with vectors. */
static void raise_queue(struct e1 *e1, unsigned queue, bool tx)
{
	uint32_t vector = e1_vector_of_queue(e1, queue, tx);

	if (vector)
		e1_vector_raise(e1, vector);
	if (!e1_by_vector(e1))
		raise_causes(e1, tx ? ICR_TXDW : ICR_RXT0);
	else
		settle(e1, sim_now_ns(&e1->nic));
}

void e1_irq_rx(struct e1 *e1, unsigned queue)
{
	uint32_t causes = ICR_RXT0 | (e1_is_74(e1) ? ICR_RXQ0 << queue : 0);
	unsigned wait = field_of(RDTR_DELAY, e1_get(e1, E1000_RDTR));

	if (e1_is_76(e1))
		raise_queue(e1, queue, false);
	else if (wait)
		hold(e1, &e1->rx_delay, causes, wait, field_of(RDTR_DELAY, e1_get(e1, E1000_RADV)));
	else
		raise_causes(e1, causes);
}

void e1_irq_tx(struct e1 *e1, unsigned queue, bool delay)
{
	uint32_t causes = ICR_TXDW | (e1_is_74(e1) ? ICR_TXQ0 << queue : 0);
	unsigned wait = field_of(RDTR_DELAY, e1_get(e1, E1000_TIDV));

	if (e1_is_76(e1))
		raise_queue(e1, queue, true);
	else if (delay && wait)
		hold(e1, &e1->tx_delay, causes, wait, field_of(RDTR_DELAY, e1_get(e1, E1000_TADV)));
	else
		raise_causes(e1, causes);
}

static unsigned run_delay(struct e1 *e1, struct e1_delay *delay, uint64_t now_ns)
{
	return delay->causes && now_ns >= delay->due_ns ? tell_held(e1, delay) : 0;
}

/* --- what is due ---------------------------------------------------------------------------------------------------------- */

unsigned e1_irq_run(struct e1 *e1, uint64_t now_ns)
{
	unsigned told = run_delay(e1, &e1->rx_delay, now_ns) + run_delay(e1, &e1->tx_delay, now_ns);

	return told + (e1_by_vector(e1) ? drive_vectors(e1, now_ns) : drive_line(e1, now_ns));
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t e1_irq_due(const struct e1 *e1)
{
	uint64_t due = UINT64_MAX;

	if (e1->rx_delay.causes)
		due = e1->rx_delay.due_ns;
	if (e1->tx_delay.causes)
		due = earlier(due, e1->tx_delay.due_ns);
	if (!e1_by_vector(e1))
		return line_wanted(e1) && !e1->line ? earlier(due, e1->due_ns[0]) : due;
	for (uint32_t left = e1->pending; left; left &= left - 1)
		due = earlier(due, e1->due_ns[__builtin_ctz(left)]);
	return due;
}

/* --- registers ------------------------------------------------------------------------------------------------------------ */

static uint32_t causes_read(const struct e1 *e1)
{
	bool asserted = e1->asserted || e1->causes & e1->mask;

	return e1->causes | (!e1_is_4x(e1) && asserted ? ICR_ASSERTED : 0);
}

static void auto_mask(struct e1 *e1)
{
	if (!e1_is_4x(e1) && e1_get(e1, E1000_CTRL_EXT) & CTRL_EXT_IAME)
		e1->mask &= ~e1_get(e1, E1000_IAM);
}

/* Reading clears; on PCI Express only when there was an interrupt or everything is masked (82574 datasheet, 10.2.4.1). */
static uint32_t read_causes(struct e1 *e1)
{
	uint32_t value = causes_read(e1);
	bool always = e1_is_4x(e1) || !e1->mask || (e1_is_76(e1) && e1_get(e1, IGB_GPIE) & GPIE_NSICR);

	if (value & ICR_ASSERTED)
		auto_mask(e1);
	if (always || value & ICR_ASSERTED) {
		e1->causes = 0;
		e1->asserted = false;
	}
	settle(e1, sim_now_ns(&e1->nic));
	return value;
}

static uint32_t read_vectors(struct e1 *e1, bool peek)
{
	uint32_t value = e1->vectors;

	if (!e1_by_vector(e1) && e1->causes & e1->mask)
		value |= EICR_OTHER;
	if (!peek) {
		e1->vectors = 0;
		settle(e1, sim_now_ns(&e1->nic));
	}
	return value;
}

uint32_t e1_irq_read(struct e1 *e1, uint32_t offset, bool peek)
{
	switch (offset) {
	case E1000_ICR:
		return peek ? causes_read(e1) : read_causes(e1);
	case E1000_ICS:
		return causes_read(e1);
	case IGB_EICR:
		return read_vectors(e1, peek);
	case IGB_EICS:
		return e1->vectors;
	case IGB_EIMS:
	case IGB_EIMC:
		return e1->vector_mask;
	default:
		return e1->mask;
	}
}

static void unmask_vectors(struct e1 *e1, uint32_t vectors)
{
	e1->vector_mask |= vectors;
	e1->pending |= e1->vectors & vectors & EICR_VECTORS;
}

void e1_irq_write(struct e1 *e1, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case E1000_ICR:
		auto_mask(e1);
		e1->causes &= ~value;
		e1->asserted &= e1->causes != 0;
		break;
	case E1000_ICS:
		raise_causes(e1, value & ~ICR_ASSERTED);
		break;
	case E1000_IMS:
		e1->mask |= value;
		if (e1_by_vector(e1))
			e1_vector_causes(e1, e1->causes & value);
		break;
	case E1000_IMC:
		e1->mask &= ~value;
		break;
	case IGB_EICR:
		e1->vectors &= ~value;
		break;
	case IGB_EICS:
		e1_vector_raise(e1, value);
		break;
	case IGB_EIMS:
		unmask_vectors(e1, value);
		break;
	case IGB_EIMC:
		e1->vector_mask &= ~value;
		break;
	default:
		break;
	}
	settle(e1, sim_now_ns(&e1->nic));
}

void e1_irq_reset(struct e1 *e1)
{
	e1->causes = e1->mask = e1->vectors = e1->vector_mask = e1->pending = 0;
	e1->asserted = false;
	memset(e1->due_ns, 0, sizeof(e1->due_ns));
	memset(&e1->rx_delay, 0, sizeof(e1->rx_delay));
	memset(&e1->tx_delay, 0, sizeof(e1->tx_delay));
	if (e1->line)
		sim_irq_legacy(&e1->nic, false);
	e1->line = false;
}
