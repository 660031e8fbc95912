/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What memory the machine has left: hugepages, plain memory, NUMA nodes. Read anew for every question. Internal.
 */
#ifndef MEM_MACHINE_H
#define MEM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

/* "2 MiB". @page_size is one of the three there are. */
const char *machine_page_name(uint64_t page_size);

/* Hugepages of @page_size that exist, used or not, on all nodes. */
uint64_t machine_hugepages(uint64_t page_size);

/*
 * Bytes that could be had now in pages of @page_size on @node (-1: on any). Plain memory (4096) is what the machine and
 * the control group allow without swapping, less a sixteenth that everybody else is left with.
 */
uint64_t machine_available(uint64_t page_size, int node);

/* Whether there is a NUMA node @node with memory, that this process may use. */
bool machine_has_node(int node);

/* Whether there is more than one. */
bool machine_has_nodes(void);

/* The node of the calling thread; -1 when it is not known. */
int machine_local_node(void);

#endif
