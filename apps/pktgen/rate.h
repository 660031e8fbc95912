/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rates as people write them: "1.5 Mpps", "10 Gbps" (with what the medium adds to each frame: layer 1), "9.5 Gbps L2"
 * (the frames with their CRC), "50 %" of the link (of layer 1), "max".
 */
#ifndef PKTGEN_RATE_H
#define PKTGEN_RATE_H

#include <stdint.h>

/* What Ethernet adds to the bytes that a program sees: the CRC; and preamble, start and gap. */
#define FRAME_CRC 4u
#define FRAME_GAP 20u

enum rate_unit {
	RATE_NONE,    /* not said */
	RATE_MAX,     /* as fast as the port takes them */
	RATE_PPS,     /* packets per second */
	RATE_L1,      /* bits per second, with CRC, preamble and gap */
	RATE_L2,      /* bits per second, with the CRC */
	RATE_PERCENT, /* of the link's bits per second, layer 1 */
};

struct rate {
	enum rate_unit unit;
	double value;
};

#define RATE_TEXT 32

/* Reads @text. Returns 0, or -EINVAL. */
int rate_parse(const char *text, struct rate *rate);

/* Writes @rate as it could be read again. Returns @text. */
const char *rate_print(char text[RATE_TEXT], const struct rate *rate);

/* What RATE_PERCENT means on a link of @mbps. Other rates stay as they are. */
struct rate rate_on_link(const struct rate *rate, double mbps);

/* What a frame of @len bytes (without its CRC) costs in the rate's unit: 1, or bits. */
static inline uint32_t rate_cost(enum rate_unit unit, uint32_t len)
{
	switch (unit) {
	case RATE_L1:
	case RATE_PERCENT:
		return (len + FRAME_CRC + FRAME_GAP) * 8;
	case RATE_L2:
		return (len + FRAME_CRC) * 8;
	default:
		return 1;
	}
}

#endif
