/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registers of Intel's gigabit cards, a row each: the 8254x (82540EM, 82545EM), the 82574, and of the 82576 what it has
 * in common with them. (e1000_bits.h: fields. igb.h: what the 82576 has of its own.)
 *
 *      R(offset, stride, count, mode, who, NAME, section, what it is)
 *
 * makes E1000_NAME, the offset of the first, and E1000_AT(NAME, i), the offset of number i. Modes:
 *
 *      RW   as written             RO   written by the device only
 *      RC   cleared by reading     RH   the upper half of a 64-bit counter: reading it clears both halves
 *      WO   reads as 0             SC   as written, but for bits that the device sets and clears
 *
 * Who has it: x the 8254x, e the 82574, g the 82576, or several of them; "all". Beside those of its family: p the I217 to
 * I219, n the 82580 and newer. Sections are those of the 8254x Family Software Developer's Manual (317453) where it describes
 * the register, else of the 82574's datasheet (10.x).
 *
 * Of the registers of queues the 8254x has one, the 82574 two, and the 82576 the first four: igb.h has all sixteen.
 */
#ifndef REGS_E1000_H
#define REGS_E1000_H

/* clang-format off */
#define E1000_REGS(R) \
	/* general control */ \
	R(0x00000,     0,   1, SC, all, CTRL,       "13.4.1",   "device control") \
	R(0x00004,     0,   1, SC, all, CTRL_DUP,   "13.4.1",   "alias of CTRL") \
	R(0x00008,     0,   1, RO, all, STATUS,     "13.4.2",   "device status") \
	R(0x0000c,     0,   1, RO, p,   STRAP,      "10.1",     "straps: size of the flash") \
	R(0x00018,     0,   1, SC, all, CTRL_EXT,   "13.4.6",   "extended device control") \
	R(0x00020,     0,   1, SC, all, MDIC,       "13.4.7",   "access to the PHY") \
	R(0x00024,     0,   1, SC, eg,  SCTL,       "10.2.2",   "access to the SerDes") \
	R(0x00028,     0,   1, RW, all, FCAL,       "13.4.8",   "address of pauses, low") \
	R(0x0002c,     0,   1, RW, all, FCAH,       "13.4.9",   "address of pauses, high") \
	R(0x00030,     0,   1, RW, all, FCT,        "13.4.10",  "EtherType of pauses") \
	R(0x00034,     0,   1, RW, eg,  KMRNCTRLSTA,"10.2.2",   "MAC to PHY interface; 82576: CONNSW, which of copper and fibre") \
	R(0x00038,     0,   1, RW, all, VET,        "13.4.11",  "EtherType of VLAN tags") \
	R(0x0003c,     0,   1, RW, p,   FEXTNVM3,   "10.1",     "time that the PHY takes to be configured") \
	R(0x00170,     0,   1, RW, all, FCTTV,      "13.4.12",  "pause time that is sent") \
	R(0x00178,     0,   1, RW, all, TXCW,       "13.4.13",  "autonegotiation of fibre, what is sent") \
	R(0x00180,     0,   1, RO, all, RXCW,       "13.4.14",  "autonegotiation of fibre, what is received") \
	R(0x00e00,     0,   1, RW, all, LEDCTL,     "13.4.15",  "LEDs") \
	R(0x00f00,     0,   1, SC, e,   EXTCNF_CTRL,"10.2.2",   "who owns the PHY's bus; configuration from the NVM") \
	R(0x00f08,     0,   1, RW, e,   EXTCNF_SIZE,"10.2.2",   "size of that configuration") \
	R(0x00f10,     0,   1, RW, e,   PHY_CTRL,   "10.2.2",   "the PHY's speeds at low power") \
	R(0x00f28,     0,   1, RW, p,   IOSFPC,     "10.1",     "how the fabric is asked") \
	R(0x01000,     0,   1, RW, all, PBA,        "13.4.16",  "packet buffer's KiB: receive, transmit") \
	R(0x01008,     0,   1, RW, all, PBS,        "13.4.16",  "packet buffer's KiB in all") \
	R(0x0100c,     0,   1, SC, e,   PBECCSTS,   "10.2.2",   "memory errors of the packet buffer") \
	R(0x01100,     0,   1, RW, e,   PBA_ECC,    "10.2.2",   "error correction of the packet buffer") \
	/* EEPROM and flash */ \
	R(0x00010,     0,   1, SC, all, EECD,       "13.4.3",   "EEPROM's pins, EEPROM and flash control") \
	R(0x00014,     0,   1, SC, all, EERD,       "13.4.4",   "EEPROM read") \
	R(0x0001c,     0,   1, RW, all, FLA,        "13.4.5",   "flash access") \
	R(0x01010,     0,   1, RO, eg,  EEMNGCTL,   "10.2.2",   "EEPROM access of the manageability: configuration is done") \
	R(0x01014,     0,   1, RW, eg,  EEMNGDATA,  "10.2.2",   "its data") \
	R(0x01018,     0,   1, RW, eg,  FLMNGCTL,   "10.2.2",   "flash access of the manageability") \
	R(0x0101c,     0,   1, RW, eg,  FLMNGDATA,  "10.2.2",   "its data") \
	R(0x01020,     0,   1, RW, eg,  FLMNGCNT,   "10.2.2",   "its count") \
	R(0x01024,     0,   1, RW, eg,  EEARBC,     "10.2.2",   "EEPROM auto-read bus control") \
	R(0x01028,     0,   1, RW, eg,  FLASHT,     "10.2.2",   "flash timer; 82576: I2CCMD") \
	R(0x0102c,     0,   1, SC, eg,  EEWR,       "10.2.2",   "EEPROM write") \
	R(0x01030,     0,   1, RW, eg,  FLSWCTL,    "10.2.2",   "flash control of software") \
	R(0x01034,     0,   1, RW, eg,  FLSWDATA,   "10.2.2",   "its data") \
	R(0x01038,     0,   1, RW, eg,  FLSWCNT,    "10.2.2",   "its count") \
	R(0x0103c,     0,   1, RW, eg,  FLOP,       "10.2.2",   "flash opcodes") \
	/* PCI Express */ \
	R(0x05b00,     0,   1, RW, eg,  GCR,        "10.2.3.1", "PCI Express control") \
	R(0x05b08,     0,   1, RW, eg,  FUNCTAG,    "10.2.3.2", "tags of the function") \
	R(0x05b10,  0x04,   4, RW, eg,  GSCL,       "10.2.3.3", "PCI Express statistics control") \
	R(0x05b20,  0x04,   4, RW, eg,  GSCN,       "10.2.3.7", "PCI Express statistics") \
	R(0x05b30,     0,   1, RO, eg,  FACTPS,     "10.2.3",   "functions' power states") \
	R(0x05b34,  0x04,   7, RW, eg,  GIOANACTL,  "10.2.3",   "analog configuration of PCI Express") \
	R(0x05b50,     0,   1, SC, eg,  SWSM,       "10.2.3",   "software semaphore: reading takes it") \
	R(0x05b50,     0,   1, RW, p,   H2ME,       "10.1",     "what firmware is asked for, where SWSM is else") \
	R(0x05b54,     0,   1, RO, eg,  FWSM,       "10.2.3",   "firmware semaphore") \
	R(0x05b58,     0,   1, RW, e,   SWSM2,      "10.2.3",   "another software semaphore") \
	R(0x05b5c,     0,   1, RW, eg,  SW_FW_SYNC, "10.2.3",   "who owns what: software, firmware") \
	R(0x05b64,     0,   1, RW, eg,  GCR2,       "10.2.3",   "PCI Express control 2; 82576: MREVID") \
	R(0x05b68,     0,   1, SC, eg,  PBACL,      "10.2.3",   "clears pending bits of vectors") \
	/* interrupts */ \
	R(0x000c0,     0,   1, SC, all, ICR,        "13.4.17",  "interrupt causes") \
	R(0x000c4,     0,   1, RW, xe,  ITR,        "13.4.18",  "interrupt throttle, in units of 256 ns") \
	R(0x000c8,     0,   1, SC, all, ICS,        "13.4.19",  "causes set by software") \
	R(0x000d0,     0,   1, SC, all, IMS,        "13.4.20",  "interrupt mask, set") \
	R(0x000d8,     0,   1, SC, all, IMC,        "13.4.21",  "interrupt mask, clear") \
	R(0x000dc,     0,   1, RW, e,   EIAC,       "10.2.4.7", "causes that a message clears") \
	R(0x000e0,     0,   1, RW, eg,  IAM,        "10.2.4.8", "causes that mask themselves") \
	R(0x000e4,     0,   1, RW, e,   IVAR,       "10.2.4.9", "vectors of queues and other causes") \
	R(0x000e8,  0x04,   5, RW, e,   EITR,       "10.2.4.3", "interrupt throttle of a vector") \
	/* receive */ \
	R(0x00100,     0,   1, SC, all, RCTL,       "13.4.22",  "receive control") \
	R(0x02008,     0,   1, RW, xe,  ERT,        "10.2.5",   "early receive threshold") \
	R(0x02160,     0,   1, RW, all, FCRTL,      "13.4.23",  "fill that ends a pause") \
	R(0x02168,     0,   1, RW, all, FCRTH,      "13.4.24",  "fill that asks for a pause") \
	R(0x02170,     0,   1, RW, e,   PSRCTL,     "10.2.5.2", "packet split: sizes of the buffers") \
	R(0x05f40,     0,   1, RW, p,   FCRTV,      "10.1",     "when a pause is asked for again") \
	R(0x02410,     0,   1, RW, all, RDFH,       "13.8.1",   "receive FIFO: head") \
	R(0x02418,     0,   1, RW, all, RDFT,       "13.8.2",   "receive FIFO: tail") \
	R(0x02420,     0,   1, RW, all, RDFHS,      "13.8.3",   "receive FIFO: head saved") \
	R(0x02428,     0,   1, RW, all, RDFTS,      "13.8.4",   "receive FIFO: tail saved") \
	R(0x02430,     0,   1, RW, all, RDFPC,      "13.8.5",   "receive FIFO: packets") \
	R(0x02800, 0x100,   4, RW, all, RDBAL,      "13.4.25",  "receive ring, low") \
	R(0x02804, 0x100,   4, RW, all, RDBAH,      "13.4.26",  "receive ring, high") \
	R(0x02808, 0x100,   4, RW, all, RDLEN,      "13.4.27",  "receive ring's bytes") \
	R(0x02810, 0x100,   4, SC, all, RDH,        "13.4.28",  "receive head") \
	R(0x02818, 0x100,   4, SC, all, RDT,        "13.4.29",  "receive tail") \
	R(0x02820,     0,   1, SC, xe,  RDTR,       "13.4.30",  "receive interrupt delay, in units of 1.024 us") \
	R(0x02828, 0x100,   4, SC, all, RXDCTL,     "13.4.46",  "receive descriptor control") \
	R(0x0282c,     0,   1, RW, xe,  RADV,       "13.4.31",  "receive interrupt delay, absolute") \
	R(0x02c00,     0,   1, RW, xe,  RSRPD,      "13.4.32",  "size of packets that interrupt at once") \
	R(0x02c08,     0,   1, RW, xe,  RAID,       "10.2.5",   "delay of interrupts of acknowledgements") \
	R(0x02c10,     0,   1, RW, e,   CPUVEC,     "10.2.5",   "processors of queues") \
	R(0x05000,     0,   1, RW, all, RXCSUM,     "13.4.47",  "receive checksum control") \
	R(0x05008,     0,   1, RW, all, RFCTL,      "10.2.5",   "receive filter control; 8254x: without effect") \
	R(0x05200,  0x04, 128, RW, all, MTA,        "13.5.1",   "multicast hash table") \
	R(0x05400,  0x08,  16, RW, all, RAL,        "13.5.2",   "own MAC address, low") \
	R(0x05404,  0x08,  16, RW, all, RAH,        "13.5.3",   "own MAC address, high") \
	R(0x05600,  0x04, 128, RW, all, VFTA,       "13.5.4",   "VLANs that are received") \
	R(0x05818,     0,   1, RW, eg,  MRQC,       "10.2.5",   "multiple receive queues") \
	R(0x05864,     0,   1, RW, e,   RSSIM,      "10.2.5",   "RSS interrupt mask") \
	R(0x05868,     0,   1, RW, e,   RSSIR,      "10.2.5",   "RSS interrupt request") \
	R(0x05c00,  0x04,  32, RW, eg,  RETA,       "10.2.5",   "RSS redirection table") \
	R(0x05c80,  0x04,  10, RW, eg,  RSSRK,      "10.2.5",   "RSS key") \
	/* transmit */ \
	R(0x00400,     0,   1, SC, all, TCTL,       "13.4.33",  "transmit control") \
	R(0x00404,     0,   1, RW, eg,  TCTL_EXT,   "10.2.6",   "extended transmit control") \
	R(0x00410,     0,   1, RW, all, TIPG,       "13.4.34",  "gap between packets") \
	R(0x00448,     0,   1, RW, xe,  TBT,        "13.4",     "transmit burst timer") \
	R(0x00458,     0,   1, RW, all, AIT,        "13.4.35",  "adaptive gap between packets") \
	R(0x03004,     0,   1, RW, p,   KABGTXD,    "10.1",     "bias of the link to the PHY") \
	R(0x03000,     0,   1, RW, xe,  TXDMAC,     "13.4.42",  "transmit DMA control") \
	R(0x03410,     0,   1, RW, all, TDFH,       "13.8.6",   "transmit FIFO: head") \
	R(0x03418,     0,   1, RW, all, TDFT,       "13.8.7",   "transmit FIFO: tail") \
	R(0x03420,     0,   1, RW, all, TDFHS,      "13.8.8",   "transmit FIFO: head saved") \
	R(0x03428,     0,   1, RW, all, TDFTS,      "13.8.9",   "transmit FIFO: tail saved") \
	R(0x03430,     0,   1, RW, all, TDFPC,      "13.8.10",  "transmit FIFO: packets") \
	R(0x03800, 0x100,   4, RW, all, TDBAL,      "13.4.36",  "transmit ring, low") \
	R(0x03804, 0x100,   4, RW, all, TDBAH,      "13.4.37",  "transmit ring, high") \
	R(0x03808, 0x100,   4, RW, all, TDLEN,      "13.4.38",  "transmit ring's bytes") \
	R(0x03810, 0x100,   4, SC, all, TDH,        "13.4.39",  "transmit head") \
	R(0x03818, 0x100,   4, SC, all, TDT,        "13.4.40",  "transmit tail") \
	R(0x03820,     0,   1, SC, xe,  TIDV,       "13.4.41",  "transmit interrupt delay, in units of 1.024 us") \
	R(0x03828, 0x100,   4, SC, all, TXDCTL,     "13.4.43",  "transmit descriptor control") \
	R(0x0382c,     0,   1, RW, xe,  TADV,       "13.4.44",  "transmit interrupt delay, absolute") \
	R(0x03830,     0,   1, RW, xe,  TSPMT,      "13.4.45",  "segmentation's pad and minimum threshold") \
	R(0x03840, 0x100,   2, SC, e,   TARC,       "10.2.6",   "transmit arbitration; enables the queue") \
	/* statistics */ \
	R(0x04000,     0,   1, RC, all, CRCERRS,    "13.7.1",   "frames with a bad CRC") \
	R(0x04004,     0,   1, RC, all, ALGNERRC,   "13.7.2",   "alignment errors") \
	R(0x04008,     0,   1, RC, all, SYMERRS,    "13.7.3",   "symbol errors") \
	R(0x0400c,     0,   1, RC, all, RXERRC,     "13.7.4",   "errors of the PHY's receiver") \
	R(0x04010,     0,   1, RC, all, MPC,        "13.7.5",   "packets missed for a full packet buffer") \
	R(0x04014,     0,   1, RC, all, SCC,        "13.7.6",   "single collisions") \
	R(0x04018,     0,   1, RC, all, ECOL,       "13.7.7",   "excessive collisions") \
	R(0x0401c,     0,   1, RC, all, MCC,        "13.7.8",   "multiple collisions") \
	R(0x04020,     0,   1, RC, all, LATECOL,    "13.7.9",   "late collisions") \
	R(0x04028,     0,   1, RC, all, COLC,       "13.7.10",  "collisions") \
	R(0x04030,     0,   1, RC, all, DC,         "13.7.11",  "deferred packets") \
	R(0x04034,     0,   1, RC, all, TNCRS,      "13.7.12",  "sent without carrier sense") \
	R(0x04038,     0,   1, RC, all, SEC,        "13.7.13",  "sequence errors") \
	R(0x0403c,     0,   1, RC, all, CEXTERR,    "13.7.14",  "carrier extension errors; 82576: sent packets discarded") \
	R(0x04040,     0,   1, RC, all, RLEC,       "13.7.15",  "frames with a wrong length") \
	R(0x04048,     0,   1, RC, all, XONRXC,     "13.7.16",  "XON received") \
	R(0x0404c,     0,   1, RC, all, XONTXC,     "13.7.17",  "XON sent") \
	R(0x04050,     0,   1, RC, all, XOFFRXC,    "13.7.18",  "XOFF received") \
	R(0x04054,     0,   1, RC, all, XOFFTXC,    "13.7.19",  "XOFF sent") \
	R(0x04058,     0,   1, RC, all, FCRUC,      "13.7.20",  "flow control frames that are none of these") \
	R(0x0405c,     0,   1, RC, all, PRC64,      "13.7.21",  "received of 64 bytes") \
	R(0x04060,     0,   1, RC, all, PRC127,     "13.7.22",  "... of 65 to 127") \
	R(0x04064,     0,   1, RC, all, PRC255,     "13.7.23",  "... of 128 to 255") \
	R(0x04068,     0,   1, RC, all, PRC511,     "13.7.24",  "... of 256 to 511") \
	R(0x0406c,     0,   1, RC, all, PRC1023,    "13.7.25",  "... of 512 to 1023") \
	R(0x04070,     0,   1, RC, all, PRC1522,    "13.7.26",  "... of 1024 and more") \
	R(0x04074,     0,   1, RC, all, GPRC,       "13.7.27",  "good packets received") \
	R(0x04078,     0,   1, RC, all, BPRC,       "13.7.28",  "broadcasts received") \
	R(0x0407c,     0,   1, RC, all, MPRC,       "13.7.29",  "multicasts received") \
	R(0x04080,     0,   1, RC, all, GPTC,       "13.7.30",  "good packets sent") \
	R(0x04088,     0,   1, RO, all, GORCL,      "13.7.31",  "good bytes received, low") \
	R(0x0408c,     0,   1, RH, all, GORCH,      "13.7.31",  "good bytes received, high") \
	R(0x04090,     0,   1, RO, all, GOTCL,      "13.7.32",  "good bytes sent, low") \
	R(0x04094,     0,   1, RH, all, GOTCH,      "13.7.32",  "good bytes sent, high") \
	R(0x040a0,     0,   1, RC, all, RNBC,       "13.7.33",  "packets that found no descriptor") \
	R(0x040a4,     0,   1, RC, all, RUC,        "13.7.34",  "undersized frames") \
	R(0x040a8,     0,   1, RC, all, RFC,        "13.7.35",  "fragments") \
	R(0x040ac,     0,   1, RC, all, ROC,        "13.7.36",  "oversized frames") \
	R(0x040b0,     0,   1, RC, all, RJC,        "13.7.37",  "jabbers") \
	R(0x040b4,     0,   1, RC, all, MGTPRC,     "13.7.38",  "manageability packets received") \
	R(0x040b8,     0,   1, RC, all, MGTPDC,     "13.7.39",  "manageability packets dropped") \
	R(0x040bc,     0,   1, RC, all, MGTPTC,     "13.7.40",  "manageability packets sent") \
	R(0x040c0,     0,   1, RO, all, TORL,       "13.7.41",  "all bytes received, low") \
	R(0x040c4,     0,   1, RH, all, TORH,       "13.7.41",  "all bytes received, high") \
	R(0x040c8,     0,   1, RO, all, TOTL,       "13.7.42",  "all bytes sent, low") \
	R(0x040cc,     0,   1, RH, all, TOTH,       "13.7.42",  "all bytes sent, high") \
	R(0x040d0,     0,   1, RC, all, TPR,        "13.7.43",  "all packets received") \
	R(0x040d4,     0,   1, RC, all, TPT,        "13.7.44",  "all packets sent") \
	R(0x040d8,     0,   1, RC, all, PTC64,      "13.7.45",  "sent of 64 bytes") \
	R(0x040dc,     0,   1, RC, all, PTC127,     "13.7.46",  "... of 65 to 127") \
	R(0x040e0,     0,   1, RC, all, PTC255,     "13.7.47",  "... of 128 to 255") \
	R(0x040e4,     0,   1, RC, all, PTC511,     "13.7.48",  "... of 256 to 511") \
	R(0x040e8,     0,   1, RC, all, PTC1023,    "13.7.49",  "... of 512 to 1023") \
	R(0x040ec,     0,   1, RC, all, PTC1522,    "13.7.50",  "... of 1024 and more") \
	R(0x040f0,     0,   1, RC, all, MPTC,       "13.7.51",  "multicasts sent") \
	R(0x040f4,     0,   1, RC, all, BPTC,       "13.7.52",  "broadcasts sent") \
	R(0x040f8,     0,   1, RC, all, TSCTC,      "13.7.53",  "packets that were segmented") \
	R(0x040fc,     0,   1, RC, all, TSCTFC,     "13.7.54",  "... that could not be; 82576: CBRMPC") \
	R(0x04100,     0,   1, RC, all, IAC,        "10.2.7",   "interrupts") \
	R(0x04104,     0,   1, RC, all, ICRXPTC,    "10.2.7",   "... of the receive timer; 82576: RPTHC, packets to the host") \
	R(0x04108,     0,   1, RC, all, ICRXATC,    "10.2.7",   "... of the absolute receive timer") \
	R(0x0410c,     0,   1, RC, all, ICTXPTC,    "10.2.7",   "... of the transmit timer") \
	R(0x04110,     0,   1, RC, all, ICTXATC,    "10.2.7",   "... of the absolute transmit timer") \
	R(0x04118,     0,   1, RC, all, ICTXQEC,    "10.2.7",   "... of empty transmit queues; 82576: HGPTC, packets of the host") \
	R(0x0411c,     0,   1, RC, all, ICTXQMTC,   "10.2.7",   "... of low transmit queues") \
	R(0x04120,     0,   1, RC, all, ICRXDMTC,   "10.2.7",   "... of few receive descriptors") \
	R(0x04124,     0,   1, RC, all, ICRXOC,     "10.2.7",   "... of overruns; 82576: HTCBDPC") \
	/* wake-up and manageability */ \
	R(0x05800,     0,   1, RW, all, WUC,        "13.6.1",   "wake-up control") \
	R(0x05808,     0,   1, RW, all, WUFC,       "13.6.2",   "wake-up filters") \
	R(0x05810,     0,   1, SC, all, WUS,        "13.6.3",   "wake-up status") \
	R(0x05820,     0,   1, RW, all, MANC,       "13.6",     "manageability control") \
	R(0x05824,     0,   1, RW, eg,  MFVAL,      "10.2.8",   "manageability filters") \
	R(0x05838,     0,   1, RW, all, IPAV,       "13.6.4",   "wake-up addresses") \
	R(0x05840,  0x08,   4, RW, all, IP4AT,      "13.6.5",   "wake-up IPv4 addresses") \
	R(0x05860,     0,   1, RW, eg,  MANC2H,     "10.2.8",   "manageability to host") \
	R(0x05880,  0x04,   4, RW, all, IP6AT,      "13.6.6",   "wake-up IPv6 address") \
	R(0x05890,  0x04,   8, RW, eg,  MDEF,       "10.2.8",   "manageability decision filters") \
	R(0x05900,     0,   1, RO, all, WUPL,       "13.6.7",   "wake-up packet's bytes") \
	R(0x05a00,  0x04,  32, RO, all, WUPM,       "13.6.8",   "wake-up packet") \
	R(0x05f00,  0x08,   4, RW, all, FFLT,       "13.6.9",   "flexible filters: lengths") \
	R(0x05f50,     0,   1, RW, eg,  CRC_OFFSET, "10.2.9",   "CRC's offset; 82576: TSYNCRXCFG, which messages are stamped") \
	R(0x09000,  0x08, 128, RW, xe,  FFMT,       "13.6.10",  "flexible filters: masks") \
	R(0x09800,  0x08, 128, RW, all, FFVT,       "13.6.11",  "flexible filters: values") \
	R(0x08800,  0x04, 448, RW, eg,  HOST_IF,    "10.2.8",   "host interface memory") \
	R(0x08f00,     0,   1, SC, eg,  HICR,       "10.2.8",   "host interface control") \
	R(0x08f0c,     0,   1, RO, eg,  FWSTS,      "10.2.8",   "firmware status") \
	/* time */ \
	R(0x0b600,     0,   1, SC, eg,  SYSTIML,    "10.2.9",   "clock, low") \
	R(0x0b604,     0,   1, SC, eg,  SYSTIMH,    "10.2.9",   "clock, high") \
	R(0x0b608,     0,   1, SC, eg,  TIMINCA,    "10.2.9",   "clock's increment and period") \
	R(0x0b60c,     0,   1, RW, eg,  TIMADJL,    "10.2.9",   "adjustment of the clock, low") \
	R(0x0b610,     0,   1, SC, eg,  TIMADJH,    "10.2.9",   "adjustment of the clock, high") \
	R(0x0b614,     0,   1, SC, eg,  TSYNCTXCTL, "10.2.9",   "stamps of what is sent") \
	R(0x0b618,     0,   1, RO, eg,  TXSTMPL,    "10.2.9",   "when it was sent, low") \
	R(0x0b61c,     0,   1, RO, eg,  TXSTMPH,    "10.2.9",   "when it was sent, high") \
	R(0x0b620,     0,   1, SC, eg,  TSYNCRXCTL, "10.2.9",   "stamps of what is received") \
	R(0x0b624,     0,   1, RO, eg,  RXSTMPL,    "10.2.9",   "when it was received, low") \
	R(0x0b628,     0,   1, RO, eg,  RXSTMPH,    "10.2.9",   "when it was received, high") \
	R(0x0b62c,     0,   1, RO, eg,  RXSATRL,    "10.2.9",   "who sent it, low") \
	R(0x0b630,     0,   1, RO, eg,  RXSATRH,    "10.2.9",   "who sent it, high, and its number") \
	R(0x0b634,     0,   1, RW, e,   RXMTRL,     "10.2.9",   "which messages are stamped") \
	R(0x0b638,     0,   1, RW, e,   RXUDP,      "10.2.9",   "port of messages that are stamped") \
	/* diagnostics */ \
	R(0x10000,  0x04,16384,RW, xe,  PBM,        "13.8.11",  "packet buffer memory")
/* clang-format on */

/* Who: bits. */
#define E1000_ON_x   1u
#define E1000_ON_e   2u
#define E1000_ON_g   4u
#define E1000_ON_xe  3u
#define E1000_ON_eg  6u
#define E1000_ON_all 7u
#define E1000_ON_p   8u
#define E1000_ON_n   16u

#define E1000_ROW_OFFSET(offset, stride, count, mode, who, name, section, text) \
	E1000_##name = (offset), E1000_##name##_STRIDE = (stride), E1000_##name##_COUNT = (count),
enum e1000_reg { E1000_REGS(E1000_ROW_OFFSET) };
#undef E1000_ROW_OFFSET

/* The number of the row of a register: E1000_ROW_CTRL. */
#define E1000_ROW_NUMBER(offset, stride, count, mode, who, name, section, text) E1000_ROW_##name,
enum e1000_row { E1000_REGS(E1000_ROW_NUMBER) E1000_ROWS };
#undef E1000_ROW_NUMBER

/* The offset of register number @i of a row. */
#define E1000_AT(name, i) ((uint32_t)E1000_##name + (uint32_t)E1000_##name##_STRIDE * (uint32_t)(i))

#endif
