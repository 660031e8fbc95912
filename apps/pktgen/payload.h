/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The signature that a generated packet carries, by which its receiver knows it again.
 *
 *      | headers ... | payload: byte i is i & 0xff ... | signature |      (then Ethernet's CRC, which is the port's affair)
 *                      <--------- covered ----------->
 *
 * It stands at the end of the frame, so that routers, and tunnels that begin or end on the way, do not move it; where a
 * device on the way has padded the frame, it stands at the end of the IP packet (weir_parsed.end). There are two forms,
 * told apart by the magic number. Which one a frame has is said by its own size: the long one where the payload has room
 * for it, else the short one, else none. An Ethernet frame of 64 bytes with UDP over IPv4 has room for just the short one.
 *
 *                     long, 28 bytes           short, 18 bytes
 *      magic          32 bits                  16 bits
 *      stream         16 bits                  16 bits
 *      covered        16 bits                  not there: only the signature itself is covered
 *      sequence       64 bits                  48 bits, the lower ones
 *      time_ns        64 bits                  48 bits, the lower ones: 78 hours
 *      check          32 bits                  16 bits, the lower ones
 *
 * All of it is big-endian. The check is the CRC32c of the covered payload bytes and of the signature in front of it.
 */
#ifndef PKTGEN_PAYLOAD_H
#define PKTGEN_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#define PAYLOAD_MAGIC       0x77656972u /* "weir" */
#define PAYLOAD_MAGIC_SHORT 0x7765u
#define PAYLOAD_LONG        28u
#define PAYLOAD_SHORT       18u
#define PAYLOAD_BITS_SHORT  48

/* Most bytes of a frame, without its CRC. */
#define FRAME_MAX 16384u

/* What is read from a signature. */
struct payload_mark {
	uint16_t stream;
	bool whole;        /* the check is right */
	uint8_t bits;      /* of @sequence and @time_ns that there are: 64 or 48 */
	uint64_t sequence; /* from 0 on in each stream, one more with each packet */
	uint64_t time_ns;  /* of pktgen_now(), just before the packet was handed to its port */
};

/* How the payload begins is the same in all packets: what its bytes are, and the CRC32c of the first n of them. */
struct payload {
	uint8_t byte[FRAME_MAX];
	uint32_t crc[FRAME_MAX + 1];
};

void payload_init(struct payload *payload);

/*
 * Writes a signature to the end of the frame of @len bytes at @frame, whose payload begins with byte @from, is as @payload
 * says, and is long enough for the short form at least.
 */
void payload_sign(const struct payload *payload, uint8_t *frame, unsigned len, unsigned from, uint16_t stream,
                  uint64_t sequence, uint64_t time_ns);

/*
 * Reads the signature that ends with the @end bytes at @frame. Returns false when there is none: it is not a packet of
 * ours. A damaged packet of ours is one with mark->whole false, as long as the magic number can still be read.
 */
bool payload_read(const uint8_t *frame, unsigned end, struct payload_mark *mark);

/* The lower @bits of a number are @lower: which is it, given that it is near @near? */
static inline uint64_t payload_extend(uint64_t lower, unsigned bits, uint64_t near)
{
	uint64_t span = bits < 64 ? 1ull << bits : 0, value;

	if (!span)
		return lower;
	value = (near & ~(span - 1)) | lower;
	if (value > near && value - near > span / 2 && value >= span)
		return value - span;
	if (near > value && near - value > span / 2)
		return value + span;
	return value;
}

#endif
