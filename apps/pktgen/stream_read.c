/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads streams.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"
#include "stream.h"
#include "stream_packet.h"
#include "stream_value.h"
#include "stream_yaml.h"

#define TEXT_MAX    (16u << 20) /* bytes of a file */
#define PORT_MAX    255u
#define WEIGHT_MAX  10000u
#define BURST_LIMIT 1000000u
#define SIZE_LEAST  64u
#define SIZE_MOST   FRAME_MAX
#define REPLAY_SIZE 512 /* what a captured packet is taken to have on average, to share a rate in bits among workers */

/* What can be said of a stream; the numbers are bits of what was. */
enum {
	SAID_NAME,
	SAID_PORT,
	SAID_PACKET,
	SAID_REPLAY,
	SAID_SIZE,
	SAID_RATE,
	SAID_WEIGHT,
	SAID_SPACING,
	SAID_COUNT,
	SAID_FLOWS,
	SAID_SEED,
	SAID_SIGNATURE,
	KEYS
};
#define SAID(seen, key) ((seen) >> (key)&1u)

static int read_name(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	struct stream *stream = arg;
	const char *text = doc_text(node);

	if (!text || !*text || strlen(text) >= STREAM_NAME)
		return doc_fail(doc, node, "a name has 1 to %d characters", STREAM_NAME - 1);
	strcpy(stream->name, text);
	return 0;
}

static int read_port(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	uint64_t value = 0;
	int err = doc_number(doc, node, "port", 0, PORT_MAX, &value);

	((struct stream *)arg)->port = (unsigned)value;
	return err;
}

static int read_packet(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	return packet_read(doc, node, arg);
}

static int read_file(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	struct stream_replay *replay = arg;
	const char *text = doc_text(node);

	if (!text || !*text)
		return doc_fail(doc, node, "file is the name of a capture");
	replay->file = strdup(text);
	if (replay->file)
		return 0;
	doc_fail(doc, node, "no memory for a name");
	return -ENOMEM;
}

static int read_speed(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	struct stream_replay *replay = arg;
	const char *text = doc_text(node);
	char *end = NULL;

	if (text && text[0] >= '0' && text[0] <= '9')
		replay->speed = strtod(text, &end);
	if (end && !*end && replay->speed >= 1e-6 && replay->speed <= 1e6)
		return 0;
	return doc_fail(doc, node, "speed says how many times as fast as recorded, such as 1 or 2.5, not '%.80s'",
	                text ? text : "[...]");
}

static int read_loops(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	return doc_number(doc, node, "loop", 0, UINT32_MAX, &((struct stream_replay *)arg)->loops);
}

static int read_mac(const struct doc *doc, const yaml_node_t *node, uint8_t mac[6], bool *set)
{
	const char *text = doc_text(node);

	*set = text && !value_parse_mac(text, mac);
	return *set ? 0
	            : doc_fail(doc, node, "a new address is one like 02:00:00:00:00:01, not '%.80s'",
	                       text ? text : "[...]");
}

static int read_src(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	struct stream_replay *replay = arg;

	return read_mac(doc, node, replay->src, &replay->set_src);
}

static int read_dst(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	struct stream_replay *replay = arg;

	return read_mac(doc, node, replay->dst, &replay->set_dst);
}

static int read_replay(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	static const struct doc_key keys[] = {
		{ "file", read_file }, { "speed", read_speed }, { "loop", read_loops },
		{ "src", read_src },   { "dst", read_dst },     { NULL, NULL },
	};
	struct stream_replay *replay = &((struct stream *)arg)->replay;
	uint32_t seen;
	int err;

	replay->loops = 1;
	err = doc_mapping(doc, node, "a replay", keys, replay, &seen);
	if (!err && !replay->file)
		return doc_fail(doc, node, "a replay needs the name of a capture, file: NAME");
	return err;
}

static int read_size(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	static const struct value_form form = { "size", KIND_NUMBER, SIZE_LEAST, SIZE_MOST };

	return value_read_sizes(doc, node, &form, &((struct stream *)arg)->size);
}

static int read_rate(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	const char *text = doc_text(node);

	if (text && !rate_parse(text, &((struct stream *)arg)->rate))
		return 0;
	return doc_fail(doc, node,
	                "a rate is packets or bits per second, or percents of the link, such as 1.5 Mpps, 10 Gbps, "
	                "9 Gbps L2, 50 %% or max, not '%.80s'",
	                text ? text : "[...]");
}

