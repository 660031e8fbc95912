/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics (82599 datasheet 8.2.3.23).
 */
#include "model.h"

void ix_count_rx_size(struct ix *ix, size_t bytes)
{
	ix_count(ix, IXGBE_PRC64 + 4 * frame_size_class(bytes), 1);
}

/* Which of the 16 counters a queue has: a byte of RQSMR, TQSM. */
static unsigned counter_of(const struct ix *ix, uint32_t map, unsigned queue)
{
	return ix_get(ix, map + queue / 4 * 4) >> queue % 4 * 8 & 0xf;
}

/* A packet of @bytes, CRC included, was stored in a queue, which counts the CRC only if it is stored, too. */
void ix_count_rx_queue(struct ix *ix, unsigned queue, size_t bytes)
{
	unsigned i = counter_of(ix, IXGBE_RQSMR, queue);

	bytes -= ix_get(ix, IXGBE_HLREG0) & HLREG0_RXCRCSTRP ? 4 : 0;
	ix_count(ix, IXGBE_RXDGPC, 1);
	ix_count_bytes(ix, IXGBE_RXDGBCL, bytes);
	ix_count(ix, IXGBE_AT(QPRC, i), 1);
	ix_count_bytes(ix, IXGBE_AT(QBRC_L, i), bytes);
}

void ix_count_rx_drop(struct ix *ix, unsigned queue)
{
	ix_count(ix, IXGBE_AT(QPRDC, counter_of(ix, IXGBE_RQSMR, queue)), 1);
}

/* A frame of @bytes, CRC included, has gone out. */
void ix_count_tx(struct ix *ix, unsigned queue, const uint8_t *frame, size_t bytes)
{
	unsigned i = counter_of(ix, IXGBE_TQSM, queue);

	ix_count(ix, IXGBE_TPT, 1);
	ix_count(ix, IXGBE_GPTC, 1);
	ix_count_bytes(ix, IXGBE_GOTCL, bytes);
	ix_count(ix, IXGBE_PTC64 + 4 * frame_size_class(bytes), 1);
	if (frame_is_broadcast(frame))
		ix_count(ix, IXGBE_BPTC, 1);
	else if (frame[0] & 1)
		ix_count(ix, IXGBE_MPTC, 1);
	ix_count(ix, IXGBE_TXDGPC, 1);
	ix_count_bytes(ix, IXGBE_TXDGBCL, bytes);
	ix_count(ix, IXGBE_AT(QPTC, i), 1);
	ix_count_bytes(ix, IXGBE_AT(QBTC_L, i), bytes);
}

/* What the card itself does not count, for tests. */
int ix_counter(struct sim_nic *nic, unsigned index, const char **name, uint64_t *value)
{
	const struct ix *ix = ix_of(nic);
	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
		{ "rx_disabled", ix->rx_disabled },
		{ "rx_filtered", ix->rx_filtered },
		{ "rx_vlan_filtered", ix->rx_vlan_filtered },
		{ "rx_no_queue", ix->rx_no_queue },
		{ "rx_no_descriptor", ix->rx_no_descriptor },
		{ "rx_steered_drop", ix->rx_steered_drop },
		{ "rx_dma_refused", ix->rx_dma },
		{ "tx_dma_refused", ix->tx_dma },
		{ "tx_bad", ix->tx_bad },
		{ "led0", ix_led(ix, 0) },
		{ "led1", ix_led(ix, 1) },
		{ "led2", ix_led(ix, 2) },
		{ "led3", ix_led(ix, 3) },
	};

	if (index >= sizeof(counters) / sizeof(*counters))
		return -ENOENT;
	*name = counters[index].name;
	*value = counters[index].value;
	return 0;
}
