/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock (82599 datasheet 7.9, 82576 datasheet 7.9). Time is reckoned from what the card counts: exact at any pace, and
 * without a register to adjust. A stamp stays latched, and no other is taken, until its upper half is read.
 */
#ifndef ADVANCED_CLOCK_H
#define ADVANCED_CLOCK_H

#include "queue.h"

/* Where a card has its clock, and what it counts. */
struct adv_clock_card {
	uint32_t hold;                   /* reading this first keeps the next two; 0: reading the lower one does */
	uint32_t low, high;              /* the clock */
	uint32_t rx_control, tx_control; /* TSYNCRXCTL, TSYNCTXCTL */
	uint32_t rx_low, rx_high;        /* when a packet was received, */
	uint32_t tx_low, tx_high;        /* ... was sent */
	unsigned bits;                   /* after so many it begins at 0 again; then ticks are nanoseconds */
	bool seconds;                    /* the upper half counts them, the lower one nanoseconds up to one */
	unsigned (*tick)(struct weir_port *port); /* tenths of nanoseconds of one now; 0: it stands still */
};

/* Time, as it is reckoned; under its lock. */
struct adv_clock {
	const struct adv_clock_card *card;
	struct weir_port *port;
	pthread_mutex_t lock;
	uint64_t base_ticks, base_ns; /* it was then that time, */
	uint64_t since_ns;            /* ... and that by the system's clock */
	unsigned tick;                /* tenths of nanoseconds; 0: it never ran */
	int32_t ppb;
	uint64_t rx_since_ns, tx_since_ns; /* a stamp is latched, is waited for; 0: none is */
};

void adv_clock_open(struct adv_clock *clock, struct weir_port *port, const struct adv_clock_card *card);
void adv_clock_close(struct adv_clock *clock);

/* After the device was reset, its clock begins at 0 with ticks of @tick; time goes on as the system's clock did. */
void adv_clock_reset(struct adv_clock *clock, unsigned tick);

/* What is latched from before is forgotten. */
void adv_clock_start(struct adv_clock *clock);

/* A stamp whose packet nobody will fetch (it was dropped, its queue stopped) stands in the way of the next. */
void adv_clock_watch(struct adv_clock *clock, uint64_t now);

/* When the packet arrived that has RXD_TS; 0: it is not known. */
uint64_t adv_clock_arrival(struct adv_clock *clock);

/* Puts the metadata in front of the packet. */
void adv_put_meta(struct adv_rxq *q, const struct weir_pkt_meta *meta, struct weir_pkt *pkt);

/* For the driver's table. */
extern const struct clock_ops adv_clock;

#endif
