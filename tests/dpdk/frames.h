/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames to try.
 */
#ifndef TESTS_DPDK_FRAMES_H
#define TESTS_DPDK_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A frame of @len bytes to the card, of no protocol that it knows; its bytes tell its length. Returns @len. */
size_t frame_plain(uint8_t *frame, size_t len);

#endif
