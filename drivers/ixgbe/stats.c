/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics: the hardware's counters, which reading clears, added up in 64 bits; a row each. And a look at whether the
 * device is still there and its queues move.
 */
#include "ixgbe.h"

#define C(reg, name)                    \
	{                               \
		name, IXGBE_##reg, 0, 0 \
	}
#define C36(low, high, name)                       \
	{                                          \
		name, IXGBE_##low, IXGBE_##high, 0 \
	}
#define OF(reg, i, name)                            \
	{                                           \
		name "." #i, IXGBE_AT(reg, i), 0, 0 \
	}

/* Those that weir_port_stats() speaks of come first. */
enum {
	CRC_ERRORS,
	ILLEGAL,
	ERROR_BYTES,
	LENGTH_ERRORS,
	UNDERSIZE,
	FRAGMENTS,
	SHORT_DROPPED,
	OVERSIZE,
	JABBERS,
	MISSED
};
#define DROPPED (MISSED + 8)

static const struct counter counters[] = {
	[CRC_ERRORS] = C(CRCERRS, "crc_errors"),
	[ILLEGAL] = C(ILLERRC, "illegal_bytes"),
	[ERROR_BYTES] = C(ERRBC, "error_bytes"),
	[LENGTH_ERRORS] = C(RLEC, "length_errors"),
	[UNDERSIZE] = C(RUC, "undersize"),
	[FRAGMENTS] = C(RFC, "fragments"),
	[SHORT_DROPPED] = C(MSPDC, "short_dropped"),
	[OVERSIZE] = C(ROC, "oversize"),
	[JABBERS] = C(RJC, "jabbers"),
	[MISSED] = COUNTERS_8(OF, MPC, "rx_missed"),
	[DROPPED] = COUNTERS_16(OF, QPRDC, "rx_dropped"),
	C(GPRC, "rx_good_packets"),
	C36(GORCL, GORCH, "rx_good_bytes"),
	C(TPR, "rx_total_packets"),
	C36(TORL, TORH, "rx_total_bytes"),
	C(BPRC, "rx_broadcast"),
	C(MPRC, "rx_multicast"),
	C(PRC64, "rx_64"),
	C(PRC127, "rx_65_127"),
	C(PRC255, "rx_128_255"),
	C(PRC511, "rx_256_511"),
	C(PRC1023, "rx_512_1023"),
	C(PRC1522, "rx_1024_max"),
	C(XEC, "rx_checksum_errors"),
	C(GPTC, "tx_good_packets"),
	C36(GOTCL, GOTCH, "tx_good_bytes"),
	C(TPT, "tx_total_packets"),
	C(BPTC, "tx_broadcast"),
	C(MPTC, "tx_multicast"),
	C(PTC64, "tx_64"),
	C(PTC127, "tx_65_127"),
	C(PTC255, "tx_128_255"),
	C(PTC511, "tx_256_511"),
	C(PTC1023, "tx_512_1023"),
	C(PTC1522, "tx_1024_max"),
	C(MLFC, "local_faults"),
	C(MRFC, "remote_faults"),
	C(LXONRXCNT, "rx_xon"),
	C(LXOFFRXCNT, "rx_xoff"),
	C(LXONTXC, "tx_xon"),
	C(LXOFFTXC, "tx_xoff"),
	C(MNGPRC, "rx_management"),
	C(MNGPDC, "rx_management_dropped"),
	C(MNGPTC, "tx_management"),
	C(FDIRMATCH, "flow_director_matched"),
	C(FDIRMISS, "flow_director_missed"),
	COUNTERS_16(OF, QPRC, "rx_queue_packets"),
	COUNTERS_16(OF, QPTC, "tx_queue_packets"),
};
#define COUNTERS (sizeof(counters) / sizeof(counters[0]))
_Static_assert(COUNTERS <= COUNTERS_MAX, "");

const struct counter_table ixgbe_counters = {
	.rows = counters, .count = COUNTERS, .high = 0xf, /* 36 bits */
};

/* 4.6.5: what was counted before does not count. Receive and transmit queue n count in place n modulo 16. */
void ixgbe_stats_init(struct ixgbe *nic)
{
	for (unsigned i = 0; i < IXGBE_QUEUES / 4; i++) {
		uint32_t map = (4 * i & 15) * 0x01010101u + 0x03020100u;

		reg_set(nic, IXGBE_AT(RQSMR, i), map);
		reg_set(nic, IXGBE_AT(TQSM, i), map);
	}
	counters_forget(&nic->counters, &nic->port);
}

void ixgbe_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	struct counters *c = &ixgbe(port)->counters;

	pthread_mutex_lock(&c->lock);
	counters_read(c, port, DROPPED + 16);
	stats->rx.drops[WEIR_DROP_CRC] += counters_sum(c, CRC_ERRORS, 1);
	stats->rx.drops[WEIR_DROP_TOO_SHORT] += counters_sum(c, UNDERSIZE, 2);
	stats->rx.drops[WEIR_DROP_TOO_LONG] += counters_sum(c, OVERSIZE, 2);
	stats->rx.drops[WEIR_DROP_MISSED] += counters_sum(c, MISSED, 8 + 16);
	pthread_mutex_unlock(&c->lock);
	ixgbe_watch(port);
}

int ixgbe_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	return counters_get(&ixgbe(port)->counters, port, index, name, value);
}

/* --- watching ------------------------------------------------------------------------------------------------------------- */

void ixgbe_watch(struct weir_port *port)
{
	struct ixgbe *nic = ixgbe(port);
	uint64_t now = now_ns();
	bool link;

	if (port_is_gone(&nic->port)) {
		port_lost(port);
		return;
	}
	if (port->info.started && ixgbe_causes(nic))
		port_wake(port);
	if (port->info.started)
		adv_clock_watch(&nic->clock, now);
	link = reg_get(nic, IXGBE_LINKS) & LINKS_UP;
	pthread_mutex_lock(&nic->watch_lock);
	for (unsigned i = 0; port->info.started && i < port->info.tx_queues; i++)
		adv_watch_txq(adv_txq(port->txqs[i]), reg_get(nic, IXGBE_AT(TDH, i)), reg_get(nic, IXGBE_AT(TDT, i)),
		              link, now);
	for (unsigned i = 0; port->info.started && i < port->info.rx_queues; i++)
		adv_watch_rxq(adv_rxq(port->rxqs[i]), now);
	pthread_mutex_unlock(&nic->watch_lock);
}
