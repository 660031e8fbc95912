/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fields of registers are defined by their mask alone, which says where the value goes. Neutral ground: drivers, models
 * and the tool that shows registers include lib/regs, which includes nothing.
 */
#ifndef REGS_FIELD_H
#define REGS_FIELD_H

#include <stdint.h>

/* @value, in the place that @mask says; what does not fit is cut off. */
static inline uint32_t field(uint32_t mask, uint32_t value)
{
	return (value << __builtin_ctz(mask)) & mask;
}

/* The value of the field @mask in @reg. */
static inline uint32_t field_of(uint32_t mask, uint32_t reg)
{
	return (reg & mask) >> __builtin_ctz(mask);
}

#endif
