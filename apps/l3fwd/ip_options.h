/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options of IPv4 headers, which routers have to read (RFC 791; RFC 1812, section 5.2.4), but for the source routes, which
 * nobody wants taken any more (RFC 7126).
 */
#ifndef L3FWD_IP_OPTIONS_H
#define L3FWD_IP_OPTIONS_H

#include <weir/wire.h>

#include "router.h"

#define IP_OPTIONS_WRONG   1 /* answer with a parameter problem */
#define IP_OPTIONS_REFUSED 2 /* a source route */

/*
 * Judges the options of the whole header at @ip. Returns 0, IP_OPTIONS_WRONG with *@at the byte of the header that is
 * wrong, or IP_OPTIONS_REFUSED.
 */
int ip_options_judge(const struct weir_ipv4 *ip, unsigned *at);

/*
 * Does what the options, which are right, ask of a router that is about to send the packet through @out: records the
 * route, stamps the time; the checksum follows.
 */
void ip_options_forward(struct weir_ipv4 *ip, const struct interface *out);

#endif
