/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fields of the registers of Intel's gigabit cards, by mask, and of their descriptors by 32-bit word, where advanced.h has
 * not the same (field.h takes them apart). Where a card is named, the field is that card's.
 */
#ifndef REGS_E1000_BITS_H
#define REGS_E1000_BITS_H

#include "regs/advanced.h"

/* --- general ---------------------------------------------------------------------------------------------------------- */

#define CTRL_FD       0x00000001u
#define CTRL_GIO_DIS  0x00000004u /* 82574, 82576: no more requests from the card; STATUS_GIO says when */
#define CTRL_LRST     0x00000008u /* 8254x: link reset */
#define CTRL_ASDE     0x00000020u /* speed by what the PHY says */
#define CTRL_SLU      0x00000040u /* set link up */
#define CTRL_ILOS     0x00000080u
#define CTRL_SPEED    0x00000300u /* 0: 10, 1: 100, 2: 1000 */
#define CTRL_FRCSPD   0x00000800u
#define CTRL_FRCDPX   0x00001000u
#define CTRL_SWDPIN0  0x00040000u
#define CTRL_SWDPIN1  0x00080000u
#define CTRL_MEHE     0x00080000u /* I217 to I219: memory errors are handled */
#define CTRL_PHYPC    0x00020000u /* I217 to I219: power of the PHY, ... */
#define CTRL_PHYPC_SW 0x00010000u /* ... as this says */
#define CTRL_ADVD3WUC 0x00100000u
#define CTRL_RST      0x04000000u /* clears itself */
#define CTRL_RFCE     0x08000000u /* obey pauses */
#define CTRL_TFCE     0x10000000u /* send pauses */
#define CTRL_DEV_RST  0x20000000u /* 82576: of both functions; clears itself */
#define CTRL_VME      0x40000000u /* tags are stripped, and inserted */
#define CTRL_PHY_RST  0x80000000u

#define STATUS_FD       0x00000001u
#define STATUS_LU       0x00000002u
#define STATUS_LAN_ID   0x0000000cu
#define STATUS_TXOFF    0x00000010u /* paused */
#define STATUS_SPEED    0x000000c0u /* 0: 10, 1: 100, 2: 1000 */
#define STATUS_ASDV     0x00000300u
#define STATUS_LAN_INIT 0x00000200u /* 82574, 82576: the EEPROM was read */
#define STATUS_PHYRA    0x00000400u /* 82574, 82576: the PHY was reset; cleared by writing 0 */
#define STATUS_PCI66    0x00000800u /* 8254x */
#define STATUS_PCIX     0x00002000u /* 8254x: the bus is PCI-X */
#define STATUS_2P5_SKU  0x00003000u /* I354: 1 is 2.5 Gbit/s */
#define STATUS_GIO      0x00080000u /* 82574, 82576: requests may be under way */
#define STATUS_RST_DONE 0x00200000u /* 82576 */

#define CTRL_EXT_LPCD      0x00000004u /* I217 to I219: the PHY's power was cycled */
#define CTRL_EXT_SDP3      0x00000080u /* 82576: the module's power is off */
#define CTRL_EXT_SMBUS     0x00000800u /* I217 to I219: the PHY is spoken to over SMBus */
#define CTRL_EXT_EE_RST    0x00002000u /* the EEPROM is read again; clears itself */
#define CTRL_EXT_PFRSTD    0x00004000u /* 82576 */
#define CTRL_EXT_LINK_MODE 0x00c00000u /* 82576: */
#define LINK_MODE_COPPER   0u
#define LINK_MODE_KX       1u
#define LINK_MODE_SGMII    2u
#define LINK_MODE_SERDES   3u
#define CTRL_EXT_EIAME     0x01000000u /* 82574: IAM works when a message is sent */
#define CTRL_EXT_EXT_VLAN  0x04000000u /* 82576: packets have an outer tag, too */
#define CTRL_EXT_IAME      0x08000000u /* IAM works when ICR is read */
#define CTRL_EXT_DRV_LOAD  0x10000000u
#define CTRL_EXT_INT_CLR   0x20000000u /* 82574: what a message tells is cleared by EIAC */
#define CTRL_EXT_PBA_CLR   0x80000000u /* 82574 */

