/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: the order of things, who may open, and how one asks.
 */
#include "rig.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Everything but asking comes after WEIR_ATTACH. */
static void order(void)
{
	int dev = must_open("a"), none = -1;
	struct weir_reset said;
	uint32_t value = 0;

	need(config_get(dev, 0, 4) == 0x11e81234, "config space does not begin with the device's ids");
	need(dev_info(dev).vendor == 0x1234 && dev_info(dev).device == 0x11e8, "WEIR_DEV_INFO tells other ids");
	need(!(dev_info(dev).flags & WEIR_DEV_ATTACHED), "it is attached already");
	want("pread of BAR 0", pread(dev, &value, 4, 0), -ENXIO);
	want("pwrite of BAR 0", pwrite(dev, &value, 4, 0), -ENXIO);
	need(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, dev, 0) == MAP_FAILED && errno == ENXIO, "mmap of BAR 0: %s",
	     strerror(errno));
	want("WEIR_IRQ", irq(dev, WEIR_IRQ_MSI, 0, 1, &none), -ENXIO);
	want("writing config space", config_set(dev, COMMAND, 2, 7), -ENXIO);
	want("WEIR_RESET", reset(dev, &said), -ENXIO);
	want("WEIR_MAP on the device", map(dev, &value, 0, PAGE, 3), -ENOTTY);
	want("WEIR_ATTACH to a file that is no domain", attach(dev, dev, 0, 0, NULL), -EBADFD);
	want("WEIR_ATTACH to no file", attach(dev, 999, 0, 0, NULL), -EBADF);
	want("WEIR_ATTACH to -3", attach(dev, -3, 0, 0, NULL), -EBADF);
	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	need(dev_info(dev).flags & WEIR_DEV_ATTACHED, "it is not attached");
	want("pread of BAR 0", pread(dev, &value, 4, 0), 0);
	need((value & 0xff) == 0xed, "the identification register of edu is %08x", value);
}

static void master_is_off(const char *when)
{
	need(!(config_real("a", COMMAND, 2) & COMMAND_MASTER), "bus mastering is on %s", when);
}

static void master_follows_the_states(void)
{
	int dev = must_open("a"), first, second;

	master_is_off("after open");
	first = must_attach(dev, WEIR_DOMAIN_NEW, 0);
	master_is_off("after the first attach");
	master(dev, true);
	need(config_real("a", COMMAND, 2) & COMMAND_MASTER, "it cannot be turned on");
	second = must_attach(dev, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE);
	master_is_off("after a move");
	master(dev, true);
	must_attach(dev, WEIR_DOMAIN_NONE, WEIR_ATTACH_REPLACE);
	master_is_off("after a detach");
	want("turning it on when detached", config_set(dev, COMMAND, 2, COMMAND_MASTER), -ENXIO);
	must_attach(dev, first, 0);
	master(dev, true);
	close(second);
	close(dev);
	master_is_off("after close");
}

static void one_opener(void)
{
	int dev = must_open("a"), copy, status;
	pid_t pid;

	want("a second open", try_open("a"), -EBUSY);
	copy = dup(dev);
	pid = fork();
	if (pid == 0)
		_exit(try_open("a") < 0 && errno == EBUSY && config_get(dev, 0, 2) == 0x1234 ? 0 : 1);
	waitpid(pid, &status, 0);
	need(status == 0, "a child process sees something else");
	close(dev);
	want("open while a copy of the file is open", try_open("a"), -EBUSY);
	close(copy);
	close(must_open("a"));
}

static int ask(int dev, unsigned size, const void *request, unsigned long call)
{
	uint8_t space[8192] = { 0 };
	uint32_t whole = size;

	memcpy(space, request, 64);
	memcpy(space, &whole, 4);
	return ioctl(dev, call, space);
}

