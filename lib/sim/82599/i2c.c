/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The SFP+ module, as a slave on the two pins of I2CCTL: an optical one for 10GBASE-SR (SFF-8472). Both lines are open
 * drain, so a line that both sides leave alone is high.
 */
#include "model.h"

#define ADDRESS_IDENTITY 0xa0

static void put_text(uint8_t *at, const char *text, size_t room)
{
	for (size_t i = 0; i < room; i++)
		at[i] = *text ? (uint8_t)*text++ : ' ';
}

static uint8_t sum(const uint8_t *from, const uint8_t *to)
{
	uint8_t all = 0;

	while (from < to)
		all = (uint8_t)(all + *from++);
	return all;
}

void ix_i2c_open(struct ix *ix)
{
	uint8_t *id = ix->i2c.memory[0];

	ix->i2c.scl = ix->i2c.sda = true;
	id[0] = 0x03;  /* SFP */
	id[1] = 0x04;  /* known by this interface only */
	id[2] = 0x07;  /* LC */
	id[3] = 0x10;  /* 10GBASE-SR */
	id[11] = 0x06; /* 64B/66B */
	id[12] = 103;  /* 10.3 Gbit/s */
	id[16] = 8;    /* metres of OM2, in tens */
	id[17] = 3;
	id[19] = 30;
	put_text(id + 20, "WEIR", 16);
	id[37] = 0x00; /* the vendor: Intel, whose modules every driver takes */
	id[38] = 0x1b;
	id[39] = 0x21;
	put_text(id + 40, "SIM-SR", 16);
	put_text(id + 56, "1", 4);
	id[60] = 850 >> 8;
	id[61] = 850 & 0xff;
	id[63] = sum(id, id + 63);
	id[65] = 0x1a; /* transmit disable, fault, loss of signal */
	put_text(id + 68, "0001", 16);
	put_text(id + 84, "260101", 8);
	id[95] = sum(id + 64, id + 95);
}

static bool ours(uint8_t address)
{
	return (address & 0xfc) == ADDRESS_IDENTITY; /* and 0xa2, reading and writing */
}

static uint8_t *here(struct ix_i2c *i2c)
{
	return &i2c->memory[(i2c->address & 2) >> 1][i2c->offset];
}

/* A whole byte has come from the master. Returns whether it is acknowledged. */
static bool take_byte(struct ix_i2c *i2c)
{
	switch (i2c->state) {
	case I2C_ADDRESS:
		if (!ours(i2c->shift)) {
			i2c->state = I2C_IDLE;
			return false;
		}
		i2c->address = i2c->shift;
		i2c->state = i2c->shift & 1 ? I2C_READ : I2C_OFFSET;
		return true;
	case I2C_OFFSET:
		i2c->offset = i2c->shift;
		i2c->state = I2C_WRITE;
		return true;
	case I2C_WRITE:
		*here(i2c) = i2c->shift;
		i2c->offset++;
		return true;
	default:
		return false;
	}
}

/* Bits 0 to 7 are data, 8 is the acknowledgement. A line changes while the clock is low and is read while it is high. */
static void clock_falls(struct ix_i2c *i2c)
{
	bool was_reading = i2c->state == I2C_READ;

	i2c->low = false;
	if (i2c->state == I2C_IDLE)
		return;
	if (i2c->bits == 8 && !was_reading) {
		i2c->low = take_byte(i2c);
		return;
	}
	if (i2c->bits == 9) {
		i2c->bits = 0;
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

void ix_i2c_write(struct ix *ix, uint32_t value)
{
	struct ix_i2c *i2c = &ix->i2c;
	bool scl = value & I2CCTL_CLK_OUT, sda = value & I2CCTL_DATA_OUT;

	if (!ix->variant->sfp)
		return;
	if (i2c->scl && scl && sda != i2c->sda) {
		/* The data line moves while the clock is high: a start or a stop. */
		i2c->state = sda ? I2C_IDLE : I2C_ADDRESS;
		i2c->bits = 0;
		i2c->shift = 0;
		i2c->low = false;
		i2c->sda = sda;
		return;
	}
	i2c->sda = sda;
	if (scl && !i2c->scl)
		clock_rises(i2c);
	else if (!scl && i2c->scl)
		clock_falls(i2c);
	i2c->scl = scl;
}

uint32_t ix_i2c_read(const struct ix *ix)
{
	uint32_t value = ix_get(ix, IXGBE_I2CCTL) & ~(I2CCTL_CLK_IN | I2CCTL_DATA_IN);

	if (value & I2CCTL_CLK_OUT)
		value |= I2CCTL_CLK_IN;
	if (value & I2CCTL_DATA_OUT && !ix->i2c.low)
		value |= I2CCTL_DATA_IN;
	return value;
}
