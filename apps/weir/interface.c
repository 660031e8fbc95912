/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether a network interface is one that somebody would miss.
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "weir.h"

#define ROUTE_UP 0x0001u /* RTF_UP of linux/route.h */

/* Link-local addresses come by themselves: they say nothing. */
static bool counts(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return true;
	return address->sa_family == AF_INET6 &&
	       !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static bool address_of(const char *name, char *text, socklen_t size)
{
	struct ifaddrs *list, *a;
	bool found = false;

	if (getifaddrs(&list) < 0)
		return false;
	for (a = list; a && !found; a = a->ifa_next)
		if (!strcmp(a->ifa_name, name) && a->ifa_addr && counts(a->ifa_addr))
			found = !getnameinfo(a->ifa_addr,
			                     a->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
			                                                       : sizeof(struct sockaddr_in6),
			                     text, size, NULL, 0, NI_NUMERICHOST);
	freeifaddrs(list);
	return found;
}

/* Destination and mask (or prefix length) of all zeros. */
static bool default_route_of(const char *name)
{
	char line[512], interface[IF_NAMESIZE];
	unsigned destination, flags, mask, prefix;
	bool found = false;
	FILE *file;

	file = fopen("/proc/net/route", "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%15s %x %*x %x %*d %*d %*d %x", interface, &destination, &flags, &mask) == 4 &&
		        !strcmp(interface, name) && !destination && !mask && flags & ROUTE_UP;
	if (file)
		fclose(file);
	file = found ? NULL : fopen("/proc/net/ipv6_route", "re");
	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, "%*32s %x %*32s %*x %*32s %*x %*x %*x %*x %15s", &prefix, interface) == 2 &&
		        !strcmp(interface, name) && !prefix;
	if (file)
		fclose(file);
	return found;
}

const char *interface_used(const char *name)
{
	static char why[NI_MAXHOST + 64];
	char text[PATH_MAX], path[128];
	ssize_t n;

	if (address_of(name, text, NI_MAXHOST)) {
		snprintf(why, sizeof(why), "carries the address %.256s", text);
		return why;
	}
	if (default_route_of(name))
		return "carries the default route";
	snprintf(path, sizeof(path), "/sys/class/net/%s/master", name);
	n = readlink(path, text, sizeof(text) - 1);
	if (n <= 0)
		return NULL;
	text[n] = '\0';
	snprintf(why, sizeof(why), "is a part of %.64s", strrchr(text, '/') ? strrchr(text, '/') + 1 : text);
	return why;
}
