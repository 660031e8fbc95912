/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scheme pci: a device of this machine, through whatever it is bound to.
 */
#include <string.h>

#include "bus/pci.h"
#include "bus/vfio.h"
#include "port/hardware.h"

enum { OPTION_DOMAIN };

static const char *const domains[] = { "shared", "own", NULL };

static const struct spec_option pci_options[] = {
	[OPTION_DOMAIN] = { .key = "domain",
	                    .type = SPEC_CHOICE,
	                    .choices = domains,
	                    .help = "whether it sees memory through the IOMMU domain of the context's other devices" },
	{ .key = NULL },
};

static int open_bound(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                      struct bus_device **dev)
{
	int err;

	if (strcmp(pci->driver, "vfio-pci") != 0)
		return weir_fail(weir, -EBUSY, "%s is bound to %s%s%s%s; hand it over with: weir bind %s", pci->name,
		                 pci->driver[0] ? "the kernel's driver " : "no driver", pci->driver,
		                 pci->interface[0] ? ", which made the interface " : "", pci->interface, pci->name);
	if (!pci_has_iommu(pci))
		return weir_fail(
		    weir, -EPERM,
		    "no IOMMU stands before %s, so that it could reach all memory of the machine; turn the "
		    "IOMMU on (intel_iommu=on on the kernel's command line)",
		    pci->name);
	err = bus_iommufd_open(weir, pci, conf, dev);
	return err == -ENOENT ? bus_vfio_open(weir, pci, conf, dev) : err;
}

static int pci_resolve(struct weir *weir, struct spec *spec)
{
	const struct bus_pci_conf conf = {
		.own_domain = spec->value[OPTION_DOMAIN].number == 1,
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
	return hardware_adopt(weir, spec, dev);
}

const struct weir_driver pci_bus = {
	.name = "pci",
	.help = "pci:0000:01:00.0[,domain=own]  a network card of this machine, bound to vfio-pci",
	.words_min = 1,
	.words_max = 1,
	.options = pci_options,
	.resolve = pci_resolve,
};
