/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card's PCI config space. Internal to libweirsim; models describe theirs by sim_config_*() of nic.h.
 */
#ifndef SIM_PCI_H
#define SIM_PCI_H

#include "sim/nic.h"

#define PCI_COMMAND         0x04
#define PCI_COMMAND_MEMORY  0x0002u
#define PCI_COMMAND_MASTER  0x0004u
#define PCI_COMMAND_NO_INTX 0x0400u

struct sim_pci {
	uint8_t space[SIM_CONFIG];
	uint8_t writable[SIM_CONFIG]; /* the bits that a write changes */
	unsigned last_capability;     /* where the next one is linked in; 0: at 0x34 */
	unsigned express;             /* where the PCI Express capability is, 0: none */
};

/* Accesses of any size and alignment within the space. A write may reset the card (FLR). */
void pci_read(const struct sim_nic *nic, unsigned offset, void *to, unsigned len);
void pci_write(struct sim_nic *nic, unsigned offset, const void *from, unsigned len);

/* What a reset does to config space: command and BARs forgotten, capabilities' settings too. */
void pci_reset(struct sim_nic *nic);

bool pci_bus_master(const struct sim_nic *nic);
bool pci_intx_disabled(const struct sim_nic *nic);

#endif
