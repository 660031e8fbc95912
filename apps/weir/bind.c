/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir bind, weir unbind: hand a device over to a driver of the kernel that passes it on to programs, and give it back.
 *
 * The way is driver_override, which speaks of this one device only: no ids are added to a driver, so that no other
 * device changes hands. What the device was bound to is remembered until it is given back, in /run, as long as the
 * machine is up; without it the kernel chooses.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "weir.h"

#define MEMORY "/run/weir"
#define PCI    "/sys/bus/pci"

/* Loads the driver; one that is built in or loaded needs nothing. */
static int driver_load(const char *driver)
{
	char path[128];
	int status;
	pid_t pid;

	snprintf(path, sizeof(path), PCI "/drivers/%s", driver);
	if (access(path, F_OK) == 0)
		return 0;
	pid = fork();
	if (pid == 0) {
		execl("/sbin/modprobe", "modprobe", driver, (char *)NULL);
		execlp("modprobe", "modprobe", driver, (char *)NULL); /* a small system has it elsewhere */
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || access(path, F_OK) < 0) {
		warnx("the kernel has no driver %s; is its module installed? (modprobe %s)", driver, driver);
		return -ENOENT;
	}
	return 0;
}

static void remember(const struct weir_pci *pci)
{
	char path[64];
	FILE *file;

	if (mkdir(MEMORY, 0755) < 0 && errno != EEXIST)
		return;
	snprintf(path, sizeof(path), MEMORY "/%s", pci->name);
	file = fopen(path, "wxe"); /* the first driver is the one to go back to */
	if (!file)
		return;
	fputs(pci->driver, file);
	fclose(file);
}

static void forget(const struct weir_pci *pci, char *driver, unsigned size)
{
	char path[64];

	snprintf(path, sizeof(path), MEMORY "/%s", pci->name);
	sysfs_read(path, driver, size);
	unlink(path);
}

/* A driver waits until the last program closes the device: whoever waits for that is told after two seconds. */
static pid_t patience_begin(const struct weir_pci *pci)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	sleep(2);
	warnx("%s is still in use by a program; waiting until that closes it", pci->name);
	_exit(0);
}

static void patience_end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Writes to a file of the device's, or of its driver's, with a sentence when that fails. */
static int tell(const struct weir_pci *pci, const char *path, const char *text)
{
	int err = sysfs_write(path, text);

	if (err)
		warnx("%s: cannot write %s: %s%s", pci->name, path, strerror(-err),
		      err == -EACCES || err == -EPERM ? "; this is for root" : "");
	return err;
}

/* Which driver alone may have the device; "": any. */
static int override_set(const struct weir_pci *pci, const char *driver)
{
	char path[128], text[64];

	snprintf(path, sizeof(path), PCI "/devices/%s/driver_override", pci->name);
	snprintf(text, sizeof(text), "%s\n", driver);
	return tell(pci, path, text);
}

/* Takes the device from whoever has it, and lets the kernel find it the driver @override ("": any). */
static int hand_over(const struct weir_pci *pci, const char *override)
{
	char path[128];
	pid_t patience;
	int err;

	err = override_set(pci, override);
	if (!err && pci->driver[0]) {
		snprintf(path, sizeof(path), PCI "/drivers/%s/unbind", pci->driver);
		patience = patience_begin(pci);
		err = tell(pci, path, pci->name);
		patience_end(patience);
	}
	return err ? err : tell(pci, PCI "/drivers_probe", pci->name);
}

/* Whether the device is bound to @driver now. */
static bool is_bound(const struct weir_pci *pci, const char *driver)
{
	struct weir_pci now;

	return weir_pci_get(NULL, pci->name, &now) == 0 && !strcmp(now.driver, driver);
}

/* Gives the device to the driver that it had, or, if that is not known or takes it no more, to one of the kernel's choice. */
static int give_back(const char *name)
{
	char driver[32];
	struct weir_pci pci;
	int err;

	if (weir_pci_get(NULL, name, &pci)) {
		warnx("%s", weir_error());
		return -ENODEV;
	}
	forget(&pci, driver, sizeof(driver));
	if (driver[0] && driver_load(driver) == 0) {
		err = hand_over(&pci, driver);
		if (err || is_bound(&pci, driver))
			return err ? err : override_set(&pci, "");
		pci.driver[0] = '\0';
	}
	return hand_over(&pci, "");
}

