/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko: how things end, in every order, and what goes on afterwards.
 */
#include "rig.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW (WEIR_MAP_READ | WEIR_MAP_WRITE)

static void all_is_let_go(const char *when)
{
	need(pinned() == 0, "pages are still pinned %s", when);
	need(vm_locked() == 0, "%ld KiB are still charged %s", vm_locked(), when);
	need(!(config_real("a", COMMAND, 2) & COMMAND_MASTER) && !(config_real("b", COMMAND, 2) & COMMAND_MASTER),
	     "bus mastering is on %s", when);
}

/* Two devices and the domain that they share, closed in each of the six orders. */
static void every_order(void)
{
	static const char *const orders[] = { "abd", "adb", "bad", "bda", "dab", "dba" };

	for (unsigned i = 0; i < 6; i++) {
		struct bench b = bench_open("a");
		int other = must_open("b");

		edu_fill(other, 64);
		must_attach(other, b.domain, WEIR_ATTACH_REPLACE);
		for (unsigned k = 0; k < 3; k++) {
			int file = orders[i][k] == 'a' ? b.dev : orders[i][k] == 'b' ? other : b.domain;

			if (orders[i][k] != 'd') {
				master(file, true);
				edu_start(file, IOVA, 64);
				settle(file);
				need(edu_landed(b.at), "in order %s a device does not go on", orders[i]);
				memset(b.at, 0, PAGE);
				edu_start(file, IOVA, 64);
			}
			close(file);
			soon(is_zero(b.at, PAGE));
		}
		all_is_let_go(orders[i]);
		sleep_ms(2 * EDU_DMA_MS);
		need(is_zero(b.at, PAGE), "in order %s a device wrote after it was closed", orders[i]);
		munmap(b.at, PAGE);
	}
}

/* The process dies while the device writes; the memory, of which this one has a mapping too, stays as it was. */
static void killed_with_work_to_do(void)
{
	int memory = memfd_create("weir", MFD_CLOEXEC), status, told[2];
	uint8_t *at;
	char byte;
	pid_t pid;

	need(ftruncate(memory, PAGE) == 0 && pipe(told) == 0, "no memory");
	at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	for (unsigned i = 0; i < 5; i++) {
		pid = fork();
		if (pid == 0) {
			struct bench b = bench_open("a");

			want("WEIR_MAP", map(b.domain, at, 2 * IOVA, PAGE, RW), 0);
			edu_start(b.dev, 2 * IOVA, 64);
			if (write(told[1], "x", 1) == 1)
				pause();
			_exit(1);
		}
		need(read(told[0], &byte, 1) == 1, "the other process did not come so far");
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		need(WIFSIGNALED(status), "it ended by itself");
		soon(is_zero(at, PAGE));
		all_is_let_go("after SIGKILL");
		sleep_ms(2 * EDU_DMA_MS);
		need(is_zero(at, PAGE), "the device wrote after its process was killed");
	}
}

/* The process ends with everything open, while a child of it still has its files. */
static void a_child_inherits(void)
{
	struct bench b = bench_open("a");
	int told[2], status;
	pid_t pid;

	need(pipe(told) == 0, "no pipe");
	pid = fork();
	if (pid == 0) {
		char byte;

		close(told[1]);
		if (read(told[0], &byte, 1) < 0)
			_exit(1);
		memset(b.at, 0, PAGE);
		edu_start(b.dev, IOVA, 64);
		settle(b.dev);
		_exit(edu_landed(b.at) ? 0 : 1);
	}
	close(b.dev);
	close(b.domain);
	close(told[1]);
	waitpid(pid, &status, 0);
	need(status == 0, "the device does not go on for the child that inherited it");
	all_is_let_go("after the child's end");
}

static void send_file(int to, int file)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &file, sizeof(int));
	need(sendmsg(to, &message, 0) == 1, "sendmsg: %s", strerror(errno));
}

static int receive_file(int from)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	int file;

	need(recvmsg(from, &message, MSG_CMSG_CLOEXEC) == 1, "recvmsg: %s", strerror(errno));
	memcpy(&file, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return file;
}

/* A process makes a domain, gives it to another one with a device of its own, and is killed: the other goes on. */
static void passed_to_another(void)
{
	int sockets[2], status, dev, domain;
	uint8_t *at = pages(1);
	pid_t pid;

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0, "no sockets");
	pid = fork();
	if (pid == 0) {
		struct bench a = bench_open("a");

		want("WEIR_MAP", map(a.domain, at, 2 * IOVA, PAGE, RW), 0);
		send_file(sockets[1], a.domain);
		pause();
	}
	domain = receive_file(sockets[0]);
	dev = must_open("b");
	edu_fill(dev, 64);
	must_attach(dev, domain, WEIR_ATTACH_REPLACE);
	need(domain_info(domain).devices == 2, "%u devices", domain_info(domain).devices);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	need(domain_info(domain).devices == 1, "%u devices after its end", domain_info(domain).devices);
	need(domain_info(domain).maps == 2, "%u maps after its end", domain_info(domain).maps);
	master(dev, true);
	edu_start(dev, 2 * IOVA, 64);
	settle(dev);
	need(edu_landed(at), "the device does not reach what the other process mapped");
	want("WEIR_UNMAP of what the other process mapped", unmap(domain, 0, 0), 0);
	want("WEIR_MAP", map(domain, at, IOVA, PAGE, RW), 0);
	need(vm_locked() == 4, "%ld KiB are charged", vm_locked());
	close(dev);
	close(domain);
	all_is_let_go("at the end");
}

