/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parts of a card that its model does not see. Internal to libweirsim.
 */
#ifndef SIM_CARD_H
#define SIM_CARD_H

#include "sim/dma.h"
#include "sim/irq.h"
#include "sim/pci.h"
#include "vfio_user/server.h"

struct card {
	struct sim_nic *nic;
	struct sim_dma dma;
	struct sim_irqs irqs;
	struct sim_pci pci;
	struct vu_device device;
	int bar_fd[SIM_BARS];
	bool opened; /* the model is */
};

/* Makes the card around @nic, whose model, mac and fast are set. Returns 0 or -errno. */
int card_open(struct card *card, struct sim_nic *nic);
void card_close(struct card *card);
void card_forget_client(struct card *card);

extern const struct vu_server_ops card_ops;

#endif
