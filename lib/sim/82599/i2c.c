/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two-wire bus to the SFP+ module, with the module as slave, on the pins of I2CCTL. Both lines are open drain, so a line
 * that both sides leave alone is high.
 *
 * The module may hold the clock low for a while after each byte (a card's option: stretch=MICROSECONDS): a master has to
 * see the clock high before it goes on. Clocks above 100 kHz, and data that moves together with the clock, are listed.
 */
#include "model.h"

#define ADDRESS_IDENTITY    0xa0
#define ADDRESS_DIAGNOSTICS 0xa2
#define WRITABLE            110 /* in the second memory, from here on */

/* Of 100 kHz, a tenth less, because two clocks may differ. */
#define LOW_NS  4230u
#define HIGH_NS 3600u

static bool ours(const struct ix *ix, uint8_t address)
{
	return (address & 0xfe) == ADDRESS_IDENTITY ? ix_module_has(ix, 0)
	                                            : (address & 0xfe) == ADDRESS_DIAGNOSTICS && ix_module_has(ix, 1);
}

static uint8_t *here(struct ix_i2c *i2c)
{
	return &i2c->memory[(i2c->address & 2) >> 1][i2c->offset];
}

/* A whole byte has come from the master. Returns whether it is acknowledged. */
static bool take_byte(struct ix *ix, struct ix_i2c *i2c)
{
	switch (i2c->state) {
	case I2C_ADDRESS:
		if (!ours(ix, i2c->shift)) {
			i2c->state = I2C_IDLE;
			return false;
		}
		i2c->address = i2c->shift;
		i2c->state = i2c->shift & 1 ? I2C_READ : I2C_OFFSET;
		if (i2c->address & 2)
			ix_module_measure(ix);
		return true;
	case I2C_OFFSET:
		i2c->offset = i2c->shift;
		i2c->state = I2C_WRITE;
		return true;
	case I2C_WRITE:
		if (i2c->address & 2 && i2c->offset >= WRITABLE)
			*here(i2c) = i2c->shift;
		i2c->offset++;
		return true;
	default:
		return false;
	}
}

/* Bits 0 to 7 are data, 8 is the acknowledgement. A line changes while the clock is low and is read while it is high. */
static void clock_falls(struct ix *ix, struct ix_i2c *i2c, uint64_t now_ns)
{
	bool was_reading = i2c->state == I2C_READ;

	i2c->low = false;
	if (i2c->state == I2C_IDLE)
		return;
	if (i2c->bits == 8 && !was_reading) {
		i2c->low = take_byte(ix, i2c);
		return;
	}
	if (i2c->bits == 9) {
		i2c->bits = 0;
		i2c->held_until_ns = now_ns + (uint64_t)ix->stretch_us * 1000;
		if (was_reading)
			i2c->shift = *here(i2c);
	}
	if (i2c->state == I2C_READ && i2c->bits < 8)
		i2c->low = !(i2c->shift & (0x80 >> i2c->bits));
}

static void clock_rises(struct ix_i2c *i2c)
{
	if (i2c->state == I2C_IDLE)
		return;
	if (i2c->bits < 8 && i2c->state != I2C_READ)
		i2c->shift = (uint8_t)(i2c->shift << 1 | i2c->sda);
	if (i2c->bits == 8 && i2c->state == I2C_READ && !i2c->low) {
		/* The master acknowledges if it wants one more. */
		i2c->offset++;
		if (i2c->sda)
			i2c->state = I2C_IDLE;
	}
	i2c->bits++;
}

/* Tells once between a start and the next. */
static void forbidden(struct ix *ix, const char *what)
{
	if (!ix->i2c.told)
		sim_violation(&ix->nic, "I2C", "%s", what);
	ix->i2c.told = true;
}

static void start_or_stop(struct ix_i2c *i2c, bool stop)
{
	i2c->state = stop ? I2C_IDLE : I2C_ADDRESS;
	i2c->bits = 0;
	i2c->shift = 0;
	i2c->low = false;
	if (!stop)
		i2c->told = false;
}

static void clock_moves(struct ix *ix, bool up, uint64_t now_ns)
{
	struct ix_i2c *i2c = &ix->i2c;

	if (i2c->state != I2C_IDLE && now_ns - i2c->moved_ns < (up ? LOW_NS : HIGH_NS))
		forbidden(ix, up ? "the clock was low for less than 4.7 us" : "the clock was high for less than 4 us");
	i2c->scl = up;
	i2c->moved_ns = now_ns;
	if (up)
		clock_rises(i2c);
	else
		clock_falls(ix, i2c, now_ns);
}

/* The master's wish for a high clock comes true when the module lets go. */
static void let_go(struct ix *ix, uint64_t now_ns)
{
	struct ix_i2c *i2c = &ix->i2c;

	if (i2c->wants_scl && !i2c->scl && now_ns >= i2c->held_until_ns)
		clock_moves(ix, true, now_ns);
}

void ix_i2c_write(struct ix *ix, uint32_t value)
{
	bool scl = value & I2CCTL_CLK_OUT, sda = value & I2CCTL_DATA_OUT;
	uint64_t now_ns = sim_now_ns(&ix->nic);
	struct ix_i2c *i2c = &ix->i2c;

	let_go(ix, now_ns);
	if (sda != i2c->sda && scl != i2c->scl && i2c->state != I2C_IDLE)
		forbidden(ix, "data and clock move together");
	if (i2c->scl && scl && sda != i2c->sda)
		start_or_stop(i2c, sda);
	i2c->sda = sda;
	if (i2c->wants_scl && !i2c->scl && !scl)
		forbidden(ix, "the clock falls while the module still holds it");
	i2c->wants_scl = scl;
	if (scl)
		let_go(ix, now_ns);
	else if (i2c->scl)
		clock_moves(ix, false, now_ns);
}

uint32_t ix_i2c_read(struct ix *ix)
{
	uint32_t value = ix_get(ix, IXGBE_I2CCTL) & ~(I2CCTL_CLK_IN | I2CCTL_DATA_IN);

	let_go(ix, sim_now_ns(&ix->nic));
	if (ix->i2c.scl)
		value |= I2CCTL_CLK_IN;
	if (value & I2CCTL_DATA_OUT && !ix->i2c.low)
		value |= I2CCTL_DATA_IN;
	return value;
}

void ix_i2c_reset(struct ix *ix)
{
	struct ix_i2c *i2c = &ix->i2c;

	i2c->state = I2C_IDLE;
	i2c->scl = i2c->sda = i2c->wants_scl = true;
	i2c->low = false;
	i2c->held_until_ns = 0;
}
