/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics: the hardware's counters, which reading clears, added up in 64 bits; a row each (317453, 13.7).
 */
#include <string.h>

#include "gigabit.h"

struct counter {
	const char *name;
	uint32_t reg;
	uint32_t high; /* the upper half, which clears both; 0: there is none */
	uint8_t rows;  /* E1000_ON_*: who has it */
};

#define C(reg, name)                               \
	{                                          \
		name, E1000_##reg, 0, E1000_ON_all \
	}
#define C64(low, high, name)                                  \
	{                                                     \
		name, E1000_##low, E1000_##high, E1000_ON_all \
	}

#define OF(i)                                                         \
	{                                                             \
		"rx_dropped." #i, IGB_AT(RQDPC_ALL, i), 0, E1000_ON_g \
	}

/* Those that weir_port_stats() speaks of come first. */
enum { CRC_ERRORS, UNDERSIZE, FRAGMENTS, OVERSIZE, JABBERS, MISSED, DROPPED };
#define SPOKEN_OF (DROPPED + IGB_RQDPC_ALL_COUNT)

static const struct counter counters[] = {
	[CRC_ERRORS] = C(CRCERRS, "crc_errors"),
	[UNDERSIZE] = C(RUC, "undersize"),
	[FRAGMENTS] = C(RFC, "fragments"),
	[OVERSIZE] = C(ROC, "oversize"),
	[JABBERS] = C(RJC, "jabbers"),
	[MISSED] = C(MPC, "rx_missed"),
	[DROPPED] = OF(0),
	OF(1),
	OF(2),
	OF(3),
	OF(4),
	OF(5),
	OF(6),
	OF(7),
	OF(8),
	OF(9),
	OF(10),
	OF(11),
	OF(12),
	OF(13),
	OF(14),
	OF(15),
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
_Static_assert(COUNTERS <= GIGABIT_COUNTERS_MAX, "");

static bool has(const struct gigabit *nic, unsigned i)
{
	bool of_queue = i >= DROPPED && i < SPOKEN_OF;

	return counters[i].rows & nic->kind->rows && (!of_queue || i - DROPPED < nic->kind->queues);
}

/* Reads one counter, which clears it. A device that is gone counts nothing. */
static void counter_read(struct gigabit *nic, unsigned i)
{
	uint64_t value = reg_get(nic, counters[i].reg);
	uint32_t high = counters[i].high ? reg_get(nic, counters[i].high) : 0;

	if (value == UINT32_MAX && (high == UINT32_MAX || port_is_gone(&nic->port)))
		return;
	count_add(&nic->totals[i], value | (uint64_t)high << 32);
}

void gigabit_stats_init(struct gigabit *nic)
{
	for (unsigned i = 0; i < COUNTERS; i++)
		if (has(nic, i))
			counter_read(nic, i);
	memset(nic->totals, 0, sizeof(nic->totals));
}

static uint64_t total(const struct gigabit *nic, unsigned first, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += count_read(&nic->totals[first + i]);
	return sum;
}

void gigabit_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	struct gigabit *nic = gigabit(port);
	bool there = !port_is_gone(&nic->port);

	pthread_mutex_lock(&nic->stats_lock);
	for (unsigned i = 0; there && i < SPOKEN_OF; i++)
		if (has(nic, i))
			counter_read(nic, i);
	stats->rx.drops[WEIR_DROP_CRC] += total(nic, CRC_ERRORS, 1);
	stats->rx.drops[WEIR_DROP_TOO_SHORT] += total(nic, UNDERSIZE, 2);
	stats->rx.drops[WEIR_DROP_TOO_LONG] += total(nic, OVERSIZE, 2);
	stats->rx.drops[WEIR_DROP_MISSED] += total(nic, MISSED, 1 + IGB_RQDPC_ALL_COUNT);
	pthread_mutex_unlock(&nic->stats_lock);
	port->driver->watch(port);
}

int gigabit_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	struct gigabit *nic = gigabit(port);

	for (unsigned i = 0; i <= index && index < COUNTERS; i++)
		index += !has(nic, i);
	if (index >= COUNTERS)
		return -ENOENT;
	pthread_mutex_lock(&nic->stats_lock);
	if (!port_is_lost(&nic->port))
		counter_read(nic, index);
	*name = counters[index].name;
	*value = count_read(&nic->totals[index]);
	pthread_mutex_unlock(&nic->stats_lock);
	return 0;
}
