/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Toeplitz hashes, against the verification suite that Microsoft published for receive-side scaling.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "unit.h"
#include "weir/net.h"
#include "weir/parse.h"

/* "Verifying the RSS Hash Calculation", learn.microsoft.com: the key, and what it makes of these packets. */
static const char key_text[] = "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa";

static const struct vector {
	const char *dst;
	unsigned dst_port;
	const char *src;
	unsigned src_port;
	uint32_t addresses, ports; /* hashes, without and with ports */
} vectors[] = {
	{ "161.142.100.80", 1766, "66.9.149.187", 2794, 0x323e8fc2, 0x51ccc178 },
	{ "65.69.140.83", 4739, "199.92.111.2", 14230, 0xd718262a, 0xc626b0ea },
	{ "12.22.207.184", 38024, "24.19.198.95", 12898, 0xd2d0a5de, 0x5c2b394a },
	{ "209.142.163.6", 2217, "38.27.205.30", 48228, 0x82989176, 0xafc7327f },
	{ "202.188.127.2", 1303, "153.39.163.191", 44251, 0x5d1809c5, 0x10e828a2 },
	{ "3ffe:2501:200:3::1", 1766, "3ffe:2501:200:1fff::7", 2794, 0x2cc18cd5, 0x40207d3d },
	{ "ff02::1", 4739, "3ffe:501:8::260:97ff:fe40:efab", 14230, 0x0f0c461c, 0xdde51bbf },
	{ "fe80::200:f8ff:fe21:67cf", 38024, "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, 0x4b61e985, 0x02d1feef },
};

#define VECTORS (sizeof(vectors) / sizeof(*vectors))

static uint8_t key[WEIR_RSS_KEY];
static struct weir_toeplitz toeplitz;

static void prepare(void)
{
	hex(key, key_text);
	weir_toeplitz_init(&toeplitz, key);
}

/* Makes the packet of a vector, with 24 bytes of layer 4. Returns its length. */
static size_t make(const struct vector *vector, uint8_t protocol, uint8_t *packet)
{
	size_t len;

	memset(packet, 0, 128);
	if (inet_pton(AF_INET, vector->src, packet + 12) == 1) {
		hex(packet, "4500002c 00000000 40");
		packet[9] = protocol;
		inet_pton(AF_INET, vector->dst, packet + 16);
		len = 20;
	} else {
		hex(packet, "60000000 0018");
		packet[6] = protocol;
		inet_pton(AF_INET6, vector->src, packet + 8);
		inet_pton(AF_INET6, vector->dst, packet + 24);
		len = 40;
	}
	weir_store_be16(packet + len, (uint16_t)vector->src_port);
	weir_store_be16(packet + len + 2, (uint16_t)vector->dst_port);
	if (protocol == WEIR_IP_TCP)
		packet[len + 12] = 0x50;
	else
		weir_store_be16(packet + len + 4, 24);
	return len + 24;
}

/* The hash of the vector's packet, or 0 when it has none; by table and by bit, which must agree. */
static uint32_t hash_of(const struct vector *vector, uint8_t protocol, unsigned types)
{
	uint8_t packet[128], input[WEIR_RSS_INPUT];
	struct weir_parsed parsed;
	unsigned len;

	CU_ASSERT_EQUAL(weir_parse_ip(packet, make(vector, protocol, packet), &parsed), 0);
	len = weir_rss_input(packet, &parsed, types, input);
	CU_ASSERT_EQUAL(weir_toeplitz(&toeplitz, input, len), weir_toeplitz_plain(key, input, len));
	return weir_toeplitz(&toeplitz, input, len);
}

static void published_vectors(void)
{
	prepare();
	for (unsigned i = 0; i < VECTORS; i++) {
		CU_ASSERT_EQUAL(hash_of(&vectors[i], WEIR_IP_TCP, WEIR_RSS_ALL), vectors[i].ports);
		CU_ASSERT_EQUAL(hash_of(&vectors[i], WEIR_IP_UDP, WEIR_RSS_ALL), vectors[i].ports);
		CU_ASSERT_EQUAL(hash_of(&vectors[i], WEIR_IP_SCTP, WEIR_RSS_ALL), vectors[i].ports);
		CU_ASSERT_EQUAL(hash_of(&vectors[i], WEIR_IP_GRE, WEIR_RSS_ALL), vectors[i].addresses);
	}
}

static void types_choose_what_is_hashed(void)
{
	const struct vector *v4 = &vectors[0], *v6 = &vectors[5];

	prepare();
	CU_ASSERT_EQUAL(hash_of(v4, WEIR_IP_TCP, WEIR_RSS_IPV4), v4->addresses);
	CU_ASSERT_EQUAL(hash_of(v4, WEIR_IP_TCP, WEIR_RSS_IPV4 | WEIR_RSS_IPV4_UDP), v4->addresses);
	CU_ASSERT_EQUAL(hash_of(v4, WEIR_IP_TCP, WEIR_RSS_IPV4_TCP), v4->ports);
	CU_ASSERT_EQUAL(hash_of(v4, WEIR_IP_UDP, WEIR_RSS_IPV4_TCP), 0);
	CU_ASSERT_EQUAL(hash_of(v4, WEIR_IP_UDP, WEIR_RSS_IPV6 | WEIR_RSS_IPV6_UDP), 0);
	CU_ASSERT_EQUAL(hash_of(v6, WEIR_IP_UDP, WEIR_RSS_IPV4 | WEIR_RSS_IPV4_UDP), 0);
	CU_ASSERT_EQUAL(hash_of(v6, WEIR_IP_UDP, WEIR_RSS_IPV6), v6->addresses);
	CU_ASSERT_EQUAL(hash_of(v6, WEIR_IP_SCTP, WEIR_RSS_IPV6 | WEIR_RSS_IPV6_SCTP), v6->ports);
	CU_ASSERT_EQUAL(hash_of(v6, WEIR_IP_SCTP, 0), 0);
}

static void fragments_have_no_ports(void)
{
	uint8_t packet[128], input[WEIR_RSS_INPUT];
	struct weir_parsed parsed;
	size_t len = make(&vectors[0], WEIR_IP_UDP, packet);

	prepare();
	packet[6] = 0x20; /* the first of more: the others could not follow it by its ports */
	weir_parse_ip(packet, len, &parsed);
	CU_ASSERT_EQUAL(weir_rss_input(packet, &parsed, WEIR_RSS_ALL, input), 8);
	CU_ASSERT_EQUAL(weir_toeplitz(&toeplitz, input, 8), vectors[0].addresses);
}

static void what_is_not_ip_has_no_hash(void)
{
	uint8_t frame[64] = { 0 }, input[WEIR_RSS_INPUT];
	struct weir_parsed parsed;

	hex(frame, "020000000002 020000000001 0806");
	weir_parse(frame, sizeof(frame), &parsed);
	CU_ASSERT_EQUAL(weir_rss_input(frame, &parsed, WEIR_RSS_ALL, input), 0);
	weir_parse(frame, 3, &parsed);
	CU_ASSERT_EQUAL(weir_rss_input(frame, &parsed, WEIR_RSS_ALL, input), 0);
}

static void table_and_bits_agree_on_any_key(void)
{
	srandom(5);
	for (unsigned n = 0; n < 100; n++) {
		uint8_t input[WEIR_RSS_INPUT];

		for (unsigned i = 0; i < WEIR_RSS_KEY; i++)
			key[i] = (uint8_t)random();
		for (unsigned i = 0; i < WEIR_RSS_INPUT; i++)
			input[i] = (uint8_t)random();
		weir_toeplitz_init(&toeplitz, key);
		for (unsigned len = 0; len <= WEIR_RSS_INPUT; len++)
			CU_ASSERT_EQUAL(weir_toeplitz(&toeplitz, input, len), weir_toeplitz_plain(key, input, len));
	}
}

static const struct unit_case cases[] = {
	{ "the published vectors", published_vectors },
	{ "types choose what is hashed", types_choose_what_is_hashed },
	{ "fragments have no ports", fragments_have_no_ports },
	{ "what is not IP has no hash", what_is_not_ip_has_no_hash },
	{ "table and bits agree on any key", table_and_bits_agree_on_any_key },
	{ NULL, NULL },
};

int main(void)
{
	return unit_run("net: RSS hashes", cases);
}
