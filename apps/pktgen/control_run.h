/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What commands do.
 */
#ifndef PKTGEN_CONTROL_RUN_H
#define PKTGEN_CONTROL_RUN_H

struct control;
struct pktgen;

/* Captures that are complete are written to their files. */
void control_run_tick(struct control *control);

/*
 * Sends the program's streams from their beginning and measures anew: @count packets, or 0 for no limit. Returns 0, or
 * -errno after saying why.
 */
int control_run_start(struct pktgen *pktgen, unsigned long long count);

#endif
