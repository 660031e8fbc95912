/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fields of the 82599's registers, by mask, and of its descriptors (field.h takes them apart).
 */
#ifndef REGS_IXGBE_BITS_H
#define REGS_IXGBE_BITS_H

#include "regs/advanced.h"

/* --- general ---------------------------------------------------------------------------------------------------------- */

#define CTRL_GIO_DIS 0x00000004u /* no more requests from the card; STATUS_GIO says when */
#define CTRL_LNK_RST 0x00000008u /* clears itself */
#define CTRL_RST     0x04000000u /* clears itself */

#define STATUS_LINK_UP 0x00000080u
#define STATUS_GIO     0x00080000u /* requests may be under way */

#define CTRL_EXT_PFRSTD   0x00004000u
#define CTRL_EXT_NS_DIS   0x00010000u
#define CTRL_EXT_EXT_VLAN 0x04000000u /* packets have an outer tag, too */
#define CTRL_EXT_DRV_LOAD 0x10000000u

#define ESDP_SDP0     0x00000001u
#define ESDP_SDP1     0x00000002u
#define ESDP_SDP2     0x00000004u /* a module is in the cage */
#define ESDP_SDP3     0x00000008u /* laser off */
#define ESDP_SDP2_DIR 0x00000400u /* 1: output */

#define I2CCTL_CLK_IN   0x00000001u
#define I2CCTL_CLK_OUT  0x00000002u
#define I2CCTL_DATA_IN  0x00000004u
#define I2CCTL_DATA_OUT 0x00000008u

#define LEDCTL_MODE(led)   (0x0000000fu << (8 * (led)))
#define LEDCTL_LINK_10G    1u /* modes: lit with a link of that speed, */
#define LEDCTL_ACTIVITY    4u /* ... with a link, blinking with traffic, */
#define LEDCTL_LINK_1G     5u
#define LEDCTL_LINK_100    6u
#define LEDCTL_ON          14u /* ... and always, never */
#define LEDCTL_OFF         15u
#define LEDCTL_INVERT(led) (0x00000040u << (8 * (led)))
#define LEDCTL_BLINK(led)  (0x00000080u << (8 * (led)))

#define EEC_SK        0x00000001u /* clock, */
#define EEC_CS        0x00000002u /* chip select (low: selected), */
#define EEC_DI        0x00000004u /* data to the EEPROM */
#define EEC_DO        0x00000008u /* ... and from it */
#define EEC_REQ       0x00000040u
#define EEC_GNT       0x00000080u
#define EEC_PRES      0x00000100u
#define EEC_ARD       0x00000200u
#define EEC_ADDR_SIZE 0x00000400u
#define EEC_SIZE      0x00007800u /* 64 << n words */
#define EEC_FLUP      0x00800000u /* X540: write what was changed to the flash */
#define EEC_FLUDONE   0x04000000u

#define EERD_START 0x00000001u
#define EERD_DONE  0x00000002u
#define EERD_ADDR  0x0000fffcu
#define EERD_DATA  0xffff0000u

#define FWSM_MODE     0x0000000eu
#define FWSM_RELOADED 0x00000040u /* the EEPROM was read */
#define FWSM_VALID    0x00008000u

#define GSSR_EEPROM   0x00000001u
#define GSSR_PHY0     0x00000002u
#define GSSR_PHY1     0x00000004u
#define GSSR_MAC      0x00000008u
#define GSSR_FLASH    0x00000010u
#define GSSR_FIRMWARE 0x000003e0u /* the same five, owned by firmware */

#define GSSR_REGSMP 0x80000000u /* X540: set by reading, guards the register */

#define MSCA_ADDR    0x0000ffffu
#define MSCA_DEVICE  0x001f0000u
#define MSCA_PHY     0x03e00000u
#define MSCA_OP      0x0c000000u /* 0: address, 1: write, 3: read */
#define MSCA_COMMAND 0x40000000u /* clears itself */
#define MSRWD_WRITE  0x0000ffffu
#define MSRWD_READ   0xffff0000u

/* --- link ------------------------------------------------------------------------------------------------------------- */

