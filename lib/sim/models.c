/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one list to edit for a new model.
 */
#include "sim/nic.h"

const struct sim_model *const sim_models[] = {
	NULL,
};
const unsigned sim_model_count = sizeof(sim_models) / sizeof(sim_models[0]);
