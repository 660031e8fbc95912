/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Capture files: any bytes are refused with a sentence or read to their end, twice over; no buffer is lost, and what was
 * delivered is counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "port/driver.h"

#define ENTRIES 256u
#define BUFFERS 200u
#define ROOM    (WEIR_HEADROOM + 2048u)

extern const struct weir_driver pcap_driver;
const struct weir_driver *const weir_drivers[] = { &pcap_driver };
const unsigned weir_driver_count = 1;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool true_as_ever)
{
	if (!true_as_ever)
		abort();
}

/* Two passes over @size bytes end after at most so many calls, since each record takes eight bytes and more. */
static void read_all(struct weir_port *port, struct weir_pool *pool, size_t size)
{
	struct weir_rxq *rxq = weir_port_rxq(port, 0);
	struct weir_pool_cache *cache;
	struct weir_queue_stats stats;
	struct weir_pkt pkts[ENTRIES];
	uint64_t packets = 0;

	must(weir_pool_cache_create(pool, 0, &cache) == 0);
	for (size_t calls = 0; !weir_rxq_finished(rxq); calls++) {
		unsigned n = weir_rx(rxq, pkts, ENTRIES);

		must(calls <= size);
		must(weir_pkt_whole(pkts, n) == n);
		packets += weir_pkt_count(pkts, n);
		weir_pool_free(cache, pkts, n);
		weir_pool_cache_flush(cache);
	}
	weir_rxq_stats(rxq, &stats);
	must(stats.packets == packets);
	weir_pool_cache_destroy(cache);
}

static void try_file(struct weir *weir, struct weir_pool *pool, const char *spec, size_t size)
{
	const struct weir_port_conf conf = { .pool = pool, .offloads = WEIR_OFFLOAD_RX_META };
	struct weir_pool_info info;
	struct weir_port *port;

	if (weir_port_open(weir, spec, &conf, &port)) {
		must(strlen(weir_error()) > 0);
		return;
	}
	must(weir_port_start(port) == 0);
	read_all(port, pool, size);
	must(weir_port_close(port) == 0);
	weir_pool_info(pool, &info);
	must(info.in_use == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct weir *weir; /* kept from one input to the next: opening is not what is tried here */
	static struct weir_pool *pool;
	const struct weir_conf conf = { .mem_page_size = 4096 };
	const struct weir_pool_conf pool_conf = { .count = BUFFERS, .room = ROOM };
	char spec[64];
	int fd;

	if (!weir)
		must(weir_open(&conf, &weir) == 0 && weir_pool_create(weir, &pool_conf, &pool) == 0);
	fd = memfd_create("capture", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(spec, sizeof(spec), "pcap:rx=/proc/self/fd/%d,loop=2", fd);
	try_file(weir, pool, spec, size + 8);
	close(fd);
	return 0;
}
