/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring with one producer and one consumer thread (WEIR_RING_SP | WEIR_RING_SC), in a memory that reorders what they
 * store and load.
 */
#define PRODUCERS 1
#define CONSUMERS 1
#define EACH      7
#define TOTAL     7
#define ALONE     true
#define WEAK      true

#include "ring.pml"
