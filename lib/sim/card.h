/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The parts of a card that its model does not see, and the simulator that holds the cards. Internal to libweirsim.
 *
 * Each card has a thread, which serves its client and (unless conf.manual) runs its engine and its wire. Who touches
 * anything of a card but its inbox holds the card's lock.
 */
#ifndef SIM_CARD_H
#define SIM_CARD_H

#include <pthread.h>
#include <sys/un.h>

#include "sim/dma.h"
#include "sim/inbox.h"
#include "sim/irq.h"
#include "sim/pci.h"
#include "vfio_user/server.h"

#define SIM_CARDS      1024
#define VIOLATIONS_MAX 32

struct weir_sim {
	struct weir_sim_conf conf;
	pthread_mutex_t lock; /* guards the adding of cards */
	unsigned count;       /* of cards that can be found */
	struct weir_sim_nic *cards[SIM_CARDS];
};

struct weir_sim_nic {
	struct sim_nic *nic;
	struct sim_dma dma;
	struct sim_irqs irqs;
	struct sim_pci pci;
	struct vu_device device;
	int bar_fd[SIM_BARS];
	bool opened; /* the model is */

	struct inbox inbox;
	uint64_t now_ns;    /* when the thread's round has begun */
	uint64_t missed;    /* of inbox.refused, what the model was told */
	uint64_t unplugged; /* frames that went into or came from a cable that was out */
	bool blocked;       /* the model has no descriptor for the frame at the head of the inbox */
	bool stalled;       /* the wire had no room for a frame */

	struct {
		uint64_t arg;
		unsigned times;
	} faults[WEIR_SIM_FAULT_COUNT];
	unsigned violation_count;
	char violations[VIOLATIONS_MAX][200];

	pthread_mutex_t lock;
	unsigned waiting; /* other threads that want the lock */
	pthread_t thread;
	bool started; /* the thread was */
	bool quit;
	bool asleep; /* the thread is, or is about to be: whoever has something for it writes to wake_fd */
	int wake_fd;
	int listen_fd; /* -1: not served at a path */
	struct sockaddr_un address;
	int next_fd; /* of a client that waits to be served; -1: none */
	bool served; /* there is a client: server is open */
	struct vu_server server;
};

/* --- nic.c: a card as a device ---------------------------------------------------------------------------------------- */

/* Makes the card around @nic, whose model, mac and fast are set. Returns 0 or -errno. */
int card_open(struct weir_sim_nic *card, struct sim_nic *nic);
void card_close(struct weir_sim_nic *card);
void card_forget_client(struct weir_sim_nic *card);

/* A function reset: what a driver, a client or a lost client asks for. */
void card_reset(struct sim_nic *nic);

extern const struct vu_server_ops card_ops;

/* --- serve.c: its thread ---------------------------------------------------------------------------------------------- */

int card_start(struct weir_sim_nic *card);
void card_stop(struct weir_sim_nic *card);
void card_wake(struct weir_sim_nic *card);

/* The lock, by any thread but the card's own, which lets others go first. */
void card_lock(struct weir_sim_nic *card);
void card_unlock(struct weir_sim_nic *card);

/* Gets on with the wire, the inbox and the engine, with the lock held. Returns how much was done. */
unsigned card_run(struct weir_sim_nic *card);

#endif