#define AUTOC_FORCE_UP   0x00000001u
#define AUTOC_AN_RESTART 0x00001000u /* clears itself */
#define AUTOC_LMS        0x0000e000u
#define AUTOC_KR         0x00010000u
#define AUTOC_PAUSE      0x10000000u
#define AUTOC_PAUSE_ASYM 0x20000000u
#define AUTOC_KX         0x40000000u
#define AUTOC_KX4        0x80000000u
#define AUTOC_10G_PMA    0x00000180u
#define AUTOC_1G_PMA     0x00000200u
#define LMS_1G           0u /* without autonegotiation */
#define LMS_10G          1u
#define LMS_1G_AN        2u
#define LMS_10G_SERIAL   3u
#define LMS_KX4_KX_KR    4u
#define AUTOC2_10G_PMA   0x00030000u /* serial: 2 is SFI */

#define LINKS_SIGNAL    0x00000080u /* up since it was last read */
#define LINKS_SPEED     0x30000000u
#define LINKS_UP        0x40000000u
#define LINKS_KX_AN     0x80000000u
#define LINKS_SPEED_100 1u
#define LINKS_SPEED_1G  2u
#define LINKS_SPEED_10G 3u

#define ANLP1_ABILITIES  0x000f0000u
#define ANLP1_PAUSE      0x00000400u
#define ANLP1_PAUSE_ASYM 0x00000800u

#define PCS1GAN_PAUSE      0x00000080u /* what is offered, and what the other side offers */
#define PCS1GAN_PAUSE_ASYM 0x00000100u

#define HLREG0_TXCRCEN   0x00000001u
#define HLREG0_RXCRCSTRP 0x00000002u
#define HLREG0_JUMBOEN   0x00000004u
#define HLREG0_TXPADEN   0x00000400u
#define HLREG0_LPBK      0x00008000u
#define MAXFRS_BYTES     0xffff0000u /* CRC included, a VLAN tag not */

#define MFLCN_PMCF  0x00000001u /* pass control frames to the host */
#define MFLCN_DPF   0x00000002u /* discard pauses */
#define MFLCN_RPFCE 0x00000004u
#define MFLCN_RFCE  0x00000008u /* obey pauses */
#define FCCFG_TFCE  0x00000018u /* 1: send pauses, 2: by priority */
#define FCRTH_FCEN  0x80000000u
#define FCRTL_XONE  0x80000000u
#define FCRT_BYTES  0x0007ffe0u

/* --- interrupts --------------------------------------------------------------------------------------------------------- */

#define EICR_QUEUES  0x0000ffffu
#define EICR_FDIR    0x00010000u
#define EICR_RX_MISS 0x00020000u
#define EICR_PCI     0x00040000u
#define EICR_MAILBOX 0x00080000u
#define EICR_LSC     0x00100000u
#define EICR_LINKSEC 0x00200000u
#define EICR_MNG     0x00400000u
#define EICR_SDP0    0x01000000u
#define EICR_SDP1    0x02000000u
#define EICR_SDP2    0x04000000u
#define EICR_SDP3    0x08000000u
#define EICR_ECC     0x10000000u
#define EICR_TIMER   0x40000000u
#define EICR_OTHER   0x80000000u /* any of bits 16 to 30 */

#define GPIE_MSIX  0x00000010u
#define GPIE_OCD   0x00000020u /* reading EICR clears nothing but the other causes */
#define GPIE_EIMEN 0x00000040u /* EICS interrupts at once */
#define GPIE_EIAME 0x40000000u /* EIAM works when a message is sent */
#define GPIE_PBA   0x80000000u

#define EITR_INTERVAL 0x00000ff8u /* in units of 2.048 us */
#define EITR_CNT_WDIS 0x80000000u /* written: leave the counter alone */

#define IVAR_VECTOR 0x3fu /* in a byte; without MSI-X the bit of EICR */
#define IVAR_VALID  0x80u

#define IVAR_MISC_TIMER 0x000000ffu /* such a byte each */
#define IVAR_MISC_OTHER 0x0000ff00u

/* --- receive ------------------------------------------------------------------------------------------------------------ */

#define FCTRL_SBP  0x00000002u /* store bad packets */
#define FCTRL_MPE  0x00000100u
#define FCTRL_UPE  0x00000200u
#define FCTRL_BAM  0x00000400u
#define FCTRL_PMCF 0x00001000u
#define FCTRL_DPF  0x00002000u

#define VLNCTRL_VET   0x0000ffffu
#define VLNCTRL_CFI   0x10000000u
#define VLNCTRL_CFIEN 0x20000000u
#define VLNCTRL_VFE   0x40000000u
#define EXVET_OUTER   0xffff0000u

