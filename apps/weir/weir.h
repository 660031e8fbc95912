/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * weir: the operator's tool. What its files share.
 */
#ifndef APPS_WEIR_H
#define APPS_WEIR_H

#include <stdbool.h>
#include <stdint.h>

#include <weir/pci.h>
#include <weir/port.h>

struct weir_options {
	const char *command;
	const char *device; /* or the spec of a port; NULL: none was named */
	const char *driver; /* of the kernel, to bind to */
	double seconds;
	bool all, force, group, json;
	uint32_t given; /* a bit for each option that was given, by its letter */
};

/* Read the command line, or end the program with status 2 and a sentence. */
void weir_options_read(struct weir_options *options, int argc, char **argv);

/* The commands. Each returns the program's exit status; what went wrong is said. */
int command_list(const struct weir_options *options);
int command_bind(const struct weir_options *options);
int command_unbind(const struct weir_options *options);
int command_regs(const struct weir_options *options);
int command_eeprom(const struct weir_options *options);
int command_module(const struct weir_options *options);
int command_stats(const struct weir_options *options);

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

/* --- subject.c ------------------------------------------------------------------------------------------------------------ */

/* The port that a command is about, with what must be there for it. */
struct subject {
	struct weir *weir;
	struct weir_sim *sim; /* for specs that ask for a card in this process */
	struct weir_pool *pool;
	struct weir_port *port;
	char spec[512];
};

/*
 * Opens the port of the command line, which may also be named as a device is. One that @receives has a pool, and takes
 * what is addressed to others, too. Returns 0, or -errno after saying why, and then nothing is open.
 */
int subject_open(struct subject *subject, const struct weir_options *options, bool receives);

/* Closes it. Returns the program's exit status: @err tells whether what was done with it failed, which has been said. */
int subject_close(struct subject *subject, int err);

/* Says what weir_error() says. Returns @err. */
int complain(int err);

#endif
