/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ports: where packets come from and go to.
 *
 * A port is opened by a *spec*, a line of text that is the same in every program:
 *
 *      af_xdp:eth1                     a kernel interface, through AF_XDP
 *      af_packet:eth1,queues=2         the same, through a packet socket
 *      tap:tap0                        a TAP interface: packets to and from this machine's own network stack
 *      pcap:rx=in.pcap,tx=out.pcap     files
 *      ring:a,b                        receives from the ring named a, sends to the ring named b, in this context
 *      null:size=64                    makes packets of nothing, and swallows them
 *
 * A port has receive and transmit *queues*. Each queue may be polled by any thread, one thread at a time; queues do not
 * share state, so different threads may use different queues of a port without locks.
 *
 *      weir_port_open() -> weir_port_start() -> weir_rx() / weir_tx() -> weir_port_stop() -> weir_port_close()
 *
 * A stopped port may be started again, and every step may be left out on the way down: closing a started port stops it.
 * Cold calls on one port are for one thread at a time; starting, stopping and closing also exclude weir_rx() and
 * weir_tx() on its queues.
 *
 * Packets that weir_rx() returned belong to the caller. Packets that weir_tx() took belong to the port, which frees
 * their buffers when they are sent; the rest stay the caller's.
 *
 * filter.h has which packets a port takes and to which queue they go, device.h what only hardware has: events, pauses.
 */
#ifndef WEIR_PORT_H
#define WEIR_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "pkt.h"
#include "pool.h"
#include "weir.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weir_port;

/** Why a packet was dropped. Nothing is dropped without being counted under one of these. */
enum weir_drop {
	WEIR_DROP_NO_BUFFER, /* receive: the pool was empty */
	WEIR_DROP_MISSED,    /* receive: the kernel or the device had no room because nobody polled */
	WEIR_DROP_TOO_LONG,  /* longer than the buffers, the MTU or the array allow */
	WEIR_DROP_TOO_SHORT, /* no bytes at all, or fewer than the medium takes */
	WEIR_DROP_DEVICE,    /* the device (or kernel) described a packet that cannot be */
	WEIR_DROP_CRC,       /* damaged on the wire */
	WEIR_DROP_FILTERED,  /* refused by a filter of the device */
	WEIR_DROP_LINK_DOWN, /* send: there was nobody to send to */
	WEIR_DROP_TX_FULL,   /* send: the queue stayed full (counted by the application that gave up) */
	WEIR_DROP_TX_ERROR,  /* send: the kernel, device or file refused it */
	WEIR_DROP_OFFLOAD,   /* send: an offload was asked for that the port cannot do */
	WEIR_DROP_COUNT
};

/** "no_buffer", "missed" ...: what statistics call @reason. NULL past the last. */
const char *weir_drop_name(unsigned reason);

/** What a queue has done since the port started first. */
struct weir_queue_stats {
	uint64_t packets;
	uint64_t bytes; /* of packet data, without preamble, CRC and gap */
	uint64_t drops[WEIR_DROP_COUNT];
};

/** All queues of a port together, and what was dropped before it reached a queue. */
struct weir_port_stats {
	struct weir_queue_stats rx;
	struct weir_queue_stats tx;
};

/* Offloads: what a port can do (weir_port_info) and what is asked of it (weir_port_conf). */
#define WEIR_OFFLOAD_RX_CSUM 0x0001u /* sets WEIR_PKT_IP_GOOD/BAD, WEIR_PKT_L4_GOOD/BAD */
#define WEIR_OFFLOAD_RX_VLAN 0x0002u /* strips the outermost tag into .vlan */
#define WEIR_OFFLOAD_RX_HASH 0x0004u /* sets WEIR_PKT_HASH */
#define WEIR_OFFLOAD_LRO     0x0008u /* may hand up packets longer than the MTU, marked WEIR_PKT_TX_TSO */
/* Of a port that can LRO: cut again by their MSS, such packets are the segments that there were. */
#define WEIR_OFFLOAD_LRO_EXACT 0x0020u
#define WEIR_OFFLOAD_RX_META \
	0x0010u /* puts a struct weir_pkt_meta in front of packets that there is something to say of */
#define WEIR_OFFLOAD_TX_CSUM 0x0100u /* WEIR_PKT_TX_IP and WEIR_PKT_TX_L4 cost nothing (without: done in software) */
#define WEIR_OFFLOAD_TX_VLAN 0x0200u /* WEIR_PKT_VLAN is inserted by the device (without: in software) */
#define WEIR_OFFLOAD_TX_TSO  0x0400u /* WEIR_PKT_TX_TSO */

