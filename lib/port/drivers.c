/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one list to edit for a new driver.
 */
#include "port/driver.h"

extern const struct weir_driver af_packet_driver, af_xdp_driver, null_driver, pcap_driver, ring_driver, tap_driver;
extern const struct weir_driver e1000_driver, igb_driver, ixgbe_driver;
extern const struct weir_driver pci_bus, sim_bus, vfio_user_bus;

const struct weir_driver *const weir_drivers[] = {
	&af_packet_driver, &af_xdp_driver, &e1000_driver, &igb_driver, &ixgbe_driver, &null_driver,
	&pcap_driver,      &pci_bus,       &ring_driver,  &sim_bus,    &tap_driver,   &vfio_user_bus,
};
const unsigned weir_driver_count = sizeof(weir_drivers) / sizeof(weir_drivers[0]);
