/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * As much of a kernel as lib/bus asks for devices: vfio by groups and by iommufd, and the files of uio. The functions of libc
 * that lead into the kernel stand here once more; what is in /dev, /sys and /proc is looked for in a folder of the test
 * first, where a file stands for each device. Numbers are those of the kernel's linux/vfio.h and linux/iommufd.h.
 */
#ifndef TESTS_FAKE_KERNEL_H
#define TESTS_FAKE_KERNEL_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bus/vfio.h"
#include "pools.h"

#define FAKE_FDS   1024
#define FAKE_MAPS  64
#define FAKE_BAR   0x4000u  /* bytes of region 0, at 0 of the device's file, */
#define FAKE_SPACE 0x10000u /* ... and where config space is */

struct fake_irq {
	unsigned flags, start, count; /* of the last call */
	int fds[4];
};

static struct {
	char root[64];
	char paths[FAKE_FDS][128]; /* of the files in the folder that were opened, by descriptor */
	unsigned opens;            /* of groups and devices of vfio */
	unsigned not_viable;
	int map_error;
	unsigned iommu;  /* the argument of VFIO_SET_IOMMU */
	unsigned joined; /* groups put into containers */
	int bound, attached;
	unsigned maps, all_maps;
	struct {
		int fd;
		uint64_t iova, size, at;
		uint32_t flags, ioas;
	} map[FAKE_MAPS];
	struct fake_irq irqs[5];
	unsigned irq_count[5];
} fake;

static const char *fake_path(const char *path, char *full, size_t size)
{
	snprintf(full, size, "%s%s", fake.root, path);
	return fake.root[0] && path[0] == '/' && syscall(SYS_faccessat, AT_FDCWD, full, F_OK) == 0 ? full : path;
}

int open(const char *path, int flags, ...)
{
	char full[256];
	const char *real = fake_path(path, full, sizeof(full));
	va_list args;
	int mode, fd;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	fd = (int)syscall(SYS_openat, AT_FDCWD, real, flags, mode);
	if (fd >= 0 && fd < FAKE_FDS) {
		snprintf(fake.paths[fd], sizeof(fake.paths[fd]), "%s", real == full ? path : "");
		fake.opens += real == full && !strncmp(path, "/dev/vfio/", 10) && strcmp(path, "/dev/vfio/vfio") != 0;
	}
	return fd;
}

int access(const char *path, int mode)
{
	char full[256];

	return (int)syscall(SYS_faccessat, AT_FDCWD, fake_path(path, full, sizeof(full)), mode);
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopendir(fd);
}

static int fake_fail(int err)
{
	errno = err;
	return -1;
}

/* All of the kernel's two ways to map. */
static int fake_map(int fd, uint64_t iova, uint64_t size, uint64_t at, uint32_t flags, uint32_t ioas)
{
	if (fake.map_error)
		return fake_fail(fake.map_error);
	for (unsigned i = 0; i < fake.maps; i++)
		if (fake.map[i].fd == fd && iova < fake.map[i].iova + fake.map[i].size &&
		    fake.map[i].iova < iova + size)
			return fake_fail(EEXIST);
	fake.map[fake.maps].fd = fd;
	fake.map[fake.maps].iova = iova;
	fake.map[fake.maps].size = size;
	fake.map[fake.maps].at = at;
	fake.map[fake.maps].flags = flags;
	fake.map[fake.maps++].ioas = ioas;
	fake.all_maps++;
	return 0;
}

static int fake_unmap(int fd, uint64_t iova, uint64_t size)
{
	for (unsigned i = 0; i < fake.maps; i++) {
		if (fake.map[i].fd != fd || fake.map[i].iova != iova || fake.map[i].size != size)
			continue;
		fake.map[i] = fake.map[--fake.maps];
		return 0;
	}
	return fake_fail(ENOENT);
}

static int fake_region(uint32_t *info)
{
	uint64_t *wide = (void *)info;

	if (info[0] < 32)
		return fake_fail(EINVAL);
	info[1] = 3 | (info[2] == 0 ? 4 : 0); /* READ, WRITE, MMAP */
	info[3] = 0;
	wide[2] = info[2] == 0 ? FAKE_BAR : info[2] == 7 ? 256 : 0;
	wide[3] = info[2] == 7 ? FAKE_SPACE : 0;
	return 0;
}

static int fake_set_irqs(const uint32_t *set)
{
	struct fake_irq *irq;

	if (set[2] >= 5 || set[4] > 4)
		return fake_fail(EINVAL);
	irq = &fake.irqs[set[2]];
	irq->flags = set[1];
	irq->start = set[3];
	irq->count = set[4];
	if (set[1] & 4) /* DATA_EVENTFD */
		memcpy(irq->fds, &set[5], set[4] * sizeof(int));
	return 0;
}

static int fake_device_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/device-%s", name);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Whether the file is one of the folder's; a descriptor may be a copy, whose path nobody has noted. */
static bool fake_is(int fd)
{
	char link[32], target[256];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target) - 1);
	return fake.root[0] && n > 0 && !strncmp(target, fake.root, strlen(fake.root));
}

