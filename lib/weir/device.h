/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What only hardware has: events of the link and the device, flow control, a light to find it by, its registers, and
 * the memories on its board.
 *
 * All calls here work on an open port, started or not, by one thread at a time as other cold calls do. They return 0, or
 * -errno with a sentence in weir_error(): -ENOTSUP from a port that has no such thing (a file, a kernel interface), and
 * -ENODEV when the device is gone.
 *
 *      struct pollfd fd = { .fd = weir_port_event_fd(port), .events = POLLIN };
 *
 *      while (poll(&fd, 1, -1) == 1 && !weir_port_events(port, &events))
 *              if (events & WEIR_EVENT_LINK)
 *                      ...                                     weir_port_link() says what it is now
 */
#ifndef WEIR_DEVICE_H
#define WEIR_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "port.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- events --------------------------------------------------------------------------------------------------------- */

#define WEIR_EVENT_LINK    0x1u /* the link went up or down, or changed its speed, perhaps several times */
#define WEIR_EVENT_REMOVED 0x2u /* the device is gone, or the program that served it; close the port */
#define WEIR_EVENT_ERROR   0x4u /* the device has failed; weir_port_health() says how */

/**
 * A file descriptor that becomes readable when there are events, for the caller's own poll, epoll or io_uring; on a
 * stopped port only when the device goes away. It stays the port's and is valid until the port closes: do not read or
 * close it. A device that vanishes without a word is noticed with the next call that speaks to it, weir_port_link() or
 * weir_port_stats() for one. Returns it, -ENOTSUP, or -EMFILE and the like.
 */
int weir_port_event_fd(struct weir_port *port);

/**
 * Takes the events that came since the last call, in *@events (WEIR_EVENT_*; 0: none); a link that is up when it is
 * called first is one. Does not wait, and may be called without weir_port_event_fd(), now and then.
 */
int weir_port_events(struct weir_port *port, uint32_t *events);

/* --- flow control ---------------------------------------------------------------------------------------------------- */

/**
 * Pause frames (IEEE 802.3 annex 31B). All zero: none are sent, those that come are ignored, as after
 * weir_port_open().
 */
struct weir_flow_control {
	bool negotiate; /* what the other side agrees to of the next two; false: just so. Where the medium negotiates
	                   nothing (10 Gbit/s over fibre) it is just so, too. */
	bool obey;      /* stop sending when the other side asks for a pause */
	bool ask;       /* ask for a pause when the device's packet buffer fills up */
	uint16_t pause_time; /* how long it asks for, in units of 512 bit times; 0: the longest, 65,535 */
	uint32_t high,
	    low; /* bytes in the packet buffer at which it asks, and lets go on again, in steps of 32; 0: as the
	                         port's longest frame, cable and delays demand, so that nothing is lost */
	bool obeying, asking; /* told by weir_port_flow_control(): what is in force now */
};

/**
 * Sets flow control. What is negotiated takes effect when the link is up and somebody asks for it: weir_port_link(),
 * weir_port_events() and weir_port_flow_control() do. Returns 0, -EINVAL (marks that are not in the buffer, or the
 * lower one not below the upper one), -ENOTSUP or -errno.
 */
int weir_port_set_flow_control(struct weir_port *port, const struct weir_flow_control *flow);

/** Fills @flow with what was set, zeros replaced by what the port chose, and with what is in force. */
int weir_port_flow_control(struct weir_port *port, struct weir_flow_control *flow);

/* --- finding it ------------------------------------------------------------------------------------------------------ */

/** Makes a light of the port blink (it may shine steadily while there is no link), or be as it was. */
int weir_port_identify(struct weir_port *port, bool on);

/* --- looking into it ------------------------------------------------------------------------------------------------- */

/** A register of the device. */
struct weir_register {
	char name[24];   /* "RDT[3]" */
	uint32_t offset; /* in the device's first region */
	uint32_t value;  /* 0 unless .readable */
	bool readable;   /* false: reading it would change it (a counter that clears, a cause, a lock), so it was not */
	const char *section; /* of the datasheet; lives as long as the library */
	const char *what;    /* what it is, in a few words */
};

/**
 * Reads the device's registers one by one, by number from 0; none that reading would change. Returns 0, or -ENOENT
 * past the last.
 */
int weir_port_register(struct weir_port *port, unsigned index, struct weir_register *reg);

/** The memory that a device is configured by. */
struct weir_eeprom {
	uint32_t size;     /* bytes */
	bool checksum_bad; /* found now; a driver may refuse to open such a device at all */
};

/** Fills @eeprom; reads all that its checksum covers, which takes some milliseconds. */
int weir_port_eeprom(struct weir_port *port, struct weir_eeprom *eeprom);

/** Reads @len bytes from @offset on, as they lie there (words are little-endian). Returns also -EINVAL past the end. */
int weir_port_read_eeprom(struct weir_port *port, uint32_t offset, void *data, uint32_t len);

/** The memory of what is plugged into the port: a module or cable. */
struct weir_module {
	uint8_t identifier; /* its first byte: 3 is SFP and SFP+, 0x0d QSFP+ ... (SFF-8024) */
	uint32_t size;      /* bytes: 256 (SFF-8079), or 512 with those at the second address: diagnostics (SFF-8472) */
};

/** Fills @module. Returns also -ENODATA for a cage that is empty, or holds what does not answer. */
int weir_port_module(struct weir_port *port, struct weir_module *module);

/**
 * Reads @len bytes from @offset on: those below 256 at the module's first address (0xa0), from 256 on at its second
 * (0xa2). Slow: milliseconds for each byte. Returns also -EINVAL past the end, -ENODATA, or -EIO when it stops
 * answering.
 */
int weir_port_read_module(struct weir_port *port, uint32_t offset, void *data, uint32_t len);

#ifdef __cplusplus
}
#endif
#endif
