/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading captures.
 */
#include "replay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay {
	struct stream_replay what; /* with the stream's strings */
	struct weir_port *port;
	struct weir_rxq *rxq;
	unsigned entries_max;
	unsigned most; /* entries to read at once */
	unsigned next, held;
	struct weir_pkt *pkts;
};

/* "pcap:rx=FILE,replay=2.5,loop=3", in which a comma of the file's name is no comma. Returns NULL without memory. */
static char *make_spec(const struct stream_replay *what)
{
	size_t room = 2 * strlen(what->file) + 100, used;
	char *spec = malloc(room);

	if (!spec)
		return NULL;
	used = (size_t)snprintf(spec, room, "pcap:rx=");
	for (const char *from = what->file; *from; from++) {
		if (*from == ',' || *from == '\\')
			spec[used++] = '\\';
		spec[used++] = *from;
	}
	used += (size_t)snprintf(spec + used, room - used, ",loop=%llu,replay=", (unsigned long long)what->loops);
	if (what->speed > 0)
		snprintf(spec + used, room - used, "%.9g", what->speed);
	else
		snprintf(spec + used, room - used, "fast");
	return spec;
}

static int open_port(struct replay *replay, struct ports *ports)
{
	const struct weir_port_conf conf = { .pool = ports->pool };
	char *spec = make_spec(&replay->what);
	struct weir_port_info info;
	int err;

	if (!spec) {
		log_say(ports->log, "no memory to replay %s", replay->what.file);
		return -ENOMEM;
	}
	err = weir_port_open(ports->weir, spec, &conf, &replay->port);
	if (!err)
		err = weir_port_start(replay->port);
	free(spec);
	if (err) {
		log_say(ports->log, "%s", weir_error());
		return err;
	}
	weir_port_info(replay->port, &info);
	replay->rxq = weir_port_rxq(replay->port, 0);
	replay->entries_max = info.rx_entries_max;
	return 0;
}

int replay_open(struct replay **replay, struct ports *ports, const struct stream_replay *what, unsigned burst)
{
	struct replay *r = calloc(1, sizeof(*r));
	int err;

	*replay = NULL;
	if (!r) {
		log_say(ports->log, "no memory to replay %s", what->file);
		return -ENOMEM;
	}
	r->what = *what;
	err = open_port(r, ports);
	if (!err) {
		r->most = r->entries_max > burst ? r->entries_max : burst;
		r->pkts = calloc(r->most, sizeof(*r->pkts));
		err = r->pkts ? 0 : -ENOMEM;
	}
	if (err) {
		replay_close(r);
		return err;
	}
	*replay = r;
	return 0;
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	/* What is held has to go before the pool. */
	if (replay->held)
		weir_pool_free(replay->rxq->cache, replay->pkts + replay->next, replay->held);
	weir_port_close(replay->port);
	free(replay->pkts);
	free(replay);
}

unsigned replay_entries_max(const struct replay *replay)
{
	return replay->entries_max;
}

static void rewrite(const struct stream_replay *what, uint8_t *frame, unsigned len)
{
	if (len < 12)
		return;
	if (what->set_dst)
		memcpy(frame, what->dst, 6);
	if (what->set_src)
		memcpy(frame + 6, what->src, 6);
}

unsigned replay_take(struct replay *replay, uint8_t *base, struct weir_pkt *pkts)
{
	unsigned n;

	if (!replay->held) {
		replay->next = 0;
		replay->held = weir_rx(replay->rxq, replay->pkts, replay->most);
		if (!replay->held)
			return 0;
	}
	n = weir_pkt_entries(replay->pkts + replay->next, replay->held);
	memcpy(pkts, replay->pkts + replay->next, n * sizeof(*pkts));
	replay->next += n;
	replay->held -= n;
	rewrite(&replay->what, weir_pkt_data(base, pkts), pkts->len);
	return n;
}

bool replay_finished(const struct replay *replay)
{
	return !replay->held && weir_rxq_finished(replay->rxq);
}

int replay_health(struct replay *replay, const char **why)
{
	return weir_port_health(replay->port, why);
}
