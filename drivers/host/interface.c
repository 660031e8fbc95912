/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A network interface of this machine: finding it, asking about it, changing it.
 *
 * Everything goes through one socket that belongs to the network namespace the port was opened in, so that a thread
 * that changes its namespace later does not end up with another interface of the same number. The interface is held by
 * number: it may be renamed.
 */
#include "host.h"

#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANY_MTU_MAX 65535u /* what no Ethernet interface of Linux goes beyond; most have a lower limit */

/* Asks for the interface's name of today. */
static int ask_name(const struct host_if *nif, struct ifreq *ifr)
{
	memset(ifr, 0, sizeof(*ifr));
	ifr->ifr_ifindex = (int)nif->index;
	return ioctl(nif->fd, SIOCGIFNAME, ifr) ? -errno : 0;
}

bool host_if_exists(const struct host_if *nif)
{
	struct ifreq ifr;

	return !ask_name(nif, &ifr);
}

/* One SIOC... request about the interface, whatever it is called today. */
static int ask(const struct host_if *nif, unsigned long request, struct ifreq *ifr)
{
	struct ifreq today;
	int err;

	err = ask_name(nif, &today);
	if (err)
		return err;
	memcpy(ifr->ifr_name, today.ifr_name, sizeof(ifr->ifr_name));
	return ioctl(nif->fd, request, ifr) ? -errno : 0;
}

static bool read_namespace(int fd, uint64_t *cookie)
{
	socklen_t len = sizeof(*cookie);

	return !getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &len);
}

bool host_if_is_near(const struct host_if *nif, int fd)
{
	uint64_t ours, theirs;

	if (!read_namespace(nif->fd, &ours) || !read_namespace(fd, &theirs))
		return true; /* before Linux 5.14 nobody can tell */
	return ours == theirs;
}

static int no_such_interface(struct weir_port *port, const char *name)
{
	struct if_nameindex *all = if_nameindex();
	char list[160] = "";
	size_t used = 0;

	for (struct if_nameindex *i = all; i && i->if_index && used < sizeof(list) - IFNAMSIZ - 8; i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", used ? ", " : "", i->if_name);
	if_freenameindex(all);
	return weir_fail(port->weir, -ENODEV, "port '%s': there is no interface called '%s'; there are %s", port->spec,
	                 name, used ? list : "none");
}

/*
 * The device's NUMA node, -1 when it has none. Only sysfs tells, and that shows the namespace it was mounted in: it is
 * believed when it speaks of an interface of the same number.
 */
static int numa_node(const struct host_if *nif)
{
	char path[96];
	unsigned index = 0;
	int node = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", nif->name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%u", &index) != 1)
		index = 0;
	fclose(file);
	if (index != nif->index)
		return -1;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device/numa_node", nif->name);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%d", &node) != 1)
		node = -1;
	fclose(file);
	return node;
}

/* The largest MTU that the interface takes, which only rtnetlink tells. Without an answer, what none goes beyond. */
static unsigned mtu_limit(const struct host_if *nif)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg link;
	} request = {
		.head = { .nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST },
		.link = { .ifi_index = (int)nif->index },
	};
	union {
		struct nlmsghdr head;
		uint8_t room[16384];
	} reply;
	const struct rtattr *attribute;
	uint32_t limit = 0;
	ssize_t len = -1;
	int fd, left;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return ANY_MTU_MAX;
	if (send(fd, &request, sizeof(request), 0) == sizeof(request))
		len = recv(fd, &reply, sizeof(reply), 0);
	close(fd);
	if (len < 0 || !NLMSG_OK(&reply.head, (size_t)len) || reply.head.nlmsg_type != RTM_NEWLINK)
		return ANY_MTU_MAX;
	attribute = IFLA_RTA(NLMSG_DATA(&reply.head));
	left = (int)IFLA_PAYLOAD(&reply.head);
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if (attribute->rta_type == IFLA_MAX_MTU && RTA_PAYLOAD(attribute) >= sizeof(limit))
			memcpy(&limit, RTA_DATA(attribute), sizeof(limit));
	return limit && limit < ANY_MTU_MAX ? limit : ANY_MTU_MAX;
}