#define MDIC_DATA  0x0000ffffu
#define MDIC_REG   0x001f0000u
#define MDIC_PHY   0x03e00000u
#define MDIC_OP    0x0c000000u /* 1: write, 2: read */
#define MDIC_READY 0x10000000u
#define MDIC_INT   0x20000000u
#define MDIC_ERROR 0x40000000u
#define MDIC_DEST  0x80000000u /* 82576: the PHY is outside */

#define MDICNFG_PHY      0x03e00000u
#define MDICNFG_EXTERNAL 0x80000000u
#define PHPM_GO_LINKD    0x00000020u /* the link is down to save power */

#define TXCW_PAUSE      0x00000080u /* and in RXCW, PCS_ANADV, PCS_LPAB */
#define TXCW_PAUSE_ASYM 0x00000100u
#define TXCW_FD         0x00000020u
#define TXCW_ANE        0x80000000u
#define RXCW_IV         0x08000000u /* what was received is invalid */
#define RXCW_C          0x20000000u /* the partner negotiates */
#define RXCW_SYNCH      0x40000000u

#define PCS_LCTL_SPEED_1000   0x00000004u
#define PCS_LCTL_FD           0x00000008u
#define PCS_LCTL_FORCE        0x00000010u /* speed and duplex, */
#define PCS_LCTL_LINK         0x00000021u /* ... and that there is a link */
#define PCS_LCTL_FORCE_PAUSES 0x00000080u
#define PCS_LCTL_AN           0x00010000u
#define PCS_LCTL_AN_RESTART   0x00020000u
#define PCS_LCTL_AN_TIMEOUT   0x00040000u
#define PCS_LSTAT_LINK        0x00000001u
#define PCS_LSTAT_SPEED       0x00000006u /* 0: 10, 1: 100, 2: 1000 */
#define PCS_LSTAT_FD          0x00000008u
#define SCTL_NO_LOOP          0x00000400u

#define EECD_SK        0x00000001u /* pins */
#define EECD_CS        0x00000002u
#define EECD_DI        0x00000004u
#define EECD_DO        0x00000008u
#define EECD_REQ       0x00000040u
#define EECD_GNT       0x00000080u
#define EECD_PRES      0x00000100u
#define EECD_SIZE      0x00000200u /* 8254x: 256 words, not 64 */
#define EECD_ARD       0x00000200u /* 82574, 82576: the EEPROM was read */
#define EECD_ADDR_BITS 0x00000400u /* 82574, 82576: addresses have 16 bits */
#define EECD_SIZE_EX   0x00007800u /* 82574, 82576: 64 << n words */
#define EECD_FLASH     0x00018000u /* 82574: 3 when it is a flash */
#define EECD_FLASH_210 0x00080000u /* I210: there is a flash */
#define EECD_AUPDEN    0x00100000u /* 82574: the flash is updated by itself */

#define EERD_START   0x00000001u
#define EERD_DONE    0x00000002u
#define EERD_ADDR    0x0000fffcu
#define EERD_DONE_4X 0x00000010u /* 8254x: the same elsewhere */
#define EERD_ADDR_4X 0x0000ff00u
#define EERD_DATA    0xffff0000u

#define EEMNGCTL_DONE0 0x00040000u /* configuration of port 0 is done */

#define SWSM_DRV_LOAD 0x00000008u /* 82574 */
#define FWSM_MODE     0x0000000eu
#define FWSM_VALID    0x00008000u
#define FWSM_RSPCIPHY 0x00000040u /* I217 to I219: the PHY may be reset */
#define FWSM_LOCKED   0x00000380u /* ... the first address that the firmware keeps; 1: all */
#define FWSM_ULP      0x00000400u /* ... the PHY sleeps */
#define H2ME_ULP      0x00000800u
#define H2ME_ENFORCE  0x00001000u

