/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The schemes that lead to a PCI device, whichever driver then turns out to know it.
 */
#include <string.h>

#include "bus/vfio_user.h"
#include "port/hardware.h"
#include "weir/pci.h"

const struct weir_driver *device_driver(uint16_t vendor, uint16_t device)
{
	for (unsigned i = 0; i < weir_driver_count; i++)
		for (const struct device_id *id = weir_drivers[i] ? weir_drivers[i]->ids : NULL; id && id->vendor; id++)
			if (id->vendor == vendor && id->device == device)
				return weir_drivers[i];
	return NULL;
}

const char *weir_pci_driver(const struct weir_pci *pci)
{
	const struct weir_driver *driver = device_driver(pci->vendor, pci->device);

	return driver ? driver->name : NULL;
}

int hardware_adopt(struct weir *weir, struct spec *spec, struct bus_device *dev)
{
	const struct weir_driver *driver = device_driver(dev->vendor, dev->device);

	if (!driver) {
		weir_fail(weir, -ENODEV, "%s is a device %04x:%04x, which no driver here knows", dev->name, dev->vendor,
		          dev->device);
		bus_close(dev);
		return -ENODEV;
	}
	spec->driver = driver;
	spec->device = dev;
	return 0;
}

static int vfio_user_resolve(struct weir *weir, struct spec *spec)
{
	struct bus_device *dev;
	int err;

	err = bus_vfio_user_open(weir, spec->word[0], &dev);
	return err ? err : hardware_adopt(weir, spec, dev);
}

const struct weir_driver vfio_user_bus = {
	.name = "vfio-user",
	.help = "vfio-user:PATH  a device that another program serves on this socket: weir-nicsim, QEMU",
	.words_min = 1,
	.words_max = 1,
	.resolve = vfio_user_resolve,
};

/* --- cards in this process -------------------------------------------------------------------------------------------- */

void weir_set_simulator(struct weir *weir, int (*connect)(void *arg, const char *card, int *fd),
                        const char *(*error)(void), void *arg)
{
	weir->simulator = (struct weir_simulator){ .connect = connect, .error = error, .arg = arg };
}

static int sim_resolve(struct weir *weir, struct spec *spec)
{
	struct weir_simulator *sim = &weir->simulator;
	const char *card = spec->rest;
	struct bus_device *dev;
	int fd, err;

	if (!sim->connect)
		return weir_fail(weir, -ENOTSUP,
		                 "this program has no simulator: link it with libweirsim and call weir_sim_enable()");
	err = sim->connect(sim->arg, card, &fd);
	if (err)
		return weir_fail(weir, err, "sim:%s: %s", card, sim->error());
	err = bus_vfio_user_open_fd(weir, fd, card, &dev);
	return err ? err : hardware_adopt(weir, spec, dev);
}

const struct weir_driver sim_bus = {
	.name = "sim",
	.help = "sim:MODEL[,mac=MAC][,wire=WIRE]  a simulated card in this process, in programs with libweirsim",
	.raw = true,
	.resolve = sim_resolve,
};
