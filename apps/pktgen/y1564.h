/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Whether services are what was agreed, in the manner of ITU-T Y.1564. A service is a stream with a committed rate (CIR),
 * an excess rate (EIR) on top of it, and limits of loss, delay and delay variation (the 99.9th percentile less the least).
 *
 * First each service alone, in steps: up to the committed rate it has to keep its limits; with the excess rate it may lose
 * what is above the committed one; beyond both, something has to hold it back to about these (policing). Then all services
 * together at their committed rates, for longer.
 */
#ifndef PKTGEN_Y1564_H
#define PKTGEN_Y1564_H

#include <stdbool.h>

#include "trial.h"

#define Y1564_SERVICES_MAX 16u
#define Y1564_STEPS        6u /* 25, 50, 75, 100 % of CIR; CIR + EIR; CIR + 1.25 EIR */

struct y1564_service {
	char name[32];
	int stream;
	double cir, eir;    /* packets per second */
	double loss;        /* the share that may be lost */
	uint64_t delay;     /* ns that no frame may take longer than; 0: no limit */
	uint64_t variation; /* ns; 0: no limit */
};

struct y1564_conf {
	unsigned service_count;
	struct y1564_service service[Y1564_SERVICES_MAX];
	double step_seconds;
	double seconds;   /* of all services together */
	bool policing;    /* try what is beyond CIR and EIR */
	double overshoot; /* the share above CIR + EIR that policing may let pass */
};

/* Steps of 10 seconds, 15 minutes together, policing with 5 % overshoot; no service. */
void y1564_default(struct y1564_conf *conf);

/* NULL, or a sentence that says what of @conf cannot be. */
const char *y1564_wrong(const struct y1564_conf *conf);

struct y1564_step {
	const char *name; /* "25 % CIR", "CIR + EIR", "policing", "together" */
	double asked;     /* packets per second */
	struct trial_result result;
	const char
	    *failed; /* what does not keep its limit: "loss", "delay", "variation", "rate", "policing"; NULL: passed */
};

struct y1564_outcome {
	unsigned step_count;
	struct y1564_step step[Y1564_STEPS];
	struct y1564_step together; /* name NULL: not tried */
	bool passed;
};

struct y1564 {
	struct y1564_conf conf;
	struct y1564_outcome outcome[Y1564_SERVICES_MAX];
	bool passed;
};

/* Makes the tests. A service that fails alone keeps the others from being tried together. Returns 0, or -errno. */
int y1564_run(struct y1564 *y1564, const struct y1564_conf *conf, const struct bench *bench);

#endif
