/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads the file of routes, a word at a time.
 */
#include "routes_file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line that is being read. */
struct words {
	char *next;
	const char *word; /* NULL: the line is at its end */
	char *why;
};

static int fail(const struct words *words, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int fail(const struct words *words, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(words->why, WHY_SIZE, format, args);
	va_end(args);
	return -EINVAL;
}

static void next(struct words *words)
{
	words->word = strtok_r(NULL, " \t\r\n", &words->next);
}

static bool is(const struct words *words, const char *word)
{
	return words->word && !strcmp(words->word, word);
}

/* For messages. */
static const char *shown(const struct words *words)
{
	return words->word ? words->word : "the end of the line";
}

static bool number(const char *text, unsigned most, unsigned *value, char **end)
{
	unsigned long read;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	read = strtoul(text, end, 10);
	*value = (unsigned)read;
	return !errno && read <= most;
}

/* A whole number, the word and nothing else. */
static int read_number(struct words *words, const char *what, unsigned least, unsigned most, unsigned *value)
{
	char *end;

	if (!words->word || !number(words->word, most, value, &end) || *end || *value < least)
		return fail(words, "%s is a number from %u to %u, not '%s'", what, least, most, shown(words));
	next(words);
	return 0;
}

static int read_interface(struct words *words, struct interface_name *name)
{
	unsigned port, vlan = 0;
	char *end = NULL;

	if (!words->word || !number(words->word, PORTS_MAX - 1, &port, &end) ||
	    (*end && (*end != '.' || !number(end + 1, WEIR_VLAN_ID - 1, &vlan, &end) || *end || !vlan)))
		return fail(words,
		            "an interface is PORT or PORT.VLAN, such as 0 or 1.100, with ports from 0 to %u and VLANs "
		            "from 1 to %u, not '%s'",
		            PORTS_MAX - 1, WEIR_VLAN_ID - 1, shown(words));
	*name = (struct interface_name){ true, (uint16_t)port, (uint16_t)vlan };
	next(words);
	return 0;
}

static int read_mac(struct words *words, uint8_t mac[6])
{
	unsigned at = 0;
	const char *text = words->word;

	for (; text && at < 6; at++) {
		char pair[3] = { text[0], text[0] ? text[1] : '\0', '\0' }, *end;

		mac[at] = (uint8_t)strtoul(pair, &end, 16);
		if (pair[0] == '\0' || pair[0] == '-' || pair[0] == '+' || pair[0] == ' ' || end != pair + 2 ||
		    text[2] != (at < 5 ? ':' : '\0'))
			break;
		text += 3;
	}
	if (at < 6 || mac[0] & 1)
		return fail(words, "a MAC address of one host is like 02:00:00:00:00:01, not '%s'", shown(words));
	next(words);
	return 0;
}

static bool parse_address(const char *text, struct prefix *prefix)
{
	memset(prefix, 0, sizeof(*prefix));
	if (inet_pton(AF_INET, text, prefix->addr) == 1)
		prefix->family = 4;
	else if (inet_pton(AF_INET6, text, prefix->addr) == 1)
		prefix->family = 6;
	prefix->len = prefix->family == 4 ? 32 : 128;
	return prefix->family;
}

static int read_address(struct words *words, struct prefix *prefix)
{
	if (!words->word || !parse_address(words->word, prefix))
		return fail(words, "an address is like 192.0.2.1 or 2001:db8::1, not '%s'", shown(words));
	next(words);
	return 0;
}

/* "192.0.2.0/24". @host: bits behind the prefix may be there. */
static int read_prefix(struct words *words, bool host, struct prefix *prefix)
{
	char text[INET6_ADDRSTRLEN + 8], *slash, *end;
	unsigned len = 0;

	snprintf(text, sizeof(text), "%s", words->word ? words->word : "");
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	if (!slash || !parse_address(text, prefix) || !number(slash + 1, prefix->len, &len, &end) || *end)
		return fail(words, "a network is like 192.0.2.0/24 or 2001:db8::/64, not '%s'", shown(words));
	for (unsigned bit = len; !host && bit < prefix->len; bit++)
		if (prefix->addr[bit / 8] >> (7 - bit % 8) & 1)
			return fail(words, "'%s' has bits behind its first %u; clear them, or make it longer",
			            words->word, len);
	prefix->len = (uint8_t)len;
	next(words);
	return 0;
}

static int read_interface_line(struct words *words, struct statement *statement)
{
	int err = read_interface(words, &statement->interface);

	while (!err && words->word) {
		if (is(words, "mac")) {
			next(words);
			statement->has_mac = true;
			err = read_mac(words, statement->mac);
		} else if (is(words, "mtu")) {
			next(words);
			err = read_number(words, "an MTU", 68, UINT16_MAX, &statement->mtu);
		} else if (is(words, "address")) {
			next(words);
			if (statement->address_count == ADDRESSES_MOST)
				return fail(words, "an interface has at most %u addresses here", ADDRESSES_MOST);
			err = read_prefix(words, true, &statement->addresses[statement->address_count++]);
		} else {
			err = fail(words, "an interface has a mac, an mtu and addresses, not '%s'", words->word);
		}
	}
	return err;
}

static int read_neighbour_line(struct words *words, struct statement *statement)
{
	int err = read_address(words, &statement->prefix);

	if (err)
		return err;
	if (!is(words, "mac"))
		return fail(words, "a neighbour has a mac behind its address, not '%s'", shown(words));
	next(words);
	statement->has_mac = true;
	err = read_mac(words, statement->mac);
	if (!err && is(words, "interface")) {
		next(words);
		err = read_interface(words, &statement->interface);
	}
	return err;
}

static int read_via(struct words *words, struct statement *statement, unsigned family)
{
	struct via *via = &statement->vias[statement->via_count];
	int err;

	if (statement->via_count == GROUP_MOST)
		return fail(words, "there are at most %u ways for one route", GROUP_MOST);
	statement->via_count++;
	next(words);
	err = read_address(words, &via->addr);
	if (!err && via->addr.family != family)
		err = fail(words, "a way of IPv%u leads through an address of IPv%u, not of IPv%u", family, family,
		           via->addr.family);
	if (!err && is(words, "interface")) {
		next(words);
		err = read_interface(words, &via->interface);
	}
	return err;
}

/* What becomes of packets: "via ...", or a word. */
static int read_way(struct words *words, struct statement *statement, unsigned family)
{
	static const struct {
		const char *word;
		enum hop_kind kind;
	} ends[] = { { "blackhole", HOP_BLACKHOLE }, { "unreachable", HOP_UNREACHABLE }, { "prohibit", HOP_PROHIBIT } };
	int err = 0;

	for (unsigned i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		if (!is(words, ends[i].word))
			continue;
		statement->what = ends[i].kind;
		next(words);
		return 0;
	}
	if (is(words, "interface") && statement->kind == STATEMENT_ROUTE) {
		statement->what = HOP_CONNECTED;
		next(words);
		return read_interface(words, &statement->interface);
	}
	if (!is(words, "via"))
		return fail(words, "it goes via an address%s, or is blackhole, unreachable or prohibit, not '%s'",
		            statement->kind == STATEMENT_ROUTE ? ", to an interface" : "", shown(words));
	statement->what = HOP_NEIGHBOUR;
	while (!err && is(words, "via"))
		err = read_via(words, statement, family);
	return err;
}

static int read_protocol(struct words *words, uint8_t *protocol)
{
	static const struct {
		const char *name;
		uint8_t number;
	} names[] = { { "tcp", WEIR_IP_TCP },
		      { "udp", WEIR_IP_UDP },
		      { "sctp", WEIR_IP_SCTP },
		      { "icmp", WEIR_IP_ICMP },
		      { "icmpv6", WEIR_IP_ICMPV6 } };
	unsigned value;
	int err;

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!is(words, names[i].name))
			continue;
		*protocol = names[i].number;
		next(words);
		return 0;
	}
	err = read_number(words, "a protocol that is not tcp, udp, sctp, icmp or icmpv6", 0, 255, &value);
	*protocol = (uint8_t)value;
	return err;
}

