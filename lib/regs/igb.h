/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registers that the 82576 has beside those of e1000.h, a row each, in the same form; sections are those of the 82576's
 * datasheet. IGB_NAME is the offset of the first, IGB_AT(NAME, i) that of number i.
 *
 * The registers of a queue lie at IGB_RX(NAME, queue) and IGB_TX(NAME, queue): the first four queues' are in a block of
 * their own, as in the 82574, and once more, as aliases, in that of all sixteen.
 */
#ifndef REGS_IGB_H
#define REGS_IGB_H

#include "regs/e1000.h"

/* clang-format off */
#define IGB_REGS(R) \
	/* interrupts */ \
	R(0x01500,     0,   1, SC, g, ICR,         "8.8.1",   "alias of ICR") \
	R(0x01504,     0,   1, SC, g, ICS,         "8.8.2",   "alias of ICS") \
	R(0x01508,     0,   1, SC, g, IMS,         "8.8.3",   "alias of IMS") \
	R(0x0150c,     0,   1, SC, g, IMC,         "8.8.4",   "alias of IMC") \
	R(0x01510,     0,   1, RW, g, IAM,         "8.8.5",   "alias of IAM") \
	R(0x01514,     0,   1, RW, g, GPIE,        "8.8",     "how interrupts work") \
	R(0x01520,     0,   1, SC, g, EICS,        "8.8",     "extended causes set by software") \
	R(0x01524,     0,   1, SC, g, EIMS,        "8.8",     "extended interrupt mask, set") \
	R(0x01528,     0,   1, SC, g, EIMC,        "8.8",     "extended interrupt mask, clear") \
	R(0x0152c,     0,   1, RW, g, EIAC,        "8.8",     "extended causes that a message clears") \
	R(0x01530,     0,   1, RW, g, EIAM,        "8.8",     "extended causes that mask themselves") \
	R(0x01580,     0,   1, SC, g, EICR,        "8.8",     "extended interrupt causes") \
	R(0x01600,  0x04,   8, RW, g, MSIXBM,      "8.8",     "causes of a vector (82575)") \
	R(0x01680,  0x04,  25, RW, g, EITR,        "8.8",     "interrupt throttle of a vector, in us") \
	R(0x01700,  0x04,   8, RW, g, IVAR,        "8.8",     "vectors of the queues n and n + 8") \
	R(0x01740,     0,   1, RW, g, IVAR_MISC,   "8.8",     "vectors of all other causes") \
	/* general */ \
	R(0x00e04,     0,   1, RW, n, MDICNFG,     "8.2",     "where the PHY is on MDIO") \
	R(0x00e14,     0,   1, RW, n, PHPM,        "8.2",     "the PHY's power") \
	R(0x12120,  0x04,  64, RO, n, INVM,        "8.4",     "memory in the card of the I210 and I211") \
	R(0x01040,     0,   1, RW, g, WDSTP,       "8.15",    "watchdog") \
	R(0x01044,     0,   1, RW, g, SWDSTS,      "8.15",    "watchdog's status") \
	R(0x01048,     0,   1, RO, g, FRTIMER,     "8.15",    "free-running timer") \
	R(0x0104c,     0,   1, RW, g, TCPTIMER,    "8.15",    "TCP timer") \
	R(0x05b70,     0,   1, RO, g, DCA_ID,      "8.13",    "who asks for direct cache access") \
	R(0x05b74,     0,   1, RW, g, DCA_CTRL,    "8.13",    "direct cache access") \
	R(0x05b88,     0,   1, RW, g, CIAA,        "8.6",     "config space of virtual functions: address") \
	R(0x05b8c,     0,   1, RW, g, CIAD,        "8.6",     "config space of virtual functions: data") \
	R(0x05bb8,     0,   1, RW, g, PCIEMISC,    "8.6",     "PCI Express, other settings") \
	R(0x05bbc,     0,   1, RW, g, IOVTCL,      "8.6",     "virtual functions' reads") \
	/* receive */ \
	R(0x02404,     0,   1, RW, g, RXPBS,       "8.10",    "receive packet buffer's KiB") \
	R(0x02408,     0,   1, RW, g, QDE,         "8.14",    "queues that drop") \
	R(0x02458,     0,   1, RW, g, PBDIAG,      "8.10",    "packet buffer diagnostics") \
	R(0x02460,     0,   1, RW, g, FCRTV,       "8.5",     "when a pause is asked for again") \
	R(0x024e8,     0,   1, RO, g, PBRWAC,      "8.10",    "receive packet buffer's wraps") \
	R(0x025cc,  0x04,   5, RW, g, RDPU,        "8.10",    "microcode of receive descriptors") \
	R(0x0280c, 0x100,   4, RW, g, SRRCTL,      "8.10",    "buffer sizes and descriptor type") \
	R(0x02814, 0x100,   4, RW, g, DCA_RXCTRL,  "8.13",    "receive DMA attributes") \
	R(0x02830, 0x100,   4, RC, g, RQDPC,       "8.10",    "packets dropped by a queue") \
	R(0x02838, 0x100,   4, RW, g, DVMOLR,      "8.14",    "offloads of a queue") \
	R(0x0c000,  0x40,  16, RW, g, RDBAL,       "8.10",    "all queues: RDBAL") \
	R(0x0c004,  0x40,  16, RW, g, RDBAH,       "8.10",    "RDBAH") \
	R(0x0c008,  0x40,  16, RW, g, RDLEN,       "8.10",    "RDLEN") \
	R(0x0c00c,  0x40,  16, RW, g, SRRCTL_ALL,  "8.10",    "SRRCTL") \
	R(0x0c010,  0x40,  16, SC, g, RDH,         "8.10",    "RDH") \
	R(0x0c014,  0x40,  16, RW, g, DCA_RXCTRL_ALL,"8.13",  "DCA_RXCTRL") \
	R(0x0c018,  0x40,  16, SC, g, RDT,         "8.10",    "RDT") \
	R(0x0c028,  0x40,  16, SC, g, RXDCTL,      "8.10",    "RXDCTL") \
	R(0x0c030,  0x40,  16, RC, g, RQDPC_ALL,   "8.10",    "RQDPC") \
	R(0x0c038,  0x40,  16, RW, g, DVMOLR_ALL,  "8.14",    "DVMOLR") \
	R(0x05004,     0,   1, RW, g, RLPML,       "8.10",    "longest packet") \
	R(0x05480,  0x04,   8, RW, g, PSRTYPE,     "8.10",    "where packets are split") \
	R(0x054e0,  0x08,   8, RW, g, RAL2,        "8.10",    "own MAC address, low, from number 16 on") \
	R(0x054e4,  0x08,   8, RW, g, RAH2,        "8.10",    "own MAC address, high, from number 16 on") \
	R(0x055b0,     0,   1, RW, g, VLANPQF,     "8.11",    "queues by VLAN priority") \
	R(0x055fc,     0,   1, RW, g, SYNQF,       "8.11",    "TCP SYN filter") \
	R(0x0581c,     0,   1, RW, g, VT_CTL,      "8.14",    "virtualisation control") \
	R(0x05980,  0x04,   8, RW, g, SAQF,        "8.11",    "5-tuple filter: source address") \
	R(0x059a0,  0x04,   8, RW, g, DAQF,        "8.11",    "5-tuple filter: destination address") \
	R(0x059c0,  0x04,   8, RW, g, SPQF,        "8.11",    "5-tuple filter: source port") \
	R(0x059e0,  0x04,   8, RW, g, FTQF,        "8.11",    "5-tuple filter: protocol, mask, queue") \
	R(0x05a80,  0x04,   8, RW, g, IMIR,        "8.11",    "5-tuple filter: destination port") \
	R(0x05aa0,  0x04,   8, RW, g, IMIREXT,     "8.11",    "immediate interrupts") \
	R(0x05ac0,     0,   1, RW, g, IMIRVP,      "8.11",    "immediate interrupts by VLAN priority") \
	R(0x05cb0,  0x04,   8, RW, g, ETQF,        "8.11",    "EtherType filter") \
	R(0x0a000,  0x04, 128, RW, g, UTA,         "8.10",    "unicast hash table") \
	/* transmit */ \
	R(0x03004,     0,   1, RW, g, SWPBS,       "8.12",    "switch packet buffer's KiB") \
	R(0x03404,     0,   1, RW, g, TXPBS,       "8.12",    "transmit packet buffer's KiB") \
	R(0x03540,     0,   1, RW, g, DTXMXSZRQ,   "8.12",    "requests under way") \
	R(0x0357c,  0x04,   5, RW, g, TDPU,        "8.12",    "microcode of transmit descriptors") \
	R(0x03590,     0,   1, RW, g, DTXCTL,      "8.12",    "transmit DMA control") \
	R(0x0359c,     0,   1, RW, g, DTXTCPFLGL,  "8.12",    "TCP flags of the first segment and those within") \
	R(0x035a0,     0,   1, RW, g, DTXTCPFLGH,  "8.12",    "TCP flags of the last segment") \
	R(0x03604,     0,   1, RW, g, RTTDQSEL,    "8.12",    "queue that the rate is of") \
	R(0x03690,     0,   1, RW, g, RTTBCNRM,    "8.12",    "rate limits: memory window") \
	R(0x036b0,     0,   1, RW, g, RTTBCNRC,    "8.12",    "rate limit of a queue") \
	R(0x03814, 0x100,   4, RW, g, DCA_TXCTRL,  "8.13",    "transmit DMA attributes") \
	R(0x03838, 0x100,   4, RW, g, TDWBAL,      "8.12",    "head write-back, low") \
	R(0x0383c, 0x100,   4, RW, g, TDWBAH,      "8.12",    "head write-back, high") \
	R(0x0e000,  0x40,  16, RW, g, TDBAL,       "8.12",    "all queues: TDBAL") \
	R(0x0e004,  0x40,  16, RW, g, TDBAH,       "8.12",    "TDBAH") \
	R(0x0e008,  0x40,  16, RW, g, TDLEN,       "8.12",    "TDLEN") \
	R(0x0e010,  0x40,  16, SC, g, TDH,         "8.12",    "TDH") \
	R(0x0e014,  0x40,  16, RW, g, DCA_TXCTRL_ALL,"8.13",  "DCA_TXCTRL") \
	R(0x0e018,  0x40,  16, SC, g, TDT,         "8.12",    "TDT") \
	R(0x0e028,  0x40,  16, SC, g, TXDCTL,      "8.12",    "TXDCTL") \
	R(0x0e038,  0x40,  16, RW, g, TDWBAL_ALL,  "8.12",    "TDWBAL") \
	R(0x0e03c,  0x40,  16, RW, g, TDWBAH_ALL,  "8.12",    "TDWBAH") \
	/* virtual functions: registers only */ \
	R(0x00800,  0x04, 128, RW, g, VMBMEM,      "8.14",    "mailbox memory") \
	R(0x00c00,  0x04,   8, RW, g, P2VMAILBOX,  "8.14",    "mailboxes") \
	R(0x00c80,     0,   1, SC, g, MBVFICR,     "8.14",    "mailbox causes") \
	R(0x00c84,     0,   1, RW, g, MBVFIMR,     "8.14",    "mailbox interrupt mask") \
	R(0x00c88,     0,   1, SC, g, VFLRE,       "8.14",    "virtual functions that were reset") \
	R(0x00c8c,     0,   1, RW, g, VFRE,        "8.14",    "virtual functions that receive") \
	R(0x00c90,     0,   1, RW, g, VFTE,        "8.14",    "virtual functions that send") \
	R(0x03500,     0,   1, RW, g, DTXSWC,      "8.14",    "switch control, transmit") \
	R(0x03548,     0,   1, RC, g, LVMMC,       "8.14",    "last misbehaviour") \
	R(0x03554,     0,   1, RC, g, WVBR,        "8.14",    "wrong behaviour of virtual functions") \
	R(0x03558,     0,   1, SC, g, MDFB,        "8.14",    "malicious drivers") \
	R(0x03700,  0x04,   8, RW, g, VMVIR,       "8.14",    "tags that are inserted") \
	R(0x05acc,     0,   1, RW, g, TXSWC,       "8.14",    "loopback of virtual functions") \
	R(0x05ad0,  0x04,   8, RW, g, VMOLR,       "8.14",    "offloads of pools") \
	R(0x05af0,     0,   1, RW, g, RPLOLR,      "8.14",    "offloads of replicated packets") \
	R(0x05d00,  0x04,  32, RW, g, VLVF,        "8.14",    "VLANs of pools") \
	R(0x05d80,  0x04,   4, RW, g, VMRCTL,      "8.14",    "mirror rules") \
	R(0x05d90,  0x04,   4, RW, g, VMRVLAN,     "8.14",    "mirror rules: VLANs") \
	R(0x05da0,  0x04,   4, RW, g, VMRVM,       "8.14",    "mirror rules: pools") \
	R(0x05db0,  0x04,   4, RW, g, SCCRL,       "8.14",    "storm control") \
	/* statistics */ \
	R(0x0402c,     0,   1, RC, g, CBTMPC,      "8.19",    "circuit breaker: packets sent") \
	R(0x04044,     0,   1, RC, g, CBRDPC,      "8.19",    "circuit breaker: packets dropped") \
	R(0x04128,     0,   1, RO, g, HGORCL,      "8.19",    "good bytes to the host, low") \
	R(0x0412c,     0,   1, RH, g, HGORCH,      "8.19",    "good bytes to the host, high") \
	R(0x04130,     0,   1, RO, g, HGOTCL,      "8.19",    "good bytes of the host, low") \
	R(0x04134,     0,   1, RH, g, HGOTCH,      "8.19",    "good bytes of the host, high") \
	R(0x04138,     0,   1, RC, g, LENERRS,     "8.19",    "frames with a wrong length field") \
	R(0x041a0,     0,   1, RC, g, SSVPC,       "8.19",    "switch security violations") \
	R(0x04228,     0,   1, RC, g, SCVPC,       "8.19",    "code violations") \
	R(0x10010, 0x100,   8, RC, g, PFVFGPRC,    "8.19",    "packets received, by pool") \
	R(0x10014, 0x100,   8, RC, g, PFVFGPTC,    "8.19",    "packets sent, by pool") \
	R(0x10018, 0x100,   8, RC, g, PFVFGORC,    "8.19",    "bytes received, by pool") \
	R(0x10034, 0x100,   8, RC, g, PFVFGOTC,    "8.19",    "bytes sent, by pool") \
	R(0x10038, 0x100,   8, RC, g, PFVFMPRC,    "8.19",    "multicasts received, by pool") \
	R(0x10040, 0x100,   8, RC, g, PFVFGPRLBC,  "8.19",    "looped packets received, by pool") \
	R(0x10044, 0x100,   8, RC, g, PFVFGPTLBC,  "8.19",    "looped packets sent, by pool") \
	R(0x10048, 0x100,   8, RC, g, PFVFGORLBC,  "8.19",    "looped bytes received, by pool") \
	R(0x10050, 0x100,   8, RC, g, PFVFGOTLBC,  "8.19",    "looped bytes sent, by pool") \
	/* fibre and SGMII */ \
	R(0x04200,     0,   1, RW, g, PCS_CFG0,    "8.17",    "configuration") \
	R(0x04208,     0,   1, SC, g, PCS_LCTL,    "8.17",    "link control") \
	R(0x0420c,     0,   1, RO, g, PCS_LSTAT,   "8.17",    "link status") \
	R(0x04210,  0x04,   2, RO, g, PCS_DBG,     "8.17",    "debug") \
	R(0x04218,     0,   1, RW, g, PCS_ANADV,   "8.17",    "advertisement") \
	R(0x0421c,     0,   1, RO, g, PCS_LPAB,    "8.17",    "partner's ability") \
	R(0x04220,     0,   1, RW, g, PCS_NPTX,    "8.17",    "next page") \
	R(0x04224,     0,   1, RO, g, PCS_LPABNP,  "8.17",    "partner's next page") \
	/* time, and wake-up */ \
	R(0x0b640,     0,   1, RW, g, TSAUXC,      "8.16",    "auxiliary control of the clock") \
	R(0x0b644,  0x04,   4, RW, g, TRGTTIM,     "8.16",    "target times") \
	R(0x0b654,  0x04,   2, RW, g, FREQOUT,     "8.16",    "frequencies that are put out") \
	R(0x0b65c,  0x04,   4, RO, g, AUXSTMP,     "8.16",    "auxiliary stamps") \
	R(0x0b66c,     0,   1, RC, g, TSICR,       "8.16",    "causes of the clock (82580); without effect") \
	R(0x0b674,     0,   1, RW, g, TSIM,        "8.16",    "interrupt mask of the clock (82580); without effect") \
	R(0x09000,  0x04, 256, RW, g, FHFT,        "8.21",    "flexible filters") \
	R(0x09a00,  0x04, 128, RW, g, FHFT_EXT,    "8.21",    "more flexible filters")
