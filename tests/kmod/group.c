/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: devices that the IOMMU cannot tell apart. Behind the bridge are two edu devices, g and h, and a network
 * card n.
 */
#include "rig.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void rebind(const char *name, const char *driver)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver/unbind", role(name));
	as_root(path, role(name));
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", role(name));
	as_root(path, driver);
	want("binding it", as_root("/sys/bus/pci/drivers_probe", role(name)), 0);
}

static void a_neighbour_of_the_kernels(void)
{
	need(dev_info(must_open("g")).group == dev_info(must_open("h")).group, "they are in different groups");
	close(must_open("n"));
}

static void the_kernel_has_a_neighbour(void)
{
	int dev;

	rebind("n", "\n");
	dev = try_open("g");
	if (dev >= 0) {
		rebind("n", "weir");
		need(false, "a device was given out though its neighbour is the kernel's");
	}
	rebind("n", "weir");
	close(must_open("g"));
}

static void one_process_has_the_group(void)
{
	int dev = must_open("g"), status;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		_exit(try_open("h") < 0 && errno == EBUSY ? 0 : 1);
	waitpid(pid, &status, 0);
	need(status == 0, "another process opened a neighbour");
	close(must_open("h"));
	close(dev);
	pid = fork();
	if (pid == 0)
		_exit(try_open("h") < 0 ? 1 : 0);
	waitpid(pid, &status, 0);
	need(status == 0, "the group is not free after its devices were closed");
}

static void one_domain_for_the_group(void)
{
	int g = must_open("g"), h = must_open("h"), domain = must_attach(g, WEIR_DOMAIN_NEW, 0);

	want("a domain of its own", attach(h, WEIR_DOMAIN_NEW, 0, 0, NULL), -EINVAL);
	want("its neighbour's domain", attach(h, domain, 0, 0, NULL), 0);
	need(domain_info(domain).devices == 2, "%u devices", domain_info(domain).devices);
	want("a move while the neighbour is open", attach(h, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE, 0, NULL), -EBUSY);
	want("a detach while the neighbour is open", attach(g, WEIR_DOMAIN_NONE, WEIR_ATTACH_REPLACE, 0, NULL), -EBUSY);
	close(g);
	need(domain_info(domain).devices == 1, "%u devices", domain_info(domain).devices);
	must_attach(h, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE);
	need(domain_info(domain).devices == 0, "%u devices", domain_info(domain).devices);
}

/* The one that is closed takes nothing from the one that goes on. */
static void a_neighbour_goes_on(void)
{
	struct bench g = bench_open("g");
	int h = must_open("h");

	want("its neighbour's domain", attach(h, g.domain, 0, 0, NULL), 0);
	close(h);
	edu_start(g.dev, IOVA, 64);
	settle(g.dev);
	need(edu_landed(g.at), "closing one device took the domain from the other");
}

const struct kmod_case group_cases[] = {
	{ "I4: no device beside one of the kernel's", the_kernel_has_a_neighbour },
	{ "I4: one process has all of a group", one_process_has_the_group },
	{ "I5: behind the bridge there is one group", a_neighbour_of_the_kernels },
	{ "I5: a group sees one domain", one_domain_for_the_group },
	{ "I5: a neighbour goes on", a_neighbour_goes_on },
	{ NULL, NULL },
};
