/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which bits of config space a caller sees and writes. Plain C.
 */
#ifndef WEIR_PERMISSIONS_H
#define WEIR_PERMISSIONS_H

#include "plain.h"

#define PERMISSIONS_SPACE 256 /* behind it, everything is only read */

/*
 * Of each bit: whether the caller sees what he wrote, or what the device was
 * found with, instead of the device's; and whether he may write it.
 */
struct weir_permissions {
	__u8 virtual[PERMISSIONS_SPACE];
	__u8 write[PERMISSIONS_SPACE];
	__u8 shadow[PERMISSIONS_SPACE];
};

/* For a device whose config space reads as @config, with BARs so large. */
void permissions_init(struct weir_permissions *p, const __u8 *config,
		      const __u64 *bars);

/* What the caller reads of @size bytes (1, 2, 4) if the device has @value. */
__u32 permissions_read(const struct weir_permissions *p, unsigned int offset,
		       unsigned int size, __u32 value);

/* Which of the device's bits the caller's @value goes to; keeps the others. */
__u32 permissions_write(struct weir_permissions *p, unsigned int offset,
			unsigned int size, __u32 value);

#endif