/* clang-format on */

#define IGB_ROW_OFFSET(offset, stride, count, mode, who, name, section, text) \
	IGB_##name = (offset), IGB_##name##_STRIDE = (stride), IGB_##name##_COUNT = (count),
enum igb_reg { IGB_REGS(IGB_ROW_OFFSET) };
#undef IGB_ROW_OFFSET

/* The number of the row of a register, going on from those of e1000.h: IGB_ROW_EICR. */
#define IGB_ROW_NUMBER(offset, stride, count, mode, who, name, section, text) IGB_ROW_##name,
enum igb_row { IGB_ROW_FIRST = E1000_ROWS - 1, IGB_REGS(IGB_ROW_NUMBER) IGB_ROWS };
#undef IGB_ROW_NUMBER

#define IGB_AT(name, i) ((uint32_t)IGB_##name + (uint32_t)IGB_##name##_STRIDE * (uint32_t)(i))

/* The register of queue @i whose offset for queue 0 is @reg: E1000_RDT, IGB_SRRCTL. */
#define IGB_RX(reg, i) ((i) < 4 ? (uint32_t)(reg) + 0x100u * (i) : (uint32_t)(reg)-0x2800u + 0xc000u + 0x40u * (i))
#define IGB_TX(reg, i) ((i) < 4 ? (uint32_t)(reg) + 0x100u * (i) : (uint32_t)(reg)-0x3800u + 0xe000u + 0x40u * (i))

#endif
