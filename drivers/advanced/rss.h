/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSS, whose registers stand in the same places on all cards that have it (82599 datasheet 7.1.2, 82576 datasheet 7.1.1.7,
 * 82574 datasheet 7.1.8).
 */
#ifndef ADVANCED_RSS_H
#define ADVANCED_RSS_H

#include "port/driver.h"

/* What the 82576 and newer hash, and the bits of MRQC that say so. */
#define ADV_RSS_TYPES \
	(WEIR_RSS_IPV4 | WEIR_RSS_IPV4_TCP | WEIR_RSS_IPV4_UDP | WEIR_RSS_IPV6 | WEIR_RSS_IPV6_TCP | WEIR_RSS_IPV6_UDP)
uint32_t adv_rss_fields(uint32_t types);

#define ADV_RSS_TABLE 128u /* entries */

/*
 * Makes it as port->wants says: @mrqc is for MRQC unless it is off, and an entry of the table has its queue times @unit.
 * While nothing is received.
 */
void adv_rss_apply(const struct weir_port *port, uint32_t mrqc, unsigned unit);

#endif
