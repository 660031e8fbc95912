/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the files that are plain C: they touch neither the kernel nor a device,
 * so that tests compile them for user space.
 */
#ifndef WEIR_PLAIN_H
#define WEIR_PLAIN_H

#include <linux/errno.h>
#include <linux/types.h>
#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#endif

#endif
