/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring with two producers and two consumers that take turns.
 */
#define PRODUCERS 2
#define CONSUMERS 2
#define EACH      3
#define TOTAL     6
#define ALONE     false
#define WEAK      false

#include "ring.pml"
