/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registers of the 82599 and X540, a row each. Sections are those of the 82599 datasheet, as deep as other public
 * sources confirm them. (ixgbe_bits.h: fields.)
 *
 *      R(offset, stride, count, mode, NAME, section, what it is)
 *
 * makes IXGBE_NAME, the offset of the first, and IXGBE_AT(NAME, i), the offset of number i. Modes:
 *
 *      RW   as written             RO   written by the device only
 *      RC   cleared by reading     RH   the upper half of a 36-bit counter: reading it clears both halves
 *      WO   reads as 0             SC   as written, but for bits that the device sets and clears
 *
 * Of a register with two addresses the row that follows the other and says "alias" is the older one, of the 82598.
 */
#ifndef REGS_IXGBE_H
#define REGS_IXGBE_H

/* clang-format off */
#define IXGBE_REGS(R) \
	/* general control */ \
	R(0x00000,    0,   1, SC, CTRL,      "8.2.3.1.1", "device control") \
	R(0x00008,    0,   1, RO, STATUS,    "8.2.3.1.2", "device status") \
	R(0x00018,    0,   1, RW, CTRL_EXT,  "8.2.3.1.3", "extended device control") \
	R(0x00020,    0,   1, SC, ESDP,      "8.2.3.1",   "software-definable pins") \
	R(0x00028,    0,   1, SC, I2CCTL,    "8.2.3.1",   "I2C pins of the module") \
	R(0x00048,    0,   1, RO, FRTIMER,   "8.2.3.1",   "free-running timer") \
	R(0x0004c,    0,   1, RW, TCPTIMER,  "8.2.3.1",   "TCP timer") \
	R(0x00200,    0,   1, RW, LEDCTL,    "8.2.3.1",   "LEDs") \
	R(0x05078,    0,   1, RW, EXVET,     "8.2.3.1",   "EtherType of the outer VLAN tag") \
	R(0x14f00,    0,   1, RW, CORECTL,   "8.2.3.1",   "analog core") \
	/* EEPROM and flash */ \
	R(0x10010,    0,   1, SC, EEC,       "8.2.3.2.1", "EEPROM and flash control") \
	R(0x10014,    0,   1, SC, EERD,      "8.2.3.2",   "EEPROM read") \
	R(0x10018,    0,   1, SC, EEWR,      "8.2.3.2",   "EEPROM write") \
	R(0x1001c,    0,   1, RW, FLA,       "8.2.3.2",   "flash access") \
	R(0x10110,    0,   1, RW, EEMNGCTL,  "8.2.3.2",   "EEPROM access of the manageability") \
	R(0x10114,    0,   1, RW, EEMNGDATA, "8.2.3.2",   "its data") \
	R(0x10118,    0,   1, RW, FLMNGCTL,  "8.2.3.2",   "flash access of the manageability") \
	R(0x1011c,    0,   1, RW, FLMNGDATA, "8.2.3.2",   "its data") \
	R(0x10120,    0,   1, RW, FLMNGCNT,  "8.2.3.2",   "its count") \
	R(0x1013c,    0,   1, RW, FLOP,      "8.2.3.2",   "flash opcodes") \
	R(0x10200,    0,   1, RW, GRC,       "8.2.3.2",   "general receive control") \
	/* flow control */ \
	R(0x03008,    0,   1, RW, PFCTOP,    "8.2.3.3.1", "priority flow control's opcode and type") \
	R(0x03200, 0x04,   4, RW, FCTTV,     "8.2.3.3.2", "pause time that is sent") \
	R(0x03220, 0x04,   8, RW, FCRTL,     "8.2.3.3.3", "fill that ends a pause") \
	R(0x03260, 0x04,   8, RW, FCRTH,     "8.2.3.3.4", "fill that asks for a pause") \
	R(0x032a0,    0,   1, RW, FCRTV,     "8.2.3.3.5", "when a pause is asked for again") \
	R(0x0ce00,    0,   1, RO, TFCS,      "8.2.3.3.6", "who is paused") \
	R(0x03d00,    0,   1, RW, FCCFG,     "8.2.3.3.7", "flow control that is sent") \
	R(0x04294,    0,   1, RW, MFLCN,     "8.2.3.22.34","flow control that is obeyed") \
	/* PCI Express */ \
	R(0x11000,    0,   1, RW, GCR,       "8.2.3.4",   "PCI Express control") \
	R(0x11004,    0,   1, RW, GTV,       "8.2.3.4",   "PCI Express timer") \
	R(0x11008,    0,   1, RW, FUNCTAG,   "8.2.3.4",   "tags of the function") \
	R(0x1100c,    0,   1, RW, GLT,       "8.2.3.4",   "PCI Express latency timer") \
	R(0x11010, 0x04,   4, RW, GSCL,      "8.2.3.4",   "PCI Express statistics control") \
	R(0x11020, 0x04,   4, RW, GSCN,      "8.2.3.4",   "PCI Express statistics") \
	R(0x11050,    0,   1, RW, GCR_EXT,   "8.2.3.4.12","PCI Express extended control") \
	R(0x11030, 0x04,   4, RW, GSCL_5,    "8.2.3.4",   "PCI Express statistics, leaky buckets") \
	R(0x11040, 0x04,   3, RW, PCIEPHY,   "8.2.3.4",   "PCI Express PHY access") \
	R(0x110b4,    0,   1, RW, CDQ_MBR,   "8.2.3.4",   "host interface: mailbox") \
	R(0x110bc,    0,   1, RW, PCIESPARE, "8.2.3.4",   "PCI Express spare bits") \
	R(0x110f0, 0x04,   2, RW, BARCTRL,   "8.2.3.4",   "sizes of the BARs") \
	R(0x11064,    0,   1, RO, MREVID,    "8.2.3.4",   "mirrored revision") \
	R(0x11070,    0,   1, RO, DCA_ID,    "8.2.3.11",  "who asks for direct cache access") \
	R(0x11074,    0,   1, RW, DCA_CTRL,  "8.2.3.11",  "direct cache access") \
	R(0x11088,    0,   1, RW, CIAA,      "8.2.3.4",   "config space of virtual functions: address") \
	R(0x1108c,    0,   1, RW, CIAD,      "8.2.3.4",   "config space of virtual functions: data") \
	R(0x11090, 0x04,   8, RO, PCIE_DIAG, "8.2.3.4",   "PCI Express diagnostics") \
	R(0x110b0,    0,   1, SC, PICAUSE,   "8.2.3.4",   "PCI Express error causes") \
	R(0x110b8,    0,   1, RW, PIENA,     "8.2.3.4",   "PCI Express errors that interrupt") \
	R(0x10140,    0,   1, SC, SWSM,      "8.2.3.4",   "software semaphore: reading takes it") \
	R(0x10148,    0,   1, RO, FWSM,      "8.2.3.4.10","firmware semaphore") \
	R(0x10150,    0,   1, RO, FACTPS,    "8.2.3.4",   "functions' power states") \
	R(0x10160,    0,   1, RW, GSSR,      "8.2.3.4",   "who owns what: software, firmware") \
	R(0x15f00,    0,   1, SC, HICR,      "8.2.3.25",  "host interface control") \
	R(0x15f0c,    0,   1, RO, FWSTS,     "8.2.3.25",  "firmware status") \
	R(0x15800, 0x04, 448, RW, FLEX_MNG,  "8.2.3.25",  "host interface memory") \
	/* interrupts */ \
	R(0x00800,    0,   1, SC, EICR,      "8.2.3.5.1", "interrupt causes") \
	R(0x00808,    0,   1, SC, EICS,      "8.2.3.5.2", "causes set by software; reads as EICR, clears nothing") \
	R(0x00880,    0,   1, SC, EIMS,      "8.2.3.5.3", "interrupt mask, set") \
	R(0x00888,    0,   1, SC, EIMC,      "8.2.3.5.4", "interrupt mask, clear") \
	R(0x00810,    0,   1, RW, EIAC,      "8.2.3.5.5", "causes that a message clears") \
	R(0x00890,    0,   1, SC, EIAM,      "8.2.3.5.6", "causes that mask themselves") \
	R(0x00a90, 0x04,   2, SC, EICS_EX,   "8.2.3.5.7", "EICS by vector") \
	R(0x00aa0, 0x04,   2, SC, EIMS_EX,   "8.2.3.5.8", "EIMS by vector") \
	R(0x00ab0, 0x04,   2, SC, EIMC_EX,   "8.2.3.5.9", "EIMC by vector") \
	R(0x00ad0, 0x04,   2, SC, EIAM_EX,   "8.2.3.5.10","EIAM by vector") \
	R(0x00894,    0,   1, RW, EITRSEL,   "8.2.3.5",   "throttles of virtual functions") \
	R(0x00820, 0x04,  24, RW, EITR,      "8.2.3.5",   "interrupt throttle of a vector") \
	R(0x12300, 0x04, 105, RW, EITR24,    "8.2.3.5",   "the same from vector 24 on") \
	R(0x0e800, 0x04, 128, RW, L34T_IMIR, "8.2.3.5",   "5-tuple filter: its queue") \
	R(0x0ec90,    0,   1, RW, LLITHRESH, "8.2.3.5",   "low-latency interrupt credits") \
	R(0x05ac0,    0,   1, RW, IMIRVP,    "8.2.3.5",   "low-latency interrupts by VLAN priority") \
	R(0x05a80, 0x04,   8, RW, IMIR,      "8.2.3.5",   "immediate interrupts (82598)") \
	R(0x05aa0, 0x04,   8, RW, IMIREXT,   "8.2.3.5",   "immediate interrupts, more (82598)") \
	R(0x00900, 0x04,  64, RW, IVAR,      "8.2.3.5",   "vectors of the queues 2n and 2n + 1") \
	R(0x00a00,    0,   1, RW, IVAR_MISC, "8.2.3.5",   "vectors of all other causes") \
	R(0x00898,    0,   1, RW, GPIE,      "8.2.3.5",   "how interrupts work") \
	R(0x11068,    0,   1, RW, PBACL0,    "8.2.3.6",   "clears pending bits of vectors") \
	R(0x110c4, 0x04,   7, RW, PBACL,     "8.2.3.6",   "the same for more vectors") \
	/* receive: filters and steering */ \
	R(0x05080,    0,   1, RW, FCTRL,     "8.2.3.7.1", "filter control") \
	R(0x05088,    0,   1, RW, VLNCTRL,   "8.2.3.7.2", "VLAN control") \
	R(0x05090,    0,   1, RW, MCSTCTRL,  "8.2.3.7.3", "multicast control") \
	R(0x0ea00, 0x04,  64, RW, PSRTYPE,   "8.2.3.7.4", "where packets are split") \
	R(0x05480, 0x04,  16, RW, PSRTYPE_0, "8.2.3.7.4", "alias of PSRTYPE") \
	R(0x05000,    0,   1, RW, RXCSUM,    "8.2.3.7.5", "receive checksum control") \
	R(0x05008,    0,   1, RW, RFCTL,     "8.2.3.7.6", "receive filter control") \
	R(0x05200, 0x04, 128, RW, MTA,       "8.2.3.7.7", "multicast hash table") \
	R(0x0a200, 0x08, 128, RW, RAL,       "8.2.3.7.8", "own MAC address, low") \
	R(0x0a204, 0x08, 128, RW, RAH,       "8.2.3.7.9", "own MAC address, high") \
	R(0x05400, 0x08,  16, RW, RAL_0,     "8.2.3.7.8", "alias of RAL") \
	R(0x05404, 0x08,  16, RW, RAH_0,     "8.2.3.7.9", "alias of RAH") \
	R(0x0a600, 0x04, 256, RW, MPSAR,     "8.2.3.7.10","pools of MAC addresses") \
	R(0x0a000, 0x04, 128, RW, VFTA,      "8.2.3.7.11","VLANs that are received") \
	R(0x05818,    0,   1, RW, MRQC,      "8.2.3.7.12","multiple receive queues") \
	R(0x0ec70,    0,   1, RW, RQTC,      "8.2.3.7.13","RSS bits by traffic class") \
	R(0x05c80, 0x04,  10, RW, RSSRK,     "8.2.3.7.14","RSS key") \
	R(0x05c00, 0x04,  32, RW, RETA,      "8.2.3.7.15","RSS redirection table") \
	R(0x0e000, 0x04, 128, RW, SAQF,      "8.2.3.7.16","5-tuple filter: source address") \
	R(0x0e200, 0x04, 128, RW, DAQF,      "8.2.3.7.17","5-tuple filter: destination address") \
	R(0x0e400, 0x04, 128, RW, SDPQF,     "8.2.3.7.18","5-tuple filter: ports") \
	R(0x0e600, 0x04, 128, RW, FTQF,      "8.2.3.7.19","5-tuple filter: protocol, mask, priority") \
	R(0x0ec30,    0,   1, RW, SYNQF,     "8.2.3.7.20","TCP SYN filter") \
	R(0x05128, 0x04,   8, RW, ETQF,      "8.2.3.7.21","EtherType filter") \
	R(0x0ec00, 0x04,   8, RW, ETQS,      "8.2.3.7.22","EtherType filter: its queue") \
	/* flow director */ \
	R(0x0ee00,    0,   1, SC, FDIRCTRL,  "8.2.3.7",   "flow director control") \
	R(0x0ee68,    0,   1, RW, FDIRHKEY,  "8.2.3.7",   "key of the bucket hash") \
	R(0x0ee6c,    0,   1, RW, FDIRSKEY,  "8.2.3.7",   "key of the signature hash") \
	R(0x0ee3c,    0,   1, RW, FDIRDIP4M, "8.2.3.7",   "mask of destination addresses") \
	R(0x0ee40,    0,   1, RW, FDIRSIP4M, "8.2.3.7",   "mask of source addresses") \
	R(0x0ee44,    0,   1, RW, FDIRTCPM,  "8.2.3.7",   "mask of TCP ports") \
	R(0x0ee48,    0,   1, RW, FDIRUDPM,  "8.2.3.7",   "mask of UDP ports") \
	R(0x0ee78,    0,   1, RW, FDIRSCTPM, "8.2.3.7",   "mask of SCTP ports (X540)") \
	R(0x0ee74,    0,   1, RW, FDIRIP6M,  "8.2.3.7",   "mask of IPv6 addresses") \
	R(0x0ee70,    0,   1, RW, FDIRM,     "8.2.3.7",   "what filters look at") \
	R(0x0ee38,    0,   1, RO, FDIRFREE,  "8.2.3.7",   "free filters") \
	R(0x0ee4c,    0,   1, RC, FDIRLEN,   "8.2.3.7",   "longest bucket") \
	R(0x0ee50,    0,   1, RC, FDIRUSTAT, "8.2.3.7",   "filters added and removed") \
	R(0x0ee54,    0,   1, RC, FDIRFSTAT, "8.2.3.7",   "filters not added, not removed") \
	R(0x0ee58,    0,   1, RC, FDIRMATCH, "8.2.3.7",   "packets that matched") \
	R(0x0ee5c,    0,   1, RC, FDIRMISS,  "8.2.3.7",   "packets that did not") \
	R(0x0ee0c, 0x04,   3, RW, FDIRSIPV6, "8.2.3.7",   "filter: IPv6 source") \
	R(0x0ee18,    0,   1, RW, FDIRIPSA,  "8.2.3.7",   "filter: source address, big-endian") \
	R(0x0ee1c,    0,   1, RW, FDIRIPDA,  "8.2.3.7",   "filter: destination address, big-endian") \
	R(0x0ee20,    0,   1, RW, FDIRPORT,  "8.2.3.7",   "filter: ports") \
	R(0x0ee24,    0,   1, RW, FDIRVLAN,  "8.2.3.7",   "filter: VLAN and flexible bytes") \
	R(0x0ee28,    0,   1, RW, FDIRHASH,  "8.2.3.7",   "filter: bucket and signature or index") \
	R(0x0ee2c,    0,   1, SC, FDIRCMD,   "8.2.3.7",   "filter: what to do") \
	/* receive: queues */ \
	R(0x01000, 0x40,  64, RW, RDBAL,     "8.2.3.8.1", "receive ring, low") \
	R(0x01004, 0x40,  64, RW, RDBAH,     "8.2.3.8.2", "receive ring, high") \
	R(0x01008, 0x40,  64, RW, RDLEN,     "8.2.3.8.3", "receive ring's bytes") \
	R(0x0100c, 0x40,  64, RW, DCA_RXCTRL,"8.2.3.11.1","receive DMA attributes") \
	R(0x01010, 0x40,  64, SC, RDH,       "8.2.3.8.4", "receive head") \
	R(0x01014, 0x40,  64, RW, SRRCTL,    "8.2.3.8.7", "buffer sizes and descriptor type") \
	R(0x01018, 0x40,  64, SC, RDT,       "8.2.3.8.5", "receive tail") \
	R(0x01028, 0x40,  64, SC, RXDCTL,    "8.2.3.8.6", "receive queue control") \
	R(0x0102c, 0x40,  64, RW, RSCCTL,    "8.2.3.8",   "receive side coalescing") \
	R(0x0d000, 0x40,  64, RW, RDBAL64,   "8.2.3.8.1", "queues 64 to 127: RDBAL") \
	R(0x0d004, 0x40,  64, RW, RDBAH64,   "8.2.3.8.2", "RDBAH") \
	R(0x0d008, 0x40,  64, RW, RDLEN64,   "8.2.3.8.3", "RDLEN") \
	R(0x0d00c, 0x40,  64, RW, DCA_RXCTRL64,"8.2.3.11.1","DCA_RXCTRL") \
	R(0x0d010, 0x40,  64, SC, RDH64,     "8.2.3.8.4", "RDH") \
	R(0x0d014, 0x40,  64, RW, SRRCTL64,  "8.2.3.8.7", "SRRCTL") \
	R(0x0d018, 0x40,  64, SC, RDT64,     "8.2.3.8.5", "RDT") \
	R(0x0d028, 0x40,  64, SC, RXDCTL64,  "8.2.3.8.6", "RXDCTL") \
	R(0x0d02c, 0x40,  64, RW, RSCCTL64,  "8.2.3.8",   "RSCCTL") \
	R(0x02100, 0x04,  16, RW, SRRCTL_0,  "8.2.3.8.7", "alias of SRRCTL") \
	R(0x02200, 0x04,  16, RW, DCA_RXCTRL_0,"8.2.3.11.1","alias of DCA_RXCTRL") \
	R(0x02f00,    0,   1, SC, RDRXCTL,   "8.2.3.8.8", "receive DMA control") \
	R(0x02f04,    0,   1, SC, QDE,       "8.2.3.27.9","drop in queues of virtual functions") \
	R(0x02f08,    0,   1, RW, RDHMPN,    "8.2.3.8",   "receive memory access") \
	R(0x02f20,    0,   1, RW, RDDCC,     "8.2.3.8",   "receive DMA descriptor cache") \
	R(0x02fb0, 0x04,   4, RC, WQBR_RX,   "8.2.3.27",  "wrong behaviour of queues, receive") \
	R(0x02f40,    0,   1, RW, RXDSTATCTRL,"8.2.3.8",  "what the DMA counters count") \
	R(0x02f50,    0,   1, RC, RXDGPC,    "8.2.3.23",  "good packets that DMA has received") \
	R(0x02f54,    0,   1, RO, RXDGBCL,   "8.2.3.23",  "their bytes, low") \
	R(0x02f58,    0,   1, RH, RXDGBCH,   "8.2.3.23",  "their bytes, high") \
	R(0x02f5c, 0x04,   6, RC, RXDLPBK,   "8.2.3.23",  "the same for looped packets and bad ones") \
	R(0x087a0,    0,   1, RC, TXDGPC,    "8.2.3.23",  "good packets that DMA has sent") \
	R(0x087a4,    0,   1, RO, TXDGBCL,   "8.2.3.23",  "their bytes, low") \
	R(0x087a8,    0,   1, RH, TXDGBCH,   "8.2.3.23",  "their bytes, high") \
	R(0x03c00, 0x04,   8, RW, RXPBSIZE,  "8.2.3.8.9", "receive packet buffer's bytes") \
	R(0x03000,    0,   1, RW, RXCTRL,    "8.2.3.8.10","receive enable") \
	R(0x03190,    0,   1, RO, RXMEMWRAP, "8.2.3.8.11","receive packet buffer's wraps") \
	R(0x03028,    0,   1, RW, RSCDBU,    "8.2.3.8.12","receive side coalescing buffer") \
	R(0x03020,    0,   1, RW, RTRUP2TC,  "8.2.3.10.4","traffic class by user priority, receive") \
	R(0x03c20, 0x04,   8, RW, RT2CR,     "8.2.3.10",  "receive credits (82598)") \
	R(0x03c40, 0x04,   8, RO, RT2SR,     "8.2.3.10",  "receive credits, status (82598)") \
	R(0x050a0,    0,   1, RW, RUPPBMR,   "8.2.3.10",  "packet buffers by priority (82598)") \
	R(0x02430,    0,   1, RW, RTRPCS,    "8.2.3.10.1","receive packet plane control") \
	R(0x02140, 0x04,   8, RW, RTRPT4C,   "8.2.3.10.6","receive packet plane, credits") \
	R(0x02160, 0x04,   8, RO, RTRPT4S,   "8.2.3.10",  "receive packet plane, status") \
	R(0x03d04,    0,   1, RW, DROPEN,    "8.2.3.8",   "drop enable by packet buffer") \
	/* transmit */ \
	R(0x06000, 0x40, 128, RW, TDBAL,     "8.2.3.9.5", "transmit ring, low") \
	R(0x06004, 0x40, 128, RW, TDBAH,     "8.2.3.9.6", "transmit ring, high") \
	R(0x06008, 0x40, 128, RW, TDLEN,     "8.2.3.9.7", "transmit ring's bytes") \
	R(0x0600c, 0x40, 128, RW, DCA_TXCTRL,"8.2.3.11.2","transmit DMA attributes") \
	R(0x06010, 0x40, 128, SC, TDH,       "8.2.3.9.8", "transmit head") \
	R(0x06018, 0x40, 128, SC, TDT,       "8.2.3.9.9", "transmit tail") \
	R(0x06028, 0x40, 128, SC, TXDCTL,    "8.2.3.9.10","transmit queue control") \
	R(0x06038, 0x40, 128, RW, TDWBAL,    "8.2.3.9.11","where the head is written, low") \
	R(0x0603c, 0x40, 128, RW, TDWBAH,    "8.2.3.9.12","where the head is written, high") \
	R(0x04a80,    0,   1, RW, DMATXCTL,  "8.2.3.9.2", "transmit DMA control") \
	R(0x04a88,    0,   1, RW, DTXTCPFLGL,"8.2.3.9.3", "TCP flags of the first and middle segments") \
	R(0x04a8c,    0,   1, RW, DTXTCPFLGH,"8.2.3.9.4", "TCP flags of the last segment") \
	R(0x08100,    0,   1, RW, DTXMXSZRQ, "8.2.3.9.1", "bytes that may be asked for at once") \
	R(0x082e0, 0x04,   4, RW, TXLLQ,     "8.2.3.9",   "low-latency transmit queues") \
	R(0x0cc00, 0x04,   8, RW, TXPBSIZE,  "8.2.3.9.13","transmit packet buffer's bytes") \
	R(0x0cd10,    0,   1, RW, MNGTXMAP,  "8.2.3.9.14","traffic class of the manageability") \
	R(0x08120,    0,   1, RW, MTQC,      "8.2.3.9.15","multiple transmit queues") \
	R(0x04950, 0x04,   8, RW, TXPBTHRESH,"8.2.3.9.16","transmit packet buffer's threshold") \
	R(0x0cb00,    0,   1, RW, TIPG,      "8.2.3.9",   "inter-packet gap") \
	R(0x08130, 0x04,   4, RC, WQBR_TX,   "8.2.3.27",  "wrong behaviour of queues, transmit") \
	/* rates and traffic classes */ \
	R(0x04900,    0,   1, RW, RTTDCS,    "8.2.3.10.2","transmit descriptor plane control") \
	R(0x0cd00,    0,   1, RW, RTTPCS,    "8.2.3.10.3","transmit packet plane control") \
	R(0x04904,    0,   1, RW, RTTDQSEL,  "8.2.3.10.13","queue that the next registers speak of") \
	R(0x04908,    0,   1, RW, RTTDT1C,   "8.2.3.10.14","transmit credits of a queue") \
	R(0x0490c,    0,   1, RO, RTTDT1S,   "8.2.3.10",  "transmit credits of a queue, status") \
	R(0x04910, 0x04,   8, RW, RTTDT2C,   "8.2.3.10.9","descriptor plane, credits") \
	R(0x04930, 0x04,   8, RO, RTTDT2S,   "8.2.3.10",  "descriptor plane, status") \
	R(0x0cd20, 0x04,   8, RW, RTTPT2C,   "8.2.3.10.10","packet plane, credits") \
	R(0x0cd40, 0x04,   8, RO, RTTPT2S,   "8.2.3.10",  "packet plane, status") \
	R(0x0c800,    0,   1, RW, RTTUP2TC,  "8.2.3.10.5","traffic class by user priority, transmit") \
	R(0x04980,    0,   1, RW, RTTBCNRM,  "8.2.3.10",  "rate limit, memory") \
	R(0x04984,    0,   1, RW, RTTBCNRC,  "8.2.3.10",  "rate limit of a queue") \
	R(0x0498c,    0,   1, RO, RTTBCNRS,  "8.2.3.10",  "rate limit, status") \
	R(0x04990,    0,   1, RW, RTTDTECC,  "8.2.3.10",  "rate limit, credits") \
	R(0x04a90,    0,   1, RW, RTTQCNTG,  "8.2.3.10",  "congestion notification tag") \
	R(0x08b00,    0,   1, RW, RTTQCNCR,  "8.2.3.10",  "congestion notification control") \
	/* security */ \
	R(0x08800,    0,   1, RW, SECTXCTRL, "8.2.3.12.1","security transmit control") \
	R(0x08804,    0,   1, RO, SECTXSTAT, "8.2.3.12.2","security transmit status") \
	R(0x08808,    0,   1, RW, SECTXBUFFAF,"8.2.3.12.3","security transmit buffer") \
	R(0x08810,    0,   1, RW, SECTXMINIFG,"8.2.3.12.4","security transmit gap") \
	R(0x08d00,    0,   1, RW, SECRXCTRL, "8.2.3.12.5","security receive control") \
	R(0x08d04,    0,   1, RO, SECRXSTAT, "8.2.3.12.6","security receive status") \
	R(0x08900,    0,   1, SC, IPSTXIDX,  "8.2.3.14",  "IPsec transmit index") \
	R(0x08904,    0,   1, RW, IPSTXSALT, "8.2.3.14",  "IPsec transmit salt") \
	R(0x08908, 0x04,   4, RW, IPSTXKEY,  "8.2.3.14",  "IPsec transmit key") \
	R(0x08e00,    0,   1, SC, IPSRXIDX,  "8.2.3.14",  "IPsec receive index") \
	R(0x08e04, 0x04,   4, RW, IPSRXIPADDR,"8.2.3.14", "IPsec receive address") \
	R(0x08e14,    0,   1, RW, IPSRXSPI,  "8.2.3.14",  "IPsec receive SPI") \
	R(0x08e18,    0,   1, RW, IPSRXIPIDX,"8.2.3.14",  "IPsec receive address index") \
	R(0x08e1c, 0x04,   4, RW, IPSRXKEY,  "8.2.3.14",  "IPsec receive key") \
	R(0x08e2c,    0,   1, RW, IPSRXSALT, "8.2.3.14",  "IPsec receive salt") \
	R(0x08e30,    0,   1, RW, IPSRXMOD,  "8.2.3.14",  "IPsec receive mode") \
	R(0x08a00, 0x04,  15, RW, LSECTX,    "8.2.3.13",  "MACsec transmit") \
	R(0x08a3c, 0x04,   5, RC, LSECTX_STAT,"8.2.3.13", "MACsec transmit statistics") \
	R(0x08f00, 0x04,  16, RW, LSECRX,    "8.2.3.13",  "MACsec receive") \
	R(0x08f40, 0x04,  17, RC, LSECRX_STAT,"8.2.3.13", "MACsec receive statistics") \
	/* time */ \
	R(0x05188,    0,   1, SC, TSYNCRXCTL,"8.2.3.26",  "receive time stamps") \
	R(0x051e8,    0,   1, RO, RXSTMPL,   "8.2.3.26",  "receive time stamp, low") \
	R(0x051a4,    0,   1, RO, RXSTMPH,   "8.2.3.26",  "receive time stamp, high: reading releases it") \
	R(0x051a0,    0,   1, RO, RXSATRL,   "8.2.3.26",  "stamped packet's source, low") \
	R(0x051a8,    0,   1, RO, RXSATRH,   "8.2.3.26",  "stamped packet's source, high, and sequence") \
	R(0x05120,    0,   1, RW, RXMTRL,    "8.2.3.26",  "messages that are stamped") \
	R(0x08c00,    0,   1, SC, TSYNCTXCTL,"8.2.3.26",  "transmit time stamps") \
	R(0x08c04,    0,   1, RO, TXSTMPL,   "8.2.3.26",  "transmit time stamp, low") \
	R(0x08c08,    0,   1, RO, TXSTMPH,   "8.2.3.26",  "transmit time stamp, high: reading releases it") \
	R(0x08c0c,    0,   1, SC, SYSTIML,   "8.2.3.26",  "time, low") \
	R(0x08c10,    0,   1, SC, SYSTIMH,   "8.2.3.26",  "time, high") \
	R(0x08c14,    0,   1, SC, TIMINCA,   "8.2.3.26",  "time's increment") \
	R(0x08c18,    0,   1, RW, TIMADJL,   "8.2.3.26",  "time's adjustment, low") \
	R(0x08c1c,    0,   1, SC, TIMADJH,   "8.2.3.26",  "time's adjustment, high: writing adds it") \
	R(0x08c20,    0,   1, RW, TSAUXC,    "8.2.3.26",  "auxiliary time control") \
	R(0x08c24, 0x04,   4, RW, TRGTTIM,   "8.2.3.26",  "target times") \
	R(0x08c34, 0x04,   2, RW, CLKTIM,    "8.2.3.26",  "clock out") \
	R(0x08c3c, 0x04,   4, RO, AUXSTMP,   "8.2.3.26",  "auxiliary time stamps") \
	R(0x08c68,    0,   1, RW, TSIM,      "8.2.3.26",  "time interrupts") \
	/* virtualization */ \
	R(0x051b0,    0,   1, RW, VT_CTL,    "8.2.3.27",  "virtualization control") \
	R(0x04b00, 0x04,  64, RW, PFMAILBOX, "8.2.3.27",  "mailboxes of virtual functions") \
	R(0x13000, 0x04,1024, RW, PFMBMEM,   "8.2.3.27",  "mailboxes' memory") \
	R(0x00710, 0x04,   4, SC, PFMBICR,   "8.2.3.27",  "mailboxes with something in them") \
	R(0x00720, 0x04,   2, RW, PFMBIMR,   "8.2.3.27",  "mailboxes that interrupt") \
	R(0x00600,    0,   1, RO, VFLRE0,    "8.2.3.27",  "virtual functions that were reset, 0 to 31") \
	R(0x001c0,    0,   1, RO, VFLRE1,    "8.2.3.27",  "... 32 to 63") \
	R(0x00700, 0x04,   2, SC, VFLREC,    "8.2.3.27",  "forgets them") \
	R(0x051e0, 0x04,   2, RW, PFVFRE,    "8.2.3.27",  "pools that receive") \
	R(0x08110, 0x04,   2, RW, PFVFTE,    "8.2.3.27",  "pools that transmit") \
	R(0x08790, 0x04,   2, RW, VMECM,     "8.2.3.27",  "malicious drivers") \
	R(0x0f000, 0x04,  64, RW, VMOLR,     "8.2.3.27",  "pools' offloads") \
	R(0x0f100, 0x04,  64, RW, VLVF,      "8.2.3.27.15","VLANs of pools") \
	R(0x0f200, 0x04, 128, RW, VLVFB,     "8.2.3.27.16","pools of VLANs") \
	R(0x0f400, 0x04, 128, RW, UTA,       "8.2.3.27",  "unicast hash table") \
	R(0x0f600, 0x04,   4, RW, MRCTL,     "8.2.3.27",  "mirror rules") \
	R(0x0f610, 0x04,   8, RW, VMRVLAN,   "8.2.3.27",  "mirror rules' VLANs") \
	R(0x0f630, 0x04,   8, RW, VMRVM,     "8.2.3.27",  "mirror rules' pools") \
	R(0x08000, 0x04,  64, RW, VMVIR,     "8.2.3.27",  "pools' VLAN insertion") \
	R(0x08200, 0x04,   8, RW, PFVFSPOOF, "8.2.3.27",  "spoof checks") \
	R(0x08220,    0,   1, RW, PFDTXGSWC, "8.2.3.27",  "switch control") \
	R(0x08780,    0,   1, RC, SSVPC,     "8.2.3.27",  "spoofed packets") \
	R(0x050b0,    0,   1, RW, PFFLPL,    "8.2.3.27",  "local pools, low") \
	R(0x050b4,    0,   1, RW, PFFLPH,    "8.2.3.27",  "local pools, high") \
	R(0x05180, 0x04,   2, RW, VMTXSW,    "8.2.3.27",  "pools that switch") \
	R(0x0ca00,    0,   1, RW, LBDRPEN,   "8.2.3.27",  "drop of looped packets") \
	/* Fibre Channel over Ethernet: registers only */ \
	R(0x05100,    0,   1, RW, FCRXCTRL,  "8.2.3.21",  "FCoE receive control") \
	R(0x05108,    0,   1, RW, FCFLT,     "8.2.3.21",  "FCoE filter") \
	R(0x05110,    0,   1, RW, FCFLTRW,   "8.2.3.21",  "FCoE filter access") \
	R(0x051d8,    0,   1, RW, FCPARAM,   "8.2.3.21",  "FCoE offset") \
	R(0x05118,    0,   1, RC, FCCRC,     "8.2.3.21",  "FCoE bad CRCs") \
	R(0x0241c,    0,   1, RC, FCOERPDC,  "8.2.3.21",  "FCoE packets dropped") \
	R(0x02424,    0,   1, RC, FCLAST,    "8.2.3.21",  "FCoE last errors") \
	R(0x02428,    0,   1, RC, FCOEPRC,   "8.2.3.21",  "FCoE packets received") \
	R(0x0242c,    0,   1, RC, FCOEDWRC,  "8.2.3.21",  "FCoE words received") \
	R(0x08784,    0,   1, RC, FCOEPTC,   "8.2.3.21",  "FCoE packets sent") \
	R(0x08788,    0,   1, RC, FCOEDWTC,  "8.2.3.21",  "FCoE words sent") \
	R(0x02410, 0x04,   3, RW, FCDMA,     "8.2.3.21",  "FCoE buffers") \
	R(0x02420,    0,   1, RW, FCDMARW,   "8.2.3.21",  "FCoE DMA access") \
	R(0x0ed00,    0,   1, RW, FCRECTL,   "8.2.3.21",  "FCoE redirection") \
	R(0x0ed10, 0x04,   8, RW, FCRETA,    "8.2.3.21",  "FCoE redirection table") \
	R(0x04a94, 0x04,   2, RW, FCTX,      "8.2.3.21",  "FCoE end and start of frame, transmit") \
	R(0x05158,    0,   1, RW, REOFF,     "8.2.3.21",  "FCoE end of frame, receive") \
	R(0x051f8,    0,   1, RW, RSOFF,     "8.2.3.21",  "FCoE start of frame, receive") \
	/* wake-up and manageability */ \
	R(0x05800,    0,   1, RW, WUC,       "8.2.3.24",  "wake-up control") \
	R(0x05808,    0,   1, RW, WUFC,      "8.2.3.24.2","wake-up filters") \
	R(0x05810,    0,   1, SC, WUS,       "8.2.3.24",  "wake-up status") \
	R(0x05838,    0,   1, RW, IPAV,      "8.2.3.24",  "wake-up addresses") \
	R(0x05840, 0x04,   7, RW, IP4AT,     "8.2.3.24",  "wake-up IPv4 addresses") \
	R(0x05880, 0x04,   4, RW, IP6AT,     "8.2.3.24",  "wake-up IPv6 address") \
	R(0x05900,    0,   1, RO, WUPL,      "8.2.3.24",  "wake-up packet's bytes") \
	R(0x05a00, 0x04,  32, RO, WUPM,      "8.2.3.24",  "wake-up packet") \
	R(0x09000, 0x04, 384, RW, FHFT,      "8.2.3.24",  "flexible filters") \
	R(0x09800, 0x04, 128, RW, FHFT_EXT,  "8.2.3.24",  "more flexible filters") \
	R(0x05820,    0,   1, RO, MANC,      "8.2.3.25",  "manageability control") \
	R(0x05824,    0,   1, RO, MFVAL,     "8.2.3.25",  "manageability filters") \
	R(0x05860,    0,   1, RW, MANC2H,    "8.2.3.25",  "manageability to host") \
	/* MAC */ \
	R(0x04200,    0,   1, RW, PCS1GCFIG, "8.2.3.22.1","1G configuration") \
	R(0x04208,    0,   1, RW, PCS1GLCTL, "8.2.3.22.2","1G link control") \
	R(0x0420c,    0,   1, RO, PCS1GLSTA, "8.2.3.22.3","1G link status") \
	R(0x04210,    0,   1, RO, PCS1GDBG0, "8.2.3.22",  "1G debug 0") \
	R(0x04214,    0,   1, RO, PCS1GDBG1, "8.2.3.22",  "1G debug 1") \
	R(0x04218,    0,   1, RW, PCS1GANA,  "8.2.3.22.4","1G advertisement") \
	R(0x0421c,    0,   1, RO, PCS1GANLP, "8.2.3.22.5","1G partner's ability") \
	R(0x04220,    0,   1, RW, PCS1GANNP, "8.2.3.22.6","1G next page") \
	R(0x04224,    0,   1, RO, PCS1GANLPNP,"8.2.3.22.7","1G partner's next page") \
	R(0x04240,    0,   1, RW, HLREG0,    "8.2.3.22.8","MAC control") \
	R(0x04244,    0,   1, RO, HLREG1,    "8.2.3.22.9","MAC status") \
	R(0x04248,    0,   1, RW, PAP,       "8.2.3.22.10","pause and pace") \
	R(0x0424c,    0,   1, RW, MACA,      "8.2.3.22",  "address of pauses") \
	R(0x04250,    0,   1, RW, APAE,      "8.2.3.22",  "PHY address") \
	R(0x04254,    0,   1, RW, ARD,       "8.2.3.22",  "PHY read data") \
	R(0x04258,    0,   1, RW, AIS,       "8.2.3.22",  "PHY interrupt status") \
	R(0x0425c,    0,   1, SC, MSCA,      "8.2.3.22.11","MDIO command") \
	R(0x04260,    0,   1, RW, MSRWD,     "8.2.3.22.12","MDIO data") \
	R(0x04264,    0,   1, RW, MLADD,     "8.2.3.22",  "MAC address low") \
	R(0x04268,    0,   1, RW, MAXFRS,    "8.2.3.22.13","longest frame") \
	R(0x0426c,    0,   1, RO, TREG,      "8.2.3.22",  "test register") \
	R(0x04288,    0,   1, RO, PCSS1,     "8.2.3.22.14","XGXS status 1") \
	R(0x0428c,    0,   1, RO, PCSS2,     "8.2.3.22.15","XGXS status 2") \
	R(0x04290,    0,   1, RO, XPCSS,     "8.2.3.22.16","10GBASE-X status") \
	R(0x04298,    0,   1, RW, SERDESC,   "8.2.3.22.17","SERDES control") \
	R(0x0429c,    0,   1, RW, MACS,      "8.2.3.22.18","FIFO status") \
	R(0x042a0,    0,   1, SC, AUTOC,     "8.2.3.22.19","link mode and autonegotiation") \
	R(0x042a4,    0,   1, RO, LINKS,     "8.2.3.22",  "link status") \
	R(0x04324,    0,   1, RO, LINKS2,    "8.2.3.22",  "link status 2") \
	R(0x042a8,    0,   1, RW, AUTOC2,    "8.2.3.22",  "link mode 2") \
	R(0x042ac,    0,   1, RW, AUTOC3,    "8.2.3.22",  "link mode 3") \
	R(0x042b0,    0,   1, RO, ANLP1,     "8.2.3.22",  "partner's page, low") \
	R(0x042b4,    0,   1, RO, ANLP2,     "8.2.3.22",  "partner's page, high") \
	R(0x042d0,    0,   1, RO, MMNGC,     "8.2.3.22",  "manageability's hold on the link") \
	R(0x04330,    0,   1, RW, MACC,      "8.2.3.22",  "MAC control (X540)") \
	R(0x04800, 0x04,   2, RW, ATLASCTL,  "8.2.3.22",  "analog configuration") \
	/* statistics */ \
	R(0x04000,    0,   1, RC, CRCERRS,   "8.2.3.23",  "frames with a bad CRC") \
	R(0x04004,    0,   1, RC, ILLERRC,   "8.2.3.23",  "illegal bytes") \
	R(0x04008,    0,   1, RC, ERRBC,     "8.2.3.23",  "error bytes") \
	R(0x04010,    0,   1, RC, MSPDC,     "8.2.3.23",  "MAC short packets dropped") \
	R(0x03fa0, 0x04,   8, RC, MPC,       "8.2.3.23",  "packets missed for a full packet buffer") \
	R(0x03fc0, 0x04,   8, RC, RNBC,      "8.2.3.23",  "packets that waited for a buffer") \
	R(0x04034,    0,   1, RC, MLFC,      "8.2.3.23",  "local faults") \
	R(0x04038,    0,   1, RC, MRFC,      "8.2.3.23",  "remote faults") \
	R(0x04040,    0,   1, RC, RLEC,      "8.2.3.23",  "frames with a wrong length field") \
	R(0x03f60,    0,   1, RC, LXONTXC,   "8.2.3.23",  "XON sent") \
	R(0x03f68,    0,   1, RC, LXOFFTXC,  "8.2.3.23",  "XOFF sent") \
	R(0x041a4,    0,   1, RC, LXONRXCNT, "8.2.3.23",  "XON received") \
	R(0x041a8,    0,   1, RC, LXOFFRXCNT,"8.2.3.23",  "XOFF received") \
	R(0x0cf60,    0,   1, RC, LXONRXC,   "8.2.3.23",  "XON received (82598)") \
	R(0x0cf68,    0,   1, RC, LXOFFRXC,  "8.2.3.23",  "XOFF received (82598)") \
	R(0x03f00, 0x04,   8, RC, PXONTXC,   "8.2.3.23",  "XON sent, by priority") \
	R(0x03f20, 0x04,   8, RC, PXOFFTXC,  "8.2.3.23",  "XOFF sent, by priority") \
	R(0x04140, 0x04,   8, RC, PXONRXCNT, "8.2.3.23",  "XON received, by priority") \
	R(0x04160, 0x04,   8, RC, PXOFFRXCNT,"8.2.3.23",  "XOFF received, by priority") \
	R(0x0cf00, 0x04,   8, RC, PXONRXC,   "8.2.3.23",  "XON received, by priority (82598)") \
	R(0x0cf20, 0x04,   8, RC, PXOFFRXC,  "8.2.3.23",  "XOFF received, by priority (82598)") \
	R(0x03240, 0x04,   8, RC, PXON2OFFCNT,"8.2.3.23", "XON to XOFF, by priority") \
	R(0x0405c,    0,   1, RC, PRC64,     "8.2.3.23",  "received of 64 bytes") \
	R(0x04060,    0,   1, RC, PRC127,    "8.2.3.23",  "... of 65 to 127") \
	R(0x04064,    0,   1, RC, PRC255,    "8.2.3.23",  "... of 128 to 255") \
	R(0x04068,    0,   1, RC, PRC511,    "8.2.3.23",  "... of 256 to 511") \
	R(0x0406c,    0,   1, RC, PRC1023,   "8.2.3.23",  "... of 512 to 1023") \
	R(0x04070,    0,   1, RC, PRC1522,   "8.2.3.23",  "... of 1024 and more") \
	R(0x04074,    0,   1, RC, GPRC,      "8.2.3.23",  "good packets received") \
	R(0x04078,    0,   1, RC, BPRC,      "8.2.3.23",  "broadcasts received") \
	R(0x0407c,    0,   1, RC, MPRC,      "8.2.3.23",  "multicasts received") \
	R(0x04080,    0,   1, RC, GPTC,      "8.2.3.23",  "good packets sent") \
	R(0x04088,    0,   1, RO, GORCL,     "8.2.3.23",  "good bytes received, low") \
	R(0x0408c,    0,   1, RH, GORCH,     "8.2.3.23",  "good bytes received, high") \
	R(0x04090,    0,   1, RO, GOTCL,     "8.2.3.23",  "good bytes sent, low") \
	R(0x04094,    0,   1, RH, GOTCH,     "8.2.3.23",  "good bytes sent, high") \
	R(0x040a4,    0,   1, RC, RUC,       "8.2.3.23",  "undersized frames") \
	R(0x040a8,    0,   1, RC, RFC,       "8.2.3.23",  "fragments") \
	R(0x040ac,    0,   1, RC, ROC,       "8.2.3.23",  "oversized frames") \
	R(0x040b0,    0,   1, RC, RJC,       "8.2.3.23",  "jabbers") \
	R(0x040b4,    0,   1, RC, MNGPRC,    "8.2.3.23",  "manageability packets received") \
	R(0x040b8,    0,   1, RC, MNGPDC,    "8.2.3.23",  "manageability packets dropped") \
	R(0x0cf90,    0,   1, RC, MNGPTC,    "8.2.3.23",  "manageability packets sent") \
	R(0x040c0,    0,   1, RO, TORL,      "8.2.3.23",  "all bytes received, low") \
	R(0x040c4,    0,   1, RH, TORH,      "8.2.3.23",  "all bytes received, high") \
	R(0x040d0,    0,   1, RC, TPR,       "8.2.3.23",  "all packets received") \
	R(0x040d4,    0,   1, RC, TPT,       "8.2.3.23",  "all packets sent") \
	R(0x040d8,    0,   1, RC, PTC64,     "8.2.3.23",  "sent of 64 bytes") \
	R(0x040dc,    0,   1, RC, PTC127,    "8.2.3.23",  "... of 65 to 127") \
	R(0x040e0,    0,   1, RC, PTC255,    "8.2.3.23",  "... of 128 to 255") \
	R(0x040e4,    0,   1, RC, PTC511,    "8.2.3.23",  "... of 256 to 511") \
	R(0x040e8,    0,   1, RC, PTC1023,   "8.2.3.23",  "... of 512 to 1023") \
	R(0x040ec,    0,   1, RC, PTC1522,   "8.2.3.23",  "... of 1024 and more") \
	R(0x040f0,    0,   1, RC, MPTC,      "8.2.3.23",  "multicasts sent") \
	R(0x040f4,    0,   1, RC, BPTC,      "8.2.3.23",  "broadcasts sent") \
	R(0x04120,    0,   1, RC, XEC,       "8.2.3.23",  "received with a bad checksum") \
	R(0x041c0,    0,   1, RC, B2OSPC,    "8.2.3.23",  "management to host, sent (X540)") \
	R(0x041c4,    0,   1, RC, O2BGPTC,   "8.2.3.23",  "host to management, good (X540)") \
	R(0x087b0,    0,   1, RC, O2BSPC,    "8.2.3.23",  "host to management, sent (X540)") \
	R(0x02f90,    0,   1, RC, B2OGPRC,   "8.2.3.23",  "management to host, good (X540)") \
	R(0x02300, 0x04,  32, RW, RQSMR,     "8.2.3.23",  "counters of the receive queues") \
	R(0x08600, 0x04,  32, RW, TQSM,      "8.2.3.23",  "counters of the transmit queues") \
	R(0x01030, 0x40,  16, RC, QPRC,      "8.2.3.23",  "packets received, by counter") \
	R(0x01034, 0x40,  16, RO, QBRC_L,    "8.2.3.23",  "bytes received, by counter, low") \
	R(0x01038, 0x40,  16, RH, QBRC_H,    "8.2.3.23",  "bytes received, by counter, high") \
	R(0x01430, 0x40,  16, RC, QPRDC,     "8.2.3.23",  "packets dropped, by counter") \
	R(0x06030, 0x40,  16, RC, QPTC,      "8.2.3.23",  "packets sent, by counter") \
	R(0x08700, 0x08,  16, RO, QBTC_L,    "8.2.3.23",  "bytes sent, by counter, low") \
	R(0x08704, 0x08,  16, RH, QBTC_H,    "8.2.3.23",  "bytes sent, by counter, high") \
	/* diagnostics */ \
	R(0x02c00, 0x04,   8, RO, RDSTAT,    "8.2.3",     "receive DMA statistics") \
	R(0x02c20,    0,   1, RW, RDSTATCTL, "8.2.3",     "receive DMA statistics control") \
	R(0x02f10, 0x04,   4, RO, RIC_DW,    "8.2.3",     "receive context words") \
	R(0x02f30, 0x04,   2, RW, RDMA,      "8.2.3",     "receive memory access") \
	R(0x07c00, 0x04,   8, RO, TDSTAT,    "8.2.3",     "transmit DMA statistics") \
	R(0x082b0, 0x04,   4, RO, TIC_DW2,   "8.2.3",     "transmit context words") \
	R(0x082cc,    0,   1, RW, TXDESCIC,  "8.2.3",     "transmit descriptor context") \
	R(0x082fc,    0,   1, RW, TDHMPN2,   "8.2.3",     "transmit memory access") \
	R(0x03600,    0,   1, RW, RXBUFCTRL, "8.2.3",     "receive buffer access") \
	R(0x03610, 0x04,   4, RO, RXBUFDATA, "8.2.3",     "receive buffer data") \
	R(0x0c600,    0,   1, RW, TXBUFCTRL, "8.2.3",     "transmit buffer access") \
	R(0x0c610, 0x04,   4, RO, TXBUFDATA, "8.2.3",     "transmit buffer data") \
	R(0x03700, 0x04,  16, RO, RXPTR,     "8.2.3",     "receive buffer pointers") \
	R(0x0c700, 0x04,  16, RO, TXPTR,     "8.2.3",     "transmit buffer pointers") \
	R(0x050a4,    0,   1, RO, RFVAL,     "8.2.3",     "receive filter validation") \
	R(0x042b8,    0,   1, RO, MDFTC1,    "8.2.3",     "MAC test control 1") \
	R(0x042c0, 0x04,   4, RO, MDFTC2,    "8.2.3",     "MAC test control 2, FIFOs, status") \
	R(0x110e0,    0,   1, RO, ECC_STATUS,"8.2.3",     "memory errors") \
	R(0x11100, 0x04,   2, RW, ECC_CTRL,  "8.2.3",     "memory error control")
/* clang-format on */

#define IXGBE_ROW_OFFSET(offset, stride, count, mode, name, section, text) \
	IXGBE_##name = (offset), IXGBE_##name##_STRIDE = (stride), IXGBE_##name##_COUNT = (count),
enum ixgbe_reg { IXGBE_REGS(IXGBE_ROW_OFFSET) };
#undef IXGBE_ROW_OFFSET

/* The number of the row of a register: IXGBE_ROW_CTRL. */
#define IXGBE_ROW_NUMBER(offset, stride, count, mode, name, section, text) IXGBE_ROW_##name,
enum ixgbe_row { IXGBE_REGS(IXGBE_ROW_NUMBER) IXGBE_ROWS };
#undef IXGBE_ROW_NUMBER

/* The offset of register number @i of a row. */
#define IXGBE_AT(name, i) ((uint32_t)IXGBE_##name + (uint32_t)IXGBE_##name##_STRIDE * (uint32_t)(i))

#endif
