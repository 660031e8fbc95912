/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who gets what: of the packets that were punted, of the packets of twins, of the kernel's news, and of time.
 */
#include "control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common/watch.h"

#define TICK_MS     50u
#define PUNT_BURST  256u
#define PUNT_ROUNDS 16u
#define HOSTS_MOST  NEIGHBOURS_MAX

static uint64_t now_ms(void)
{
	return (uint64_t)(watch_clock() * 1e3);
}

/* --- hooks -------------------------------------------------------------------------------------------------------------- */

static void changed(void *arg, const struct adjacency *neighbour)
{
	struct control *control = arg;

	paths_follow(&control->rib, neighbour);
}

static bool host(void *arg, const struct adjacency *neighbour, bool there)
{
	struct control *control = arg;

	return rib_host(&control->rib, neighbour, there);
}

static void ask(void *arg, const struct adjacency *neighbour)
{
	struct control *control = arg;

	netlink_ask(&control->netlink, neighbour);
}

static bool answered(void *arg, unsigned interface)
{
	struct control *control = arg;

	return control->by_port[control->router->interfaces[interface].port];
}

/* Interfaces are the kernel's where there is one. */
static unsigned interface_of(void *arg, uint32_t link)
{
	struct control *control = arg;

	return control->following ? links_interface(&control->netlink, link) : 0;
}

static void link_changed(void *arg, const struct link *link)
{
	struct control *control = arg;

	if (control->by_port[link->port])
		twin_follow_kernel(control->by_port[link->port], link);
}

/* --- life ---------------------------------------------------------------------------------------------------------------- */

