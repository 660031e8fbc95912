/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the schemes that lead to devices share. Internal.
 */
#ifndef PORT_HARDWARE_H
#define PORT_HARDWARE_H

#include "bus/bus.h"
#include "port/driver.h"

/* Puts the driver that knows the device in the place of the bus in @spec; closes the device when there is none. */
int hardware_adopt(struct weir *weir, struct spec *spec, struct bus_device *dev);

#endif