static int read_end(struct words *words, uint8_t addr[16], uint16_t *port, uint8_t *family)
{
	struct prefix prefix;
	unsigned number;
	int err = read_address(words, &prefix);

	if (!err)
		err = read_number(words, "a port", 0, UINT16_MAX, &number);
	if (err)
		return err;
	memcpy(addr, prefix.addr, sizeof(prefix.addr));
	*port = weir_be16((uint16_t)number);
	*family = prefix.family;
	return 0;
}

static int read_flow_line(struct words *words, struct statement *statement)
{
	struct flow_key *key = &statement->flow;
	uint8_t family;
	int err = read_protocol(words, &key->protocol);

	if (!err)
		err = read_end(words, key->src, &key->src_port, &key->family);
	if (!err)
		err = read_end(words, key->dst, &key->dst_port, &family);
	if (err)
		return err;
	if (family != key->family)
		return fail(words, "a flow goes from IPv%u to IPv%u; both addresses are of one kind", key->family,
		            family);
	return read_way(words, statement, key->family);
}

int routes_line(char *line, struct statement *statement, char why[WHY_SIZE])
{
	struct words words = { .why = why };
	int err;

	memset(statement, 0, sizeof(*statement));
	line[strcspn(line, "#")] = '\0';
	words.word = strtok_r(line, " \t\r\n", &words.next);
	if (!words.word)
		return 0;
	if (is(&words, "interface")) {
		next(&words);
		statement->kind = STATEMENT_INTERFACE;
		err = read_interface_line(&words, statement);
	} else if (is(&words, "neighbour")) {
		next(&words);
		statement->kind = STATEMENT_NEIGHBOUR;
		err = read_neighbour_line(&words, statement);
	} else if (is(&words, "route")) {
		next(&words);
		statement->kind = STATEMENT_ROUTE;
		err = read_prefix(&words, false, &statement->prefix);
		if (!err)
			err = read_way(&words, statement, statement->prefix.family);
	} else if (is(&words, "flow")) {
		next(&words);
		statement->kind = STATEMENT_FLOW;
		err = read_flow_line(&words, statement);
	} else {
		return fail(&words, "a line begins with interface, neighbour, route or flow, not '%s'", words.word);
	}
	if (!err && words.word)
		err = fail(&words, "'%s' is too much", words.word);
	return err ? err : 1;
}

