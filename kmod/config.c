// SPDX-License-Identifier: GPL-2.0-only
/*
 * Config space, as far as permissions.c allows. It can be read from the start,
 * and written once the device is attached.
 */
#include "module.h"

void config_open(struct weir_device *d)
{
	u8 space[PERMISSIONS_SPACE];
	u64 bars[WEIR_BARS];
	unsigned int i;

	for (i = 0; i < PERMISSIONS_SPACE; i++)
		if (pci_user_read_config_byte(d->pdev, i, &space[i]))
			space[i] = 0xff;
	for (i = 0; i < WEIR_BARS; i++)
		bars[i] = pci_resource_len(d->pdev, i);
	permissions_init(&d->permissions, space, bars);
}

static int device_read(struct pci_dev *pdev, unsigned int at, unsigned int size,
		       u32 *value)
{
	u16 word = 0;
	u8 byte = 0;
	int err;

	switch (size) {
	case 4:
		return pci_user_read_config_dword(pdev, at, value);
	case 2:
		err = pci_user_read_config_word(pdev, at, &word);
		*value = word;
		return err;
	default:
		err = pci_user_read_config_byte(pdev, at, &byte);
		*value = byte;
		return err;
	}
}

static int device_write(struct pci_dev *pdev, unsigned int at,
			unsigned int size, u32 value)
{
	switch (size) {
	case 4:
		return pci_user_write_config_dword(pdev, at, value);
	case 2:
		return pci_user_write_config_word(pdev, at, value);
	default:
		return pci_user_write_config_byte(pdev, at, value);
	}
}

static int config_read(struct weir_device *d, unsigned int at,
		       unsigned int size, u32 *value)
{
	int err = device_read(d->pdev, at, size, value);

	*value = permissions_read(&d->permissions, at, size, *value);
	return err;
}

/* Where bus mastering is turned on and off, and after an error stays off. */
static int master_check(struct weir_device *d, unsigned int at,
			unsigned int size, u32 value)
{
	u32 master = PCI_COMMAND_MASTER;

	if (at != PCI_COMMAND)
		return 0;
	if (d->error && value & master)
		return -EIO;
	if (!(value & master))
		device_silence(d);
	return 0;
}

static int config_write(struct weir_device *d, unsigned int at,
			unsigned int size, u32 value)
{
	u32 mask, now;
	int err;

	if (!d->domain)
		return -ENXIO;
	err = master_check(d, at, size, value);
	if (err)
		return err;
	mask = permissions_write(&d->permissions, at, size, value);
	if (!mask)
		return 0;
	/* Behind control words are states, which writing what was read clears. */
	if (!(mask >> 16) && size > 2)
		size = 2;
	err = device_read(d->pdev, at, size, &now);
	if (err)
		return err;
	return device_write(d->pdev, at, size, (now & ~mask) | (value & mask));
}

static int config_access(struct weir_device *d, unsigned int region, u64 at,
			 unsigned int size, u32 *value, bool write)
{
	int err;

	mutex_lock(&d->lock);
	if (!d->open)
		err = -ENODEV;
	else if (write)
		err = config_write(d, at, size, *value);
	else
		err = config_read(d, at, size, value);
	mutex_unlock(&d->lock);
	return err > 0 ? -EIO : err;
}

ssize_t config_rw(struct weir_device *d, u64 offset, char __user *buf,
		  size_t count, bool write)
{
	if (!rules_inside(d->pdev->cfg_size, offset, count))
		return -EINVAL;
	return region_steps(d, WEIR_REGION_CONFIG, offset, buf, count, write,
			    config_access);
}
