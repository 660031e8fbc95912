/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock (82576 datasheet 7.9; I350 datasheet 7.8; I210 datasheet 7.9). SYSTIM counts nanoseconds: in 64 bits on the
 * 82576, which adds 16 in each of its periods of 16 ns; in 40 bits from the 82580 on; on the I210 and I211 the upper half
 * counts seconds. From the 82580 on a register in front of it keeps the value, and the clock stands until TSAUXC starts it.
 */
#include "igb.h"
#include "weir/wire.h"

#define PERIOD_76 (1u << 24 | 16u) /* TIMINCA: in each period by 16 */
#define TICK      10u              /* tenths of nanoseconds */
#define PTP_TYPE  0x88f7u
#define PTP_PORT  319u
#define EVENTS    5u /* TSYNCRXCTL.TYPE: event messages of version 2 */

#define REGS                                                                                                         \
	.low = E1000_SYSTIML, .high = E1000_SYSTIMH, .rx_control = E1000_TSYNCRXCTL, .tx_control = E1000_TSYNCTXCTL, \
	.rx_low = E1000_RXSTMPL, .rx_high = E1000_RXSTMPH, .tx_low = E1000_TXSTMPL, .tx_high = E1000_TXSTMPH

static const struct adv_clock_card clock_76 = { REGS };
static const struct adv_clock_card clock_80 = { REGS, .hold = SYSTIMR, .bits = 40 };
static const struct adv_clock_card clock_210 = { REGS, .hold = SYSTIMR, .seconds = true };

void igb_clock_open(struct igb *own)
{
	enum gigabit_mac mac = own->nic.kind->mac;

	adv_clock_open(&own->clock, &own->nic.port,
	               mac == GIGABIT_82576                         ? &clock_76
	               : mac == GIGABIT_I210 || mac == GIGABIT_I211 ? &clock_210
	                                                            : &clock_80);
}

void igb_clock_reset(struct igb *own)
{
	struct gigabit *nic = &own->nic;
	bool old = !is_newer(nic);

	if (!old)
		reg_set(nic, IGB_TSAUXC, 0);
	reg_set(nic, E1000_TIMINCA, old ? PERIOD_76 : 0);
	reg_set(nic, E1000_SYSTIML, 0);
	reg_set(nic, E1000_SYSTIMH, 0);
	adv_clock_reset(&own->clock, TICK);
}

/* Only packets that a filter marks for it are looked at (7.9.1): by EtherType, and by UDP port. */
void igb_clock_start(struct igb *own)
{
	struct gigabit *nic = &own->nic;
	bool stamps = nic->port.conf.offloads & WEIR_OFFLOAD_RX_META;

	reg_set(nic, IGB_AT(ETQF, IGB_FILTER_1588), stamps ? field(ETQF_TYPE, PTP_TYPE) | ETQF_1588 | ETQF_ENABLE : 0);
	reg_set(nic, IGB_AT(IMIR, IGB_FILTER_1588), weir_be16(PTP_PORT));
	reg_set(nic, IGB_AT(IMIREXT, IGB_FILTER_1588), IMIREXT_ANY);
	reg_set(nic, IGB_AT(FTQF, IGB_FILTER_1588),
	        stamps ? field(FTQF_PROTOCOL, WEIR_IP_UDP) | FTQF_1588 | FTQF_MASK_POOL | FTQF_MASK_SRC |
	                     FTQF_MASK_DST | FTQF_MASK_SRC_PORT
	               : 0);
	reg_set(nic, E1000_TSYNCRXCTL, stamps ? TSYNC_ENABLE | field(TSYNC_TYPE, EVENTS) : 0);
	reg_set(nic, E1000_TSYNCTXCTL, TSYNC_ENABLE);
	adv_clock_start(&own->clock);
}

void igb_rx_note(struct adv_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt)
{
	struct weir_pkt_meta meta = { 0 };

	(void)slot, (void)done;
	if (!(q->wanted & WEIR_PKT_META))
		return;
	meta.time_ns = adv_clock_arrival(&igb(q->rxq.port)->clock);
	adv_put_meta(q, &meta, pkt);
}
