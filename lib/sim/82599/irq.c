/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Interrupts (82599 datasheet 7.3). A cause is of a queue, which IVAR leads to a vector, or another one, all of which
 * IVAR_MISC leads to one vector. A vector is throttled by its EITR.
 *
 * Without GPIE.MSIX a queue's cause is a bit of EICR instead, and everything shares vector 0 or the line.
 */
#include "model.h"

#define OTHER_CAUSES (~(uint32_t)EICR_QUEUES & ~EICR_OTHER)
#define EITR_NS      2048
#define NOT_MAPPED   SIM_VECTORS

static bool by_vector(const struct ix *ix)
{
	return ix_get(ix, IXGBE_GPIE) & GPIE_MSIX;
}

static unsigned misc_vector(const struct ix *ix)
{
	uint32_t entry = ix_get(ix, IXGBE_IVAR_MISC) >> 8 & 0xff;

	return entry & IVAR_VALID ? entry & IVAR_VECTOR : NOT_MAPPED;
}

static uint64_t interval_ns(const struct ix *ix, unsigned vector)
{
	uint32_t offset = vector < 24 ? IXGBE_AT(EITR, vector) : IXGBE_AT(EITR24, vector - 24);

	return (uint64_t)field_of(EITR_INTERVAL, ix_get(ix, offset)) * EITR_NS;
}

static bool lost_its_reason(const struct ix *ix, unsigned vector)
{
	bool queue = ix->causes & ix->mask & 1ull << vector;
	bool other = vector == misc_vector(ix) && ix->other & ix->other_mask;

	return !queue && !other;
}

/* Sends the message of a vector; then what is told clears and masks itself as EIAC and EIAM say. */
static void fire(struct ix *ix, unsigned vector, uint64_t now_ns)
{
	uint32_t clear = ix_get(ix, IXGBE_EIAC);
	uint64_t bit = 1ull << vector;

	ix_rsc_expire(ix, vector);
	ix->pending &= ~bit;
	ix->due_ns[vector] = now_ns + interval_ns(ix, vector);
	if (vector >= 16 || clear & bit)
		ix->causes &= ~bit;
	if (vector == misc_vector(ix))
		ix->other &= ~clear;
	if (ix_get(ix, IXGBE_GPIE) & GPIE_EIAME) {
		ix->mask &= ~(ix->auto_mask & bit);
		if (vector == misc_vector(ix))
			ix->other_mask &= ~ix->other_auto_mask;
	}
	sim_irq_msix(&ix->nic, vector);
}

/* The line, or without GPIE.MSIX the only message. */
static unsigned drive_line(struct ix *ix, uint64_t now_ns)
{
	bool want = (ix->causes & ix->mask & EICR_QUEUES) || (ix->other & ix->other_mask);

	if (want == ix->line || (want && now_ns < ix->due_ns[0]))
		return 0;
	ix->line = want;
	if (want)
		ix_rsc_expire(ix, 0);
	if (want)
		ix->due_ns[0] = now_ns + interval_ns(ix, 0);
	if (!sim_irq_msix_enabled(&ix->nic))
		sim_irq_legacy(&ix->nic, want);
	else if (want)
		sim_irq_msix(&ix->nic, 0);
	return want;
}

unsigned ix_irq_run(struct ix *ix, uint64_t now_ns)
{
	unsigned fired = 0;
	uint64_t left;

	if (!by_vector(ix))
		return drive_line(ix, now_ns);
	for (left = ix->pending; left; left &= left - 1) {
		unsigned vector = (unsigned)__builtin_ctzll(left);

		if (lost_its_reason(ix, vector)) {
			ix->pending &= ~(1ull << vector);
		} else if (now_ns >= ix->due_ns[vector]) {
			fire(ix, vector, now_ns);
			fired++;
		}
	}
	return fired;
}

/* When a throttle lets something through. */
uint64_t ix_irq_due(const struct ix *ix)
{
	bool want = (ix->causes & ix->mask & EICR_QUEUES) || (ix->other & ix->other_mask);
	uint64_t due = UINT64_MAX;

	if (!by_vector(ix))
		return want && !ix->line ? ix->due_ns[0] : due;
	for (uint64_t left = ix->pending; left; left &= left - 1)
		if (ix->due_ns[__builtin_ctzll(left)] < due)
			due = ix->due_ns[__builtin_ctzll(left)];
	return due;
}

static void settle(struct ix *ix)
{
	if (by_vector(ix) && !ix->pending)
		return;
	ix_irq_run(ix, sim_now_ns(&ix->nic));
}

static void raise_vectors(struct ix *ix, uint64_t vectors)
{
	ix->causes |= vectors;
	ix->pending |= vectors & ix->mask;
	settle(ix);
}

/* The bit of a queue's cause; 0: it leads nowhere. */
static uint64_t cause_of(const struct ix *ix, unsigned queue, bool tx)
{
	uint32_t entry = ix_get(ix, IXGBE_AT(IVAR, queue / 2)) >> (queue % 2 * 16 + (tx ? 8 : 0)) & 0xff;

	return entry & IVAR_VALID ? 1ull << (entry & (by_vector(ix) ? IVAR_VECTOR : 0xf)) : 0;
}

void ix_irq_queue(struct ix *ix, unsigned queue, bool tx)
{
	uint64_t cause = cause_of(ix, queue, tx);

	if (cause)
		raise_vectors(ix, cause);
}

/* The throttle is passed by. */
void ix_irq_immediate(struct ix *ix, unsigned queue)
{
	unsigned vector = ix_irq_vector(ix, queue);

	if (vector < SIM_VECTORS)
		ix->due_ns[vector] = 0;
	ix_irq_queue(ix, queue, false);
}

