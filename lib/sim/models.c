/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one list to edit for a new model.
 */
#include "sim/82599/ixgbe.h"
#include "sim/e1000/e1000.h"

const struct sim_model *const sim_models[] = {
	&ix_82599.model,   &ix_82599_kx4.model, &ix_x540.model,   &e1_82540em.model,
	&e1_82545em.model, &e1_82574l.model,    &e1_82583v.model, &e1_82576.model,
};
const unsigned sim_model_count = sizeof(sim_models) / sizeof(sim_models[0]);
