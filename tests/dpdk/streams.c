/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Streams of TCP that a card may coalesce.
 */
#include "streams.h"

#include <string.h>

#include "frames.h"
#include "weir/wire.h"

#define FIRST 0xffffff00u /* sequence number: it wraps on the way */

/* Offsets in a frame without tag and options. */
#define AT_IP_LEN  16
#define AT_SOURCE  29 /* last byte of the address: number of the stream */
#define AT_SEQ     38
#define AT_PAYLOAD 54

static size_t segment(uint8_t *frame, unsigned stream, unsigned i)
{
	struct frame_ip what = {
		.protocol = WEIR_IP_TCP,
		.src = (uint8_t)stream,
		.dst = 99,
		.src_port = 1000,
		.dst_port = 2000,
		.seq = FIRST + i * STREAM_PAYLOAD,
		.tcp_flags = i + 1 < STREAM_SEGMENTS ? WEIR_TCP_ACK : WEIR_TCP_ACK | WEIR_TCP_PSH,
		.payload = STREAM_PAYLOAD,
	};

	return frame_ip(frame, &what);
}

void streams_send(struct streams *streams, struct weir_sim_nic *nic)
{
	uint8_t frame[AT_PAYLOAD + STREAM_PAYLOAD];

	memset(streams, 0, sizeof(*streams));
	for (unsigned i = 0; i < STREAMS * STREAM_SEGMENTS; i++)
		streams->wrong |= weir_sim_send(nic, frame, segment(frame, i % STREAMS, i / STREAMS)) != 0;
}

void streams_take(struct streams *streams, const uint8_t *packet, size_t len)
{
	unsigned stream = packet[AT_SOURCE];
	size_t payload = len - AT_PAYLOAD, *at;

	if (len <= AT_PAYLOAD || stream >= STREAMS || payload > STREAM_BYTES - streams->len[stream]) {
		streams->wrong = true;
		return;
	}
	at = &streams->len[stream];
	streams->wrong |= weir_load_be16(packet + AT_IP_LEN) != len - 14;
	streams->wrong |= weir_load_be32(packet + AT_SEQ) != (uint32_t)(FIRST + *at);
	memcpy(streams->bytes[stream] + *at, packet + AT_PAYLOAD, payload);
	*at += payload;
	streams->packets++;
}

bool streams_complete(const struct streams *streams)
{
	for (unsigned i = 0; i < STREAMS; i++)
		if (streams->len[i] < STREAM_BYTES)
			return false;
	return true;
}

bool streams_right(const struct streams *streams)
{
	uint8_t frame[AT_PAYLOAD + STREAM_PAYLOAD];

	for (unsigned i = 0; i < STREAMS * STREAM_SEGMENTS; i++) {
		segment(frame, i % STREAMS, i / STREAMS);
		if (memcmp(streams->bytes[i % STREAMS] + i / STREAMS * STREAM_PAYLOAD, frame + AT_PAYLOAD,
		           STREAM_PAYLOAD))
			return false;
	}
	return !streams->wrong;
}
