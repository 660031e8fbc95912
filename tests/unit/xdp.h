/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of af_xdp ports share: frames both ways between a port on v0 and a plain socket on v1.
 */
#ifndef TESTS_XDP_H
#define TESTS_XDP_H

#include "hostnet.h"
#include "port/driver.h"
#include "unit.h"

#define ENTRIES 32u

static inline unsigned send_one(struct wire *wire, struct weir_port *port, const uint8_t *frame, size_t len)
{
	struct weir_pkt pkts[ENTRIES];
	unsigned n = packet_make(&wire->net, frame, len, 1900, pkts);

	return weir_tx(weir_port_txq(port, 0), pkts, n);
}

/* Frames of several lengths to the port and from it. */
static inline void both_ways(struct wire *wire)
{
	static const size_t lens[] = { 14, 60, 61, 127, 1499, 1514 };
	uint8_t sent[2048], got[2048];
	struct weir_pkt pkts[ENTRIES];

	for (unsigned i = 0; i < 6; i++) {
		unsigned n;

		frame_make(sent, lens[i], i);
		CU_ASSERT(plain_send(wire->fd, sent, lens[i]));
		n = receive_one(wire->port, pkts, ENTRIES);
		CU_ASSERT_EQUAL(n, 1);
		CU_ASSERT_EQUAL(pkts[0].flags, 0);
		CU_ASSERT(pkts[0].off >= WEIR_HEADROOM);
		CU_ASSERT_EQUAL(packet_bytes(&wire->net, pkts, n, got), lens[i]);
		CU_ASSERT_EQUAL(memcmp(sent, got, lens[i]), 0);

		frame_make(sent, lens[i], 10 + i);
		CU_ASSERT_EQUAL(send_one(wire, wire->port, sent, lens[i]), 1);
		CU_ASSERT_EQUAL(plain_receive(wire->fd, got, sizeof(got), 1000), lens[i]);
		CU_ASSERT_EQUAL(memcmp(sent, got, lens[i]), 0);
	}
}

/* Runs the cases in a network namespace of their own. */
static inline int xdp_run(const char *name, const struct unit_case *cases)
{
	const char *why = geteuid() ? "XDP programs take privileges: run it as root" : hostnet_enter();

	return why ? unit_skip(why) : unit_run(name, cases);
}

#endif
