/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The commands that a running weir-pktgen obeys: which there are, and what they are told. A command is a JSON object,
 * {"command": "rate", "stream": "voice", "rate": "10 Mbps"}; it is the same on the control socket, a line each, and from a
 * Lua script. What this lets pass needs no second look.
 */
#ifndef PKTGEN_CONTROL_CHECK_H
#define PKTGEN_CONTROL_CHECK_H

#include <jansson.h>
#include <stddef.h>

enum control_verb {
	CONTROL_HELP,
	CONTROL_START,
	CONTROL_STOP,
	CONTROL_RATE,
	CONTROL_STATS,
	CONTROL_CAPTURE,
	CONTROL_CAPTURE_END,
	CONTROL_RFC2544,
	CONTROL_Y1564,
	CONTROL_RESULT,
	CONTROL_ABORT,
	CONTROL_QUIT,
	CONTROL_VERBS
};

#define CONTROL_ERROR    512
#define CONTROL_LINE_MAX 65536u

/*
 * Reads a line of @len bytes. Returns the object, a new reference, with *@verb; or NULL with a sentence in @error.
 */
json_t *control_read(const char *line, size_t len, enum control_verb *verb, char error[CONTROL_ERROR]);

/* Looks at @object in the same way. Returns 0, or -EINVAL with a sentence in @error. */
int control_check(const json_t *object, enum control_verb *verb, char error[CONTROL_ERROR]);

/* Commands by number from 0: what they are called, and a line on what they do. NULL past the last. */
const char *control_name(unsigned verb);
const char *control_help(unsigned verb);

/* {"command": ..., "what": ..., "arguments": {...}} of every command. A new reference. */
json_t *control_manual(void);

#endif
