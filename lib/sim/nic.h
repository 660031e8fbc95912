/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A network card that does not exist: what all models share, and what each implements. Internal to libweirsim.
 *
 *      client (driver, QEMU) -- server -- nic: config space, interrupts, DMA view -- model: registers and engines
 *                                           |
 *                                         inbox <- wire -> peer's inbox, generator, TAP, file ...
 *
 * One lock per card guards everything of it; every function of a model is called with it held. A frame that a wire
 * brings goes into the card's inbox (a bounded queue with a lock of its own, so that two cards on one cable never wait
 * for each other) and is taken out by the card's own run().
 *
 * In *exact* mode every register access comes through read() and write() and the engines run at once. In *fast* mode
 * the pages that the model names hold plain memory that the client maps; run() looks at the tails in it.
 */
#ifndef SIM_NIC_H
#define SIM_NIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weir/sim.h"

#define SIM_BARS      6
#define SIM_FRAME_MAX 16384
#define SIM_VECTORS   64
#define SIM_CONFIG    4096

struct sim_nic;

/* A range of a BAR that a client may map in fast mode; whole pages. */
struct sim_window {
	unsigned bar;
	uint64_t offset, size; /* size 0 ends a table */
};

/* A family of cards. */
struct sim_model {
	const char *name; /* "82599" */
	const char *help;
	const uint16_t *devices;     /* PCI ids that it may have, the first unless device= says another; ends with 0 */
	size_t size;                 /* of the model's own struct, whose head is the struct sim_nic */
	uint64_t bar_size[SIM_BARS]; /* powers of two; 0: none */
	unsigned narrow_bars; /* a bit for each that has a 32-bit address; others take the next one's place, too */
	unsigned io_bars;     /* a bit for each that is I/O space */
	unsigned msix_bar;    /* where the MSI-X table and pending bits live; handled by lib/sim, not the model */
	unsigned msix_vectors;
	const struct sim_window *windows;

	/* Optional: an option of the card's text that is the model's own, before open(). -EINVAL: unknown, or a bad value. */
	int (*option)(struct sim_nic *nic, const char *key, const char *value);
	int (*open)(struct sim_nic *nic); /* power on: identity, EEPROM, config space (sim_config_*) */
	void (*close)(struct sim_nic *nic);
	void (*reset)(struct sim_nic *nic); /* a function reset */

	/* @size is 1, 2, 4 or 8; registers are 32 bits and lib/sim splits an access of 8 into two of 4. */
	uint32_t (*read)(struct sim_nic *nic, unsigned bar, uint64_t offset);
	void (*write)(struct sim_nic *nic, unsigned bar, uint64_t offset, uint32_t value);
	uint32_t (*peek)(struct sim_nic *nic, uint64_t offset); /* as read, without side effects */

	/*
	 * A frame (without CRC: 60 bytes or a runt) arrives now. The model filters, counts, writes it to memory, or drops it
	 * with a counter.
	 * Returns false when there is no descriptor for it: it stays in the card's packet buffer (the inbox), is offered
	 * again, and holds up those behind it, as without DROP_EN; the buffer overflows when it stays too long.
	 */
	bool (*receive)(struct sim_nic *nic, const uint8_t *frame, size_t len, unsigned flags);
	void (*missed)(struct sim_nic *nic, uint64_t frames); /* optional: the packet buffer overflowed so many times */

	/* Optional: whether a frame would be looked at: receiver and a queue are on. Generators and files wait for it. */
	bool (*listening)(const struct sim_nic *nic);

	/*
	 * Gets on with everything that is due at @now_ns: tails in fast mode, interrupt throttling, frames for which the
	 * wire had no room. Returns work done.
	 */
	unsigned (*run)(struct sim_nic *nic, uint64_t now_ns);

	/* Optional: when run() has something to do by itself; UINT64_MAX: not. Without it run() is called every millisecond. */
	uint64_t (*due)(const struct sim_nic *nic, uint64_t now_ns);