int ioctl(int fd, unsigned long request, ...)
{
	uint32_t *words;
	uint64_t *wide;
	va_list args;

	va_start(args, request);
	words = va_arg(args, void *);
	wide = (void *)words;
	va_end(args);
	if (fd < 0 || fd >= FAKE_FDS || !fake_is(fd))
		return (int)syscall(SYS_ioctl, fd, request, words);
	switch (request) {
	case 0x3b64: /* VFIO_GET_API_VERSION */
		return 0;
	case 0x3b65: /* VFIO_CHECK_EXTENSION: TYPE1v2, NOIOMMU */
		return (uintptr_t)words == 3 || (uintptr_t)words == 8;
	case 0x3b66: /* VFIO_SET_IOMMU */
		fake.iommu = (unsigned)(uintptr_t)words;
		return fake.joined ? 0 : fake_fail(ENODEV);
	case 0x3b67: /* VFIO_GROUP_GET_STATUS */
		words[1] = fake.not_viable ? 0 : 1;
		return 0;
	case 0x3b68: /* VFIO_GROUP_SET_CONTAINER */
		fake.joined++;
		return strcmp(fake.paths[words[0]], "/dev/vfio/vfio") == 0 ? 0 : fake_fail(EINVAL);
	case 0x3b6a: /* VFIO_GROUP_GET_DEVICE_FD */
		return fake_device_file((const char *)words);
	case 0x3b6b: /* VFIO_DEVICE_GET_INFO: RESET, PCI */
		words[1] = 3;
		words[2] = 9;
		words[3] = 5;
		return 0;
	case 0x3b6c: /* VFIO_DEVICE_GET_REGION_INFO */
		return fake_region(words);
	case 0x3b6d: /* VFIO_DEVICE_GET_IRQ_INFO */
		words[3] = fake.irq_count[words[2]];
		return 0;
	case 0x3b6e: /* VFIO_DEVICE_SET_IRQS */
		return fake_set_irqs(words);
	case 0x3b71: /* VFIO_IOMMU_MAP_DMA */
		return fake_map(fd, wide[2], wide[3], wide[1], words[1], 0);
	case 0x3b72: /* VFIO_IOMMU_UNMAP_DMA */
		return fake_unmap(fd, wide[1], wide[2]);
	case 0x3b76: /* VFIO_DEVICE_BIND_IOMMUFD */
		if (words[0] < 16 || words[1] || strcmp(fake.paths[words[2]], "/dev/iommu") != 0)
			return fake_fail(EINVAL);
		fake.bound = (int)words[2];
		words[3] = 1;
		return 0;
	case 0x3b77: /* VFIO_DEVICE_ATTACH_IOMMUFD_PT */
		if (words[0] < 12 || words[1] || words[2] != 77)
			return fake_fail(EINVAL);
		fake.attached++;
		return 0;
	case 0x3b81: /* IOMMU_IOAS_ALLOC */
		if (words[0] != 12 || words[1])
			return fake_fail(EINVAL);
		words[2] = 77;
		return 0;
	case 0x3b85: /* IOMMU_IOAS_MAP */
		return words[0] == 40 && !words[3] ? fake_map(fd, wide[4], wide[3], wide[2], words[1], words[2])
		                                   : fake_fail(EINVAL);
	case 0x3b86: /* IOMMU_IOAS_UNMAP */
		return words[0] == 24 && words[1] == 77 ? fake_unmap(fd, wide[1], wide[2]) : fake_fail(EINVAL);
	default:
		return fake_fail(ENOTTY);
	}
}

/* --- the folder ------------------------------------------------------------------------------------------------------- */

/* Makes the file @path of @size bytes, with the folders before it. */
static void fake_file(const char *path, size_t size)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s%s", fake.root, path);
	for (char *slash = full + strlen(fake.root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(full, 0755);
	}
	fd = (int)syscall(SYS_openat, AT_FDCWD, full, O_CREAT | O_RDWR | O_CLOEXEC, 0644);
	CU_ASSERT_FATAL(fd >= 0);
	CU_ASSERT_EQUAL(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

/* A word of a file. */
static uint32_t fake_peek(const char *path, unsigned offset)
{
	uint32_t value = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CU_ASSERT(pread(fd, &value, sizeof(value), offset) > 0);
	close(fd);
	return value;
}

static void fake_poke(const char *path, unsigned offset, uint32_t value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	CU_ASSERT_EQUAL(pwrite(fd, &value, sizeof(value), offset), sizeof(value));
	close(fd);
}

static void fake_begin(void)
{
	memset(&fake, 0, sizeof(fake));
	snprintf(fake.root, sizeof(fake.root), "/tmp/weir-kernel-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(fake.root));
}

static void fake_end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", fake.root);
	fake.root[0] = '\0';
	CU_ASSERT_EQUAL(system(command), 0);
}

/* A function as sysfs shows it. */
static struct weir_pci fake_pci(const char *name, int group)
{
	struct weir_pci pci = { .vendor = 0x8086, .device = 0x10fb, .node = -1, .group = group };

	snprintf(pci.name, sizeof(pci.name), "%s", name);
	pci.bars[0].size = FAKE_BAR;
	return pci;
}

#endif
