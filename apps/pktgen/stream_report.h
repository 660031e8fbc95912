/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tells how sending goes: what was asked, and what was achieved.
 */
#ifndef PKTGEN_STREAM_REPORT_H
#define PKTGEN_STREAM_REPORT_H

#include "common/report.h"
#include "send.h"

struct live;
struct pktgen;

struct stream_report {
	const struct pktgen *pktgen;
	struct live *live;
	const struct stream_set *set;
	const struct sending *sending;
	struct send_report *before; /* one a stream */
};

/* Returns 0 or -ENOMEM. */
int stream_report_open(struct stream_report *report, const struct pktgen *pktgen);
void stream_report_close(struct stream_report *report);

/* Lines, or a line of JSON: the ports' with a list of streams; its argument is a struct stream_report. */
report_fn stream_report_tell;

#endif
