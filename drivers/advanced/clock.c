/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reckoning with a card's clock, and stamps.
 */
#include <string.h>
#include <time.h>

#include "clock.h"
#include "core/clock.h"

#define STAMP_NS UINT64_C(1000000000) /* a stamp that nobody fetched for so long is given up */

/* Of TSYNCRXCTL and TSYNCTXCTL. */
#define STAMP_VALID 0x00000001u

static uint32_t get(struct adv_clock *clock, uint32_t reg)
{
	return bus_read32(clock->port->device, 0, reg);
}

static uint64_t time_of_day(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Reading the lower half keeps the upper one (82599 datasheet 8.2.3.26). */
static uint64_t ticks(struct adv_clock *clock, uint32_t low, uint32_t high)
{
	uint64_t value = get(clock, low);

	return clock->card->seconds ? value + get(clock, high) * UINT64_C(1000000000)
	                            : value | (uint64_t)get(clock, high) << 32;
}

static uint64_t ticks_now(struct adv_clock *clock)
{
	if (clock->card->hold)
		get(clock, clock->card->hold);
	return ticks(clock, clock->card->low, clock->card->high);
}

/* What time it was at @at, before or after the base. */
static uint64_t time_at(const struct adv_clock *clock, uint64_t at)
{
	unsigned unused = clock->card->bits ? 64 - clock->card->bits : 0;
	int64_t since = (int64_t)((at - clock->base_ticks) << unused) >> unused;
	__int128 elapsed = (__int128)since * clock->tick;

	return clock->base_ns + (uint64_t)(elapsed * (1000000000 + clock->ppb) / INT64_C(10000000000));
}

/* How often a short clock has begun anew in @ns, as far as that is not seen: in ticks. */
static uint64_t ticks_unseen(const struct adv_clock *clock, uint64_t at, uint64_t ns)
{
	uint64_t round, seen;

	if (!clock->card->bits)
		return 0;
	round = UINT64_C(1) << clock->card->bits;
	seen = (at - clock->base_ticks) & (round - 1);
	return ns > seen ? (ns - seen + round / 2) / round * round : 0;
}

/* Makes now the base. When a link that drives the clock came up at another speed, the system's clock knows what passed. */
static void settle(struct adv_clock *clock)
{
	uint64_t at = ticks_now(clock), now = now_ns(), passed = now - clock->since_ns, unseen;
	unsigned tick = clock->card->tick ? clock->card->tick(clock->port) : clock->tick;

	if (tick && tick != clock->tick) {
		clock->base_ns += passed;
		clock->tick = tick;
	} else {
		unseen = ticks_unseen(clock, at, passed);
		clock->base_ns = time_at(clock, at) + unseen + (uint64_t)((__int128)unseen * clock->ppb / 1000000000);
	}
	clock->base_ticks = at;
	clock->since_ns = now;
}

void adv_clock_open(struct adv_clock *clock, struct weir_port *port, const struct adv_clock_card *card)
{
	clock->port = port;
	port->clock = clock;
	clock->card = card;
	pthread_mutex_init(&clock->lock, NULL);
}

void adv_clock_close(struct adv_clock *clock)
{
	pthread_mutex_destroy(&clock->lock);
}

void adv_clock_reset(struct adv_clock *clock, unsigned tick)
{
	pthread_mutex_lock(&clock->lock);
	clock->base_ns = clock->tick ? clock->base_ns + now_ns() - clock->since_ns : time_of_day();
	clock->tick = clock->tick ? clock->tick : tick;
	clock->base_ticks = 0;
	clock->since_ns = now_ns();
	clock->tx_since_ns = 0;
	pthread_mutex_unlock(&clock->lock);
}

void adv_clock_start(struct adv_clock *clock)
{
	get(clock, clock->card->rx_high);
	get(clock, clock->card->tx_high);
	clock->rx_since_ns = clock->tx_since_ns = 0;
}

uint64_t adv_clock_arrival(struct adv_clock *clock)
{
	uint64_t ns = 0;

	pthread_mutex_lock(&clock->lock);
	if (get(clock, clock->card->rx_control) & STAMP_VALID)
		ns = time_at(clock, ticks(clock, clock->card->rx_low, clock->card->rx_high));
	clock->rx_since_ns = 0;
	pthread_mutex_unlock(&clock->lock);
	return ns;
}

void adv_put_meta(struct adv_rxq *q, const struct weir_pkt_meta *meta, struct weir_pkt *pkt)
{
	if ((!meta->time_ns && !meta->mark) || pkt->off < sizeof(*meta))
		return;
	memcpy(weir_pkt_buffer(q->rxq.cache->base, pkt), meta, sizeof(*meta));
	pkt->flags |= WEIR_PKT_META;
}

void adv_clock_watch(struct adv_clock *clock, uint64_t now)
{
	pthread_mutex_lock(&clock->lock);
	if (!(get(clock, clock->card->rx_control) & STAMP_VALID)) {
		clock->rx_since_ns = 0;
	} else if (!clock->rx_since_ns) {
		clock->rx_since_ns = now;
	} else if (now - clock->rx_since_ns > STAMP_NS) {
		get(clock, clock->card->rx_high);
		clock->rx_since_ns = 0;
	}
	if (clock->card->bits)
		settle(clock); /* stamps are told from a base that is not far */
	pthread_mutex_unlock(&clock->lock);
}

/* --- what is asked of it --------------------------------------------------------------------------------------------------- */

static int clock_get(struct weir_port *port, uint64_t *ns)
{
	struct adv_clock *clock = port->clock;

	pthread_mutex_lock(&clock->lock);
	settle(clock);
	*ns = clock->base_ns;
	pthread_mutex_unlock(&clock->lock);
	return 0;
}

static int clock_set(struct weir_port *port, uint64_t ns)
{
	struct adv_clock *clock = port->clock;

	pthread_mutex_lock(&clock->lock);
	settle(clock);
	clock->base_ns = ns;
	pthread_mutex_unlock(&clock->lock);
	return 0;
}

static int clock_adjust(struct weir_port *port, int64_t ns)
{
	struct adv_clock *clock = port->clock;

	pthread_mutex_lock(&clock->lock);
	settle(clock);
	clock->base_ns += (uint64_t)ns;
	pthread_mutex_unlock(&clock->lock);
	return 0;
}

static int clock_tune(struct weir_port *port, int32_t ppb)
{
	struct adv_clock *clock = port->clock;

	pthread_mutex_lock(&clock->lock);
	settle(clock);
	clock->ppb = ppb;
	pthread_mutex_unlock(&clock->lock);
	return 0;
}

static int clock_send(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	struct adv_clock *clock = txq->port->clock;
	struct adv_txq *q = adv_txq(txq);
	uint64_t now = now_ns();
	unsigned taken;

	pthread_mutex_lock(&clock->lock);
	if (clock->tx_since_ns && now - clock->tx_since_ns < STAMP_NS) {
		pthread_mutex_unlock(&clock->lock);
		return -EBUSY;
	}
	get(clock, clock->card->tx_high); /* one that came too late */
	q->stamp = true;
	taken = txq->burst(txq, pkts, n);
	clock->tx_since_ns = q->stamp ? 0 : now; /* otherwise it was not taken, or dropped */
	q->stamp = false;
	pthread_mutex_unlock(&clock->lock);
	return (int)taken;
}

static int clock_sent(struct weir_port *port, uint64_t *ns)
{
	struct adv_clock *clock = port->clock;
	int err = 0;

	pthread_mutex_lock(&clock->lock);
	if (!clock->tx_since_ns) {
		err = -ENOENT;
	} else if (!(get(clock, clock->card->tx_control) & STAMP_VALID)) {
		err = -EAGAIN;
	} else {
		*ns = time_at(clock, ticks(clock, clock->card->tx_low, clock->card->tx_high));
		clock->tx_since_ns = 0;
	}
	pthread_mutex_unlock(&clock->lock);
	return err;
}

const struct clock_ops adv_clock = {
	.get = clock_get,
	.set = clock_set,
	.adjust = clock_adjust,
	.tune = clock_tune,
	.send = clock_send,
	.sent = clock_sent,
};
