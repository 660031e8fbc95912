/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir-pktgen: sends streams of packets and measures what becomes of them.
 */
#include <stdlib.h>

#include "pktgen.h"

int main(void)
{
	return EXIT_FAILURE;
}
