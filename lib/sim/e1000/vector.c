/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Causes to messages: with MSI-X the 82574 has a vector for each of five bits of ICR (82574 datasheet, 7.4), the 82576 one
 * for each queue that IVAR names, in EICR, and one for what ICR says (82576 datasheet, 7.3).
 */
#include "model.h"

#define QUEUE_CAUSES 5u /* of the 82574: RXQ0 and up */

bool e1_by_vector(const struct e1 *e1)
{
	if (e1_is_76(e1))
		return e1_get(e1, IGB_GPIE) & GPIE_MSIX;
	return e1_is_74(e1) && sim_irq_msix_enabled(&e1->nic);
}

/* The 82574's causes that lead to @vector. */
static uint32_t causes_of(const struct e1 *e1, unsigned vector)
{
	uint32_t ivar = e1_get(e1, E1000_IVAR), causes = 0;

	for (unsigned i = 0; i < QUEUE_CAUSES; i++)
		if (ivar & IVAR74_VALID(i) && field_of(IVAR74_VECTOR(i), ivar) == vector)
			causes |= ICR_RXQ0 << i;
	return causes;
}

void e1_vector_causes(struct e1 *e1, uint32_t causes)
{
	uint32_t ivar = e1_get(e1, E1000_IVAR), misc;

	causes &= e1->mask;
	if (e1_is_76(e1)) {
		misc = e1_get(e1, IGB_IVAR_MISC) >> 8;
		if (causes && misc & IVAR_VALID)
			e1_vector_raise(e1, 1u << (misc & IVAR_VECTOR));
		return;
	}
	for (unsigned i = 0; i < QUEUE_CAUSES; i++)
		if (causes & ICR_RXQ0 << i && ivar & IVAR74_VALID(i))
			e1->pending |= 1u << field_of(IVAR74_VECTOR(i), ivar);
}

uint32_t e1_vector_of_queue(const struct e1 *e1, unsigned queue, bool tx)
{
	uint32_t entry = e1_get(e1, IGB_AT(IVAR, queue % 8)) >> (queue / 8 * 16 + (tx ? 8 : 0));

	return entry & IVAR_VALID ? 1u << (entry & (e1_by_vector(e1) ? IVAR_VECTOR : 0xf)) : 0;
}

void e1_vector_raise(struct e1 *e1, uint32_t vectors)
{
	e1->vectors |= vectors;
	e1->pending |= vectors & e1->vector_mask & EICR_VECTORS;
}

bool e1_vector_has_reason(const struct e1 *e1, unsigned vector)
{
	if (e1_is_76(e1))
		return e1->vectors & e1->vector_mask & 1u << vector;
	return causes_of(e1, vector) & e1->causes & e1->mask;
}

uint64_t e1_vector_interval_ns(const struct e1 *e1, unsigned vector)
{
	if (e1_is_76(e1))
		return (uint64_t)field_of(EITR_INTERVAL, e1_get(e1, IGB_AT(EITR, vector))) * 1000;
	return vector < E1000_EITR_COUNT ? (uint64_t)field_of(ITR_INTERVAL, e1_get(e1, E1000_AT(EITR, vector))) * 256
	                                 : 0;
}

/* What the message tells clears and masks itself: by EIAC both, unless IAME says otherwise, and by IAM the latter. */
static void settle_74(struct e1 *e1, unsigned vector)
{
	uint32_t control = e1_get(e1, E1000_CTRL_EXT), told = causes_of(e1, vector) & e1->causes & e1->mask;
	uint32_t clear = told & e1_get(e1, E1000_EIAC);

	e1->causes &= ~clear;
	if (!(control & CTRL_EXT_IAME))
		e1->mask &= ~clear;
	if (control & CTRL_EXT_EIAME)
		e1->mask &= ~(told & e1_get(e1, E1000_IAM));
}

static void settle_76(struct e1 *e1, unsigned vector)
{
	e1->vectors &= ~(e1_get(e1, IGB_EIAC) & 1u << vector);
	if (e1_get(e1, IGB_GPIE) & GPIE_EIAME)
		e1->vector_mask &= ~(e1_get(e1, IGB_EIAM) & 1u << vector);
}

void e1_vector_fire(struct e1 *e1, unsigned vector, uint64_t now_ns)
{
	e1->pending &= ~(1u << vector);
	e1->due_ns[vector] = now_ns + e1_vector_interval_ns(e1, vector);
	e1->asserted = true;
	e1_count(e1, E1000_IAC, 1);
	if (e1_is_76(e1))
		settle_76(e1, vector);
	else
		settle_74(e1, vector);
	sim_irq_msix(&e1->nic, vector);
}