#define MCSTCTRL_MO  0x00000003u
#define MCSTCTRL_MFE 0x00000004u

#define RAH_HIGH 0x0000ffffu
#define RAH_AV   0x80000000u

#define RXCSUM_IPPCSE 0x00001000u
#define RXCSUM_PCSD   0x00002000u /* the hash is reported, not the fragment's checksum */

#define RXCTRL_RXEN 0x00000001u

#define RXDCTL_ENABLE 0x02000000u
#define RXDCTL_SWFLSH 0x04000000u /* clears itself */
#define RXDCTL_VME    0x40000000u /* strip VLAN tags */

#define SRRCTL_BSIZEPKT 0x0000001fu /* in KiB */
#define SRRCTL_RDMTS    0x01c00000u
#define SRRCTL_DROP_EN  0x10000000u

#define RDRXCTL_CRCSTRIP    0x00000002u
#define RDRXCTL_DMAIDONE    0x00000008u
#define RDRXCTL_RSCFRSTSIZE 0x003e0000u
#define RDRXCTL_RSCACKC     0x02000000u
#define RDRXCTL_FCOE_WRFIX  0x04000000u

#define RSCCTL_RSCEN   0x00000001u
#define RSCCTL_MAXDESC 0x0000000cu /* 1, 4, 8, 16 */

#define RSCDBU_RSCACKDIS 0x00000080u /* pure acknowledgements are left alone */

#define RFCTL_RSC_DIS  0x00000020u
#define RFCTL_NFSW_DIS 0x00000040u /* no parsing of NFS, writes and reads */
#define RFCTL_NFSR_DIS 0x00000080u

#define MRQC_MRQE 0x0000000fu
#define MRQC_RSS  1u

#define ETQF_TYPE   0x0000ffffu
#define ETQF_FIXED  0x000f0000u /* reserved: 0 */
#define ETQF_1588   0x40000000u
#define ETQF_ENABLE 0x80000000u
#define ETQS_QUEUE  0x007f0000u
#define ETQS_LLI    0x20000000u
#define ETQS_ENABLE 0x80000000u

#define SYNQF_ENABLE   0x00000001u
#define SYNQF_QUEUE    0x000000feu
#define SYNQF_PRIORITY 0x80000000u /* goes before the 5-tuple filters */

#define FTQF_PROTOCOL      0x00000003u /* 0: TCP, 1: UDP, 2: SCTP, 3: other */
#define FTQF_PRIORITY      0x0000001cu
#define FTQF_POOL          0x00003f00u
#define FTQF_MASK_SRC      0x02000000u /* not compared */
#define FTQF_MASK_DST      0x04000000u
#define FTQF_MASK_SRC_PORT 0x08000000u
#define FTQF_MASK_DST_PORT 0x10000000u
#define FTQF_MASK_PROTOCOL 0x20000000u
#define FTQF_MASK_POOL     0x40000000u
#define FTQF_ENABLE        0x80000000u
#define SDPQF_SRC          0x0000ffffu
#define SDPQF_DST          0xffff0000u
#define L34T_SIZE_BP       0x00001000u /* immediate interrupts whatever the size */
#define L34T_LLI           0x00100000u /* immediate interrupts */
#define L34T_RESERVED      0x00080000u /* set in what is written */
#define L34T_QUEUE         0x0fe00000u
#define LLITHRESH_SIZE     0x00000fffu
#define IMIRVP_PRIORITY    0x00000007u
#define IMIRVP_ENABLE      0x00000008u