#define EXTCNF_MDIO_SW 0x00000020u /* 82574: software owns the PHY's bus */
#define EXTCNF_MDIO_HW 0x00000040u

#define PBA_RX 0x0000ffffu
#define PBA_TX 0xffff0000u

#define MANC_ARP_EN  0x00002000u
#define MANC_BLK_RST 0x00040000u /* the PHY may not be reset */

/* --- interrupts --------------------------------------------------------------------------------------------------------- */

#define ICR_TXDW     0x00000001u /* a transmit descriptor was written back */
#define ICR_TXQE     0x00000002u /* a transmit queue is empty */
#define ICR_LSC      0x00000004u
#define ICR_RXSEQ    0x00000008u
#define ICR_RXDMT0   0x00000010u /* few receive descriptors are left */
#define ICR_RXO      0x00000040u /* the packet buffer overflowed */
#define ICR_RXT0     0x00000080u /* packets were received; 82576: RXDW */
#define ICR_VMMB     0x00000100u /* 82576: a mailbox */
#define ICR_MDAC     0x00000200u /* MDIC is ready */
#define ICR_RXCFG    0x00000400u
#define ICR_PHYINT   0x00001000u
#define ICR_TXD_LOW  0x00008000u
#define ICR_SRPD     0x00010000u
#define ICR_ACK      0x00020000u
#define ICR_RXQ0     0x00100000u /* 82574, and the next for queue 1 */
#define ICR_RXQ1     0x00200000u
#define ICR_TXQ0     0x00400000u
#define ICR_TXQ1     0x00800000u
#define ICR_OTHER    0x01000000u
#define ICR_TIME     0x00080000u /* 82576: the clock */
#define ICR_FER      0x00400000u /* 82576 and newer: fatal; I217 to I219: memory errors */
#define ICR_DOUTSYNC 0x10000000u /* 82576 */
#define ICR_DRSTA    0x40000000u /* 82576: the device was reset */
#define ICR_ASSERTED 0x80000000u /* 82574, 82576 */

#define ITR_INTERVAL 0x0000ffffu /* in units of 256 ns */

/* 82574: four bits for each of RXQ0, RXQ1, TXQ0, TXQ1, other. */
#define IVAR74_VECTOR(i) (0x7u << (4 * (i)))
#define IVAR74_VALID(i)  (0x8u << (4 * (i)))
#define IVAR74_TX_ALL    0x80000000u

/* 82576: vectors, but for the uppermost bits. */
#define EICR_VECTORS  0x01ffffffu
#define EICR_QUEUES   0x0000ffffu /* without GPIE_MSIX */
#define EICR_TIMER    0x40000000u
#define EICR_OTHER    0x80000000u /* any of ICR, without GPIE_MSIX */
#define GPIE_NSICR    0x00000001u /* reading ICR clears always */
#define GPIE_MSIX     0x00000010u
#define GPIE_EIAME    0x40000000u /* EIAM works when a message is sent */
#define GPIE_PBA      0x80000000u
#define EITR_INTERVAL 0x00007ffcu /* in us */
#define EITR_CNT_WDIS 0x80000000u
#define IVAR_VECTOR   0x1fu /* in a byte; without GPIE_MSIX the bit of EICR */
#define IVAR_VALID    0x80u

/* --- receive ------------------------------------------------------------------------------------------------------------ */

