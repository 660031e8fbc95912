/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock (82599 datasheet 7.9): SYSTIM counts the ticks of the MAC's clock, which is as fast as the link is.
 *
 *      CLOCK_OF_LINK  A tick is 6.4 ns at 10 Gbit/s, 64 at 1 Gbit/s, 640 at 100 Mbit/s (7.9). When the link comes up
 *                     at another speed, what passed meanwhile is taken from the system's clock.
 */
#include "ixgbe.h"

#define ONE_A_TICK    (1u << 24 | 1u) /* TIMINCA of the 82599: by 1 in each period of 1 */
#define ONE_A_TICK540 1u              /* ... of the X540, whose period is always 1 */
#define TICK          64u             /* tenths of nanoseconds, of the fastest link */
#define PTP_TYPE      0x88f7u
#define PTP_PORT      319u
#define PTP_EVENTS    5u /* TSYNCRXCTL.TYPE */

static unsigned tick_of_link(struct weir_port *port)
{
	uint32_t links = reg_get(ixgbe(port), IXGBE_LINKS);

	if (!(links & LINKS_UP))
		return 0;
	switch (field_of(LINKS_SPEED, links)) {
	case LINKS_SPEED_1G:
		return 10 * TICK;
	case LINKS_SPEED_100:
		return 100 * TICK;
	default:
		return TICK;
	}
}

static const struct adv_clock_card card = {
	.low = IXGBE_SYSTIML,
	.high = IXGBE_SYSTIMH,
	.rx_control = IXGBE_TSYNCRXCTL,
	.tx_control = IXGBE_TSYNCTXCTL,
	.rx_low = IXGBE_RXSTMPL,
	.rx_high = IXGBE_RXSTMPH,
	.tx_low = IXGBE_TXSTMPL,
	.tx_high = IXGBE_TXSTMPH,
	.tick = tick_of_link,
};

void ixgbe_clock_open(struct ixgbe *nic)
{
	adv_clock_open(&nic->clock, &nic->port, &card);
}

void ixgbe_clock_reset(struct ixgbe *nic)
{
	reg_set(nic, IXGBE_TIMINCA, nic->x540 ? ONE_A_TICK540 : ONE_A_TICK);
	reg_set(nic, IXGBE_SYSTIML, 0);
	reg_set(nic, IXGBE_SYSTIMH, 0);
	adv_clock_reset(&nic->clock, TICK);
}

void ixgbe_clock_start(struct ixgbe *nic)
{
	bool stamps = nic->port.conf.offloads & WEIR_OFFLOAD_RX_META;

	reg_set(nic, IXGBE_AT(ETQF, IXGBE_ETQF_1588),
	        stamps ? field(ETQF_TYPE, PTP_TYPE) | ETQF_1588 | ETQF_ENABLE : 0);
	reg_set(nic, IXGBE_AT(ETQS, IXGBE_ETQF_1588), 0);
	reg_set(nic, IXGBE_RXMTRL, field(RXMTRL_PORT, PTP_PORT));
	reg_set(nic, IXGBE_TSYNCRXCTL, stamps ? TSYNC_ENABLE | field(TSYNC_TYPE, PTP_EVENTS) : 0);
	reg_set(nic, IXGBE_TSYNCTXCTL, TSYNC_ENABLE);
	adv_clock_start(&nic->clock);
}

void ixgbe_rx_note(struct adv_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt)
{
	const union adv_rx_desc *desc = &q->ring[slot & q->mask];
	uint32_t type = __atomic_load_n(&desc->done.type, __ATOMIC_RELAXED), id = pkt->hash & 0xffffu;
	struct weir_pkt_meta meta = { 0 };

	if (!(q->wanted & WEIR_PKT_META))
		return;
	if (done & RXD_TS)
		meta.time_ns = adv_clock_arrival(&ixgbe(q->rxq.port)->clock);
	if (done & RXD_FLM && (type & RXD_RSS_TYPE) == RSS_TYPE_FDIR && id < IXGBE_FDIR_MAX)
		meta.mark = __atomic_load_n(&ixgbe_rxq(&q->rxq)->marks[id], __ATOMIC_RELAXED);
	adv_put_meta(q, &meta, pkt);
}