static int read_weight(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	uint64_t value = 0;
	int err = doc_number(doc, node, "weight", 1, WEIGHT_MAX, &value);

	((struct stream *)arg)->weight = (uint32_t)value;
	return err;
}

static int read_burst(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	uint64_t value = 0;
	int err = doc_number(doc, node, "burst", 1, BURST_LIMIT, &value);

	((struct stream *)arg)->burst = (uint32_t)value;
	return err;
}

/* "constant", "poisson" or {burst: 32}. */
static int read_spacing(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	static const struct doc_key keys[] = { { "burst", read_burst }, { NULL, NULL } };
	struct stream *stream = arg;
	const char *text = doc_text(node);
	uint32_t seen;

	if (doc_pairs(node)) {
		stream->spacing = SPACING_BURST;
		return doc_mapping(doc, node, "spacing", keys, stream, &seen);
	}
	if (text && !strcmp(text, "poisson"))
		stream->spacing = SPACING_POISSON;
	else if (!text || strcmp(text, "constant"))
		return doc_fail(doc, node, "spacing is constant, poisson or {burst: PACKETS}, not '%.80s'",
		                text ? text : "[...]");
	return 0;
}

static int read_count(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	return doc_number(doc, node, "count", 1, INT64_MAX, &((struct stream *)arg)->count);
}

static int read_flows(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	return doc_number(doc, node, "flows", 1, STREAM_FLOWS, &((struct stream *)arg)->flows);
}

static int read_stream_seed(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	return doc_number(doc, node, "seed", 0, UINT64_MAX, &((struct stream *)arg)->seed);
}

static int read_signature(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	return doc_yes(doc, node, "signature", &((struct stream *)arg)->sign);
}

static const struct doc_key stream_keys[KEYS + 1] = {
	[SAID_NAME] = { "name", read_name },        [SAID_PORT] = { "port", read_port },
	[SAID_PACKET] = { "packet", read_packet },  [SAID_REPLAY] = { "replay", read_replay },
	[SAID_SIZE] = { "size", read_size },        [SAID_RATE] = { "rate", read_rate },
	[SAID_WEIGHT] = { "weight", read_weight },  [SAID_SPACING] = { "spacing", read_spacing },
	[SAID_COUNT] = { "count", read_count },     [SAID_FLOWS] = { "flows", read_flows },
	[SAID_SEED] = { "seed", read_stream_seed }, [SAID_SIGNATURE] = { "signature", read_signature },
};

static int finish_replay(const struct doc *doc, const yaml_node_t *node, struct stream *stream, uint32_t seen)
{
	static const int pointless[] = { SAID_SIZE, SAID_FLOWS, SAID_SIGNATURE };

	for (unsigned i = 0; i < sizeof(pointless) / sizeof(*pointless); i++)
		if (SAID(seen, pointless[i]))
			return doc_fail(doc, node,
			                "%s means nothing for a replay, whose packets are as they were captured",
			                stream_keys[pointless[i]].name);
	if (stream->replay.speed > 0 && (SAID(seen, SAID_RATE) || SAID(seen, SAID_WEIGHT) || SAID(seen, SAID_SPACING)))
		return doc_fail(doc, node, "a replay goes at its speed or at a rate; say one of them");
	stream->mean_size = REPLAY_SIZE;
	return 0;
}

/* Sizes and headers have to fit. */
static int finish_packet(const struct doc *doc, const yaml_node_t *node, struct stream *stream, uint32_t seen)
{
	uint32_t headers = stream->template.len + FRAME_CRC, signature = headers + PAYLOAD_SHORT, least, most;

	if (!SAID(seen, SAID_SIZE))
		stream->size = (struct field){ .first = signature > SIZE_LEAST ? signature : SIZE_LEAST, .count = 1 };
	stream_size_bounds(stream, &least, &most);
	if (least < headers)
		return doc_fail(doc, node, "frames of %u bytes have no room for %u bytes of headers and CRC", least,
		                headers);
	if (SAID(seen, SAID_SIGNATURE) && stream->sign && least < signature)
		return doc_fail(
		    doc, node,
		    "frames of %u bytes have no room for a signature; make them %u bytes, or say signature: no", least,
		    signature);
	if (!SAID(seen, SAID_SIGNATURE))
		stream->sign = least >= signature;
	stream->mean_size = stream_mean_size(stream);
	return 0;
}

