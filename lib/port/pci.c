/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The scheme pci: a device of this machine, through whatever it is bound to.
 */
#include <string.h>

#include "bus/pci.h"
#include "bus/uio.h"
#include "bus/vfio.h"
#include "bus/weir.h"
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
	                    .help = "use it though no IOMMU keeps it from the machine's memory" },
	{ .key = NULL },
};

/* What goes wrong with such a device, or is told to do wrong, can write anywhere: somebody has to want that. */
static int accept_unsafe(struct weir *weir, const struct weir_pci *pci, bool unsafe)
{
	if (!unsafe)
		return weir_fail(
		    weir, -EPERM,
		    "no IOMMU stands before %s, so that it could reach all memory of the machine; turn the IOMMU "
		    "on (intel_iommu=on on the kernel's command line), or accept that with pci:%s,unsafe",
		    pci->name, pci->name);
	weir_log(weir, WEIR_LOG_WARNING, "%s can reach all memory of the machine: no IOMMU stands before it",
	         pci->name);
	return 0;
}

static int vfio_open(struct weir *weir, const struct weir_pci *pci, struct bus_pci_conf *conf, struct bus_device **dev)
{
	int err = -ENOENT;

	if (pci_has_iommu(pci)) {
		conf->unsafe = false;
		err = bus_iommufd_open(weir, pci, conf, dev);
	} else {
		err = accept_unsafe(weir, pci, conf->unsafe);
		if (err)
			return err;
		err = -ENOENT; /* an iommufd has no such mode */
	}
	return err == -ENOENT ? bus_vfio_open(weir, pci, conf, dev) : err;
}

static int uio_open(struct weir *weir, const struct weir_pci *pci, const struct bus_pci_conf *conf,
                    struct bus_device **dev)
{
	int err;

	if (!pci_sees_physical(pci))
		return weir_fail(
		    weir, -EPERM,
		    "an IOMMU stands before %s, and uio cannot tell it what to let through; use vfio: weir bind %s",
		    pci->name, pci->name);
	err = accept_unsafe(weir, pci, conf->unsafe);
	return err ? err : bus_uio_open(weir, pci, dev);
}

static int weir_ko_open(struct weir *weir, const struct weir_pci *pci, struct bus_pci_conf *conf,
                        struct bus_device **dev)
{
	int err = pci_has_iommu(pci) ? 0 : accept_unsafe(weir, pci, conf->unsafe);

	conf->unsafe = !pci_has_iommu(pci);
	return err ? err : bus_weir_open(weir, pci, conf, dev);
}

static int open_bound(struct weir *weir, const struct weir_pci *pci, struct bus_pci_conf *conf, struct bus_device **dev)
{
	if (!strcmp(pci->driver, "vfio-pci"))
		return vfio_open(weir, pci, conf, dev);
	if (!strcmp(pci->driver, "uio_pci_generic"))
		return uio_open(weir, pci, conf, dev);
	if (!strcmp(pci->driver, "weir"))
		return weir_ko_open(weir, pci, conf, dev);
	return weir_fail(weir, -EBUSY, "%s is bound to %s%s%s%s; hand it over with: weir bind %s", pci->name,
	                 pci->driver[0] ? "the kernel's driver " : "no driver", pci->driver,
	                 pci->interface[0] ? ", which made the interface " : "", pci->interface, pci->name);
}

const char *weir_pci_bus(const struct weir_pci *pci, bool *unsafe)
{
	*unsafe = !pci_has_iommu(pci);
	if (!strcmp(pci->driver, "weir"))
		return "weir";
	if (!strcmp(pci->driver, "vfio-pci"))
		return !*unsafe && bus_iommufd_has(pci) ? "iommufd" : "vfio";
	*unsafe = true;
	return !strcmp(pci->driver, "uio_pci_generic") && pci_sees_physical(pci) ? "uio" : NULL;
}

static int pci_resolve(struct weir *weir, struct spec *spec)
{
	struct bus_pci_conf conf = {
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
	return hardware_adopt(weir, spec, dev);
}

const struct weir_driver pci_bus = {
	.name = "pci",
	.help = "pci:0000:01:00.0[,domain=own][,unsafe]  a network card of this machine, bound to vfio-pci, weir or "
		"uio_pci_generic",
	.words_min = 1,
	.words_max = 1,
	.options = pci_options,
	.resolve = pci_resolve,
};
