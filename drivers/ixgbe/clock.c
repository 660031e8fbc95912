/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The clock (82599 datasheet 7.9). SYSTIM counts the ticks of the MAC's clock, which is as fast as the link is; time is
 * reckoned from it here: exact at any pace, and without a register to adjust. A stamp stays latched, and no other is
 * taken, until its upper half is read.
 *
 *      CLOCK_OF_LINK  A tick is 6.4 ns at 10 Gbit/s, 64 at 1 Gbit/s, 640 at 100 Mbit/s (7.9). When the link comes up
 *                     at another speed, what passed meanwhile is taken from the system's clock.
 */
#include <string.h>
#include <time.h>

#include "ixgbe.h"

#define STAMP_NS      UINT64_C(1000000000) /* a stamp that nobody fetched for so long is given up */
#define ONE_A_TICK    (1u << 24 | 1u)      /* TIMINCA of the 82599: by 1 in each period of 1 */
#define ONE_A_TICK540 1u                   /* ... of the X540, whose period is always 1 */
#define PTP_TYPE      0x88f7u
#define PTP_PORT      319u
#define PTP_EVENTS    5u /* TSYNCRXCTL.TYPE */

static uint64_t time_of_day(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Reading the lower half keeps the upper one (8.2.3.26). */
static uint64_t ticks(struct ixgbe *nic, uint32_t low, uint32_t high)
{
	uint64_t value = reg_get(nic, low);

	return value | (uint64_t)reg_get(nic, high) << 32;
}

/* Tenths of nanoseconds. */
static unsigned tick_of_link(struct ixgbe *nic)
{
	uint32_t links = reg_get(nic, IXGBE_LINKS);

	if (!(links & LINKS_UP))
		return 0;
	switch (field_of(LINKS_SPEED, links)) {
	case LINKS_SPEED_1G:
		return 640;
	case LINKS_SPEED_100:
		return 6400;
	default:
		return 64;
	}
}

/* What time it was at @at, before or after the base. */
static uint64_t time_at(const struct ixgbe_clock *clock, uint64_t at)
{
	__int128 elapsed = (__int128)(int64_t)(at - clock->base_ticks) * clock->tick;

	return clock->base_ns + (uint64_t)(elapsed * (1000000000 + clock->ppb) / INT64_C(10000000000));
}

/* Makes now the base. */
static void settle(struct ixgbe *nic)
{
	struct ixgbe_clock *clock = &nic->clock;
	uint64_t at = ticks(nic, IXGBE_SYSTIML, IXGBE_SYSTIMH), now = now_ns();
	unsigned tick = tick_of_link(nic);

	if (tick && tick != clock->tick) {
		clock->base_ns += now - clock->since_ns;
		clock->tick = tick;
	} else {
		clock->base_ns = time_at(clock, at);
	}
	clock->base_ticks = at;
	clock->since_ns = now;
}

void ixgbe_clock_reset(struct ixgbe *nic)
{
	struct ixgbe_clock *clock = &nic->clock;

	pthread_mutex_lock(&clock->lock);
	clock->base_ns = clock->tick ? clock->base_ns + now_ns() - clock->since_ns : time_of_day();
	reg_set(nic, IXGBE_TIMINCA, nic->x540 ? ONE_A_TICK540 : ONE_A_TICK);
	reg_set(nic, IXGBE_SYSTIML, 0);
	reg_set(nic, IXGBE_SYSTIMH, 0);
	clock->tick = clock->tick ? clock->tick : 64;
	clock->base_ticks = 0;
	clock->since_ns = now_ns();
	clock->tx_since_ns = 0;
	pthread_mutex_unlock(&clock->lock);
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
	reg_get(nic, IXGBE_RXSTMPH); /* what is latched from before */
	reg_get(nic, IXGBE_TXSTMPH);
	nic->clock.rx_since_ns = nic->clock.tx_since_ns = 0;
}

/* When the packet arrived that has RXD_TS; 0: it is not known. */
static uint64_t arrival(struct adv_rxq *q)
{
	struct ixgbe *nic = ixgbe(q->rxq.port);
	uint64_t ns = 0;

	pthread_mutex_lock(&nic->clock.lock);
	if (reg_get(nic, IXGBE_TSYNCRXCTL) & TSYNC_VALID)
		ns = time_at(&nic->clock, ticks(nic, IXGBE_RXSTMPL, IXGBE_RXSTMPH));
	nic->clock.rx_since_ns = 0;
	pthread_mutex_unlock(&nic->clock.lock);
	return ns;
}

void ixgbe_rx_note(struct adv_rxq *q, uint32_t slot, uint64_t done, struct weir_pkt *pkt)
{
	const union adv_rx_desc *desc = &q->ring[slot & q->mask];
	uint32_t type = __atomic_load_n(&desc->done.type, __ATOMIC_RELAXED), id = pkt->hash & 0xffffu;
	struct weir_pkt_meta meta = { 0 };

	if (!(q->wanted & WEIR_PKT_META))
		return;
	if (done & RXD_TS)
		meta.time_ns = arrival(q);
	if (done & RXD_FLM && (type & RXD_RSS_TYPE) == RSS_TYPE_FDIR && id < IXGBE_FDIR_MAX)
		meta.mark = __atomic_load_n(&ixgbe_rxq(&q->rxq)->marks[id], __ATOMIC_RELAXED);
	if ((!meta.time_ns && !meta.mark) || pkt->off < sizeof(meta))
		return;
	memcpy(weir_pkt_buffer(q->rxq.cache->base, pkt), &meta, sizeof(meta));
	pkt->flags |= WEIR_PKT_META;
}

/* A stamp whose packet nobody will fetch (it was dropped, its queue stopped) stands in the way of the next. */
void ixgbe_clock_watch(struct ixgbe *nic, uint64_t now)
{
	struct ixgbe_clock *clock = &nic->clock;

	pthread_mutex_lock(&clock->lock);
	if (!(reg_get(nic, IXGBE_TSYNCRXCTL) & TSYNC_VALID)) {
		clock->rx_since_ns = 0;
	} else if (!clock->rx_since_ns) {
		clock->rx_since_ns = now;
	} else if (now - clock->rx_since_ns > STAMP_NS) {
		reg_get(nic, IXGBE_RXSTMPH);
		clock->rx_since_ns = 0;
	}
	pthread_mutex_unlock(&clock->lock);
}

/* --- what is asked of it --------------------------------------------------------------------------------------------------- */

static int clock_get(struct weir_port *port, uint64_t *ns)
{
	struct ixgbe *nic = ixgbe(port);

	pthread_mutex_lock(&nic->clock.lock);
	settle(nic);
	*ns = nic->clock.base_ns;
	pthread_mutex_unlock(&nic->clock.lock);
	return 0;
}

static int clock_set(struct weir_port *port, uint64_t ns)
{
	struct ixgbe *nic = ixgbe(port);

	pthread_mutex_lock(&nic->clock.lock);
	settle(nic);
	nic->clock.base_ns = ns;
	pthread_mutex_unlock(&nic->clock.lock);
	return 0;
}

static int clock_adjust(struct weir_port *port, int64_t ns)
{
	struct ixgbe *nic = ixgbe(port);

	pthread_mutex_lock(&nic->clock.lock);
	settle(nic);
	nic->clock.base_ns += (uint64_t)ns;
	pthread_mutex_unlock(&nic->clock.lock);
	return 0;
}

static int clock_tune(struct weir_port *port, int32_t ppb)
{
	struct ixgbe *nic = ixgbe(port);

	pthread_mutex_lock(&nic->clock.lock);
	settle(nic);
	nic->clock.ppb = ppb;
	pthread_mutex_unlock(&nic->clock.lock);
	return 0;
}

static int clock_send(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct ixgbe *nic = ixgbe(txq->port);
	struct adv_txq *q = adv_txq(txq);
	uint64_t now = now_ns();
	unsigned taken;

	pthread_mutex_lock(&nic->clock.lock);
	if (nic->clock.tx_since_ns && now - nic->clock.tx_since_ns < STAMP_NS) {
		pthread_mutex_unlock(&nic->clock.lock);
		return -EBUSY;
	}
	reg_get(nic, IXGBE_TXSTMPH); /* one that came too late */
	q->stamp = true;
	taken = txq->burst(txq, pkts, n);
	nic->clock.tx_since_ns = q->stamp ? 0 : now; /* otherwise it was not taken, or dropped */
	q->stamp = false;
	pthread_mutex_unlock(&nic->clock.lock);
	return (int)taken;
}

static int clock_sent(struct weir_port *port, uint64_t *ns)
{
	struct ixgbe *nic = ixgbe(port);
	int err = 0;

	pthread_mutex_lock(&nic->clock.lock);
	if (!nic->clock.tx_since_ns) {
		err = -ENOENT;
	} else if (!(reg_get(nic, IXGBE_TSYNCTXCTL) & TSYNC_VALID)) {
		err = -EAGAIN;
	} else {
		*ns = time_at(&nic->clock, ticks(nic, IXGBE_TXSTMPL, IXGBE_TXSTMPH));
		nic->clock.tx_since_ns = 0;
	}
	pthread_mutex_unlock(&nic->clock.lock);
	return err;
}

const struct clock_ops ixgbe_clock = {
	.get = clock_get,
	.set = clock_set,
	.adjust = clock_adjust,
	.tune = clock_tune,
	.send = clock_send,
	.sent = clock_sent,
};
