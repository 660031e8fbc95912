/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of weir.ko, for a guest in which it is loaded and has devices: what its files share. A case runs in a process of
 * its own, as an ordinary user, and ends at the first thing that is not as it should be.
 */
#ifndef TESTS_KMOD_RIG_H
#define TESTS_KMOD_RIG_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include "kmod/weir.h"

#define PAGE 4096u

struct kmod_case {
	const char *name; /* NULL ends the table */
	void (*fn)(void);
};

extern const struct kmod_case open_cases[], memory_cases[], move_cases[], region_cases[], irq_cases[], life_cases[],
    group_cases[], stress_cases[], bare_cases[];

/* The case fails, and says why, unless @ok; or it cannot be tried here. */
void need(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));
void skip(const char *why) __attribute__((noreturn));

/* Not @ok: this machine was too slow for the case, which is tried again; it fails if that goes on. */
void soon(bool ok);

/* @got is what a call returned, with errno: it should be @want, 0 or the negative error. */
void want(const char *what, long got, long want);

/* Addresses of the devices, by the part they play (see tests/vm/guest/kmod.sh); the case is skipped if there is none. */
const char *role(const char *name);

/* Opens the device of a role. Returns its file, or -1 with errno. */
int try_open(const char *name);
int must_open(const char *name);

int attach(int dev, int domain, unsigned flags, unsigned drain_ms, struct weir_attach *said);
int must_attach(int dev, int domain, unsigned flags); /* returns the domain's file if that is new */
int map(int domain, const void *at, uint64_t iova, uint64_t length, unsigned flags);
int unmap(int domain, uint64_t iova, uint64_t length);
int reset(int dev, struct weir_reset *said);
int irq(int dev, unsigned type, unsigned start, unsigned count, const int *fds);
int irq_unmask(int dev);
struct weir_dev_info dev_info(int dev);
struct weir_domain_info domain_info(int domain);

/* @size bytes of the config space of the device, or of what sysfs shows of it (whoever has it open). */
uint32_t config_get(int dev, unsigned at, unsigned size);
int config_set(int dev, unsigned at, unsigned size, uint32_t value);
uint32_t config_real(const char *name, unsigned at, unsigned size);

#define COMMAND        4
#define COMMAND_MASTER 4u

void master(int dev, bool on);

/* @count pages, zeroed, that child processes share. */
void *pages(unsigned count);

/* Writes to a file of sysfs, by way of the servant that still is root. Returns 0 or -errno. */
int as_root(const char *path, const char *text);

/* Has whoever runs the guest do something to it: "unplug 3". */
void outside(const char *order);

/* What a small file says; empty if it cannot be read. */
void file_read(const char *path, char *text, size_t size);

long vm_locked(void); /* KiB, of this process */
long pinned(void);    /* pages, of all processes */
void sleep_ms(unsigned ms);

/* --- QEMU's edu device: a DMA engine that carries out its work 100 ms after it is told to -------------------------------- */

#define EDU_DMA_MS 150 /* after so long it has been done, or never will be, unless QEMU is late */

void edu_write(int dev, uint32_t reg, uint32_t value);
uint32_t edu_read(int dev, uint32_t reg);

/* Puts the words into the device; starts the transfer of @count bytes from the device to @iova. */
void edu_fill(int dev, unsigned count);
void edu_start(int dev, uint64_t iova, unsigned count);

/* Waits until what was started is over, as the device sees it; if it does not answer, for some time. */
void settle(int dev);

/* Whether @at has what edu_fill() put into the device, or zeroes. */
bool edu_landed(const void *at);
bool is_zero(const void *at, unsigned count);

/* A device that is attached to a new domain in which memory lies at @iova, with what was said at it; with bus mastering. */
struct bench {
	int dev, domain;
	uint8_t *at;
};
#define IOVA 0x100000u

struct bench bench_open(const char *name);
void bench_map(struct bench *b);

#endif
