/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes pcapng files (IETF draft-ietf-opsawg-pcapng): one section, one Ethernet interface, times in nanoseconds, and a
 * comment where there is something to say of a packet. libpcap reads such files and does not write them.
 */
#ifndef PKTGEN_CAPTURE_PCAPNG_H
#define PKTGEN_CAPTURE_PCAPNG_H

#include <stdint.h>

struct pcapng;

/* Makes the file @path, with packets of the interface @name, cut to @snap bytes. Returns 0 or -errno, and then *@file NULL. */
int pcapng_open(struct pcapng **file, const char *path, const char *name, uint32_t snap);

/* Adds a packet: the first @kept of its @len bytes. @comment may be NULL. Returns 0 or -errno. */
int pcapng_write(struct pcapng *file, const void *data, uint32_t kept, uint32_t len, uint64_t time_ns,
                 const char *comment);

/* Returns 0 or -errno: not everything may have reached the disk. */
int pcapng_close(struct pcapng *file);

#endif
