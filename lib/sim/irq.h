/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A card's interrupts, as eventfds of its client. Internal to libweirsim; models use sim_irq_*() of nic.h.
 */
#ifndef SIM_IRQ_H
#define SIM_IRQ_H

#include "sim/nic.h"

struct sim_irqs {
	int msix[SIM_VECTORS]; /* -1: not connected */
	unsigned msix_connected;
	int msi;
	int intx;
	bool asserted;    /* the card's INTx line */
	bool masked;      /* INTx masks itself when it has fired, until the client unmasks it */
	uint64_t fired;   /* interrupts delivered */
	uint64_t unheard; /* ... that nobody was connected to */
};

void irq_init(struct sim_irqs *irqs);

/* SET_IRQS, as struct vu_server_ops has it. */
int irq_set(struct sim_nic *nic, unsigned index, uint32_t flags, unsigned start, unsigned count, const int *fds,
            const uint8_t *bools);

/* Whether the card holds the line, be it disabled or masked. Fires INTx if it does and nothing holds that back. */
bool irq_intx_pending(const struct sim_irqs *irqs);
void irq_intx_update(struct sim_nic *nic);

/* Disconnects everything: the client is gone, or the card is reset. */
void irq_clear(struct sim_irqs *irqs);

#endif
