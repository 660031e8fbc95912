/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What every Ethernet MAC knows of frames.
 */
#include "sim/frame.h"

#include "weir/net.h"

#define ETHER_FLOW_CONTROL 0x8808

static const uint8_t pause_address[6] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x01 };

uint32_t frame_crc(const uint8_t *frame, size_t len)
{
	uint32_t crc = ~0u;

	for (size_t i = 0; i < len; i++) {
		crc ^= frame[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

unsigned frame_size_class(size_t bytes)
{
	static const unsigned ends[] = { 64, 127, 255, 511, 1023 };
	unsigned i = 0;

	while (i < sizeof(ends) / sizeof(*ends) && bytes > ends[i])
		i++;
	return i;
}

int frame_pause(const uint8_t *frame, size_t len)
{
	if (len < 18 || memcmp(frame, pause_address, 6) || weir_load_be16(frame + 12) != ETHER_FLOW_CONTROL ||
	    weir_load_be16(frame + 14) != 1)
		return -1;
	return weir_load_be16(frame + 16);
}

void frame_make_pause(uint8_t frame[FRAME_MIN], const uint8_t mac[6], uint16_t quanta)
{
	memset(frame, 0, FRAME_MIN);
	memcpy(frame, pause_address, 6);
	memcpy(frame + 6, mac, 6);
	weir_store_be16(frame + 12, ETHER_FLOW_CONTROL);
	weir_store_be16(frame + 14, 1);
	weir_store_be16(frame + 16, quanta);
}

size_t frame_tag(uint8_t *frame, size_t len, size_t at, uint16_t type, uint16_t tci)
{
	memmove(frame + at + 4, frame + at, len - at);
	weir_store_be16(frame + at, type);
	weir_store_be16(frame + at + 2, tci);
	return len + 4;
}

size_t frame_untag(uint8_t *frame, size_t len, size_t at)
{
	memmove(frame + at, frame + at + 4, len - at - 4);
	return len - 4;
}

void frame_put_sum(uint8_t *frame, size_t from, size_t end, size_t at, bool udp)
{
	uint16_t csum = weir_sum_csum(weir_sum(frame + from, end - from));

	if (udp)
		csum = weir_csum_udp(csum);
	memcpy(frame + at, &csum, sizeof(csum));
}

void frame_add_length(uint8_t *field, size_t len)
{
	uint16_t seed, swapped = weir_be16((uint16_t)len);

	memcpy(&seed, field, sizeof(seed));
	seed = weir_sum_fold((uint32_t)seed + swapped);
	memcpy(field, &seed, sizeof(seed));
}

size_t frame_pad(uint8_t *frame, size_t len)
{
	if (len >= FRAME_MIN)
		return len;
	memset(frame + len, 0, FRAME_MIN - len);
	return FRAME_MIN;
}