static int listen_to(const struct control *control, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(control->fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* What the file says of networks and neighbours. */
static int adopt(struct control *control, const struct config *config)
{
	for (unsigned i = 0; i < config->network_count; i++) {
		const struct network *network = &config->networks[i];
		struct news_address address = { .ip = { .family = network->prefix.family },
			                        .len = network->prefix.len };

		memcpy(address.ip.byte, network->prefix.addr, sizeof(address.ip.byte));
		address.link_local = address.ip.family == 6 && address.ip.byte[0] == 0xfe;
		if (!resolver_address_add(&control->resolver, network->interface, &address))
			return -ENOSPC;
	}
	for (uint32_t i = 0; i < config->neighbour_count; i++) {
		const struct neighbour *neighbour = &config->neighbours[i];
		struct ip ip = { .family = neighbour->addr.family };

		memcpy(ip.byte, neighbour->addr.addr, sizeof(ip.byte));
		if (resolver_adopt(&control->resolver, neighbour->interface, &ip, neighbour->hop))
			return -ENOSPC;
	}
	return 0;
}

static int twins_open(struct control *control, const struct control_conf *conf)
{
	control->twins = calloc(conf->twin_count, sizeof(*control->twins));
	if (!control->twins)
		return -ENOMEM;
	for (unsigned i = 0; i < conf->twin_count; i++) {
		const struct twin_wish *wish = &conf->twins[i];
		struct twin *twin = &control->twins[i];
		int err;

		err = twin_open(twin, control->router, control->ports, wish->port, wish->name, wish->persist);
		if (err)
			return err;
		control->twin_count++;
		control->by_port[wish->port] = twin;
		err = links_add_twin(&control->netlink, twin->index, wish->port, twin->interface);
		if (!err)
			err = listen_to(control, twin_fd(twin));
		if (err)
			return err;
	}
	return 0;
}

static int follow(struct control *control, const struct control_conf *conf)
{
	const struct netlink_conf netlink = {
		.router = control->router,
		.resolver = &control->resolver,
		.rib = &control->rib,
		.neighbours = conf->neighbours == NEIGHBOURS_KERNEL,
		.arg = control,
		.changed = link_changed,
	};
	int err = netlink_open(&control->netlink, &netlink);

	if (err)
		return err;
	control->following = true;
	err = listen_to(control, netlink_events_fd(&control->netlink));
	if (!err)
		err = listen_to(control, netlink_dumps_fd(&control->netlink));
	return err ? err : twins_open(control, conf);
}

static int descriptors_open(struct control *control)
{
	const struct itimerspec tick = { .it_value.tv_nsec = 1, .it_interval.tv_nsec = TICK_MS * 1000000 };
	int err;

	control->fd = epoll_create1(EPOLL_CLOEXEC);
	control->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (control->fd < 0 || control->timer_fd < 0 || timerfd_settime(control->timer_fd, 0, &tick, NULL))
		return -errno;
	err = listen_to(control, control->timer_fd);
	return err ? err : listen_to(control, control->router->punt_fd);
}

int control_open(struct control *control, struct router *router, struct ports *ports, const struct config *config,
                 const struct control_conf *conf)
{
	const bool kernel = conf->neighbours == NEIGHBOURS_KERNEL;
	const struct resolver_hooks hooks = {
		.arg = control, .changed = changed, .host = host, .ask = kernel ? ask : NULL, .answered = answered
	};
	int err;

	memset(control, 0, sizeof(*control));
	control->router = router;
	control->ports = ports;
	control->fd = control->timer_fd = -1;
	err = resolver_init(&control->resolver, router, &hooks);
	if (!err)
		err = rib_init(&control->rib, router, &control->resolver,
		               HOSTS_MOST + (conf->twin_count ? conf->routes : 0));
	if (err)
		goto close;
	control->rib.interface_of = interface_of;
	control->rib.arg = control;
	control->resolver.now = now_ms();
	err = descriptors_open(control);
	if (!err && config)
		err = adopt(control, config);
	if (err) {
		log_say(router->log, "the control plane cannot begin: %s", strerror(-err));
		goto close;
	}
	if (conf->twin_count)
		err = follow(control, conf);
	if (err)
		goto close;
	router->punting = true;
	return 0;

close:
	control_close(control);
	return err;
}

void control_close(struct control *control)
{
	for (unsigned i = 0; i < control->twin_count; i++)
		twin_close(&control->twins[i]);
	free(control->twins);
	if (control->following)
		netlink_close(&control->netlink);
	rib_fini(&control->rib);
	if (control->resolver.router)
		resolver_fini(&control->resolver);
	if (control->timer_fd >= 0)
		close(control->timer_fd);
	if (control->fd >= 0)
		close(control->fd);
	memset(control, 0, sizeof(*control));
	control->fd = control->timer_fd = -1;
}

int control_fd(const struct control *control)
{
	return control->fd;
}

/* --- rounds -------------------------------------------------------------------------------------------------------------- */

/* Hands a packet to the kernel, or drops it: there is nobody whom it is for. */
static void give_up(struct control *control, struct weir_pkt *pkts, unsigned n)
{
	struct router *router = control->router;
	struct twin *twin = control->by_port[router->interfaces[punt_interface(pkts)].port];

	if (twin) {
		twin_up(twin, pkts, n);
		return;
	}
	tally(&router->counts[router->reader_count].drops[DROP_LOCAL], 1);
	weir_pool_free(control->resolver.cache, pkts, n);
}

static void punted(struct control *control, struct weir_pkt *pkts, unsigned n)
{
	const uint8_t *frame = weir_pkt_data(control->router->base, pkts);

	switch (punt_why(pkts)) {
	case PUNT_CONNECTED:
	case PUNT_UNRESOLVED:
		resolver_wanted(&control->resolver, pkts, n);
		return;
	case PUNT_ARP:
		resolver_arp(&control->resolver, punt_interface(pkts), frame, pkts->len);
		break;
	case PUNT_LOCAL:
	case PUNT_MULTICAST:
		if (pkts->len > 14 && weir_load_be16(frame + 12) == WEIR_ETHER_IPV6)
			resolver_nd(&control->resolver, punt_interface(pkts), frame, pkts->len);
		break;
	default:
		break;
	}
	give_up(control, pkts, n);
}

static void punts_run(struct control *control)
{
	struct weir_pkt pkts[PUNT_BURST];
	unsigned n, count;

	for (unsigned round = 0; round < PUNT_ROUNDS; round++) {
		n = router_punted(control->router, pkts, PUNT_BURST);
		for (unsigned i = 0; i < n; i += count) {
			for (count = 1; pkts[i + count - 1].flags & WEIR_PKT_MORE && i + count < n;)
				count++;
			punted(control, &pkts[i], count);
		}
		if (n < PUNT_BURST)
			return;
	}
}

static void tick(struct control *control, uint64_t now)
{
	uint64_t times;

	if (read(control->timer_fd, &times, sizeof(times)) != sizeof(times))
		return;
	resolver_tick(&control->resolver, now);
	for (unsigned i = 0; i < control->twin_count; i++)
		twin_follow_port(&control->twins[i], &control->netlink);
}

void control_run(void *arg)
{
	struct control *control = arg;
	uint64_t now = now_ms();

	control->resolver.now = now;
	punts_run(control);
	for (unsigned i = 0; i < control->twin_count; i++)
		twin_down(&control->twins[i]);
	if (control->following)
		netlink_run(&control->netlink, now);
	tick(control, now);
}

/* --- figures -------------------------------------------------------------------------------------------------------------- */

void control_count(const struct control *control, unsigned index, struct own_count *count)
{
	uint64_t up = 0, down = 0;

	for (unsigned i = 0; i < control->twin_count; i++) {
		up += control->twins[i].up;
		down += control->twins[i].down;
	}
	const struct own_count counts[CONTROL_COUNTS] = {
		{ "control", "in_step", control->following && netlink_in_step(&control->netlink) },
		{ "control", "routes", control->rib.count - control->resolver.hosts },
		{ "control", "paths", control->rib.path_count - 1 },
		{ "control", "neighbours", control->resolver.count },
		{ "control", "hosts", control->resolver.hosts },
		{ "control", "asked", control->resolver.counts.asked },
		{ "control", "learned", control->resolver.counts.learned },
		{ "control", "failed", control->resolver.counts.failed },
		{ "control", "queued", control->resolver.counts.queued },
		{ "control", "queue_full", control->resolver.counts.queue_full },
		{ "control", "up", up },
		{ "control", "down", down },
		{ "control", "messages", control->netlink.counts.messages },
		{ "control", "unreadable", control->netlink.counts.unreadable },
		{ "control", "overruns", control->netlink.counts.overruns },
		{ "control", "dumps", control->netlink.counts.dumps },
	};

	*count = counts[index];
}
