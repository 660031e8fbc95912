/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long one of the kernel's ways to give out a device takes: prints a line of figures.
 *
 *      ways weir|vfio|iommufd CARD
 *
 *      WAY OPEN SMALL LARGE MAPS FIRST
 *                              milliseconds to open the device, attach it and map 1 GiB for it; of that, to map it, in
 *                              pages of 2 MiB and in one of 1 GiB; how often a second 2 MiB can be mapped and unmapped;
 *                              milliseconds from opening a port to its first packet
 *
 * Of each the median of some rounds. Packets come from outside all the time.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bus/weir.h"
#include "weir/mem.h"
#include "weir/pool.h"
#include "weir/port.h"

#define ROUNDS  5u
#define MAPS    2000u
#define ARENA   GIB(1)
#define OUTSIDE GIB(32) /* of what the arena uses */

typedef int open_fn(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                    struct bus_device **dev);

static const struct {
	const char *name;
	open_fn *open;
} ways[] = { { "weir", bus_weir_open }, { "vfio", bus_vfio_open }, { "iommufd", bus_iommufd_open } };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *figures)
{
	qsort(figures, ROUNDS, sizeof(*figures), compare);
	return figures[ROUNDS / 2];
}

static void try(int failed)
{
	if (failed)
		errx(1, "%s", weir_error());
}

/* Memory is there before: what is measured is what a device costs. */
static struct weir *open_gigabyte(uint64_t page)
{
	struct weir_conf conf = { .mem_page_size = page, .mem_grow = ARENA };
	struct weir *weir;
	void *mem;

	try(weir_open(&conf, &weir));
	try(weir_mem_alloc(weir, ARENA, 0, WEIR_NODE_ANY, &mem));
	return weir;
}

static struct bus_device *device_open(struct weir *weir, open_fn *open, const struct weir_pci *pci)
{
	struct bus_pci_conf conf = { .own_domain = false };
	struct bus_device *dev;

	try(open(weir, pci, &conf, &dev));
	try(bus_attach(dev));
	return dev;
}

static void device_close(struct bus_device *dev)
{
	bus_detach(dev);
	bus_close(dev);
}

static double time_open(struct weir *weir, open_fn *open, const struct weir_pci *pci)
{
	double figures[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		double start = now();
		struct bus_device *dev = device_open(weir, open, pci);

		figures[i] = (now() - start) * 1000;
		device_close(dev);
	}
	return median(figures);
}

/* The gigabyte that is mapped once more, where nothing is. */
static double time_map(struct weir *weir, open_fn *open, const struct weir_pci *pci)
{
	struct weir_mem_chunk chunk = { .offset = OUTSIDE, .size = ARENA };
	struct bus_device *dev = device_open(weir, open, pci);
	struct bus_domain *domain = dev->domain;
	double figures[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		double start = now();

		try(domain->ops->map(domain, BUS_IOVA_BASE + OUTSIDE, &chunk, weir_mem_base(weir)));
		figures[i] = (now() - start) * 1000;
		try(domain->ops->unmap(domain, BUS_IOVA_BASE + OUTSIDE, chunk.size));
	}
	device_close(dev);
	return median(figures);
}

static double rate_maps(struct weir *weir, open_fn *open, const struct weir_pci *pci)
{
	struct weir_mem_chunk chunk = { .offset = OUTSIDE, .size = MIB(2), .page_size = MIB(2) };
	struct bus_device *dev = device_open(weir, open, pci);
	struct bus_domain *domain = dev->domain;
	double figures[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		double start = now();

		for (unsigned k = 0; k < MAPS; k++) {
			try(domain->ops->map(domain, BUS_IOVA_BASE + OUTSIDE, &chunk, weir_mem_base(weir)));
			try(domain->ops->unmap(domain, BUS_IOVA_BASE + OUTSIDE, chunk.size));
		}
		figures[i] = MAPS / (now() - start);
	}
	device_close(dev);
	return median(figures);
}

static double time_first(const char *card)
{
	struct weir_pool_conf buffers = { .count = 4096 };
	struct weir_port_conf conf = { .promiscuous = true };
	double figures[ROUNDS];
	char spec[64];

	snprintf(spec, sizeof(spec), "pci:%s", card);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct weir_pkt pkts[64];
		struct weir_port *port;
		struct weir *weir;
		double start;

		try(weir_open(NULL, &weir));
		try(weir_pool_create(weir, &buffers, &conf.pool));
		start = now();
		try(weir_port_open(weir, spec, &conf, &port));
		try(weir_port_start(port));
		while (!weir_rx(weir_port_rxq(port, 0), pkts, 64))
			;
		figures[i] = (now() - start) * 1000;
		weir_close(weir);
	}
	return median(figures);
}

int main(int argc, char **argv)
{
	struct weir_pci pci;
	struct weir *weir;
	double open, small, large, maps;
	unsigned i = 0;

	while (argc == 3 && i < 3 && strcmp(argv[1], ways[i].name) != 0)
		i++;
	if (argc != 3 || i == 3)
		errx(2, "usage: ways weir|vfio|iommufd CARD");
	weir = open_gigabyte(MIB(2));
	try(weir_pci_get(weir, argv[2], &pci));
	open = time_open(weir, ways[i].open, &pci);
	small = time_map(weir, ways[i].open, &pci);
	maps = rate_maps(weir, ways[i].open, &pci);
	weir_close(weir);
	weir = open_gigabyte(GIB(1));
	large = time_map(weir, ways[i].open, &pci);
	weir_close(weir);
	printf("%s %.2f %.2f %.2f %.0f %.1f\n", argv[1], open, small, large, maps, time_first(argv[2]));
	return 0;
}
