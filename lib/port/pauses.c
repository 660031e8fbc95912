/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who pauses whom.
 */
#include "port/pauses.h"

#include "port/driver.h"

unsigned pauses_to_offer(const struct weir_flow_control *flow)
{
	if (!flow->negotiate)
		return 0;
	return (flow->obey ? PAUSE_SYM : 0) | (flow->obey != flow->ask ? PAUSE_ASYM : 0);
}

void pauses_agree(struct weir_flow_control *flow, bool negotiated, unsigned theirs)
{
	unsigned obey = flow->ask ? PAUSE_SYM : PAUSE_ANY;

	flow->obeying = flow->obey && (!negotiated || theirs & obey);
	flow->asking = flow->ask && (!negotiated || (flow->obey ? theirs & PAUSE_SYM : theirs == PAUSE_ANY));
}

int pauses_check(struct weir_port *port, const struct weir_flow_control *flow, uint32_t buffer)
{
	if (flow->high <= buffer && flow->low < flow->high)
		return 0;
	return weir_fail(port->weir, -EINVAL, "port '%s': pauses between %u and %u bytes; its packet buffer has %u",
	                 port->spec, flow->low, flow->high, buffer);
}