static int read_facts(struct weir_port *port, struct host_if *nif)
{
	struct weir_port_info *info = &port->info;
	struct ifreq ifr;
	int err;

	err = ask(nif, SIOCGIFHWADDR, &ifr);
	if (err)
		return err;
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER && ifr.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
		return weir_fail(port->weir, -ENOTSUP, "port '%s': '%s' does not carry Ethernet frames (type %u)",
		                 port->spec, nif->name, ifr.ifr_hwaddr.sa_family);
	memcpy(info->mac, ifr.ifr_hwaddr.sa_data, sizeof(info->mac));
	err = ask(nif, SIOCGIFMTU, &ifr);
	if (err)
		return err;
	info->mtu = (unsigned)ifr.ifr_mtu;
	info->mtu_max = mtu_limit(nif);
	if (info->mtu_max < info->mtu)
		info->mtu_max = info->mtu;
	info->node = numa_node(nif);
	snprintf(info->name, sizeof(info->name), "%s", nif->name);
	return 0;
}

int host_if_open(struct weir_port *port, struct host_if *nif, const char *name)
{
	struct ifreq ifr;
	int err;

	memset(nif, 0, sizeof(*nif));
	if (strlen(name) >= sizeof(nif->name))
		return no_such_interface(port, name);
	memcpy(nif->name, name, strlen(name) + 1);
	nif->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* any kind will do for asking */
	if (nif->fd < 0)
		return weir_fail(port->weir, -errno, "port '%s': cannot make a socket: %s", port->spec,
		                 strerror(errno));
	nif->is_open = true;
	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, nif->name, sizeof(ifr.ifr_name));
	if (ioctl(nif->fd, SIOCGIFINDEX, &ifr)) {
		err = no_such_interface(port, name);
		goto close;
	}
	nif->index = (unsigned)ifr.ifr_ifindex;
	err = read_facts(port, nif);
	if (err == -ENODEV)
		err = no_such_interface(port, name);
	if (err)
		goto close;
	return 0;

close:
	host_if_close(nif);
	return err;
}

void host_if_close(struct host_if *nif)
{
	if (nif->is_promisc)
		close(nif->promisc);
	if (nif->is_open)
		close(nif->fd);
	nif->is_promisc = nif->is_open = false;
}

/* IFF_* of the interface. */
static int read_flags(const struct host_if *nif, unsigned *flags)
{
	struct ifreq ifr;
	int err;

	err = ask(nif, SIOCGIFFLAGS, &ifr);
	*flags = err ? 0 : (unsigned short)ifr.ifr_flags;
	return err;
}

/* The driver's word counts, where it has one: IFF_RUNNING may follow a second later. */
bool host_if_has_link(const struct host_if *nif)
{
	struct ethtool_value carrier = { .cmd = ETHTOOL_GLINK };
	struct ifreq ifr = { .ifr_data = (void *)&carrier };
	unsigned flags;

	if (read_flags(nif, &flags) || !(flags & IFF_UP))
		return false;
	return ask(nif, SIOCETHTOOL, &ifr) ? flags & IFF_RUNNING : carrier.data;
}

int host_if_need_up(struct weir_port *port, const struct host_if *nif)
{
	unsigned flags;
	int err;

	err = read_flags(nif, &flags);
	if (err)
		return weir_fail(port->weir, err, "port '%s': cannot ask about '%s': %s", port->spec, nif->name,
		                 strerror(-err));
	if (flags & IFF_UP)
		return 0;
	return weir_fail(port->weir, -ENETDOWN,
	                 "port '%s': the interface is down; bring it up with 'ip link set %s up'", port->spec,
	                 nif->name);
}

int host_if_bring_up(struct weir_port *port, const struct host_if *nif)
{
	struct ifreq ifr;
	unsigned flags;

	if (read_flags(nif, &flags) || flags & IFF_UP)
		return host_if_need_up(port, nif);
	ifr.ifr_flags = (short)(flags | IFF_UP);
	ask(nif, SIOCSIFFLAGS, &ifr);
	return host_if_need_up(port, nif); /* if that was not permitted, somebody else has to do it */
}

