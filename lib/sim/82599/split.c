/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Header split (82599 datasheet 7.1.10): which bytes of a packet go to the header buffer of its first descriptor, and
 * what that descriptor says of it. SRRCTL.DESCTYPE chooses whether there is a header buffer, PSRTYPE where a header ends.
 */
#include "model.h"

/* The datasheet of the 82599 describes all this and then says not to use it. */
void ix_split_check(struct ix *ix, unsigned queue)
{
	unsigned type = field_of(SRRCTL_DESCTYPE, ix_get(ix, ix_rx_reg(queue, IXGBE_SRRCTL)));

	if (!ix->variant->copper && (type == DESCTYPE_SPLIT || type == DESCTYPE_SPLIT_ALWAYS))
		sim_violation(&ix->nic, "7.1.10", "receive queue %u splits headers, which may end badly", queue);
}

struct adv_split ix_split(struct ix *ix, const struct ix_rx_packet *packet)
{
	uint32_t control = ix_get(ix, ix_rx_reg(packet->queue, IXGBE_SRRCTL));
	unsigned type = field_of(SRRCTL_DESCTYPE, control);

	if (type == DESCTYPE_SPLIT || type == DESCTYPE_SPLIT_ALWAYS)
		return adv_split(control, ix_get(ix, IXGBE_PSRTYPE), packet->type, &packet->parsed, packet->len);
	if (type > DESCTYPE_ADVANCED)
		sim_violation(&ix->nic, "8.2.3.8.7", "receive queue %u: DESCTYPE %u is reserved", packet->queue, type);
	return (struct adv_split){ 0 };
}
