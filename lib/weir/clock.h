/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A port's clock, and when packets passed by it (IEEE 1588, the Precision Time Protocol).
 *
 * Some devices have a clock and note when packets arrive and leave. Such a port's clock counts nanoseconds; it starts as
 * the system's time of day and runs at its own pace until somebody sets it right: weir_port_tune_clock() changes the
 * pace, weir_port_adjust_clock() the time.
 *
 *      received:  with WEIR_OFFLOAD_RX_META, weir_pkt_meta.time_ns of those packets that the device looks at
 *      sent:      weir_tx_stamped() instead of weir_tx(), then weir_port_tx_time() until it knows
 *
 * Which packets are noted is the device's: the 82599, X540 and 82576 take event messages of PTP version 2 (Sync, Delay_Req
 * and so on; EtherType 0x88F7, or UDP port 319), one at a time: a message that arrives before the one before it was fetched
 * by weir_rx() is not noted. Of sent packets it can be any, and also one at a time.
 *
 * Calls may be made by any thread, on started ports. They return 0 or -errno: -ENOTSUP from a port without a clock,
 * -EINVAL from one that is not started, -ENODEV when the device is gone.
 */
#ifndef WEIR_CLOCK_H
#define WEIR_CLOCK_H

#include <stdint.h>

#include "port.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The most that a clock can be tuned, in parts of 1,000,000,000. */
#define WEIR_CLOCK_PPB_MAX 100000000

/** What time it is: *@ns. */
int weir_port_clock(struct weir_port *port, uint64_t *ns);

/** From now on it is @ns. */
int weir_port_set_clock(struct weir_port *port, uint64_t ns);

/** Moves the clock by @ns, forwards or backwards. */
int weir_port_adjust_clock(struct weir_port *port, int64_t ns);

/**
 * Lets the clock run faster by @ppb parts of 1,000,000,000 than it does by itself, or slower (negative). -ERANGE: more
 * than WEIR_CLOCK_PPB_MAX.
 */
int weir_port_tune_clock(struct weir_port *port, int32_t ppb);

/**
 * Sends the first packet of the @n entries at @pkts as weir_tx() would, and has the port note when it leaves. By the
 * thread that sends through @txq. Returns the number of entries that were taken (0: there is no room), or -EBUSY when
 * another packet of the port is still to be noted; a second later that one is given up.
 */
int weir_tx_stamped(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

/** When the packet of weir_tx_stamped() left: *@ns. -EAGAIN: it has not yet; -ENOENT: there is none. */
int weir_port_tx_time(struct weir_port *port, uint64_t *ns);

#ifdef __cplusplus
}
#endif
#endif
