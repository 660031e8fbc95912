/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a driver implements and what it may call. What only drivers of hardware need of lib/port has headers of its own:
 * registers.h, counters.h, rows.h, pauses.h.
 *
 * A driver is one `struct weir_driver` in the table of lib/port/drivers.c. The life of a port, with the driver's part in
 * brackets: weir_port_open() parses the spec, allocates driver->port_size bytes whose head is the struct weir_port
 * [open: find the thing, fill port->info, touch no traffic]; weir_port_start() allocates the queues and their caches
 * [start: set up every queue and its burst function]; weir_port_stop() [stop]; weir_port_close() [close]. The library
 * calls start only on a stopped port and stop only on a started one; a start that fails must leave nothing behind.
 */
#ifndef PORT_DRIVER_H
#define PORT_DRIVER_H

#include "core/core.h"
#include "weir/device.h"
#include "weir/filter.h"
#include "weir/port.h"

/* How the value of a spec's option is checked and stored. */
enum spec_type {
	SPEC_STRING, /* not empty; stored as given */
	SPEC_NUMBER, /* unsigned decimal or 0x hexadecimal, with k, M, G (1000s) or Ki, Mi, Gi; within [min, max] */
	SPEC_BOOL,   /* 0, 1, no, yes, off, on; the key alone means yes */
	SPEC_CHOICE, /* one of the words in .choices, stored as its index */
	SPEC_REST,   /* takes the rest of the spec, commas included */
};

struct spec_option {
	const char *key; /* NULL ends the table */
	enum spec_type type;
	uint64_t min, max;          /* SPEC_NUMBER */
	const char *const *choices; /* SPEC_CHOICE; NULL ends it */
	const char *help;
};

/* A parsed spec. Values stand at the index that their option has in the driver's table. */
#define SPEC_OPTIONS_MAX 16
#define SPEC_WORDS_MAX   2
#define SPEC_TEXT_MAX    512

struct spec_value {
	bool set;
	const char *string;
	uint64_t number;
};

struct spec {
	const struct weir_driver *driver;
	const char *rest;                 /* what follows the colon, in the text as given */
	struct bus_device *device;        /* what driver->resolve opened; the library's from then on */
	const char *word[SPEC_WORDS_MAX]; /* the positional parts: eth1; a and b */
	struct spec_value value[SPEC_OPTIONS_MAX];
	char text[SPEC_TEXT_MAX]; /* what the pointers above point into */
};

/* A PCI device that a driver knows. */
struct device_id {
	uint16_t vendor, device;
};

struct weir_driver {
	const char *name;                     /* the spec's scheme */
	const char *help;                     /* "tap:INTERFACE[,queues=N]  a TAP interface": two blanks between */
	bool raw;                             /* takes spec.rest as it stands: no words, no options */
	unsigned words_min, words_max;        /* positional parts that a spec must and may have */
	const struct spec_option *options;    /* NULL: none */
	size_t port_size, rxq_size, txq_size; /* of the driver's own structs, each with ours as its head */

	/*
	 * For hardware. A bus is a driver with resolve only: it opens the device that the spec means, and puts the driver
	 * that knows the device (device_driver()) in its own place, before the port is made. A driver of devices is found by
	 * their ids; its name is no scheme.
	 */
	int (*resolve)(struct weir *weir, struct spec *spec);
	const struct device_id *ids; /* ends with vendor 0 */
	uint32_t status;             /* a register of region 0 that reads as all ones only when the device is gone */

	/*
	 * open fills port->info (name, node, mac, receives, sends, finite, can_wait, mtu, limits, offloads) and may set
	 * info.rx_queues and tx_queues when the spec says how many; else port->conf decides. The library then checks the
	 * numbers against the limits and allocates the queues. start finds conf.offloads cut down to what info offers,
	 * every queue with its cache, and sets each queue's burst. stop need not touch burst, cache or the statistics.
	 */
	int (*open)(struct weir_port *port, const struct spec *spec);
	int (*start)(struct weir_port *port);
	int (*stop)(struct weir_port *port);
	int (*close)(struct weir_port *port);

	/* Optional: -ENOTSUP, or no drops and counters, when NULL. */
	int (*link)(struct weir_port *port, struct weir_link *link);
	int (*set_mtu)(struct weir_port *port, unsigned mtu);
	int (*set_promiscuous)(struct weir_port *port, bool on);
	int (*set_mac)(struct weir_port *port, const uint8_t mac[6]);
	int (*rxq_fd)(struct weir_rxq *rxq);
	int (*rxq_arm)(struct weir_rxq *rxq);
	void (*watch)(struct weir_port *port); /* looks whether the device is still well, and damages the port if not */
	void (*stats)(struct weir_port *port, struct weir_port_stats *stats); /* adds what no queue counted */
	int (*counter)(struct weir_port *port, unsigned index, const char **name, uint64_t *value);

