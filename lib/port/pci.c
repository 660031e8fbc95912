/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scheme pci: a device of this machine, through whatever it is bound to.
 */
#include <string.h>

#include "bus/pci.h"
#include "bus/uio.h"
#include "bus/vfio.h"
#include "port/hardware.h"

enum { OPTION_DOMAIN, OPTION_UNSAFE };

static const char *const domains[] = { "shared", "own", NULL };

static const struct spec_option pci_options[] = {
	[OPTION_DOMAIN] = { .key = "domain",
	                    .type = SPEC_CHOICE,
	                    .choices = domains,
	                    .help = "whether it sees memory through the IOMMU domain of the context's other devices" },
	[OPTION_UNSAFE] = { .key = "unsafe",
	                    .type = SPEC_BOOL,
	                    .help = "use it without an IOMMU: the device can then reach all of the machine's memory" },
	{ .key = NULL },
};

static int need_unsafe(struct weir *weir, const struct weir_pci *pci, const char *why)
{
	return weir_fail(weir, -EPERM,
	                 "%s: %s, so that the device could reach all memory of the machine; put it behind an IOMMU, or "
	                 "accept that with pci:%s,unsafe",
	                 pci->name, why, pci->name);
}

static int vfio_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                     struct bus_device **dev)
{
	int err;

	if (conf->unsafe) /* the device's own file has no such mode */
		return bus_vfio_open(weir, pci, conf, dev);
	err = bus_iommufd_open(weir, pci, conf, dev);
	return err == -ENOENT ? bus_vfio_open(weir, pci, conf, dev) : err;
}

static int open_bound(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                      struct bus_device **dev)
{
	if (!strcmp(pci->driver, "vfio-pci")) {
		if (pci_has_iommu(pci) && !conf->unsafe)
			return vfio_open(weir, pci, conf, dev);
		if (pci_has_iommu(pci))
			return vfio_open(weir, pci, &(struct bus_pci_conf){ .own_domain = conf->own_domain }, dev);
		if (!conf->unsafe)
			return need_unsafe(weir, pci, "no IOMMU stands before it");
		return vfio_open(weir, pci, conf, dev);
	}
	if (!strcmp(pci->driver, "uio_pci_generic")) {
		if (!conf->unsafe)
			return need_unsafe(weir, pci, "uio puts no IOMMU before it");
		return bus_uio_open(weir, pci, dev);
	}
	return weir_fail(weir, -EBUSY, "%s is bound to %s%s%s%s; hand it over with: weir bind %s --driver vfio-pci",
	                 pci->name, pci->driver[0] ? "the kernel's driver " : "no driver", pci->driver,
	                 pci->interface[0] ? ", which made the interface " : "", pci->interface, pci->name);
}

static int pci_resolve(struct weir *weir, struct spec *spec)
{
	const struct bus_pci_conf conf = {
		.own_domain = spec->value[OPTION_DOMAIN].number == 1,
		.unsafe = spec->value[OPTION_UNSAFE].number,
	};
	struct bus_device *dev;
	struct weir_pci pci;
	int err;

	err = weir_pci_get(weir, spec->word[0], &pci);
	if (err)
		return err;
	if (!weir_pci_driver(&pci))
		return weir_fail(weir, -ENODEV, "%s is a device %04x:%04x, which no driver here knows", pci.name,
		                 pci.vendor, pci.device);
	err = open_bound(weir, &pci, &conf, &dev);
	if (err)
		return err;
	if (conf.unsafe && dev->domain->pages)
		weir_log(weir, WEIR_LOG_WARNING, "%s can reach all memory of the machine: no IOMMU stands before it",
		         pci.name);
	return hardware_adopt(weir, spec, dev);
}

const struct weir_driver pci_bus = {
	.name = "pci",
	.help =
	    "pci:0000:01:00.0[,domain=own][,unsafe]  a network card of this machine, bound to vfio-pci or uio_pci_generic",
	.words_min = 1,
	.words_max = 1,
	.options = pci_options,
	.resolve = pci_resolve,
};
