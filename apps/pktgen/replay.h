/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Captures as a source of packets: read by a port of the driver pcap, a piece at a time, so that files may be larger than
 * memory.
 */
#ifndef PKTGEN_REPLAY_H
#define PKTGEN_REPLAY_H

#include <stdbool.h>

#include "common/ports.h"
#include "stream.h"

struct replay;

/* Opens the file. Returns 0, or -errno after saying why. */
int replay_open(struct replay **replay, struct ports *ports, const struct stream_replay *what, unsigned burst);
void replay_close(struct replay *replay);

/* The most entries that a packet takes. */
unsigned replay_entries_max(const struct replay *replay);

/*
 * Takes the next packet, with its new addresses; of a replay in time, if it is due. Fills @pkts, of at least
 * replay_entries_max(). Returns the number of entries, 0 when there is none.
 */
unsigned replay_take(struct replay *replay, uint8_t *base, struct weir_pkt *pkts);

/* There will be no more. */
bool replay_finished(const struct replay *replay);

/* 0, or the -errno that @why explains: the file breaks off. */
int replay_health(struct replay *replay, const char **why);

#endif