/** What a port is told when it opens. All zero is a good start for a port that only sends. */
struct weir_port_conf {
	struct weir_pool *pool; /* where received packets go; a port without one does not receive */
	unsigned rx_queues;     /* 0: 1 */
	unsigned tx_queues;     /* 0: 1 */
	unsigned rx_slots;      /* descriptors per queue; 0: what the driver thinks best */
	unsigned tx_slots;
	unsigned mtu; /* 0: as it is */
	uint32_t
	    offloads; /* WEIR_OFFLOAD_RX_*, _LRO: what the application can take. TX offloads need not be asked for. */
	bool promiscuous; /* receive what is addressed to others too */
};

/** What a port is. */
struct weir_port_info {
	const char *driver; /* "af_xdp" */
	char name[64];      /* "eth1": the part of the spec that names the thing */
	char variant[64];   /* which data path runs: "zero-copy, need-wakeup"; empty before it is started */
	int node;           /* NUMA node of the device; -1: none */
	uint8_t mac[6];
	bool receives; /* packets can come from it */
	bool sends;    /* packets can go to it */
	bool finite;   /* it will run dry by itself: a file */
	bool can_wait; /* weir_rxq_fd() works */
	bool started;
	unsigned mtu; /* 0: no such limit */
	unsigned mtu_max;
	unsigned rx_queues, tx_queues; /* in use */
	unsigned rx_queues_max, tx_queues_max;
	unsigned rx_slots, tx_slots;
	unsigned rx_entries_max; /* entries that one received packet may take: the least array for weir_rx() */
	uint32_t offloads;       /* WEIR_OFFLOAD_* that it can do */
};

struct weir_link {
	bool up;
	bool full_duplex;
	uint32_t mbps; /* 0: not known */
};