/* Speed and duplex, which not every interface has. The first answer tells how many words of modes the second holds. */
static void read_speed(const struct host_if *nif, struct weir_link *link)
{
	union {
		struct ethtool_link_settings settings;
		uint32_t room[sizeof(struct ethtool_link_settings) / 4 + 3 * 127];
	} reply = { .settings.cmd = ETHTOOL_GLINKSETTINGS };
	struct ifreq ifr = { .ifr_data = (void *)&reply };

	if (ask(nif, SIOCETHTOOL, &ifr) || reply.settings.link_mode_masks_nwords >= 0)
		return;
	reply.settings.cmd = ETHTOOL_GLINKSETTINGS;
	reply.settings.link_mode_masks_nwords = (int8_t)-reply.settings.link_mode_masks_nwords;
	if (ask(nif, SIOCETHTOOL, &ifr))
		return;
	if (reply.settings.speed != (uint32_t)SPEED_UNKNOWN)
		link->mbps = reply.settings.speed;
	link->full_duplex = reply.settings.duplex != DUPLEX_HALF;
}

int host_if_link(struct weir_port *port, const struct host_if *nif, struct weir_link *link)
{
	unsigned flags;
	int err;

	err = read_flags(nif, &flags);
	if (err)
		return weir_fail(port->weir, err, "port '%s': cannot ask about '%s': %s", port->spec, nif->name,
		                 strerror(-err));
	link->up = host_if_has_link(nif);
	link->full_duplex = true;
	if (link->up)
		read_speed(nif, link);
	return 0;
}

static int change_failed(struct weir_port *port, const struct host_if *nif, int err, const char *what)
{
	if (err == -EPERM || err == -EACCES)
		return weir_fail(port->weir, err,
		                 "port '%s': not permitted to set the %s of '%s'; run as root or give the program "
		                 "CAP_NET_ADMIN",
		                 port->spec, what, nif->name);
	return weir_fail(port->weir, err, "port '%s': '%s' does not take this %s: %s", port->spec, nif->name, what,
	                 strerror(-err));
}

int host_if_set_mtu(struct weir_port *port, const struct host_if *nif, unsigned mtu)
{
	struct ifreq ifr = { .ifr_mtu = (int)mtu };
	int err;

	err = ask(nif, SIOCSIFMTU, &ifr);
	return err ? change_failed(port, nif, err, "MTU") : 0;
}

int host_if_set_mac(struct weir_port *port, const struct host_if *nif, const uint8_t mac[6])
{
	struct ifreq ifr = { .ifr_hwaddr.sa_family = ARPHRD_ETHER };
	int err;

	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	err = ask(nif, SIOCSIFHWADDR, &ifr);
	return err ? change_failed(port, nif, err, "address") : 0;
}

/*
 * A membership of a packet socket, and not the interface's own flag: the kernel counts memberships, so others who want
 * the interface promiscuous are not disturbed, and it ends with the process whatever way that ends.
 */
int host_if_set_promiscuous(struct weir_port *port, struct host_if *nif, bool on)
{
	struct packet_mreq mreq = { .mr_ifindex = (int)nif->index, .mr_type = PACKET_MR_PROMISC };
	int fd;

	if (on == nif->is_promisc)
		return 0;
	if (!on) {
		close(nif->promisc);
		nif->is_promisc = false;
		return 0;
	}
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		goto fail;
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mreq, sizeof(mreq))) {
		close(fd);
		goto fail;
	}
	nif->promisc = fd;
	nif->is_promisc = true;
	return 0;

fail:
	return weir_fail(port->weir, -errno,
	                 errno == EPERM ? "port '%s': not permitted to make '%s' promiscuous; run as root or give the "
	                                  "program CAP_NET_RAW"
	                                : "port '%s': '%s' does not become promiscuous: %m",
	                 port->spec, nif->name);
}
