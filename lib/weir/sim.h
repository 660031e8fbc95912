/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libweirsim: network cards that do not exist.
 *
 * A *simulator* holds cards, each a register-level model of a real one, and the cables between them. A program reaches a
 * card as it would reach hardware: through a port spec, over vfio-user, with the real driver, real DMA mappings and real
 * interrupts. A test holds the other end of the cable, and breaks the card on request.
 *
 *      struct weir_sim *sim;
 *      struct weir_sim_nic *nic;
 *
 *      weir_sim_create(NULL, &sim);
 *      weir_sim_nic_add(sim, "82599,wire=hold", &nic);
 *      weir_sim_nic_serve(nic, "/run/nic0.sock");              (or weir_sim_enable(): sim: specs in this process)
 *      ...
 *      weir_port_open(weir, "vfio-user:/run/nic0.sock", &conf, &port);
 *      weir_sim_send(nic, frame, 64, 0);                       a frame arrives at the card
 *      weir_rx(rxq, pkts, 32);
 *
 * A card is described by `MODEL[,mac=xx:xx:xx:xx:xx:xx][,link=10000][,...],wire=WIRE`. link= is the speed that its link
 * comes up with (100, 1000 or 10000 Mbit/s), if at all; wire= comes last and takes the rest:
 *
 *      hold                        nothing moves by itself: weir_sim_send() and weir_sim_take() are the other end
 *      loop                        what the card sends comes back to it
 *      sink                        what the card sends is counted and forgotten; a generator's frames are checked first
 *      gen:size=64,pps=1M,flows=8,count=0
 *                                  a generator of frames of that size (with CRC), which checks what comes back: loss,
 *                                  order, every byte. pps=0 (default): as fast as the card takes them; count=0: no end
 *      pair:N[,mbps=10000,meters=0,loss=0,errors=0,corrupt=0,duplicate=0,reorder=0,seed=1]
 *                                  a cable to card number N of the same simulator; loss and the following are shares of
 *                                  1: of frames that are lost, damaged (their CRC does not fit), changed in their last 12
 *                                  bytes (it does), delivered twice, overtaken by the next one
 *      tap:NAME, af_packet:IFACE   a kernel interface of this machine
 *      pcap:rx=FILE,tx=FILE        frames from a file, frames to a file
 *
 * and with device=10fb the PCI device id, of those that the model stands for (82599: 10fb 1507 1529 154a 1557; 82599-kx4:
 * 10f7 1514 1517 10f8 10f9 10fc 152a; x540: 1528 1560; 82540EM: 100e 1015 1016 1017 101e; 82545EM: 100f 1010; 82574L: 10d3
 * 10f6; 82583V: 150c; 82576: 10c9 150a 1526 10e8). A model may have options of its own; those of the 82599's SFP+ cage:
 *
 *      module=sr                   what is in it: sr, lr (optics), da (a copper cable), none
 *      stretch=0                   so many microseconds the module holds the bus after each byte
 *
 * Calls return 0 or -errno and leave a sentence in weir_sim_error().
 */
#ifndef WEIR_SIM_H
#define WEIR_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weir.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weir_sim;
struct weir_sim_nic;

/** What a simulator is told. All zero is a good start. */
struct weir_sim_conf {
	bool fast;   /* doorbell pages are mapped: fast, but per-queue read-to-clear counters stay 0 */
	bool strict; /* what the datasheet forbids is logged as a warning; weir_sim_violations() lists it always */
	bool manual; /* engines and wires move only when the caller calls weir_sim_run(); registers always answer */
	weir_log_fn *log; /* NULL: silent */
	void *log_arg;
	enum weir_log_level log_level;
};

/** What a card can be made to do wrong. */
enum weir_sim_fault {
	WEIR_SIM_RX_NO_DD,     /* a received packet is written, its DD bit is not, for arg runs (0: never) */
	WEIR_SIM_RX_DD_EARLY,  /* DD is written before the data */
	WEIR_SIM_RX_LENGTH,    /* the descriptor claims arg bytes */
	WEIR_SIM_RX_QUEUE,     /* the packet goes to queue arg */
	WEIR_SIM_RX_CRC,       /* bit error on the wire */
	WEIR_SIM_RX_NO_BUFFER, /* the card thinks that there is no descriptor */
	WEIR_SIM_TX_NO_DD,     /* a sent packet is never reported */
	WEIR_SIM_TX_HANG,      /* a transmit queue stops fetching, until it is disabled */
	WEIR_SIM_RESET_STUCK,  /* the reset bit does not clear */
	WEIR_SIM_IRQ_LOST,     /* an interrupt is not delivered */
	WEIR_SIM_DMA_ERROR,    /* a DMA access is refused as if it were not mapped */
	WEIR_SIM_FAULT_COUNT
};

/** The sentence of the last call that failed in the calling thread. Never NULL. */
const char *weir_sim_error(void);

/** Makes a simulator; weir_sim_destroy() ends its cards, their threads and their sockets. */
int weir_sim_create(const struct weir_sim_conf *conf, struct weir_sim **sim);
void weir_sim_destroy(struct weir_sim *sim);

/** Adds a card, number 0, 1, ... in order. It lives as long as the simulator. */
int weir_sim_nic_add(struct weir_sim *sim, const char *text, struct weir_sim_nic **nic);

/** Number @index, or NULL. */
struct weir_sim_nic *weir_sim_nic(struct weir_sim *sim, unsigned index);

/** Serves the card on a vfio-user socket at @path, one client at a time, again and again. */
int weir_sim_nic_serve(struct weir_sim_nic *nic, const char *path);

/** Connects one client in this process: *@fd is its end of a socket. */
int weir_sim_nic_connect(struct weir_sim_nic *nic, int *fd);

/** Makes specs like `sim:82599,wire=...` work in @weir, on cards of @sim that each spec adds. */
int weir_sim_enable(struct weir *weir, struct weir_sim *sim);

/** With conf.manual: gets on with all cards and wires once. Returns how much was done; 0: nothing is left to do now. */
unsigned weir_sim_run(struct weir_sim *sim);

/**
 * Lets a frame of @len bytes (without CRC) arrive at the card. Returns 0, -EMSGSIZE, or -ENOBUFS when its packet buffer
 * (1 MiB) is full, which the card counts as missed.
 */
int weir_sim_send(struct weir_sim_nic *nic, const void *frame, size_t len);

/** With wire=hold: fetches the next frame that the card sent. Returns its length, 0 when there is none, or -errno. */
int weir_sim_take(struct weir_sim_nic *nic, void *frame, size_t size);

/** Plugs the cable in or out. */
void weir_sim_link(struct weir_sim_nic *nic, bool up);

/** Surprise removal: from now on every read returns all ones and nothing is written any more. */
void weir_sim_remove(struct weir_sim_nic *nic);

/** Makes the next @times occasions go wrong (~0u: all, 0: none any more). */
void weir_sim_fault(struct weir_sim_nic *nic, enum weir_sim_fault fault, uint64_t arg, unsigned times);

/** A register, as the card holds it, without the side effects of a read. */
uint32_t weir_sim_peek(struct weir_sim_nic *nic, uint64_t offset);

/** What the driver did that the datasheet forbids: how many times, and a line for each of the first ones. */
unsigned weir_sim_violations(struct weir_sim_nic *nic, char *text, size_t size);

/** The card's, the wire's and the model's counters by number from 0. Returns 0, or -ENOENT past the last. */
int weir_sim_counter(struct weir_sim_nic *nic, unsigned index, const char **name, uint64_t *value);

#ifdef __cplusplus
}
#endif
#endif
