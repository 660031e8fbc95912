/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir stats: lets a port receive for a while, throws away what comes, and tells what was counted.
 */
#include <err.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/signals.h"
#include "common/watch.h"
#include "weir.h"

#define BURST        64u
#define LINK_SECONDS 5.0 /* that the link is waited for */

/* A queue that is emptied until the time is over or a signal comes. */
struct sink {
	struct weir_rxq *rxq; /* NULL: the port does not receive */
	struct weir_pool_cache *cache;
	struct weir_pkt *pkts;
	unsigned most;
	int signal_fd;
	double end;
};

/* Waits for a packet, for a tenth of a second at most, as links and counters want to be looked at now and then. */
static bool wait(const struct sink *sink)
{
	struct pollfd fds[2] = { { .fd = sink->signal_fd, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
	int armed = sink->rxq ? weir_rxq_arm(sink->rxq) : -ENOTSUP;
	double left = sink->end - watch_clock();
	int ms = left < 0.1 ? (int)(left * 1000) + 1 : 100;

	if (armed == 1)
		return true;
	if (armed == 0)
		fds[1].fd = weir_rxq_fd(sink->rxq);
	else if (sink->rxq && !weir_rxq_finished(sink->rxq))
		ms = 1;
	poll(fds, 2, ms);
	return !fds[0].revents;
}

/* Takes what comes until sink->end. Returns false when a signal came. */
static bool drain(const struct sink *sink)
{
	unsigned n;

	while (watch_clock() < sink->end) {
		n = sink->rxq ? weir_rx(sink->rxq, sink->pkts, sink->most) : 0;
		if (n)
			weir_pool_free(sink->cache, sink->pkts, n);
		else if (!wait(sink))
			return false;
	}
	return true;
}

/* Two ends of a copper cable take seconds to agree; what comes at once is counted, too. */
static void count(struct sink *sink, struct weir_port *port, double seconds)
{
	double patience = watch_clock() + LINK_SECONDS;
	struct weir_link link;

	do
		sink->end = watch_clock() + 0.05;
	while (!weir_port_link(port, &link) && !link.up && watch_clock() < patience && drain(sink));
	sink->end = watch_clock() + seconds;
	drain(sink);
}

/* --- what was counted ----------------------------------------------------------------------------------------------------- */

static json_t *side_object(const struct weir_queue_stats *stats)
{
	json_t *drops = json_object();

	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		json_object_set_new(drops, weir_drop_name(i), json_integer((json_int_t)stats->drops[i]));
	return json_pack("{s:I, s:I, s:o}", "packets", (json_int_t)stats->packets, "bytes", (json_int_t)stats->bytes,
	                 "dropped", drops);
}

static void print_json(struct weir_port *port, const struct weir_port_info *info, const struct weir_link *link,
                       const struct weir_port_stats *stats)
{
	json_t *counters = json_object(), *object;
	const char *name;
	uint64_t value;
	char mac[18];

	for (unsigned i = 0; !weir_port_counter(port, i, &name, &value); i++)
		json_object_set_new(counters, name, json_integer((json_int_t)value));
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", info->mac[0], info->mac[1], info->mac[2],
	         info->mac[3], info->mac[4], info->mac[5]);
	object = json_pack("{s:s, s:s, s:s, s:{s:b, s:I}, s:o, s:o, s:o}", "driver", info->driver, "variant",
	                   info->variant, "mac", mac, "link", "up", link->up, "mbps", (json_int_t)link->mbps, "rx",
	                   side_object(&stats->rx), "tx", side_object(&stats->tx), "counters", counters);
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
}

static void print_figure(const char *name, uint64_t value, bool always)
{
	if (value || always)
		printf("%-32s %llu\n", name, (unsigned long long)value);
}

static void print_side(const char *side, const struct weir_queue_stats *stats, bool all)
{
	char name[64];

	snprintf(name, sizeof(name), "%s_packets", side);
	print_figure(name, stats->packets, true);
	snprintf(name, sizeof(name), "%s_bytes", side);
	print_figure(name, stats->bytes, true);
	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++) {
		snprintf(name, sizeof(name), "%s_dropped_%s", side, weir_drop_name(i));
		print_figure(name, stats->drops[i], all);
	}
}

static void print_text(struct weir_port *port, const char *spec, const struct weir_port_info *info,
                       const struct weir_link *link, const struct weir_port_stats *stats, bool all)
{
	const char *name;
	uint64_t value;

	printf("%s, %s: link %s", spec, info->driver, link->up ? "up" : "down");
	if (link->up && link->mbps)
		printf(", %u Mb/s%s", link->mbps, link->full_duplex ? "" : ", half duplex");
	putchar('\n');
	print_side("rx", &stats->rx, all);
	print_side("tx", &stats->tx, all);
	puts("what this kind of port counts itself:");
	for (unsigned i = 0; !weir_port_counter(port, i, &name, &value); i++)
		print_figure(name, value, all);
}

static int report(const struct subject *subject, const struct weir_options *options)
{
	struct weir_port *port = subject->port;
	struct weir_port_stats stats;
	struct weir_port_info info;
	struct weir_link link;
	const char *why;
	int err;

	err = weir_port_health(port, &why);
	if (err) {
		warnx("%s", why);
		return err;
	}
	err = weir_port_link(port, &link);
	if (err)
		return complain(err);
	weir_port_info(port, &info);
	weir_port_stats(port, &stats);
	if (options->json)
		print_json(port, &info, &link, &stats);
	else
		print_text(port, subject->spec, &info, &link, &stats, options->all);
	return 0;
}

/* --- the command ------------------------------------------------------------------------------------------------------------ */

static int sink_open(struct sink *sink, const struct subject *subject)
{
	struct weir_port_info info;

	weir_port_info(subject->port, &info);
	sink->rxq = weir_port_rxq(subject->port, 0);
	sink->most = info.rx_entries_max > BURST ? info.rx_entries_max : BURST;
	sink->pkts = calloc(sink->most, sizeof(*sink->pkts));
	sink->signal_fd = signals_catch();
	if (sink->signal_fd < 0) {
		warnx("cannot catch signals: %s", strerror(-sink->signal_fd));
		return sink->signal_fd;
	}
	if (sink->pkts && weir_pool_cache_create(subject->pool, 0, &sink->cache) == 0)
		return 0;
	warnx("no memory for packets");
	return -ENOMEM;
}

int command_stats(const struct weir_options *options)
{
	struct sink sink = { .signal_fd = -1 };
	struct subject subject;
	int err = subject_open(&subject, options, true);

	if (err)
		return EXIT_FAILURE;
	err = sink_open(&sink, &subject);
	if (!err) {
		err = weir_port_start(subject.port);
		if (err)
			complain(err);
	}
	if (!err) {
		count(&sink, subject.port, options->seconds);
		err = report(&subject, options);
	}
	weir_pool_cache_destroy(sink.cache);
	free(sink.pkts);
	if (sink.signal_fd >= 0)
		signals_release(sink.signal_fd);
	return subject_close(&subject, err);
}
