/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Statistics (317453, 13.7). A counter stays at its largest value until it is read. In fast mode those of queues stay 0,
 * because a read of mapped memory cannot clear them.
 */
#include "model.h"

static bool mapped(const struct e1 *e1, uint32_t offset)
{
	return e1->nic.fast && (offset - 0x2000u < 0x2000u || offset - 0xc000u < 0x1000u);
}

void e1_count(struct e1 *e1, uint32_t offset, uint32_t n)
{
	uint32_t value = e1_get(e1, offset);

	if (!mapped(e1, offset))
		e1_set(e1, offset, value > UINT32_MAX - n ? UINT32_MAX : value + n);
}

/* Adds to a counter of 64 bits, which no card lives to fill. */
void e1_count_bytes(struct e1 *e1, uint32_t low, uint64_t n)
{
	uint64_t value = (e1_get(e1, low) | (uint64_t)e1_get(e1, low + 4) << 32) + n;

	e1_set(e1, low, (uint32_t)value);
	e1_set(e1, low + 4, (uint32_t)(value >> 32));
}

/* A frame of @bytes, CRC included, has passed MAC and filters. */
void e1_count_rx_good(struct e1 *e1, const uint8_t *frame, size_t bytes)
{
	e1_count(e1, E1000_GPRC, 1);
	e1_count_bytes(e1, E1000_GORCL, bytes);
	e1_count(e1, E1000_PRC64 + 4 * frame_size_class(bytes), 1);
	if (frame_is_broadcast(frame))
		e1_count(e1, E1000_BPRC, 1);
	else if (frame[0] & 1)
		e1_count(e1, E1000_MPRC, 1);
}

/* A frame of @bytes, CRC included, has gone out. */
void e1_count_tx(struct e1 *e1, const uint8_t *frame, size_t bytes)
{
	e1_count(e1, E1000_TPT, 1);
	e1_count_bytes(e1, E1000_TOTL, bytes);
	e1_count(e1, E1000_GPTC, 1);
	e1_count_bytes(e1, E1000_GOTCL, bytes);
	e1_count(e1, E1000_PTC64 + 4 * frame_size_class(bytes), 1);
	if (frame_is_broadcast(frame))
		e1_count(e1, E1000_BPTC, 1);
	else if (frame[0] & 1)
		e1_count(e1, E1000_MPTC, 1);
	if (!e1_is_76(e1))
		return;
	e1_count(e1, E1000_ICTXQEC, 1); /* HGPTC: all that is sent is the host's */
	e1_count_bytes(e1, IGB_HGOTCL, bytes);
}

/* What the card itself does not count, for tests. */
int e1_counter(struct sim_nic *nic, unsigned index, const char **name, uint64_t *value)
{
	const struct e1 *e1 = e1_of(nic);
	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
		{ "rx_disabled", e1->rx_disabled },
		{ "rx_filtered", e1->rx_filtered },
		{ "rx_vlan_filtered", e1->rx_vlan_filtered },
		{ "rx_no_queue", e1->rx_no_queue },
		{ "rx_no_descriptor", e1->rx_no_descriptor },
		{ "rx_dma_refused", e1->rx_dma },
		{ "tx_dma_refused", e1->tx_dma },
		{ "tx_bad", e1->tx_bad },
	};

	if (index >= sizeof(counters) / sizeof(*counters))
		return -ENOENT;
	*name = counters[index].name;
	*value = counters[index].value;
	return 0;
}