#define RCTL_RST    0x00000001u
#define RCTL_EN     0x00000002u
#define RCTL_SBP    0x00000004u /* store bad packets */
#define RCTL_UPE    0x00000008u
#define RCTL_MPE    0x00000010u
#define RCTL_LPE    0x00000020u /* long packets */
#define RCTL_LBM    0x000000c0u /* loopback: 1 MAC, 3 PHY */
#define RCTL_RDMTS  0x00000300u /* few descriptors: a half, quarter, eighth */
#define RCTL_DTYP   0x00000c00u /* 82574: 1 packet split */
#define RCTL_MO     0x00003000u
#define RCTL_BAM    0x00008000u
#define RCTL_BSIZE  0x00030000u /* 2048 >> n bytes; with BSEX 16 times as many */
#define RCTL_VFE    0x00040000u
#define RCTL_CFIEN  0x00080000u
#define RCTL_CFI    0x00100000u
#define RCTL_DPF    0x00400000u /* discard pauses */
#define RCTL_PMCF   0x00800000u /* pass control frames to the host */
#define RCTL_BSEX   0x02000000u
#define RCTL_SECRC  0x04000000u /* strip the CRC */
#define RCTL_FLXBUF 0x78000000u /* 82574: KiB of a buffer, instead of BSIZE */

#define PSRCTL_BSIZE0 0x0000007fu /* in units of 128 bytes */
#define PSRCTL_BSIZE1 0x00003f00u /* in KiB */
#define PSRCTL_BSIZE2 0x003f0000u
#define PSRCTL_BSIZE3 0x3f000000u

#define RXCSUM_PCSS   0x000000ffu
#define RXCSUM_IPOFL  0x00000100u
#define RXCSUM_TUOFL  0x00000200u
#define RXCSUM_CRCOFL 0x00000800u /* 82576: SCTP */
#define RXCSUM_IPPCSE 0x00001000u
#define RXCSUM_PCSD   0x00002000u /* the hash is reported, not the packet's checksum */

#define RFCTL_NFSW_DIS 0x00000040u
#define RFCTL_NFSR_DIS 0x00000080u
#define RFCTL_ACK_DIS  0x00001000u
#define RFCTL_IPV6_DIS 0x00000400u
#define RFCTL_EXTEN    0x00008000u /* 82574: extended descriptors */
#define RFCTL_IPV6_EX  0x00030000u /* 82571 to 82574: extension headers are not looked at */
#define RFCTL_LEF      0x00040000u /* 82576: frames with a wrong length are dropped */

#define RAH_HIGH 0x0000ffffu
#define RAH_AV   0x80000000u

#define FCRT_BYTES 0x0000fff8u
#define FCRTL_XONE 0x80000000u

#define MRQC_MRQE     0x00000007u /* 82574: 1 RSS; 82576: 2 RSS */
#define MRQC_RSS_74   1u
#define MRQC_RSS_76   2u
#define MRQC_TCP6_EX  0x00040000u /* 82574: the only one for TCP */
#define MRQC_IP6_EX   0x00080000u
#define MRQC_UDP6_EX  0x01000000u /* 82576 */
#define RETA_QUEUE_74 0x80u       /* in a byte */
#define RETA_QUEUE_76 0x0fu

#define XDCTL_PTHRESH 0x0000003fu /* RXDCTL, TXDCTL; 82576: 0x1f */
#define XDCTL_HTHRESH 0x00003f00u
#define XDCTL_WTHRESH 0x003f0000u
#define XDCTL_GRAN    0x01000000u /* in descriptors, not cache lines; not 82576 */
#define XDCTL_ENABLE  0x02000000u /* 82576 */
#define XDCTL_SWFLSH  0x04000000u /* 82576; clears itself */

#define SRRCTL_BSIZEPKT 0x0000007fu /* in KiB; 0: as RCTL says */
#define SRRCTL_DROP_EN  0x80000000u

#define RLPML_BYTES  0x00003fffu
#define DVMOLR_STRIP 0x40000000u

#define ETQF_TYPE         0x0000ffffu
#define ETQF_QUEUE        0x00070000u
#define ETQF_ENABLE       0x04000000u
#define ETQF_IMMEDIATE    0x20000000u
#define ETQF_1588         0x40000000u
#define ETQF_QUEUE_ENABLE 0x80000000u

#define SYNQF_ENABLE 0x00000001u
#define SYNQF_QUEUE  0x0000000eu

