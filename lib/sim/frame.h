/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every Ethernet MAC knows of frames. Internal to libweirsim.
 */
#ifndef SIM_FRAME_H
#define SIM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "weir/wire.h"

#define FRAME_CRC 4  /* bytes */
#define FRAME_MIN 60 /* without CRC */

uint32_t frame_crc(const uint8_t *frame, size_t len);

static inline bool frame_is_broadcast(const uint8_t *frame)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return !memcmp(frame, all, 6);
}

/* The number, from 0, of the size class of a frame of @bytes, CRC included: 64, to 127, 255, 511, 1023, and more. */
unsigned frame_size_class(size_t bytes);

/* The quanta of a frame that is a pause (IEEE 802.3, annex 31B), or -1. */
int frame_pause(const uint8_t *frame, size_t len);
void frame_make_pause(uint8_t frame[FRAME_MIN], const uint8_t mac[6], uint16_t quanta);

/* Puts a tag behind the addresses, for which there is room, or takes 4 bytes out at @at. Returns the new length. */
size_t frame_tag(uint8_t *frame, size_t len, size_t at, uint16_t type, uint16_t tci);
size_t frame_untag(uint8_t *frame, size_t len, size_t at);

/*
 * Writes the checksum over [from, end), which includes what its own field holds, into that field. A UDP checksum of 0 is
 * sent as its other form.
 */
void frame_put_sum(uint8_t *frame, size_t from, size_t end, size_t at, bool udp);

/* Adds a length to the sum in a field: a driver that has a packet segmented leaves it out, because only the card knows it. */
void frame_add_length(uint8_t *field, size_t len);

/* Fills a frame up to the smallest that there may be. */
size_t frame_pad(uint8_t *frame, size_t len);

#endif
