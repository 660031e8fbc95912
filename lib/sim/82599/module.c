/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the module in the SFP+ cage says of itself, in two memories of 256 bytes (SFF-8472): 0xa0 tells what it is, 0xa2 how
 * it is. A card's option chooses it: module=sr (the default) and lr are optical, da is a copper cable, none an empty cage.
 */
#include "model.h"

#define LIGHT_TX 5623u /* -2.5 dBm, in units of 0.1 uW */
#define LIGHT_RX 5012u /* -3 dBm */

#define STATUS_TX_OFF 0x80u
#define STATUS_RX_LOS 0x02u
#define RX_LOW        0x40u

static void put_text(uint8_t *at, const char *text, size_t room)
{
	for (size_t i = 0; i < room; i++)
		at[i] = *text ? (uint8_t)*text++ : ' ';
}

static void put_words(uint8_t *at, const uint16_t *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		weir_store_be16(at + 2 * i, words[i]);
}

static uint8_t sum(const uint8_t *from, const uint8_t *to)
{
	uint8_t all = 0;

	while (from < to)
		all = (uint8_t)(all + *from++);
	return all;
}

static void put_optical(uint8_t *id, bool long_reach)
{
	unsigned nanometres = long_reach ? 1310 : 850;

	id[2] = 0x07; /* LC */
	id[3] = long_reach ? 0x20 : 0x10;
	if (long_reach) {
		id[14] = 10; /* km of single-mode fibre */
		id[15] = 100;
	} else {
		id[16] = 8; /* metres of OM2, in tens; of OM1 */
		id[17] = 3;
		id[19] = 30; /* of OM3 */
	}
	weir_store_be16(id + 60, (uint16_t)nanometres);
	id[65] = 0x1a; /* transmit disable, fault, loss of signal */
	id[92] = 0x68; /* diagnostics, calibrated inside, average light */
	id[93] = 0xf0;
	id[94] = 0x05; /* SFF-8472, revision 11.0 */
}

static void put_identity(uint8_t *id, enum ix_module kind)
{
	static const char *const parts[] = { "SIM-SR", "SIM-LR", "SIM-DA" };

	id[0] = 0x03;  /* SFP */
	id[1] = 0x04;  /* known by this interface only */
	id[11] = 0x06; /* 64B/66B */
	id[12] = 103;  /* 10.3 Gbit/s */
	if (kind == MODULE_DA) {
		id[2] = 0x21; /* a pigtail of copper */
		id[8] = 0x04; /* passive */
		id[18] = 3;   /* metres */
	} else {
		put_optical(id, kind == MODULE_LR);
	}
	put_text(id + 20, "WEIR", 16);
	id[37] = 0x00; /* the vendor: Intel, whose modules every driver takes */
	id[38] = 0x1b;
	id[39] = 0x21;
	put_text(id + 40, parts[kind - MODULE_SR], 16);
	put_text(id + 56, "1", 4);
	id[63] = sum(id, id + 63);
	put_text(id + 68, "0001", 16);
	put_text(id + 84, "260101", 8);
	id[95] = sum(id + 64, id + 95);
}

/* Limits of each quantity (alarm high, low, warning high, low), factors of 1, and what is measured. */
static void put_diagnostics(uint8_t *diagnostics)
{
	static const uint16_t limits[] = {
		0x4b00, 0xfb00, 0x4600, 0x0000, /* temperature, 1/256 of a degree: 75, -5, 70, 0 */
		36000,  30000,  35000,  31000,  /* supply, 0.1 mV */
		6600,   2000,   6300,   2500,   /* laser current, 2 uA */
		10000,  2239,   7943,   2818,   /* light out, 0.1 uW */
		12589,  100,    10000,  158,    /* light in */
	};
	static const uint16_t measured[] = { 0x2380, 33000, 3750 }; /* 35.5 degrees, 3.3 V, 7.5 mA */

	put_words(diagnostics, limits, sizeof(limits) / sizeof(*limits));
	diagnostics[68] = 0x3f; /* 1.0 */
	diagnostics[69] = 0x80;
	for (unsigned i = 76; i < 92; i += 4)
		diagnostics[i] = 1;
	diagnostics[95] = sum(diagnostics, diagnostics + 95);
	put_words(diagnostics + 96, measured, 3);
}

void ix_module_open(struct ix *ix)
{
	if (!ix->variant->sfp || ix->module == MODULE_NONE)
		return;
	put_identity(ix->i2c.memory[0], ix->module);
	if (ix->module != MODULE_DA)
		put_diagnostics(ix->i2c.memory[1]);
}

int ix_module_choose(struct ix *ix, const char *name)
{
	static const char *const names[] = {
		[MODULE_SR] = "sr", [MODULE_LR] = "lr", [MODULE_DA] = "da", [MODULE_NONE] = "none"
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]))
			continue;
		ix->module = (enum ix_module)i;
		return 0;
	}
	return -EINVAL;
}

bool ix_module_there(const struct ix *ix)
{
	return ix->variant->sfp && ix->module != MODULE_NONE;
}

bool ix_module_has(const struct ix *ix, unsigned memory)
{
	return ix_module_there(ix) && (!memory || ix->module != MODULE_DA);
}

/* What is measured now: light comes in while the cable is plugged in, and goes out unless pin SDP3 forbids it. */
void ix_module_measure(struct ix *ix)
{
	uint8_t *diagnostics = ix->i2c.memory[1];
	bool on = !(ix_get(ix, IXGBE_ESDP) & ESDP_SDP3), light = ix->nic.link_up;

	weir_store_be16(diagnostics + 102, on ? LIGHT_TX : 0);
	weir_store_be16(diagnostics + 104, light ? LIGHT_RX : 0);
	diagnostics[110] = (on ? 0 : STATUS_TX_OFF) | (light ? 0 : STATUS_RX_LOS);
	diagnostics[113] = light ? 0 : RX_LOW;
	diagnostics[117] = diagnostics[113];
}