	void (*link)(struct sim_nic *nic); /* nic->link_up has changed */
	int (*counter)(struct sim_nic *nic, unsigned index, const char **name, uint64_t *value); /* optional */
};

/* The one list to edit for a new model (models.c; a test may have its own). */
extern const struct sim_model *const sim_models[];
extern const unsigned sim_model_count;

/* Flags of a frame on the wire. */
#define SIM_FRAME_BAD_CRC 0x1u

struct sim_wire;
struct sim_dma;
struct sim_irqs;
struct sim_pci;

struct sim_nic {
	const struct sim_model *model;
	struct weir_sim *sim;
	unsigned index;
	char name[32];             /* "82599#0" */
	struct weir_sim_nic *card; /* the parts that a model does not see */
	uint8_t mac[6];
	uint16_t device; /* of the model's */
	bool link_up;    /* the cable's state, as the card sees it */
	bool fast;       /* the windows are mapped memory */
	bool gone;       /* surprise removal: reads return all ones */
	uint32_t speed_mbps;
	unsigned offers;        /* pauses that it offers to its link partner: SIM_PAUSE_*; sim_offer() */
	uint8_t *bar[SIM_BARS]; /* memory behind each BAR (memfd), what a client maps in fast mode */
	struct sim_wire *wire;
	struct sim_dma *dma;
	struct sim_pci *pci;
	struct sim_irqs *irqs;
};

/* --- what lib/sim gives a model ---------------------------------------------------------------------------------- */

/*
 * The card's view of memory. Returns 0, or -EFAULT when any byte lies outside what the client mapped or the permission
 * forbids it; then nothing is copied, and the access is counted and reported with @what (the descriptor that caused it).
 * Bus mastering must be on in the command register.
 */
int sim_dma_read(struct sim_nic *nic, uint64_t iova, void *to, size_t len, const char *what);
int sim_dma_write(struct sim_nic *nic, uint64_t iova, const void *from, size_t len, const char *what);
/* An aligned store of 8 or 16 bytes that the client sees whole: descriptor write-back. */
int sim_dma_store(struct sim_nic *nic, uint64_t iova, const void *from, size_t len, const char *what);

/* Fires MSI-X vector @vector (or MSI, or INTx) as config space and the client's masks say. */
void sim_irq_msix(struct sim_nic *nic, unsigned vector);
void sim_irq_legacy(struct sim_nic *nic, bool asserted); /* INTx level, or an MSI message on the rising edge */
bool sim_irq_msix_enabled(const struct sim_nic *nic);

/* Sends a frame onto the wire. Returns false when the wire has no room: the engine stops and tries again in run(). */
bool sim_wire_send(struct sim_nic *nic, const uint8_t *frame, size_t len);

/* Pauses (IEEE 802.3 annex 28B) that link partners offer to each other when they negotiate. */
#define SIM_PAUSE_SYM  0x1u
#define SIM_PAUSE_ASYM 0x2u
void sim_offer(struct sim_nic *nic, unsigned pauses);
unsigned sim_offered(struct sim_nic *nic); /* by the card at the other end of the cable; 0: there is none */

/* Bytes of the card's packet buffer that are taken. */
size_t sim_buffered(const struct sim_nic *nic);

/* Something the datasheet forbids: listed with the register or descriptor; makes a strict run fail. */
void sim_violation(struct sim_nic *nic, const char *section, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True (and used up by one) when the fault was asked for; *@arg is its argument. */
bool sim_fault(struct sim_nic *nic, enum weir_sim_fault fault, uint64_t *arg);

uint64_t sim_now_ns(struct sim_nic *nic);

/* Says something through the simulator's log. */
void sim_log(struct sim_nic *nic, enum weir_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Config space: places a capability of @id at @offset with @body behind the two header bytes, links it in. */
void sim_config_identity(struct sim_nic *nic, uint16_t vendor, uint16_t device, uint16_t subvendor, uint16_t subdevice,
                         uint8_t revision, uint32_t class_code);
void sim_config_capability(struct sim_nic *nic, uint8_t id, unsigned offset, const void *body, size_t len);

#endif
