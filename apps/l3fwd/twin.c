/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port's TAP interface; packets go in and out of it by weir's own driver for such.
 */
#include "twin.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#define TWIN_BURST 64u

/* Brings the twin to life with what the port has. */
static int start(struct twin *twin)
{
	const struct weir_port_info *info = &twin->port->info;
	int err = weir_port_set_mac(twin->tap, info->mac);

	/* A port of a file has no MTU; then both have what Ethernet has. */
	if (!err && info->mtu)
		err = weir_port_set_mtu(twin->tap, info->mtu);
	return err ? err : weir_port_start(twin->tap);
}

int twin_open(struct twin *twin, struct router *router, const struct ports *ports, unsigned number, const char *name,
              bool persist)
{
	const struct weir_port_conf conf = { .pool = ports->pool, .rx_queues = 1, .tx_queues = 1 };
	const struct port *port = &ports->port[number];
	struct weir_port_info info;
	int err, interface;

	*twin = (struct twin){ .router = router, .port = port, .number = number, .carrier = -1 };
	snprintf(twin->spec, sizeof(twin->spec), "tap:%s%s", name, persist ? ",persist" : "");
	err = weir_port_open(ports->weir, twin->spec, &conf, &twin->tap);
	if (!err)
		err = start(twin);
	if (!err)
		err = weir_port_info(twin->tap, &info);
	if (!err)
		err = weir_pool_cache_create(ports->pool, 0, &twin->cache);
	if (err) {
		log_say(router->log, "the twin of port %u: %s", number, weir_error());
		goto close;
	}
	interface = router_interface_add(router, number, 0);
	if (interface < 0) {
		err = interface;
		log_say(router->log, "port %u has an interface already, and cannot have the twin '%s', too", number,
		        name);
		goto close;
	}
	twin->rxq = weir_port_rxq(twin->tap, 0);
	twin->txq = weir_port_txq(twin->tap, 0);
	twin->entries = info.rx_entries_max;
	twin->index = if_nametoindex(name);
	twin->interface = (unsigned)interface;
	router_interface_set_link(router, twin->interface, port->info.mac, info.mtu);
	return 0;

close:
	twin_close(twin);
	return err;
}

void twin_close(struct twin *twin)
{
	weir_port_close(twin->tap);
	weir_pool_cache_destroy(twin->cache);
	*twin = (struct twin){ .carrier = -1 };
}

int twin_fd(const struct twin *twin)
{
	return weir_rxq_fd(twin->rxq);
}

void twin_up(struct twin *twin, struct weir_pkt *pkts, unsigned n)
{
	unsigned vlan = twin->router->interfaces[punt_interface(pkts)].vlan, sent;

	pkts->vlan = (uint16_t)vlan;
	pkts->flags &= (uint16_t)~WEIR_PKT_HASH;
	if (vlan)
		pkts->flags |= WEIR_PKT_VLAN;
	sent = weir_tx(twin->txq, pkts, n);
	if (sent)
		twin->up++;
	weir_pool_free(twin->cache, pkts + sent, n - sent);
}

bool twin_down(struct twin *twin)
{
	struct weir_pkt pkts[TWIN_BURST];
	unsigned n = twin->entries <= TWIN_BURST ? weir_rx(twin->rxq, pkts, TWIN_BURST) : 0;
	unsigned sent = n ? router_inject(twin->router, twin->number, pkts, n) : 0;
	struct router_counts *counts = &twin->router->counts[twin->router->reader_count];

	twin->down += weir_pkt_count(pkts, sent);
	if (sent < n) {
		tally(&counts->drops[DROP_INJECT], weir_pkt_count(pkts + sent, n - sent));
		weir_pool_free(twin->cache, pkts + sent, n - sent);
	}
	return n > 0;
}

void twin_follow_port(struct twin *twin, struct netlink *netlink)
{
	struct link_wish wish = { .carrier = 1 };
	struct weir_link link;

	if (!weir_port_link(twin->port->weir, &link))
		wish.carrier = link.up;
	if (wish.carrier != twin->carrier && !netlink_set_link(netlink, twin->index, &wish))
		twin->carrier = wish.carrier;
}

void twin_follow_kernel(struct twin *twin, const struct link *link)
{
	struct weir_port_info info;

	if (weir_port_info(twin->port->weir, &info))
		return;
	if (info.mtu && link->told.mtu != info.mtu && !twin->mtu_refused &&
	    weir_port_set_mtu(twin->port->weir, link->told.mtu)) {
		log_say(twin->router->log, "%s: %s", link->told.name, weir_error());
		twin->mtu_refused = true;
	}
	if (link->told.has_mac && memcmp(link->told.mac, info.mac, 6) != 0 && !twin->mac_refused &&
	    weir_port_set_mac(twin->port->weir, link->told.mac)) {
		log_say(twin->router->log, "%s: %s", link->told.name, weir_error());
		twin->mac_refused = true;
	}
}
