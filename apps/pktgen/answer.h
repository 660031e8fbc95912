/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers for addresses: ARP and neighbour discovery, so that a router on the way finds them, and ping. A frame goes in, the
 * frame to be sent back comes out.
 */
#ifndef PKTGEN_ANSWER_H
#define PKTGEN_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#define ANSWER_MAX   64u
#define ANSWER_ERROR 256

/* An address, or all addresses of a network. */
struct answer_net {
	bool ipv6;
	unsigned bits;       /* of the prefix; all of them for one address */
	uint8_t address[16]; /* in network order; IPv4 in the first four bytes */
};

struct answer {
	uint8_t mac[6];
	unsigned count;
	struct answer_net nets[ANSWER_MAX];

	/* The worker counts, others read. */
	uint64_t arp, ndp, ping;
};

/*
 * Adds what @text says: "192.0.2.1", "192.0.2.0/24", "2001:db8::1", "2001:db8::/64". Returns 0, or -EINVAL or -ENOSPC with a
 * sentence in @error.
 */
int answer_add(struct answer *answer, const char *text, char error[ANSWER_ERROR]);

/*
 * Looks at the @len bytes at @frame. If they ask for an address of ours, writes the answer to @reply, which has room for as
 * many bytes and 8 more (and at least 86), and returns its length; else 0.
 */
unsigned answer_frame(struct answer *answer, const uint8_t *frame, unsigned len, uint8_t *reply);

#endif
