/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What registers hold after a reset (82599 datasheet 8.2.3), where it is not 0.
 */
#include "model.h"

static const struct {
	uint32_t offset, value;
} defaults[] = {
	{ IXGBE_LEDCTL, 0x05040100 },
	{ IXGBE_EXVET, 0x81000000 },
	{ IXGBE_GCR, 0x00040000 },
	{ IXGBE_MREVID, 0x00000001 },
	{ IXGBE_FWSM, FWSM_VALID | FWSM_RELOADED },
	{ IXGBE_FACTPS, 0x00000004 },
	{ IXGBE_EEC, EEC_PRES | EEC_ARD | EEC_ADDR_SIZE | 7u << 11 },
	{ IXGBE_VLNCTRL, WEIR_ETHER_VLAN },
	{ IXGBE_RDRXCTL, 0x00108800 | RDRXCTL_DMAIDONE },
	{ IXGBE_TXPBTHRESH, 0x96 },
	{ IXGBE_RTTDCS, 0x00c00000 },
	{ IXGBE_DMATXCTL, (uint32_t)WEIR_ETHER_VLAN << 16 | 0x00000004 },
	{ IXGBE_DTXTCPFLGL, 0x0f760ff6 },
	{ IXGBE_DTXTCPFLGH, 0x00000f7f },
	{ IXGBE_DTXMXSZRQ, 0x10 },
	{ IXGBE_SECTXBUFFAF, 0x250 },
	{ IXGBE_SECTXMINIFG, 0x00001001 },
	{ IXGBE_SECRXCTRL, 0x00000001 },
	{ IXGBE_SECRXSTAT, SEC_READY },
	{ IXGBE_SECTXSTAT, SEC_READY },
	{ IXGBE_PCS1GLCTL, 0x02040000 },
	{ IXGBE_PCS1GANA, 0x000001a0 },
	{ IXGBE_HLREG0, HLREG0_TXCRCEN | HLREG0_RXCRCSTRP | HLREG0_TXPADEN | 0x08012808 },
	{ IXGBE_MAXFRS, 1518u << 16 },
	{ IXGBE_ANLP1, 0x00010000 },
	{ IXGBE_RXMTRL, 319u << 16 },
	{ IXGBE_FDIRHKEY, 0x80000001 },
	{ IXGBE_FDIRSKEY, 0x80800101 },
};

static void set_address(struct ix *ix, const uint8_t mac[6])
{
	ix_set(ix, IXGBE_RAL, mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24);
	ix_set(ix, IXGBE_RAH, mac[4] | (uint32_t)mac[5] << 8 | RAH_AV);
}

void ix_regs_reset(struct ix *ix)
{
	uint32_t semaphore = ix_get(ix, IXGBE_SWSM), owner = ix_get(ix, IXGBE_GSSR);

	for (uint32_t offset = 0; offset < IX_REGISTERS; offset += 4)
		ix_set(ix, offset, 0);
	ix->tuples = 0;
	/* What several functions share outlives the reset of one. */
	ix_set(ix, IXGBE_SWSM, semaphore);
	ix_set(ix, IXGBE_GSSR, owner);
	for (unsigned i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		ix_set(ix, defaults[i].offset, defaults[i].value);
	/* All packet buffers but the first have to be made empty before one can be made smaller for something else. */
	for (unsigned i = 0; i < IXGBE_RXPBSIZE_COUNT; i++) {
		ix_set(ix, IXGBE_AT(RXPBSIZE, i), IX_PACKET_KIB * 1024);
		ix_set(ix, IXGBE_AT(TXPBSIZE, i), 160 * 1024);
	}
	for (unsigned i = 0; i < IX_QUEUES; i++) {
		ix_set(ix, ix_rx_reg(i, IXGBE_SRRCTL), 2u | 4u << 8);
		ix_set(ix, ix_rx_reg(i, IXGBE_DCA_RXCTRL), 0x0000a200);
		ix_set(ix, ix_tx_reg(i, IXGBE_DCA_TXCTRL), 0x00002a00);
	}
	ix_set(ix, IXGBE_AUTOC,
	       ix->variant->sfp ? LMS_10G_SERIAL << 13 | 0x00000080
	                        : AUTOC_KX4 | AUTOC_KX | AUTOC_KR | LMS_KX4_KX_KR << 13);
	ix_set(ix, IXGBE_AUTOC2, ix->variant->sfp ? 2u << 16 : 0);
	ix_set(ix, IXGBE_I2CCTL, I2CCTL_CLK_OUT | I2CCTL_DATA_OUT);
	ix_set(ix, IXGBE_ESDP, ix_module_there(ix) ? ESDP_SDP2 : 0);
	set_address(ix, ix->nic.mac);
}
