/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What cards with advanced descriptors do alike (regs/advanced.h): checksums and segments of what is sent, and where the
 * header of what is received ends. Internal to libweirsim.
 */
#ifndef SIM_ADVANCED_H
#define SIM_ADVANCED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weir/parse.h"

/* A packet to be sent as its context and options say. */
struct adv_tx {
	const uint8_t *data;
	size_t len;
	uint32_t command, options; /* words 2 and 3 of its first descriptor */
	const uint32_t *context;   /* four words */
	uint32_t flags_low,
	    flags_high; /* TCP flags that may stay: of the first segment and those within, of the last */
};

/* Returns what is wrong with it, or NULL. */
const char *adv_tx_wrong(const struct adv_tx *tx);

/* Makes frame number @index, without a tag, in @frame (SIM_FRAME_MAX bytes). Returns its length, 0: there is none. */
size_t adv_tx_frame(const struct adv_tx *tx, unsigned index, uint8_t *frame);

/* How a received packet is split. */
struct adv_split {
	size_t header;         /* bytes for the header buffer */
	uint32_t type, status; /* what the first descriptor's words 0 and 2 say in addition */
};

/*
 * Splits a packet of @len bytes and a type (RXD_TYPE_*) behind its innermost header of @kinds (PSRTYPE), as @control (SRRCTL)
 * has it, which asks for that.
 */
struct adv_split adv_split(uint32_t control, uint32_t kinds, uint32_t type, const struct weir_parsed *parsed,
                           size_t len);

#endif