void ix_irq_note(struct ix *ix, unsigned queue)
{
	ix->causes |= cause_of(ix, queue, false);
}

unsigned ix_irq_vector(const struct ix *ix, unsigned queue)
{
	uint64_t cause = cause_of(ix, queue, false);

	return !cause ? NOT_MAPPED : by_vector(ix) ? (unsigned)__builtin_ctzll(cause) : 0;
}

void ix_irq_throttle(struct ix *ix, unsigned vector, uint64_t now_ns)
{
	if (ix->due_ns[vector] <= now_ns)
		ix->due_ns[vector] = now_ns + interval_ns(ix, vector);
}

void ix_irq_other(struct ix *ix, uint32_t causes)
{
	unsigned vector = misc_vector(ix);

	ix->other |= causes & OTHER_CAUSES;
	if (vector < SIM_VECTORS && ix->other & ix->other_mask)
		ix->pending |= 1ull << vector;
	settle(ix);
}

/* What was masked and comes through now. */
static void unmask(struct ix *ix, uint64_t vectors, uint32_t other)
{
	ix->mask |= vectors;
	ix->other_mask |= other & OTHER_CAUSES;
	ix->pending |= ix->causes & vectors;
	if (ix->other & other && misc_vector(ix) < SIM_VECTORS)
		ix->pending |= 1ull << misc_vector(ix);
	settle(ix);
}

static void mask(struct ix *ix, uint64_t vectors, uint32_t other)
{
	ix->mask &= ~vectors;
	ix->other_mask &= ~other;
	settle(ix);
}

static void clear(struct ix *ix, uint64_t vectors, uint32_t other)
{
	ix->causes &= ~vectors;
	ix->other &= ~other;
	settle(ix);
}

static uint32_t causes(const struct ix *ix)
{
	return ((uint32_t)ix->causes & EICR_QUEUES) | ix->other | (ix->other ? EICR_OTHER : 0);
}

/* Reading clears. GPIE.OCD keeps the queues' bits; without vectors EIAM masks what is read. */
static uint32_t read_causes(struct ix *ix)
{
	uint32_t value = causes(ix);

	if (!by_vector(ix)) {
		ix->mask &= ~(ix->auto_mask & EICR_QUEUES);
		ix->other_mask &= ~ix->other_auto_mask;
	}
	clear(ix, by_vector(ix) && ix_get(ix, IXGBE_GPIE) & GPIE_OCD ? 0 : EICR_QUEUES, OTHER_CAUSES);
	return value;
}

uint32_t ix_irq_read(struct ix *ix, uint32_t offset, bool peek)
{
	switch (offset) {
	case IXGBE_EICR:
		return peek ? causes(ix) : read_causes(ix);
	case IXGBE_EICS:
		return causes(ix);
	case IXGBE_EIMS:
	case IXGBE_EIMC:
		return ((uint32_t)ix->mask & EICR_QUEUES) | ix->other_mask;
	case IXGBE_EIAM:
		return ((uint32_t)ix->auto_mask & EICR_QUEUES) | ix->other_auto_mask;
	case IXGBE_EICS_EX:
		return (uint32_t)ix->causes;
	case IXGBE_EICS_EX + 4:
		return (uint32_t)(ix->causes >> 32);
	case IXGBE_EIMS_EX:
	case IXGBE_EIMC_EX:
		return (uint32_t)ix->mask;
	case IXGBE_EIMS_EX + 4:
	case IXGBE_EIMC_EX + 4:
		return (uint32_t)(ix->mask >> 32);
	case IXGBE_EIAM_EX:
		return (uint32_t)ix->auto_mask;
	default:
		return (uint32_t)(ix->auto_mask >> 32);
	}
}

void ix_irq_write(struct ix *ix, uint32_t offset, uint32_t value)
{
	uint64_t queues = value & EICR_QUEUES, high = (uint64_t)value << 32;
	uint32_t other = value & OTHER_CAUSES;

	switch (offset) {
	case IXGBE_EICR:
		clear(ix, queues, other);
		break;
	case IXGBE_EICS:
		raise_vectors(ix, queues);
		ix_irq_other(ix, other);
		break;
	case IXGBE_EICS_EX:
	case IXGBE_EICS_EX + 4:
		raise_vectors(ix, offset == IXGBE_EICS_EX ? value : high);
		break;
	case IXGBE_EIMS:
		unmask(ix, queues, other);
		break;
	case IXGBE_EIMS_EX:
	case IXGBE_EIMS_EX + 4:
		unmask(ix, offset == IXGBE_EIMS_EX ? value : high, 0);
		break;
	case IXGBE_EIMC:
		mask(ix, queues, other);
		break;
	case IXGBE_EIMC_EX:
	case IXGBE_EIMC_EX + 4:
		mask(ix, offset == IXGBE_EIMC_EX ? value : high, 0);
		break;
	case IXGBE_EIAM:
		ix->auto_mask = (ix->auto_mask & ~(uint64_t)EICR_QUEUES) | queues;
		ix->other_auto_mask = other;
		break;
	case IXGBE_EIAM_EX:
		ix->auto_mask = (ix->auto_mask & ~0xffffffffull) | value;
		break;
	case IXGBE_EIAM_EX + 4:
		ix->auto_mask = (ix->auto_mask & 0xffffffffull) | high;
		break;
	default:
		break;
	}
}

void ix_irq_reset(struct ix *ix)
{
	ix->causes = ix->mask = ix->auto_mask = ix->pending = 0;
	ix->other = ix->other_mask = ix->other_auto_mask = 0;
	memset(ix->due_ns, 0, sizeof(ix->due_ns));
	if (ix->line)
		sim_irq_legacy(&ix->nic, false);
	ix->line = false;
}