static void structs_may_grow(void)
{
	int dev = must_open("a"), domain = must_attach(dev, WEIR_DOMAIN_NEW, 0);
	struct weir_attach same = { .domain = domain };
	uint8_t request[64] = { 0 };

	memcpy(request, &same, sizeof(same));
	want("size 0", ask(dev, 0, request, WEIR_ATTACH), -EINVAL);
	want("size 4", ask(dev, 4, request, WEIR_ATTACH), -EINVAL);
	want("one byte less", ask(dev, sizeof(same) - 1, request, WEIR_ATTACH), -EINVAL);
	want("what there is", ask(dev, sizeof(same), request, WEIR_ATTACH), 0);
	want("zeroes behind", ask(dev, sizeof(same) + 16, request, WEIR_ATTACH), 0);
	want("a whole page of them", ask(dev, PAGE, request, WEIR_ATTACH), 0);
	want("more than a page", ask(dev, PAGE + 1, request, WEIR_ATTACH), -E2BIG);
	request[sizeof(same) + 3] = 1;
	want("something unknown behind", ask(dev, sizeof(same) + 16, request, WEIR_ATTACH), -E2BIG);
	want("unknown and not told of", ask(dev, sizeof(same), request, WEIR_ATTACH), 0);
	want("an unknown flag", attach(dev, domain, 1u << 31, 0, NULL), -EOPNOTSUPP);
	want("no memory there", ioctl(dev, WEIR_ATTACH, NULL), -EFAULT);
	want("an unknown call", ioctl(dev, _IO(WEIR_IOC, 99), request), -ENOTTY);
	want("an unknown call to a domain", ioctl(domain, _IO(WEIR_IOC, 99), request), -ENOTTY);
	want("WEIR_ATTACH to a domain's file", ioctl(domain, WEIR_ATTACH, request), -ENOTTY);
}

/* A device without any way to reset it says so, and is not said to have been reset. */
static void resets_are_not_pretended(void)
{
	int dev = must_open("a"), with = must_open("r");
	struct weir_reset said;

	need(!(dev_info(dev).flags & WEIR_DEV_RESET), "WEIR_DEV_INFO promises a reset");
	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	want("WEIR_RESET", reset(dev, &said), -EOPNOTSUPP);
	want("WEIR_ATTACH with a reset", attach(dev, WEIR_DOMAIN_NEW, WEIR_ATTACH_REPLACE | WEIR_ATTACH_RESET, 0, NULL),
	     -EOPNOTSUPP);
	need(dev_info(with).flags & WEIR_DEV_RESET, "WEIR_DEV_INFO knows of no reset behind a root port");
	must_attach(with, WEIR_DOMAIN_NEW, 0);
	want("WEIR_RESET behind a root port", reset(with, &said), 0);
	need(said.quiesced & WEIR_QUIESCED_RESET, "it was not reset");
}

/* The interrupt's bits and the power state are as they were found, for whoever comes next. */
static void state_is_not_inherited(void)
{
	int dev = must_open("x");
	uint32_t before = config_real("x", COMMAND, 2);

	must_attach(dev, WEIR_DOMAIN_NEW, 0);
	master(dev, true);
	want("writing the latency of reads", config_set(dev, 0x3c, 1, 0x55), 0);
	need(config_get(dev, 0x3c, 1) == 0x55, "the interrupt line is not the caller's");
	close(dev);
	need((config_real("x", COMMAND, 2) | 0x403) == (before | 0x403), "COMMAND is %04x, and was %04x",
	     config_real("x", COMMAND, 2), before);
	dev = must_open("x");
	need(config_get(dev, 0x3c, 1) != 0x55, "the interrupt line is still the last caller's");
}

static void opened_often(void)
{
	const char *opens = getenv("OPENS");
	unsigned count = opens ? (unsigned)strtoul(opens, NULL, 10) : 0;

	need(count > 0, "OPENS says how often");
	for (unsigned i = 0; i < count; i++)
		close(must_open("a"));
	need(pinned() == 0, "pages are pinned");
}

const struct kmod_case open_cases[] = {
	{ "order: until it is attached, a device can only be asked", order },
	{ "I1: bus mastering is off unless a caller turned it on", master_follows_the_states },
	{ "I23: what one caller set up the next does not find", state_is_not_inherited },
	{ "I24: a reset is not pretended", resets_are_not_pretended },
	{ "I27: one opener, whose copies of the file are one", one_opener },
	{ "I37: structures may grow, and say what is unknown", structs_may_grow },
	{ "a device is opened over and over", opened_often },
	{ NULL, NULL },
};
