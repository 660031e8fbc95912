/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics: the hardware's counters, which reading clears, added up in 64 bits; a row each. And a look at whether the
 * device is still there and its queues move.
 */
#include <stdio.h>
#include <string.h>

#include "ixgbe.h"

struct counter {
	const char *name;
	uint32_t reg;
	uint32_t high; /* the upper half, which clears both; 0: there is none */
};

#define C(reg, name)                 \
	{                            \
		name, IXGBE_##reg, 0 \
	}
#define C36(low, high, name)                    \
	{                                       \
		name, IXGBE_##low, IXGBE_##high \
	}
#define OF(reg, i, name)                         \
	{                                        \
		name "." #i, IXGBE_AT(reg, i), 0 \
	}
#define OF8(reg, name)                                                                                              \
	OF(reg, 0, name), OF(reg, 1, name), OF(reg, 2, name), OF(reg, 3, name), OF(reg, 4, name), OF(reg, 5, name), \
	    OF(reg, 6, name), OF(reg, 7, name)
#define OF16(reg, name)                                                                                              \
	OF8(reg, name), OF(reg, 8, name), OF(reg, 9, name), OF(reg, 10, name), OF(reg, 11, name), OF(reg, 12, name), \
	    OF(reg, 13, name), OF(reg, 14, name), OF(reg, 15, name)

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
	[MISSED] = OF8(MPC, "rx_missed"),
	[DROPPED] = OF16(QPRDC, "rx_dropped"),
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
	OF16(QPRC, "rx_queue_packets"),
	OF16(QPTC, "tx_queue_packets"),
};
#define COUNTERS (sizeof(counters) / sizeof(counters[0]))
_Static_assert(COUNTERS <= IXGBE_COUNTERS_MAX, "");

/* Reads one counter, which clears it. A device that is gone counts nothing. */
static void counter_read(struct ixgbe *nic, unsigned i)
{
	uint64_t value = reg_get(nic, counters[i].reg);
	uint32_t high = counters[i].high ? reg_get(nic, counters[i].high) : 0;

	if (value == UINT32_MAX && (high == UINT32_MAX || port_is_gone(&nic->port)))
		return;
	count_add(&nic->totals[i], value | (uint64_t)(high & 0xf) << 32); /* 36 bits */
}

/* 4.6.5: what was counted before does not count. Receive and transmit queue n count in place n modulo 16. */
void ixgbe_stats_init(struct ixgbe *nic)
{
	for (unsigned i = 0; i < IXGBE_QUEUES / 4; i++) {
		uint32_t map = (4 * i & 15) * 0x01010101u + 0x03020100u;

		reg_set(nic, IXGBE_AT(RQSMR, i), map);
		reg_set(nic, IXGBE_AT(TQSM, i), map);
	}
	for (unsigned i = 0; i < COUNTERS; i++)
		counter_read(nic, i);
	memset(nic->totals, 0, sizeof(nic->totals));
}

static uint64_t total(const struct ixgbe *nic, unsigned first, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += count_read(&nic->totals[first + i]);
	return sum;
}

void ixgbe_stats(struct weir_port *port, struct weir_port_stats *stats)
{
	struct ixgbe *nic = ixgbe(port);

	bool there = !port_is_gone(&nic->port);

	pthread_mutex_lock(&nic->stats_lock);
	for (unsigned i = 0; there && i < DROPPED + 16; i++)
		counter_read(nic, i);
	stats->rx.drops[WEIR_DROP_CRC] += total(nic, CRC_ERRORS, 1);
	stats->rx.drops[WEIR_DROP_TOO_SHORT] += total(nic, UNDERSIZE, 2);
	stats->rx.drops[WEIR_DROP_TOO_LONG] += total(nic, OVERSIZE, 2);
	stats->rx.drops[WEIR_DROP_MISSED] += total(nic, MISSED, 8) + total(nic, DROPPED, 16);
	pthread_mutex_unlock(&nic->stats_lock);
	ixgbe_watch(port);
}

int ixgbe_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value)
{
	struct ixgbe *nic = ixgbe(port);

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