/** The head of every receive queue; the driver's own fields follow. For the inline functions below. */
struct weir_rxq {
	unsigned (*burst)(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
	struct weir_port *port;
	struct weir_pool_cache *cache;
	uint16_t index;
	uint8_t finished; /* nothing will ever come any more */
	struct weir_queue_stats stats;
};

/** The head of every transmit queue. */
struct weir_txq {
	unsigned (*burst)(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);
	struct weir_port *port;
	struct weir_pool_cache *cache;
	uint16_t index;
	struct weir_queue_stats stats;
};

/**
 * Opens the port that @spec describes.
 *
 * @conf may be NULL. The pool must outlive the port. On success *@port is the port, stopped; it lives until
 * weir_port_close() or weir_close(). Returns 0, or -EINVAL (the sentence points at the part of the spec that is wrong),
 * -ENODEV, -EPERM, -EBUSY, -ENOTSUP ..., and then sets *@port to NULL. Different ports may be opened by different
 * threads.
 */
int weir_port_open(struct weir *weir, const char *spec, const struct weir_port_conf *conf, struct weir_port **port);

/** Starts all queues. Returns 0 (also when it is started already) or -errno, and is then stopped. */
int weir_port_start(struct weir_port *port);

/**
 * Stops all queues: what is queued to be sent is sent first, for at most a second; what was received and not fetched is
 * freed. Statistics stay. Returns 0 (also when it is stopped already), or -EIO when something could not be written.
 */
int weir_port_stop(struct weir_port *port);

/**
 * Stops and closes the port, whatever state its device is in. NULL is allowed. Returns what weir_port_stop() would, or a
 * failure to finish a file or to leave a device reset (-ETIMEDOUT). A device that is gone is no failure here.
 */
int weir_port_close(struct weir_port *port);

/** Queue number @index, or NULL when there is none. Valid until the port closes; usable while the port is started. */
struct weir_rxq *weir_port_rxq(struct weir_port *port, unsigned index);
struct weir_txq *weir_port_txq(struct weir_port *port, unsigned index);

/**
 * Receives up to @n entries from @rxq into @pkts.
 *
 * Never blocks. A packet of several buffers takes several entries (WEIR_PKT_MORE) and is never split between calls: a
 * packet that does not fit waits, so @n must be at least weir_port_info.rx_entries_max. The entries belong to the
 * caller until sent or freed. One thread at a time per queue. Returns the number of entries filled, 0 when there is
 * nothing.
 */
static inline unsigned weir_rx(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n)
{
	return rxq->burst(rxq, pkts, n);
}

/**
 * Sends up to @n entries, whole packets, through @txq.
 *
 * Never blocks. Returns the number of entries that were taken; those belong to the port (a packet that cannot be sent
 * is taken, dropped and counted), the rest stay the caller's and may be tried again. With @n 0 the queue only gets on
 * with what it has: a thread with nothing to send should call it so now and then. One thread at a time per queue.
 */
static inline unsigned weir_tx(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n)
{
	return txq->burst(txq, pkts, n);
}

/** True when nothing will ever come from @rxq any more: its file is at the end, its device is gone. */
static inline bool weir_rxq_finished(const struct weir_rxq *rxq)
{
	return __atomic_load_n(&rxq->finished, __ATOMIC_ACQUIRE);
}

/**
 * A file descriptor that becomes readable when @rxq has packets, for the caller's own poll, epoll or io_uring. It stays
 * the queue's: do not read or close it. Returns it, or -ENOTSUP.
 */
int weir_rxq_fd(struct weir_rxq *rxq);

/**
 * Asks for weir_rxq_fd() to become readable with the next packet. To be called before each wait, by the thread that
 * polls the queue. Returns 0, 1 when packets are there already (poll instead of waiting), or -ENOTSUP.
 */
int weir_rxq_arm(struct weir_rxq *rxq);

/** The interval that follows what arrives: short while little does, longer the more there is to do at each wake-up. */
#define WEIR_INTERVAL_ADAPTIVE (~0u)

/**
 * How long after one wake-up of weir_rxq_fd() the next may come: at least @us microseconds (0: at once), rounded up to
 * what the device can, or WEIR_INTERVAL_ADAPTIVE (the default). Until the port stops. By the thread that polls the
 * queue. Returns 0, -EINVAL (not started, or longer than the device can wait), or -ENOTSUP.
 */
int weir_rxq_set_interval(struct weir_rxq *rxq, unsigned us);

/**
 * Stop and start one queue of a started port; the others go on. Nobody may use the queue meanwhile, or its cold calls.
 *
 * A receive queue that stops gives its buffers back; what was received and not fetched is freed, and what still arrives
 * for it is dropped and counted. A transmit queue first sends what it has, for at most a second. A stopped queue
 * receives and takes nothing. weir_port_start() starts all queues. Return 0 (also when it is so already), -EINVAL (the
 * port is not started), -ENOTSUP, or -EIO or -ETIMEDOUT when the device does not let go of the queue: then stop the port.
 */
int weir_rxq_stop(struct weir_rxq *rxq);
int weir_rxq_start(struct weir_rxq *rxq);
int weir_txq_stop(struct weir_txq *txq);
int weir_txq_start(struct weir_txq *txq);

/** Fill @info, @link. Return 0 or -errno. */
int weir_port_info(struct weir_port *port, struct weir_port_info *info);
int weir_port_link(struct weir_port *port, struct weir_link *link);

/** Change a port, started or not. Return 0, -EINVAL (out of range), -ENOTSUP, -ENODEV (the device is gone) or -errno. */
int weir_port_set_mtu(struct weir_port *port, unsigned mtu);
int weir_port_set_promiscuous(struct weir_port *port, bool on);
int weir_port_set_mac(struct weir_port *port, const uint8_t mac[6]);

/**
 * Changes what the application can take (WEIR_OFFLOAD_RX_*, _LRO) on a stopped port, as weir_port_conf.offloads does;
 * takes effect at the next start. What the port cannot do is left out; weir_port_info() tells what it can. Returns 0, or
 * -EBUSY on a started port.
 */
int weir_port_set_offloads(struct weir_port *port, uint32_t offloads);

/**
 * Whether the port's traffic is whole since it was started; a device is asked whether it still answers, so a program that
 * wants to notice that it does not should call this now and then. Returns 0, or the -errno that damaged or ended it (a
 * file that breaks off, a full disk; -ENODEV: a device that went away), with *@why (if not NULL) a sentence that lives as
 * long as the port, or until the next start.
 */
int weir_port_health(struct weir_port *port, const char **why);

/** Fill @stats. May be called by any thread while others poll the queues; the figures are a moment's. */
void weir_rxq_stats(const struct weir_rxq *rxq, struct weir_queue_stats *stats);
void weir_txq_stats(const struct weir_txq *txq, struct weir_queue_stats *stats);
void weir_port_stats(struct weir_port *port, struct weir_port_stats *stats);

/**
 * The port's own counters, whatever its driver or device counts, by number from 0. Returns 0 with *@name (lives as long
 * as the port) and *@value, or -ENOENT past the last.
 */
int weir_port_counter(struct weir_port *port, unsigned index, const char **name, uint64_t *value);

/**
 * Says who makes the cards that specs of the scheme sim: ask for. weir_sim_enable() of libweirsim calls it; programs do
 * not. @connect is given the text behind the colon and returns 0 with a connected vfio-user socket, or -errno with a
 * sentence that @error returns.
 */
void weir_set_simulator(struct weir *weir, int (*connect)(void *arg, const char *card, int *fd),
                        const char *(*error)(void), void *arg);

/**
 * The drivers by number from 0, for help texts. Returns 0 with *@name and *@help (what a spec looks like, two blanks,
 * what it is), or -ENOENT past the last.
 */
int weir_driver_info(unsigned index, const char **name, const char **help);

#ifdef __cplusplus
}
#endif
#endif