	const struct filter_ops *filters;  /* weir/filter.h; NULL: receives what it receives */
	const struct device_ops *hardware; /* weir/device.h; NULL: has none */
	const struct clock_ops *clock;     /* weir/clock.h; NULL: has none */
	const struct queue_ops *queues;    /* single queues of a port that runs; NULL: they run and stop together */
};

/*
 * What weir/filter.h asks for. The library checks it and keeps it in port->wants, for good; the driver makes the hardware
 * as that says when it is called, and again when the port starts. What fails is undone in port->wants. A call that is
 * NULL is -ENOTSUP.
 */
struct port_filter {
	struct weir_filter_info
	    info;      /* its filter in one form: what is not matched is 0, masks and prefixes are filled in */
	uint32_t slot; /* the driver's */
};

struct port_wants {
	bool all_multicast, filter_vlans;
	uint8_t (*macs)[6]; /* beside port->info.mac */
	unsigned mac_count;
	uint32_t vlans[128];             /* a bit each; VLAN 0 is always in */
	uint16_t vlan_inner, vlan_outer; /* EtherTypes; outer 0: there is none */
	bool rss_set;                    /* somebody has, */
	struct weir_rss rss;             /* ... in the hardware's size */
	struct port_filter *filters;
	unsigned filter_count, filter_room, last_id;
};

struct filter_ops {
	void (*limits)(struct weir_port *port, struct weir_filter_limits *limits);
	int (*set_groups)(struct weir_port *port);            /* wants.all_multicast */
	int (*set_macs)(struct weir_port *port);              /* wants.macs */
	int (*set_vlan_filter)(struct weir_port *port);       /* wants.filter_vlans */
	int (*set_vlan)(struct weir_port *port, unsigned id); /* the bit of @id in wants.vlans */
	bool vlan_types;                        /* a start makes hardware as wants.vlan_inner and vlan_outer say */
	int (*set_rss)(struct weir_port *port); /* wants.rss */
	int (*add)(struct weir_port *port, struct port_filter *filter);    /* sets .slot and .info.table */
	int (*remove)(struct weir_port *port, struct port_filter *filter); /* is still in wants.filters */
};

/*
 * Single queues, while the port is started. stop frees what the queue holds, and start sets its burst; its cache stays.
 * After a stop that failed the queue is not started before the port is. A call that is NULL is -ENOTSUP.
 */
struct queue_ops {
	int (*rx_stop)(struct weir_rxq *rxq);
	int (*rx_start)(struct weir_rxq *rxq);
	int (*tx_stop)(struct weir_txq *txq);
	int (*tx_start)(struct weir_txq *txq);
	int (*set_interval)(struct weir_rxq *rxq, unsigned us);
};

/* What weir/clock.h asks for, on a started port. send is given one packet. */
struct clock_ops {
	int (*get)(struct weir_port *port, uint64_t *ns);
	int (*set)(struct weir_port *port, uint64_t ns);
	int (*adjust)(struct weir_port *port, int64_t ns);
	int (*tune)(struct weir_port *port, int32_t ppb);
	int (*send)(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);
	int (*sent)(struct weir_port *port, uint64_t *ns);
};

/* What weir/device.h asks for; each is as its public call says, whose arguments the library has checked. */
struct device_ops {
	uint32_t (*events)(
	    struct weir_port *port); /* causes since the last call, but for links that now are otherwise */
	int (*set_flow_control)(struct weir_port *port, const struct weir_flow_control *flow);
	int (*flow_control)(struct weir_port *port, struct weir_flow_control *flow);
	int (*identify)(struct weir_port *port, bool on);
	int (*reg)(struct weir_port *port, unsigned index, struct weir_register *reg);
	int (*eeprom)(struct weir_port *port, struct weir_eeprom *eeprom);
	uint32_t (*eeprom_size)(struct weir_port *port);                                         /* bytes */
	int (*read_eeprom)(struct weir_port *port, unsigned word, uint16_t *values, unsigned n); /* within its size */
	int (*module)(struct weir_port *port, struct weir_module *module);
	int (*read_module)(struct weir_port *port, uint32_t offset, void *data, uint32_t len); /* within its size */
};

