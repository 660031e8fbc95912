/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DPDK in this process.
 *
 * Three functions that DPDK calls are defined here and so come before those of the libraries: the registration of PCI
 * drivers, which tells us where they are; ioctl(), to connect interrupts; and memfd_create(), to get its memory sealed,
 * without which a model maps no client's memory.
 */
#include "eal.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <rte_eal.h>
#include <rte_log.h>
#include <rte_memory.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "trap.h"

#define DRIVERS 128
#define DEVICES 8
#define VECTORS 64

static struct {
	struct pci_driver *drivers[DRIVERS];
	unsigned driver_count;
	struct {
		int fd; /* what the device's handle calls its VFIO descriptor */
		struct bus_device *dev;
	} devices[DEVICES];
	FILE *log;
	bool anonymous; /* no file behind the memory */
	size_t said_len;
	char said[256 * 1024];
} eal;

/* --- what is caught ----------------------------------------------------------------------------------------------- */

void rte_pci_register(struct pci_driver *driver);
void rte_pci_unregister(struct pci_driver *driver);

void rte_pci_register(struct pci_driver *driver)
{
	if (eal.driver_count < DRIVERS)
		eal.drivers[eal.driver_count++] = driver;
}

void rte_pci_unregister(struct pci_driver *driver)
{
	(void)driver;
}

int memfd_create(const char *name, unsigned flags)
{
	if (eal.anonymous) {
		errno = ENOSYS;
		return -1;
	}
	return (int)syscall(SYS_memfd_create, name, flags | MFD_ALLOW_SEALING);
}

static int set_irqs(struct bus_device *dev, const struct vfio_irq_set *set)
{
	int fds[VECTORS];

	if (set->index != VFIO_PCI_MSIX_IRQ_INDEX || set->start || set->count > VECTORS) {
		errno = EINVAL;
		return -1;
	}
	if (set->flags & VFIO_IRQ_SET_DATA_EVENTFD)
		memcpy(fds, set->data, set->count * sizeof(*fds));
	errno = -dev->ops->irq_set(dev, BUS_IRQ_MSIX, 0, set->count, fds);
	return errno ? -1 : 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	for (unsigned i = 0; request == VFIO_DEVICE_SET_IRQS && i < DEVICES; i++)
		if (eal.devices[i].dev && eal.devices[i].fd == fd)
			return set_irqs(eal.devices[i].dev, arg);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

/* --- what it says ------------------------------------------------------------------------------------------------- */

/* What is logged is kept, and shown when it is a warning. */
static ssize_t hear(void *cookie, const char *text, size_t len)
{
	size_t room = sizeof(eal.said) - 1 - eal.said_len, some = len < room ? len : room;

	(void)cookie;
	memcpy(eal.said + eal.said_len, text, some);
	eal.said_len += some;
	if (rte_log_cur_msg_loglevel() <= (int)RTE_LOG_WARNING)
		fwrite(text, 1, len, stderr);
	return (ssize_t)len;
}

static void listen_to_log(void)
{
	eal.log = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = hear });
	setvbuf(eal.log, NULL, _IOLBF, 0);
	rte_openlog_stream(eal.log);
	rte_log_set_level_pattern("pmd.net.ixgbe.init", RTE_LOG_DEBUG);
}

bool eal_said(const char *words)
{
	return strstr(eal.said, words) != NULL;
}

void eal_forget(void)
{
	memset(eal.said, 0, eal.said_len);
	eal.said_len = 0;
}

/* --- starting ----------------------------------------------------------------------------------------------------- */

static int start(const char *pages, const char *megabytes)
{
	char core[16], *argv[] = { "test",
		                   "--no-pci",
		                   (char *)pages,
		                   "-m",
		                   (char *)megabytes,
		                   "--iova-mode=va",
		                   "--no-shconf",
		                   "--no-telemetry",
		                   "--log-level=lib.eal:warning",
		                   "-l",
		                   core,
		                   NULL };
	cpu_set_t cpus;
	int first = 0;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	while (!CPU_ISSET(first, &cpus))
		first++;
	snprintf(core, sizeof(core), "%d", first);
	if (rte_eal_init((int)(sizeof(argv) / sizeof(*argv)) - 1, argv) < 0)
		return unit_skip("DPDK does not start here");
	listen_to_log();
	/* It pins the calling thread to a processor that others may be busy on. */
	sched_setaffinity(0, sizeof(cpus), &cpus);
	/* Drivers pause for a microsecond, again and again, for which the kernel would give them fifty more. */
	prctl(PR_SET_TIMERSLACK, 1000);
	trap_install();
	return 0;
}

int eal_start(void)
{
	return start("--no-huge", "192");
}

static int in_large_pages(const struct rte_memseg_list *list, void *arg)
{
	(void)arg;
	madvise(list->base_va, list->len, MADV_HUGEPAGE);
	return 0;
}

int eal_start_large(const char *megabytes)
{
	int err;

	eal.anonymous = true;
	err = start("--no-huge", megabytes);
	if (!err)
		rte_memseg_list_walk(in_large_pages, NULL);
	return err;
}

int eal_start_huge(void)
{
	return start("--in-memory", "192");
}

struct pci_driver *eal_driver(const char *name)
{
	for (unsigned i = 0; i < eal.driver_count; i++)
		if (!strcmp(eal.drivers[i]->driver.name, name))
			return eal.drivers[i];
	return NULL;
}

/* --- what a device is given --------------------------------------------------------------------------------------- */

static int share(struct bus_device *dev, const struct rte_memseg_list *list, const struct rte_memseg *seg, size_t len)
{
	struct weir_mem_chunk chunk = { .size = len, .page_size = list->page_sz, .node = -1 };

	chunk.fd = rte_memseg_get_fd(seg);
	if (chunk.fd < 0 || fcntl(chunk.fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
		return -ENOTSUP;
	return dev->domain->ops->map(dev->domain, (uintptr_t)seg->addr, &chunk, seg->addr);
}

/* Small pages are of one file. */
static int share_list(const struct rte_memseg_list *list, void *arg)
{
	if (list->external || list->page_sz != KIB(4))
		return 0;
	return share(arg, list, rte_mem_virt2memseg(list->base_va, list), list->len);
}

static int share_hugepage(const struct rte_memseg_list *list, const struct rte_memseg *seg, void *arg)
{
	return list->external || list->page_sz == KIB(4) ? 0 : share(arg, list, seg, seg->len);
}

int eal_share_memory(struct bus_device *dev)
{
	int err = rte_memseg_list_walk(share_list, dev);

	return err ? err : rte_memseg_walk(share_hugepage, dev);
}

struct rte_intr_handle *eal_interrupts_open(struct bus_device *dev)
{
	struct rte_intr_handle *handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);

	for (unsigned i = 0; handle && i < DEVICES; i++) {
		if (eal.devices[i].dev)
			continue;
		eal.devices[i].dev = dev;
		eal.devices[i].fd = eventfd(0, EFD_CLOEXEC);
		rte_intr_type_set(handle, RTE_INTR_HANDLE_VFIO_MSIX);
		rte_intr_fd_set(handle, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
		rte_intr_dev_fd_set(handle, eal.devices[i].fd);
		break;
	}
	return handle;
}

void eal_interrupts_close(struct rte_intr_handle *handle, struct bus_device *dev)
{
	close(rte_intr_fd_get(handle));
	for (unsigned i = 0; i < DEVICES; i++)
		if (eal.devices[i].dev == dev) {
			close(eal.devices[i].fd);
			eal.devices[i].dev = NULL;
		}
	rte_intr_instance_free(handle);
}