static void bind_device(const char *name, bool bound)
{
	char path[96];

	snprintf(path, sizeof(path), bound ? "/sys/bus/pci/drivers_probe" : "/sys/bus/pci/drivers/weir/unbind");
	want(bound ? "binding it" : "unbinding it", as_root(path, role(name)), 0);
}

static void unbound_while_open(void)
{
	struct bench b = bench_open("a");
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd ready = { .fd = event, .events = POLLIN };
	struct weir_dev_info info = { .size = sizeof(info) };
	struct weir_reset said;
	uint32_t value;
	unsigned tries = 0;

	want("WEIR_IRQ", irq(b.dev, WEIR_IRQ_REMOVE, 0, 1, &event), 0);
	bind_device("a", false);
	need(poll(&ready, 1, 0) == 1, "nobody was told");
	want("pread of a BAR", pread(b.dev, &value, 4, 0), -ENODEV);
	want("pread of config space", pread(b.dev, &value, 4, (off_t)WEIR_REGION_OFFSET(7)), -ENODEV);
	want("WEIR_DEV_INFO", ioctl(b.dev, WEIR_DEV_INFO, &info), -ENODEV);
	want("WEIR_ATTACH", attach(b.dev, b.domain, 0, 0, NULL), -ENODEV);
	want("WEIR_IRQ", irq(b.dev, WEIR_IRQ_MSI, 0, 1, &event), -ENODEV);
	want("WEIR_RESET", reset(b.dev, &said), -ENODEV);
	need(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, b.dev, 0) == MAP_FAILED && errno == ENODEV, "mmap: %s",
	     strerror(errno));
	need(domain_info(b.domain).devices == 0 && domain_info(b.domain).maps == 1, "its domain changed");
	bind_device("a", true);
	while (try_open("a") < 0 && ++tries < 50)
		sleep_ms(20);
	want("the old file, of a device that is back", pread(b.dev, &value, 4, (off_t)WEIR_REGION_OFFSET(7)), -ENODEV);
	need(tries < 50, "it cannot be opened when it is back: %s", strerror(errno));
}

/* Who was told and closes the device is not waited for any longer, and loses nothing. */
static void given_back_when_told(void)
{
	struct bench b = bench_open("a");
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), status;
	struct pollfd ready = { .fd = event, .events = POLLIN };
	unsigned tries = 0;
	pid_t pid;

	want("WEIR_IRQ", irq(b.dev, WEIR_IRQ_REMOVE, 0, 1, &event), 0);
	pid = fork();
	if (pid == 0) {
		close(b.dev);
		bind_device("a", false);
		_exit(0);
	}
	need(poll(&ready, 1, 5000) == 1, "nobody was told");
	want("open while it leaves", try_open("a"), -ENOENT);
	edu_start(b.dev, IOVA, 64);
	settle(b.dev);
	need(edu_landed(b.at), "it was taken away before its time");
	close(b.dev);
	waitpid(pid, &status, 0);
	need(status == 0, "unbinding failed");
	bind_device("a", true);
	while (try_open("a") < 0 && ++tries < 50)
		sleep_ms(20);
	need(tries < 50, "it cannot be opened when it is back: %s", strerror(errno));
	close(b.domain);
}

/* Pulled out of its slot: the same, without a word before. */
static void pulled_out_while_open(void)
{
	struct bench b = bench_open("p");
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pollfd ready = { .fd = event, .events = POLLIN };
	uint32_t value;

	want("WEIR_IRQ", irq(b.dev, WEIR_IRQ_REMOVE, 0, 1, &event), 0);
	outside("unplug p");
	need(poll(&ready, 1, 60000) == 1, "nobody was told");
	close(event);
	for (unsigned i = 0; i < 600 && pread(b.dev, &value, 4, (off_t)WEIR_REGION_OFFSET(7)) >= 0; i++)
		sleep_ms(100);
	want("pread of config space", pread(b.dev, &value, 4, (off_t)WEIR_REGION_OFFSET(7)), -ENODEV);
	want("WEIR_ATTACH", attach(b.dev, b.domain, 0, 0, NULL), -ENODEV);
	need(domain_info(b.domain).devices == 0 && domain_info(b.domain).maps == 1, "its domain changed");
	close(b.dev);
	close(b.domain);
	need(pinned() == 0, "pages are still pinned");
}

/* Whoever has it open finds it awake, though the kernel may put it to sleep. */
static void awake_while_open(void)
{
	char path[96], text[32];
	unsigned at;
	int dev;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/power/control", role("x"));
	want("letting it sleep", as_root(path, "auto"), 0);
	sleep_ms(200);
	dev = must_open("x");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/power/runtime_status", role("x"));
	file_read(path, text, sizeof(text));
	need(!strcmp(text, "active\n"), "it is %s", text);
	at = config_get(dev, 0x34, 1);
	while (at && config_get(dev, at, 1) != 0x01)
		at = config_get(dev, at + 1, 1);
	need(at && (config_get(dev, at + 4, 2) & 3) == 0, "it is in state D%u", config_get(dev, at + 4, 2) & 3);
}

const struct kmod_case life_cases[] = {
	{ "I2: closed in every order, nothing is left", every_order },
	{ "I2: killed with work to do, nothing is written", killed_with_work_to_do },
	{ "I27: a child goes on with what it inherited", a_child_inherits },
	{ "I27: a domain is passed to another process, which goes on", passed_to_another },
	{ "I29: unbound while open, everything is gone", unbound_while_open },
	{ "I29: who is told has time to give it back", given_back_when_told },
	{ "I29: pulled out while open, everything is gone", pulled_out_while_open },
	{ "I31: it is awake while it is open", awake_while_open },
	{ NULL, NULL },
};
