/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Small files of the kernel's, and the list of PCI functions.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "weir.h"

int sysfs_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

void sysfs_read(const char *path, char *text, unsigned size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

int functions_read(struct weir_pci **functions)
{
	int there = weir_pci_list(NULL, NULL, 0), read;

	*functions = there < 0 ? NULL : calloc((size_t)there + 1, sizeof(**functions));
	if (!*functions) {
		warnx("%s", there < 0 ? weir_error() : "no memory for a list of devices");
		return there < 0 ? there : -ENOMEM;
	}
	/* One that was plugged in meanwhile waits for the next time. */
	read = weir_pci_list(NULL, *functions, (unsigned)there);
	return read < there ? read : there;
}
