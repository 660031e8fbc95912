/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The VERSION message: what each side can take, in JSON.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "vfio_user/socket.h"

size_t vu_version_make(void *to, size_t size)
{
	struct vu_version *version = to;
	size_t room = size - sizeof(*version), len = 0;
	json_t *json;

	json = json_pack("{s:{s:i,s:i,s:i,s:i,s:b}}", "capabilities", "max_msg_fds", (int)VU_MAX_FDS,
	                 "max_data_xfer_size", (int)VU_MAX_TRANSFER, "max_dma_maps", (int)VU_MAX_MAPS, "pgsizes",
	                 (int)VU_PAGE, "write_multiple", 1);
	version->major = 0;
	version->minor = 0;
	if (json)
		len = json_dumpb(json, version->json, room - 1, JSON_COMPACT);
	json_decref(json);
	if (len > room - 1)
		len = 0;
	version->json[len] = '\0';
	return sizeof(*version) + len + 1;
}

/* A number of the capabilities, from 1 to @ours; @fallback when it is not told, 0 when it is not a number. */
static uint32_t limit(const json_t *capabilities, const char *key, uint32_t fallback, uint32_t ours)
{
	const json_t *value = json_object_get(capabilities, key);
	json_int_t number;

	if (!value)
		return fallback < ours ? fallback : ours;
	number = json_is_integer(value) ? json_integer_value(value) : 0;
	if (number < 1)
		return 0;
	return number < (json_int_t)ours ? (uint32_t)number : ours;
}

int vu_version_read(const void *body, size_t len, struct vu_limits *limits)
{
	const struct vu_version *version = body;
	const json_t *capabilities;
	json_error_t error;
	json_t *json;
	int err = 0;

	if (len < sizeof(*version))
		return -EPROTO;
	if (version->major)
		return -EPROTONOSUPPORT;
	/* The text may be absent altogether; if there is one, its NUL is the last byte. */
	len -= sizeof(*version);
	if (len && version->json[len - 1])
		return -EPROTO;
	json = len > 1 ? json_loads(version->json, 0, &error) : json_object();
	if (!json_is_object(json)) {
		json_decref(json);
		return -EPROTO;
	}
	/* The defaults are those of the specification for a peer that does not say. */
	capabilities = json_object_get(json, "capabilities");
	limits->max_fds = limit(capabilities, "max_msg_fds", 1, VU_MAX_FDS);
	limits->max_transfer = limit(capabilities, "max_data_xfer_size", VU_MAX_TRANSFER, VU_MAX_TRANSFER);
	limits->max_maps = limit(capabilities, "max_dma_maps", VU_MAX_MAPS, VU_MAX_MAPS);
	limits->write_multiple = json_is_true(json_object_get(capabilities, "write_multiple"));
	if (!limits->max_fds || !limits->max_transfer || !limits->max_maps)
		err = -EPROTO;
	json_decref(json);
	return err;
}