/* The head of every driver's port struct. */
struct weir_port {
	struct weir *weir;
	const struct weir_driver *driver;
	struct bus_device *device;  /* for hardware; the library closes it after the driver */
	struct weir_port *next;     /* in weir->ports */
	struct weir_port_conf conf; /* defaults filled in */
	struct weir_port_info info; /* what the driver found; the library fills driver, queues, started */
	struct weir_rxq **rxqs;     /* info.rx_queues of them (none for a port that does not receive) */
	struct weir_txq **txqs;
	char spec[SPEC_TEXT_MAX]; /* as opened, for messages */
	bool damaged;             /* somebody writes, or has written, the two fields below */
	int health;               /* 0, or the -errno of weir_port_health(); set once between two starts */
	char why[256];
	char lost[SPEC_TEXT_MAX + 80]; /* what to say when the device is gone */
	struct port_wants wants;
	void *clock; /* what driver->clock works on */
	struct {
		int fd; /* an eventfd: the driver lets interrupts for events fire it, or port_wake(); -1: no hardware */
		int poll; /* an epoll of it and what the bus has; made when somebody asks */
		uint32_t told;
		struct weir_link link;
	} events;
	struct {
		unsigned irq; /* enum bus_irq */
		int fd;       /* an eventfd that it fires, or the bus's own descriptor; -1: it is not open */
		int wake;     /* an eventfd for port_line_wake() */
	} line;
};

/* The -ENOTSUP of a port that cannot do @what, "change their MTU". */
int port_cannot(struct weir_port *port, const char *what);

/* Makes the port's event descriptor readable. Safe from any thread. */
void port_wake(struct weir_port *port);

/*
 * The one interrupt of a device that has no more, MSI or INTx, from start to stop: for all queues and for events.
 * Who waits for packets has a descriptor of it for himself, which the driver closes before the line. What rxq_arm does is:
 * read and clear the causes (port_wake() if they are events), port_line_seen(), have the device tell of packets again,
 * port_line_unmask(), and look whether there are any. Who reads causes of queues that are not his does port_line_wake().
 * weir_port_event_fd() and weir_port_events() have the line in them.
 */
int port_line_open(struct weir_port *port, unsigned irq); /* BUS_IRQ_MSI or _INTX */
void port_line_close(struct weir_port *port);
int port_line_fd(struct weir_port *port); /* a new descriptor, or -errno with a sentence */
void port_line_seen(int fd);
void port_line_wake(struct weir_port *port);   /* all who wait for packets, as if it had fired */
void port_line_unmask(struct weir_port *port); /* when the device no longer holds it: INTx masks itself when it fires */

/* For lib/port: has an epoll tell of the line, if that is open. */
int line_watch(const struct weir_port *port, int poll);

/* For lib/port: event descriptors of hardware, and what is wanted of filters. */
int port_events_open(struct weir_port *port);
void port_events_close(struct weir_port *port);
void port_wants_open(struct weir_port *port);
void port_wants_close(struct weir_port *port);

/*
 * Records that the port's traffic is damaged; the first call wins. The one thing that a data path may call when
 * something outside fails for good. Safe from any thread.
 */
void port_damage(struct weir_port *port, int err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The device is gone for good: that is the port's health from now on, and its receive queues run dry. */
void port_lost(struct weir_port *port);

/*
 * For every cold call on hardware: returns 0, or -ENODEV with a sentence when the device is gone. Once that is known it
 * is not spoken to any more.
 */
int port_present(struct weir_port *port);

/* Asks the bus whether it was told of an error of the device, and damages the port then. */
void port_listen(struct weir_port *port);

/* What failed with @err, failed because the device has gone away meanwhile, if it has. Returns -ENODEV then, else @err. */
int port_blame(struct weir_port *port, int err);

/* The burst functions of queues that are not started. */
unsigned rxq_nothing(struct weir_rxq *rxq, struct weir_pkt *pkts, unsigned n);
unsigned txq_nothing(struct weir_txq *txq, const struct weir_pkt *pkts, unsigned n);

/* Marks a receive queue as run dry. */
static inline void rxq_finish(struct weir_rxq *rxq)
{
	__atomic_store_n(&rxq->finished, 1, __ATOMIC_RELEASE);
}

/* Counting, by the thread that polls the queue. */
static inline void queue_count(struct weir_queue_stats *stats, uint64_t packets, uint64_t bytes)
{
	count_add(&stats->packets, packets);
	count_add(&stats->bytes, bytes);
}

/* The same for @n entries, in one pass. */
static inline void queue_count_pkts(struct weir_queue_stats *stats, const struct weir_pkt *pkts, unsigned n)
{
	uint64_t bytes = 0;
	unsigned packets = n;

	for (unsigned i = 0; i < n; i++) {
		bytes += pkts[i].len;
		packets -= pkts[i].flags & WEIR_PKT_MORE;
	}
	queue_count(stats, packets, bytes);
}

static inline void queue_drop(struct weir_queue_stats *stats, enum weir_drop reason, uint64_t packets)
{
	count_add(&stats->drops[reason], packets);
}

/* The table (lib/port/drivers.c). */
extern const struct weir_driver *const weir_drivers[];
extern const unsigned weir_driver_count;

/* Parses @text for the table's drivers. Returns 0 or -EINVAL with a sentence that points at what is wrong. */
int spec_parse(struct weir *weir, const char *text, struct spec *spec);

/* The driver of the table that knows the device, or NULL. */
const struct weir_driver *device_driver(uint16_t vendor, uint16_t device);

#endif