int routes_file_read(const char *path, struct log *log, statement_fn *fn, void *arg)
{
	FILE *file = fopen(path, "re");
	struct statement *statement = malloc(sizeof(*statement));
	char *line = NULL, why[WHY_SIZE] = "";
	unsigned number = 0;
	size_t size = 0;
	int err = 0;

	if (!file || !statement) {
		err = -errno;
		log_say(log, "cannot read the routes in '%s': %s", path, strerror(errno));
		goto close;
	}
	while (err >= 0 && getline(&line, &size, file) >= 0) {
		number++;
		err = routes_line(line, statement, why);
		if (err > 0)
			err = fn(arg, statement, why);
	}
	if (err < 0) {
		log_say(log, "%s:%u: %s", path, number, why);
	} else if (ferror(file)) {
		err = -EIO;
		log_say(log, "cannot read on in '%s' behind line %u", path, number);
	}

close:
	if (file)
		fclose(file);
	free(statement);
	free(line);
	return err;
}

const char *prefix_text(char text[PREFIX_TEXT], const struct prefix *prefix)
{
	char addr[INET6_ADDRSTRLEN];

	inet_ntop(prefix->family == 4 ? AF_INET : AF_INET6, prefix->addr, addr, sizeof(addr));
	snprintf(text, PREFIX_TEXT, "%s/%u", addr, prefix->len);
	return text;
}
