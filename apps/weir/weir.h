/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir: the operator's tool. What its files share.
 */
#ifndef APPS_WEIR_H
#define APPS_WEIR_H

#include <stdbool.h>

#include <weir/pci.h>

struct weir_options {
	const char *command;
	const char *device; /* NULL: none was named */
	const char *driver; /* of the kernel, to bind to */
	bool all, force, group, json;
};

/* Read the command line, or end the program with status 2 and a sentence. */
void weir_options_read(struct weir_options *options, int argc, char **argv);

/* The commands. Each returns the program's exit status; what went wrong is said. */
int command_list(const struct weir_options *options);
int command_bind(const struct weir_options *options);
int command_unbind(const struct weir_options *options);

/* PCI class 2: network controllers. */
static inline bool is_network(const struct weir_pci *pci)
{
	return pci->class_code >> 16 == 0x02;
}

/* --- sysfs.c ------------------------------------------------------------------------------------------------------------ */

/* Writes @text to a file of the kernel's. Returns 0 or -errno. */
int sysfs_write(const char *path, const char *text);

/* Reads the first line of one; empty when there is none. */
void sysfs_read(const char *path, char *text, unsigned size);

/* All functions of this machine, to be freed. Returns how many, or -errno after saying why. */
int functions_read(struct weir_pci **functions);

/* --- interface.c ---------------------------------------------------------------------------------------------------------- */

/* Why the interface is in use, as a part of a sentence ("carries the address 10.0.0.1"), or NULL. Not for threads. */
const char *interface_used(const char *name);

#endif
