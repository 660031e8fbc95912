/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reports as JSON, one object per line. Counts are totals since the start; rates are those of the interval, and of the
 * whole run in the last object.
 */
#include <jansson.h>
#include <stdio.h>

#include "report.h"

/* A stretch of time: what happened between two samples. */
struct span {
	const struct ports *ports;
	const struct sample *now, *before;
	double seconds;
};

static json_t *drops_object(const uint64_t drops[WEIR_DROP_COUNT])
{
	json_t *object = json_object();

	for (unsigned i = 0; i < WEIR_DROP_COUNT; i++)
		json_object_set_new(object, weir_drop_name(i), json_integer((json_int_t)drops[i]));
	return object;
}

static json_t *stats_object(const struct weir_queue_stats *now, const struct weir_queue_stats *before, double seconds)
{
	return json_pack("{s:I, s:I, s:f, s:f, s:o}", "packets", (json_int_t)now->packets, "bytes",
	                 (json_int_t)now->bytes, "mpps", rate(now->packets, before->packets, seconds) / 1e6, "mbps",
	                 rate(now->bytes, before->bytes, seconds) * 8 / 1e6, "dropped", drops_object(now->drops));
}

static json_t *queue_object(const struct span *span, unsigned port, unsigned queue)
{
	const struct weir_port_info *info = &span->ports->port[port].info;
	const struct queue_sample *now = &span->now->ports[port].queues[queue];
	const struct queue_sample *before = &span->before->ports[port].queues[queue];
	json_t *object = json_pack("{s:i}", "queue", (int)queue);

	if (queue < info->rx_queues) {
		json_object_set_new(object, "rx", stats_object(&now->rx, &before->rx, span->seconds));
		json_object_set_new(object, "burst_fill", json_real(load_fill(&now->load, &before->load)));
		json_object_set_new(object, "cycles_per_packet", json_real(load_cycles(&now->load, &before->load)));
	}
	if (queue < info->tx_queues)
		json_object_set_new(object, "tx", stats_object(&now->tx, &before->tx, span->seconds));
	return object;
}

/* What the port said of the packets that it received, where it was asked. */
static json_t *said_object(const uint64_t said[SAID_COUNT])
{
	static const char *const names[SAID_COUNT] = { "ip_good", "ip_bad", "l4_good", "l4_bad", "vlan", "hash" };
	json_t *object = json_object();

	for (unsigned i = 0; i < SAID_COUNT; i++)
		json_object_set_new(object, names[i], json_integer((json_int_t)said[i]));
	return object;
}

/* The counters that only this kind of port has. */
static json_t *counters_object(struct weir_port *port)
{
	json_t *object = json_object();
	const char *name;
	uint64_t value;

	for (unsigned i = 0; !weir_port_counter(port, i, &name, &value); i++)
		json_object_set_new(object, name, json_integer((json_int_t)value));
	return object;
}

static json_t *port_object(const struct span *span, unsigned index)
{
	const struct port *port = &span->ports->port[index];
	const struct weir_port_info *info = &port->info;
	const struct port_sample *now = &span->now->ports[index], *before = &span->before->ports[index];
	json_t *queues = json_array();
	char mac[18];

	for (unsigned i = 0; i < now->queue_count; i++)
		json_array_append_new(queues, queue_object(span, index, i));
	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", info->mac[0], info->mac[1], info->mac[2],
	         info->mac[3], info->mac[4], info->mac[5]);
	return json_pack(
	    "{s:i, s:s, s:s, s:s, s:s, s:i, s:b, s:b, s:{s:b, s:I}, s:o, s:o, s:f, s:f, s:o, s:o, s:o}", "port",
	    (int)index, "spec", port->spec, "driver", info->driver, "variant", info->variant, "mac", mac, "mtu",
	    (int)info->mtu, "input", port->input, "output", port->output, "link", "up", now->link.up, "mbps",
	    (json_int_t)now->link.mbps, "rx", stats_object(&now->stats.rx, &before->stats.rx, span->seconds), "tx",
	    stats_object(&now->stats.tx, &before->stats.tx, span->seconds), "burst_fill",
	    load_fill(&now->load, &before->load), "cycles_per_packet", load_cycles(&now->load, &before->load), "said",
	    said_object(now->said), "counters", counters_object(port->weir), "queues", queues);
}

static json_t *pool_object(const struct weir_pool_info *pool)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "buffers", (json_int_t)pool->count, "in_use", (json_int_t)pool->in_use,
	                 "high_water", (json_int_t)pool->high_water, "failures", (json_int_t)pool->failures);
}

/* An object for each section. */
static void add_own(json_t *object, const struct own *own)
{
	struct own_count count;

	for (unsigned i = 0; own && !own->count(own->arg, i, &count); i++) {
		if (!json_object_get(object, count.section))
			json_object_set_new(object, count.section, json_object());
		json_object_set_new(json_object_get(object, count.section), count.name,
		                    json_integer((json_int_t)count.value));
	}
}

json_t *json_ports(const struct ports *ports, const struct sample *now, const struct sample *before, bool final)
{
	const struct span span = { ports, now, before, now->seconds - before->seconds };
	json_t *list = json_array();

	for (unsigned i = 0; i < ports->count; i++)
		json_array_append_new(list, port_object(&span, i));
	return json_pack("{s:b, s:f, s:I, s:I, s:I, s:I, s:o, s:f, s:f, s:f, s:o, s:o}", "final", final, "seconds",
	                 now->seconds, "rx_packets", (json_int_t)now->rx.packets, "tx_packets",
	                 (json_int_t)now->tx.packets, "rx_bytes", (json_int_t)now->rx.bytes, "tx_bytes",
	                 (json_int_t)now->tx.bytes, "dropped", drops_object(now->drops), "mpps",
	                 rate(now->tx.packets, before->tx.packets, span.seconds) / 1e6, "cycles_per_packet",
	                 load_cycles(&now->load, &before->load), "burst_fill", load_fill(&now->load, &before->load),
	                 "pool", pool_object(&now->pool), "ports", list);
}

void json_line(json_t *object)
{
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
	fputc('\n', stdout);
	fflush(stdout);
	json_decref(object);
}

void json_print(const struct ports *ports, const struct sample *now, const struct sample *before, const struct own *own,
                bool final)
{
	json_t *object = json_ports(ports, now, before, final);

	add_own(object, own);
	json_line(object);
}
