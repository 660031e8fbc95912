/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics: the hardware's counters, which reading clears, added up in 64 bits; a row each (317453, 13.7).
 */
#include "gigabit.h"

#define C(reg, name)                               \
	{                                          \
		name, E1000_##reg, 0, E1000_ON_all \
	}
#define C64(low, high, name)                                  \
	{                                                     \
		name, E1000_##low, E1000_##high, E1000_ON_all \
	}

#define OF(reg, i, name)                                         \
	{                                                        \
		name "." #i, IGB_RX(IGB_##reg, i), 0, E1000_ON_g \
	}

/* Those that weir_port_stats() speaks of come first. */
enum { CRC_ERRORS, UNDERSIZE, FRAGMENTS, OVERSIZE, JABBERS, MISSED, DROPPED };
#define SPOKEN_OF (DROPPED + 16)

static const struct counter counters[] = {
	[CRC_ERRORS] = C(CRCERRS, "crc_errors"),
	[UNDERSIZE] = C(RUC, "undersize"),
	[FRAGMENTS] = C(RFC, "fragments"),
	[OVERSIZE] = C(ROC, "oversize"),
	[JABBERS] = C(RJC, "jabbers"),
	[MISSED] = C(MPC, "rx_missed"),
	[DROPPED] = COUNTERS_16(OF, RQDPC, "rx_dropped"), /* for want of a buffer (82576 datasheet, 8.10) */
	C(RNBC, "rx_no_descriptor"),
	C(RXERRC, "rx_errors"),
	C(ALGNERRC, "alignment_errors"),
	C(SYMERRS, "symbol_errors"),
	C(RLEC, "length_errors"),
	C(SEC, "sequence_errors"),
	C(CEXTERR, "carrier_extension_errors"),
	C(GPRC, "rx_good_packets"),
	C64(GORCL, GORCH, "rx_good_bytes"),
	C(TPR, "rx_total_packets"),
	C64(TORL, TORH, "rx_total_bytes"),
	C(BPRC, "rx_broadcast"),
	C(MPRC, "rx_multicast"),
	C(PRC64, "rx_64"),
	C(PRC127, "rx_65_127"),
	C(PRC255, "rx_128_255"),
	C(PRC511, "rx_256_511"),
	C(PRC1023, "rx_512_1023"),
	C(PRC1522, "rx_1024_max"),
	C(GPTC, "tx_good_packets"),
	C64(GOTCL, GOTCH, "tx_good_bytes"),
	C(TPT, "tx_total_packets"),
	C64(TOTL, TOTH, "tx_total_bytes"),
	C(BPTC, "tx_broadcast"),
	C(MPTC, "tx_multicast"),
	C(PTC64, "tx_64"),
	C(PTC127, "tx_65_127"),
	C(PTC255, "tx_128_255"),
	C(PTC511, "tx_256_511"),
	C(PTC1023, "tx_512_1023"),
	C(PTC1522, "tx_1024_max"),
	C(TSCTC, "tx_segmented"),
	C(SCC, "single_collisions"),
	C(MCC, "multiple_collisions"),
	C(ECOL, "excessive_collisions"),
	C(LATECOL, "late_collisions"),
	C(COLC, "collisions"),
	C(DC, "tx_deferred"),
	C(TNCRS, "tx_no_carrier"),
	C(XONRXC, "rx_xon"),
	C(XOFFRXC, "rx_xoff"),
	C(XONTXC, "tx_xon"),
	C(XOFFTXC, "tx_xoff"),
	C(FCRUC, "rx_unknown_control"),
	C(MGTPRC, "rx_management"),
	C(MGTPDC, "rx_management_dropped"),
	C(MGTPTC, "tx_management"),
};
#define COUNTERS (sizeof(counters) / sizeof(counters[0]))
_Static_assert(COUNTERS <= COUNTERS_MAX, "");

/* The I210 and I211 do not clear those of queues (I210 datasheet, 8.10.11). */
static enum counter_kind kind_of(struct weir_port *port, unsigned row)
{
	const struct gigabit_kind *kind = gigabit(port)->kind;
	bool of_queue = row >= DROPPED && row < SPOKEN_OF;

	if (!(counters[row].who & kind->rows) || (of_queue && row - DROPPED >= kind->queues))
		return COUNTER_MISSING;
	return of_queue && (kind->mac == GIGABIT_I210 || kind->mac == GIGABIT_I211) ? COUNTER_STAYS : COUNTER_CLEARS;
}

const struct counter_table gigabit_counters = {
	.rows = counters,
	.count = COUNTERS,
	.high = UINT32_MAX,
	.kind = kind_of,
};

void gigabit_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	struct counters *c = &gigabit(port)->counters;

	pthread_mutex_lock(&c->lock);
	counters_read(c, port, SPOKEN_OF);
	stats->rx.drops[WEIR_DROP_CRC] += counters_sum(c, CRC_ERRORS, 1);
	stats->rx.drops[WEIR_DROP_TOO_SHORT] += counters_sum(c, UNDERSIZE, 2);
	stats->rx.drops[WEIR_DROP_TOO_LONG] += counters_sum(c, OVERSIZE, 2);
	stats->rx.drops[WEIR_DROP_MISSED] += counters_sum(c, MISSED, 1 + 16);
	pthread_mutex_unlock(&c->lock);
	port->driver->watch(port);
}

int gigabit_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	return counters_get(&gigabit(port)->counters, port, index, name, value);
}
