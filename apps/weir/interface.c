/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether a network interface is one that somebody would miss.
 */
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "weir.h"

#define ROUTE_UP 0x0001u  /* RTF_UP of linux/route.h */
#define UPPER    "upper_" /* how sysfs names what is on top of an interface */

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
	size_t len = strlen(name);
	struct ifaddrs *list, *a;
	bool found = false;

	if (getifaddrs(&list) < 0)
		return false;
	for (a = list; a && !found; a = a->ifa_next) /* "eth0:1" is a label of eth0 */
		if (strcspn(a->ifa_name, ":") == len && !strncmp(a->ifa_name, name, len) && a->ifa_addr &&
		    counts(a->ifa_addr))
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

/* What the kernel has put on top of it: a bridge or bond that it is a part of, a VLAN. */
static bool upper_of(const char *name, char *upper, size_t size)
{
	const struct dirent *entry;
	char path[64];
	DIR *entries;
	bool found = false;

	snprintf(path, sizeof(path), "/sys/class/net/%.16s", name);
	entries = opendir(path);
	if (!entries)
		return false;
	while (!found && (entry = readdir(entries))) {
		found = !strncmp(entry->d_name, UPPER, strlen(UPPER));
		if (found)
			snprintf(upper, size, "%s", entry->d_name + strlen(UPPER));
	}
	closedir(entries);
	return found;
}

const char *interface_used(const char *name)
{
	static char why[NI_MAXHOST + 64];
	char text[NI_MAXHOST];

	if (address_of(name, text, sizeof(text)))
		snprintf(why, sizeof(why), "carries the address %s", text);
	else if (default_route_of(name))
		snprintf(why, sizeof(why), "carries the default route");
	else if (upper_of(name, text, sizeof(text)))
		snprintf(why, sizeof(why), "carries the interface %s", text);
	else
		return NULL;
	return why;
}