/* Whether it may change hands. Returns 0, or -errno after saying why not. */
static int may_bind(const struct weir_pci *pci, const struct weir_options *options)
{
	const char *why = pci->interface[0] ? interface_used(pci->interface) : NULL;
	char path[128];

	if (!is_network(pci) && !options->force) {
		warnx("%s is no network card (class %06x); insist with --force", pci->name, pci->class_code);
		return -EINVAL;
	}
	if (why && !options->force) {
		warnx("%s is %s, which %s; take that away first, or insist with --force", pci->name, pci->interface,
		      why);
		return -EBUSY;
	}
	snprintf(path, sizeof(path), PCI "/devices/%s/driver_override", pci->name);
	if (access(path, W_OK) < 0) {
		warnx("%s: %s cannot be written (%s); binding is for root", pci->name, path, strerror(errno));
		return -EPERM;
	}
	return 0;
}

static void say_refused(const struct weir_pci *pci, const char *driver)
{
	bool bare = pci->group < 0 && (!strcmp(driver, "vfio-pci") || !strcmp(driver, "weir"));

	warnx("%s: %s does not take it (%s); it goes back to %s", pci->name, driver,
	      bare ? "no IOMMU stands before it: turn that on, with intel_iommu=on on the kernel's command line"
	           : "dmesg says why",
	      pci->driver[0] ? pci->driver : "no driver");
}

static int bind_one(const struct weir_pci *pci, const struct weir_options *options)
{
	int err;

	if (!strcmp(pci->driver, options->driver)) {
		printf("%s is bound to %s already\n", pci->name, pci->driver);
		return 0;
	}
	err = may_bind(pci, options);
	if (!err)
		err = driver_load(options->driver);
	if (err)
		return err;
	remember(pci);
	err = hand_over(pci, options->driver);
	if (!err && !is_bound(pci, options->driver)) {
		say_refused(pci, options->driver);
		err = -EIO;
	}
	if (err)
		give_back(pci->name);
	else
		printf("%s is bound to %s%s%s\n", pci->name, options->driver, pci->driver[0] ? ", and was to " : "",
		       pci->driver);
	return err;
}

/* The other functions of an IOMMU group, which must change hands together. */
static int bind_group(const struct weir_pci *pci, const struct weir_options *options)
{
	struct weir_pci *list;
	int n = functions_read(&list), err = 0;

	for (int i = 0; i < n && !err; i++) {
		bool bridge = list[i].class_code >> 16 == 0x06;

		if (list[i].group != pci->group || !strcmp(list[i].name, pci->name) || bridge || !list[i].driver[0] ||
		    !strcmp(list[i].driver, options->driver))
			continue;
		if (options->group)
			err = bind_one(&list[i], options);
		else
			warnx("note: %s of the same IOMMU group %d is bound to %s; %s gives out %s only when that is "
			      "bound to it, too (--group)",
			      list[i].name, pci->group, list[i].driver, options->driver, pci->name);
	}
	free(list);
	return n < 0 ? n : err;
}

int command_bind(const struct weir_options *options)
{
	struct weir_pci pci;
	int err;

	if (!strcmp(options->driver, "kernel"))
		return command_unbind(options);
	err = weir_pci_get(NULL, options->device, &pci);
	if (err)
		warnx("%s", weir_error());
	else
		err = bind_one(&pci, options);
	if (!err && pci.group >= 0)
		err = bind_group(&pci, options);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

int command_unbind(const struct weir_options *options)
{
	char path[128], override[32];
	struct weir_pci pci;

	if (weir_pci_get(NULL, options->device, &pci)) {
		warnx("%s", weir_error());
		return EXIT_FAILURE;
	}
	snprintf(path, sizeof(path), PCI "/devices/%s/driver_override", pci.name);
	sysfs_read(path, override, sizeof(override));
	if ((!override[0] || !strcmp(override, "(null)")) && pci.driver[0]) {
		printf("%s is bound to %s already\n", pci.name, pci.driver);
		return EXIT_SUCCESS;
	}
	if (give_back(pci.name) || weir_pci_get(NULL, pci.name, &pci))
		return EXIT_FAILURE;
	printf("%s is bound to %s%s%s\n", pci.name, pci.driver[0] ? pci.driver : "no driver",
	       pci.interface[0] ? ": " : "", pci.interface);
	return EXIT_SUCCESS;
}