static int finish_stream(const struct doc *doc, const yaml_node_t *node, const struct stream_set *set,
                         struct stream *stream, uint32_t seen)
{
	if (SAID(seen, SAID_PACKET) + SAID(seen, SAID_REPLAY) != 1)
		return doc_fail(doc, node, "a stream needs a packet or a replay: packet: [eth, ipv4, udp]");
	if (SAID(seen, SAID_RATE) && SAID(seen, SAID_WEIGHT))
		return doc_fail(doc, node, "a stream with a rate of its own shares in no other; leave the weight away");
	if (!SAID(seen, SAID_NAME))
		snprintf(stream->name, STREAM_NAME, "stream%u", stream->id);
	for (unsigned i = 0; i < set->count; i++)
		if (&set->streams[i] != stream && !strcmp(set->streams[i].name, stream->name))
			return doc_fail(doc, node, "there is a stream '%s' already; give this one another name",
			                stream->name);
	return SAID(seen, SAID_REPLAY) ? finish_replay(doc, node, stream, seen)
	                               : finish_packet(doc, node, stream, seen);
}

static int read_stream(const struct doc *doc, const yaml_node_t *node, struct stream_set *set)
{
	struct stream *streams, *stream;
	uint32_t seen;
	int err;

	if (set->count == STREAMS_MAX)
		return doc_fail(doc, node, "this is stream %u, and there can be %u", set->count + 1, STREAMS_MAX);
	streams = reallocarray(set->streams, set->count + 1, sizeof(*streams));
	if (!streams) {
		doc_fail(doc, node, "no memory for one more stream");
		return -ENOMEM;
	}
	set->streams = streams;
	stream = &streams[set->count];
	*stream = (struct stream){ .id = (uint16_t)set->count, .line = doc_line(node), .weight = 1 };
	set->count++;
	err = doc_mapping(doc, node, "a stream", stream_keys, stream, &seen);
	return err ? err : finish_stream(doc, node, set, stream, seen);
}

static int read_sequence(const struct doc *doc, const yaml_node_t *node, void *arg)
{
	int err = 0;

	if (node->type != YAML_SEQUENCE_NODE || !doc_count(node))
		return doc_fail(doc, node, "streams are a list, with a dash in front of each");
	for (unsigned i = 0; !err && i < doc_count(node); i++)
		err = read_stream(doc, doc_element(doc, node, i), arg);
	return err;
}

/* A list of streams, by itself or as {streams: [...]}; or a single one. */
static int read_root(const struct doc *doc, const yaml_node_t *root, struct stream_set *set)
{
	static const struct doc_key keys[] = { { "streams", read_sequence }, { NULL, NULL } };
	yaml_node_t *value;
	const char *first = doc_pairs(root) ? doc_text(doc_pair(doc, root, 0, &value)) : NULL;
	uint32_t seen;

	if (first && !strcmp(first, "streams"))
		return doc_mapping(doc, root, "a file of streams", keys, set, &seen);
	return first ? read_stream(doc, root, set) : read_sequence(doc, root, set);
}

int stream_read(struct stream_set *set, const char *name, const char *text, size_t len, char error[STREAM_ERROR])
{
	struct doc doc = { .name = name, .error = error };
	unsigned before = set->count;
	int err = doc_read(&doc, text, len);

	if (err)
		return err;
	err = read_root(&doc, yaml_document_get_root_node(&doc.yaml), set);
	doc_free(&doc);
	while (err && set->count > before)
		stream_free(&set->streams[--set->count]);
	return err;
}

int stream_read_file(struct stream_set *set, const char *path, char error[STREAM_ERROR])
{
	bool standard = !strcmp(path, "-");
	FILE *file = standard ? stdin : fopen(path, "re");
	char *text = NULL;
	size_t len = 0;
	int err = 0;

	if (!file) {
		err = -errno;
		snprintf(error, STREAM_ERROR, "%s: %s", path, strerror(-err));
		return err;
	}
	text = malloc(TEXT_MAX + 1);
	errno = 0;
	if (text)
		len = fread(text, 1, TEXT_MAX + 1, file);
	if (!text || ferror(file)) {
		err = text && errno ? -errno : -ENOMEM;
		snprintf(error, STREAM_ERROR, "%s: %s", path, strerror(-err));
	} else if (len > TEXT_MAX) {
		err = -EFBIG;
		snprintf(error, STREAM_ERROR, "%s: a file of streams has %u bytes at most", path, TEXT_MAX);
	}
	if (!err)
		err = stream_read(set, standard ? "standard input" : path, text, len, error);
	free(text);
	if (!standard)
		fclose(file);
	return err;
}
