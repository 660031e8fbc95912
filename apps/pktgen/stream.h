/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Streams: what is to be sent, as a file, a command line or a program says it.
 *
 * The text is YAML (of which JSON is a part), read by libyaml; weir-pktgen(1) describes it. Sizes of frames are as RFC 2544
 * counts them, with the CRC: 64 to 1518 bytes.
 */
#ifndef PKTGEN_STREAM_H
#define PKTGEN_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "field.h"
#include "rate.h"
#include "template.h"

struct payload;

#define STREAMS_MAX  4096u
#define STREAM_NAME  32
#define STREAM_FLOWS 1000000000u

enum spacing {
	SPACING_CONSTANT,
	SPACING_POISSON,
	SPACING_BURST, /* so many at once, and then a pause that keeps the rate */
};

/* A capture to be sent instead of packets from a template. */
struct stream_replay {
	char *file;     /* NULL: none */
	double speed;   /* times as fast as recorded; 0: at the stream's rate, or its share of the port's */
	uint64_t loops; /* 0: for ever */
	bool set_src, set_dst;
	uint8_t src[6], dst[6];
};

struct stream {
	char name[STREAM_NAME];
	uint16_t id;      /* as in signatures: its place in the set */
	unsigned port;    /* number of the port that sends it */
	unsigned line;    /* of the text where it begins */
	uint32_t weight;  /* among the streams of a port that have no rate of their own */
	struct rate rate; /* RATE_NONE: it shares in the port's, by weight */
	enum spacing spacing;
	uint32_t burst; /* SPACING_BURST */
	uint64_t count; /* packets; 0: no limit */
	uint64_t flows; /* packets until its fields are as at first again; 0: never */
	uint64_t seed;  /* of spacing and random sizes */
	bool sign;      /* packets that have room for it carry a signature (payload.h) */

	struct field size; /* of frames, with the CRC: a value for each packet; .offset and the like mean nothing */
	double mean_size;  /* of a replay: a guess */
	struct template template;
	unsigned field_count;
	struct field *fields;
	struct stream_replay replay;
};

struct stream_set {
	unsigned count;
	struct stream *streams;
};

#define STREAM_ERROR 512

/*
 * Reads the streams that @text (of @len bytes) describes, and adds them to @set, which is zeroed or was filled before.
 * @name is the file's, for messages. Returns 0, or -EINVAL or -ENOMEM with a sentence in @error, "NAME:LINE: ...", and
 * @set as it was.
 */
int stream_read(struct stream_set *set, const char *name, const char *text, size_t len, char error[STREAM_ERROR]);

/* The same for the whole file @path ("-": standard input). Returns also the -errno of opening and reading it. */
int stream_read_file(struct stream_set *set, const char *path, char error[STREAM_ERROR]);

void stream_free(struct stream *stream);
void stream_set_free(struct stream_set *set);

/* The least, the largest and the mean of a stream's sizes, and what a packet costs on average in @unit (rate_cost()). */
void stream_size_bounds(const struct stream *stream, uint32_t *least, uint32_t *most);
double stream_mean_size(const struct stream *stream);
double stream_mean_cost(const struct stream *stream, enum rate_unit unit);

/*
 * Makes frame number @n of a stream at @frame: headers, fields, lengths and payload, but neither signature nor checksums
 * (template_checksums()). Returns its length, without the CRC.
 */
unsigned stream_frame(const struct stream *stream, const struct payload *payload, uint64_t n, uint8_t *frame);

#endif
