/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who pauses whom.
 */
#include "port/pauses.h"

unsigned pauses_to_offer(const struct weir_flow_control *flow)
{
	if (!flow->negotiate)
		return 0;
	return (flow->obey ? PAUSE_SYM : 0) | (flow->obey != flow->ask ? PAUSE_ASYM : 0);
}

void pauses_agree(struct weir_flow_control *flow, unsigned theirs)
{
	flow->obeying = flow->obey && theirs & (flow->ask ? PAUSE_SYM : PAUSE_ANY);
	flow->asking = flow->ask && (flow->obey ? theirs & PAUSE_SYM : theirs == PAUSE_ANY);
}