#define FTQF_PROTOCOL      0x000000ffu
#define FTQF_QUEUE_ENABLE  0x00000100u
#define FTQF_QUEUE         0x000f0000u
#define FTQF_MASK_POOL     0x00008000u
#define FTQF_1588          0x08000000u
#define FTQF_MASK_PROTOCOL 0x10000000u /* not compared */
#define FTQF_MASK_SRC      0x20000000u
#define FTQF_MASK_DST      0x40000000u
#define FTQF_MASK_SRC_PORT 0x80000000u
#define IMIR_PORT          0x0000ffffu /* big-endian */
#define IMIR_IMMEDIATE     0x00010000u
#define IMIR_BYPASS        0x00020000u /* the port is not compared */
#define IMIR_PRIORITY      0xe0000000u
#define IMIREXT_ANY        0x00081000u /* of any size, with any TCP flags */

#define WUFC_FLEX(i)     (0x00010000u << (i)) /* flex filter i, */
#define WUFC_FLEX_QUEUES 0x00004000u          /* ... from the 82580 on all of them for queues, not for wake-up */
#define FHFT_LENGTH      0x0000007fu
#define FHFT_QUEUE       0x00000700u
#define FHFT_PRIORITY    0x00070000u

/* --- transmit ----------------------------------------------------------------------------------------------------------- */

#define TCTL_EN   0x00000002u
#define TCTL_PSP  0x00000008u /* pad short packets */
#define TCTL_CT   0x00000ff0u
#define TCTL_COLD 0x003ff000u
#define TCTL_RTLC 0x01000000u
#define TCTL_MULR 0x10000000u /* 82574: several requests at once */

#define TARC_ENABLE 0x00000400u

#define RDTR_DELAY 0x0000ffffu
#define RDTR_FPD   0x80000000u /* interrupt now; clears itself */

#define TDWBAL_ENABLE 0x00000001u

#define TSYNC_VALID  0x00000001u
#define TSYNC_ENABLE 0x00000010u
#define TSYNC_TYPE   0x0000000eu
#define SYSTIMR      0x0000b6f8u /* a register: fractions of SYSTIML; from the 82580 on, which the 82576 is not */

/* --- receive descriptors: status and errors ------------------------------------------------------------------------------- */

#define RXS_IXSM 0x00000004u /* no checksum was looked at */
#define RXS_IPID 0x00000200u /* 82574: the identification is given */

/* Word 2 of extended and advanced descriptors; legacy ones have the upper byte in bits 15:8 of word 3. */
#define RXS_CE  0x01000000u
#define RXS_SE  0x02000000u
#define RXS_L4E 0x20000000u
#define RXS_IPE 0x40000000u
#define RXS_RXE 0x80000000u

/* Word 4 of packet split. */
#define RXS_SPLIT_LEN 0x000003ffu
#define RXS_SPLIT     0x00008000u

/* --- transmit descriptors of the 8254x and 82574 --------------------------------------------------------------------------- */

/* Word 2; what is not here is as in advanced.h. */
#define TX4_LEN     0x000fffffu
#define TX4_CONTEXT 0u /* TXD_DTYP, with TXD_DEXT */
#define TX4_DATA    1u
#define TX4_TCP     0x01000000u /* in a context */
#define TX4_IP      0x02000000u
#define TX4_TSE     0x04000000u
#define TX4_RPS     0x10000000u
#define TX4_IDE     0x80000000u

/* Word 3 of data. */
#define TX4_STAMP 0x00000010u /* 82574: note when it is sent */
#define TX4_IXSM  0x00000100u
#define TX4_TXSM  0x00000200u

/* Contexts: words 0 and 1, for IP and for layer 4; word 3. */
#define TX4_CSS    0x000000ffu
#define TX4_CSO    0x0000ff00u
#define TX4_CSE    0xffff0000u
#define TX4_HDRLEN 0x0000ff00u
#define TX4_MSS    0xffff0000u

#endif