#define FDIRCTRL_PBALLOC       0x00000003u
#define FDIRCTRL_INIT_DONE     0x00000008u
#define FDIRCTRL_PERFECT       0x00000010u
#define FDIRCTRL_REPORT        0x00000020u
#define FDIRCTRL_REPORT_ALWAYS 0x00000080u
#define FDIRCTRL_DROP_QUEUE    0x00007f00u
#define FDIRCTRL_FLEX          0x001f0000u /* where the flexible bytes are, in units of 2 */
#define FDIRCTRL_MAX_LENGTH    0x0f000000u /* of a bucket's list, in units of 2, before it is complained of */
#define FDIRCTRL_FULL_THRESH   0xf0000000u /* filters that should stay free, in units of 16 */
#define FDIRCMD_CMD            0x00000003u
#define FDIRCMD_ADD            1u
#define FDIRCMD_REMOVE         2u
#define FDIRCMD_QUERY          3u
#define FDIRCMD_VALID          0x00000004u
#define FDIRCMD_UPDATE         0x00000008u
#define FDIRCMD_L4TYPE         0x00000060u /* 0: any, 1: UDP, 2: TCP, 3: SCTP */
#define FDIRCMD_IPV6           0x00000080u
#define FDIRCMD_CLEARHT        0x00000100u
#define FDIRCMD_DROP           0x00000200u
#define FDIRCMD_INT            0x00000400u
#define FDIRCMD_LAST           0x00000800u
#define FDIRCMD_COLLISION      0x00001000u
#define FDIRCMD_QUEUE_EN       0x00008000u
#define FDIRCMD_QUEUE          0x007f0000u
#define FDIRM_VLANID           0x00000001u /* not compared */
#define FDIRM_VLANP            0x00000002u
#define FDIRM_POOL             0x00000004u
#define FDIRM_L4P              0x00000008u
#define FDIRM_FLEX             0x00000010u
#define FDIRM_DIPV6            0x00000020u
#define FDIRVLAN_TAG           0x0000ffffu
#define FDIRVLAN_FLEX          0xffff0000u /* the first byte is the lower one */
#define FDIRFREE_FREE          0x0000ffffu
#define FDIRFREE_COLL          0x7fff0000u /* filters of which two were added */
#define FDIRLEN_MAXLEN         0x0000003fu
#define FDIRLEN_MAXHASH        0x7fff0000u
#define FDIRUSTAT_ADD          0x0000ffffu
#define FDIRUSTAT_REMOVE       0xffff0000u
#define FDIRFSTAT_ADD          0x000000ffu
#define FDIRFSTAT_REMOVE       0x0000ff00u

/* --- transmit ----------------------------------------------------------------------------------------------------------- */

#define DMATXCTL_TE  0x00000001u
#define DMATXCTL_GDV 0x00000008u /* packets have an outer tag, too */
#define DMATXCTL_VT  0xffff0000u /* EtherType of the tag that is inserted */

#define TXDCTL_PTHRESH 0x0000007fu
#define TXDCTL_HTHRESH 0x00007f00u
#define TXDCTL_WTHRESH 0x007f0000u
#define TXDCTL_ENABLE  0x02000000u
#define TXDCTL_SWFLSH  0x04000000u /* clears itself */

#define TDWBAL_ENABLE 0x00000001u
#define RTTDCS_ARBDIS 0x00000040u

#define SECTX_DIS        0x00000002u
#define SECRXCTRL_RX_DIS 0x00000002u
#define SEC_READY        0x00000001u

#define TSYNC_VALID  0x00000001u
#define TSYNC_ENABLE 0x00000010u
#define TSYNC_TYPE   0x0000000eu /* of what is received: 0 layer 2, 1 UDP version 1, 2 layer 2 and UDP, 4 all, 5 events */

/* Which messages: the control field of version 1, the type of version 2; and the port of both. */
#define RXMTRL_CONTROL 0x000000ffu
#define RXMTRL_MESSAGE 0x0000ff00u
#define RXMTRL_PORT    0xffff0000u

/* --- descriptors: what they have beside advanced.h ------------------------------------------------------------------------ */

#define RXD_RSC_COUNT   0x001e0000u /* coalesced: 1 and how many packets begin in this buffer */
#define RSS_TYPE_FDIR   15u
#define RXD_NEXTP       0x000ffff0u /* coalesced, without EOP: the descriptor that goes on, instead of the next bits */
#define RXD_FLM         0x00000004u /* a flow director filter matched */
#define RXD_VEXT        0x00000200u
#define RXD_FDIR_LENGTH 0x00100000u /* the matching filter is far down in its list, */
#define RXD_FDIR_DROP   0x00200000u /* ... it drops, */
#define RXD_FDIR_COLL   0x00400000u /* ... another with the same hashes was added */
#define RXD_CE          0x01000000u
#define RXD_LE          0x02000000u
#define RXD_PE          0x08000000u
#define RXD_OSE         0x10000000u
#define RXD_USE         0x20000000u
#define RXD_L4E         0x40000000u
#define RXD_IPE         0x80000000u

/* Legacy: word 2 is length and checksum, word 3 status (the same bits), errors, VLAN tag. */
#define RXL_RXE 0x00008000u
#define RXL_L4E 0x00004000u
#define RXL_IPE 0x00008000u
#define RXL_CE  0x00000100u

#endif
