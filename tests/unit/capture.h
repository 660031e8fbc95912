/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capture files made and read by hand, byte for byte as the format's description has them, and a port on one: for the
 * tests of the pcap driver. Each program that includes this has one context, one pool and one folder for its files.
 */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "port/driver.h"
#include "weir/mem.h"

#define ETHERNET 1u
#define NONE     UINT32_MAX

/* A file in the making. */
struct capture {
	uint8_t bytes[4096];
	size_t len;
	bool big_endian;
};

static inline void put16(struct capture *c, unsigned value)
{
	c->bytes[c->len++] = (uint8_t)(c->big_endian ? value >> 8 : value);
	c->bytes[c->len++] = (uint8_t)(c->big_endian ? value : value >> 8);
}

static inline void put32(struct capture *c, uint32_t value)
{
	put16(c, c->big_endian ? value >> 16 : value & 0xffff);
	put16(c, c->big_endian ? value & 0xffff : value >> 16);
}

/* The head of a pcap file. @magic is 0xa1b2c3d4 for microseconds, 0xa1b23c4d for nanoseconds. */
static inline void put_head(struct capture *c, uint32_t magic, uint32_t snaplen, uint32_t linktype)
{
	put32(c, magic);
	put16(c, 2);
	put16(c, 4);
	put32(c, 0);
	put32(c, 0);
	put32(c, snaplen);
	put32(c, linktype);
}

/* A record that says it holds @len of @orig_len bytes, and is followed by @len bytes of the value @fill. */
static inline void put_record(struct capture *c, uint32_t seconds, uint32_t fraction, uint32_t len, uint32_t orig_len,
                              uint8_t fill)
{
	put32(c, seconds);
	put32(c, fraction);
	put32(c, len);
	put32(c, orig_len);
	memset(c->bytes + c->len, fill, len);
	c->len += len;
}

static inline uint32_t get32(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* --- files in a folder of their own ---------------------------------------------------------------------------------- */

struct bench {
	char folder[64];
	struct weir *weir;
	struct weir_pool *pool;
	char spec[256];
};

extern struct bench bench;

/* "FOLDER/@name". */
static inline const char *path_of(const char *name)
{
	static _Thread_local char path[4][128];
	static _Thread_local unsigned next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof(path[next]), "%s/%s", bench.folder, name);
	return path[next];
}

static inline void file_write(const char *name, const void *bytes, size_t len)
{
	FILE *file = fopen(path_of(name), "w");

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

/* Reads up to @size bytes; returns how many there are, 0 without a file. */
static inline size_t file_read(const char *name, uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path_of(name), "r");
	size_t len = file ? fread(bytes, 1, size, file) : 0;

	if (file)
		fclose(file);
	return len;
}

/* "pcap:rx=FOLDER/@name@options". */
static inline const char *rx_spec(const char *name, const char *options)
{
	snprintf(bench.spec, sizeof(bench.spec), "pcap:rx=%s/%s%s", bench.folder, name, options);
	return bench.spec;
}

static inline const char *tx_spec(const char *name, const char *options)
{
	snprintf(bench.spec, sizeof(bench.spec), "pcap:tx=%s/%s%s", bench.folder, name, options);
	return bench.spec;
}

/* Opens and starts a port. NULL when either fails: weir_error() tells. */
static inline struct weir_port *port_up(const char *spec, struct weir_pool *pool, uint32_t offloads)
{
	const struct weir_port_conf conf = { .pool = pool, .offloads = offloads };
	struct weir_port *port;

	if (weir_port_open(bench.weir, spec, &conf, &port))
		return NULL;
	if (weir_port_start(port)) {
		weir_port_close(port);
		return NULL;
	}
	return port;
}

static inline bool error_says(const char *words)
{
	if (strstr(weir_error(), words))
		return true;
	printf("\n    '%s' is not in '%s'\n", words, weir_error());
	return false;
}

/* @count buffers of @room data bytes behind the usual headroom. NULL: weir_error() tells. */
static inline struct weir_pool *pool_make(unsigned count, unsigned room)
{
	const struct weir_pool_conf conf = { .count = count, .room = room + WEIR_HEADROOM };
	struct weir_pool *pool;

	weir_pool_create(bench.weir, &conf, &pool);
	return pool;
}

static inline void pkts_free(struct weir_pool *pool, const struct weir_pkt *pkts, unsigned n)
{
	struct weir_pool_cache *cache;

	CU_ASSERT_EQUAL_FATAL(weir_pool_cache_create(pool, 0, &cache), 0);
	weir_pool_free(cache, pkts, n);
	weir_pool_cache_destroy(cache);
}

static inline unsigned pool_in_use(struct weir_pool *pool)
{
	struct weir_pool_info info;

	weir_pool_info(pool, &info);
	return info.in_use;
}

static inline int bench_open(void)
{
	const struct weir_conf conf = { .mem_reserve = 1 << 30, .mem_page_size = 4096 };
	const char *tmp = getenv("TMPDIR");

	snprintf(bench.folder, sizeof(bench.folder), "%s/weir-test-XXXXXX", tmp && strlen(tmp) < 32 ? tmp : "/tmp");
	if (!mkdtemp(bench.folder) || weir_open(&conf, &bench.weir))
		return -1;
	bench.pool = pool_make(512, 2048);
	return bench.pool ? 0 : -1;
}

static inline void bench_close(void)
{
	char command[96];

	weir_close(bench.weir);
	snprintf(command, sizeof(command), "rm -r '%s'", bench.folder);
	if (system(command))
		printf("%s is left\n", bench.folder);
}

#endif
