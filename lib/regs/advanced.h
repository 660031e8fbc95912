/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The advanced descriptors, which the 82575 began with and the 82599 goes on with: fields, by 32-bit word. What a family
 * has of its own, such as the bits of errors, is with its registers (ixgbe_bits.h, e1000_bits.h). And the fields of registers
 * that all families have.
 */
#ifndef REGS_ADVANCED_H
#define REGS_ADVANCED_H

#include "regs/field.h"

/* --- receive descriptors: written back by the card ----------------------------------------------------------------------- */

/* Word 0; words 1 to 3 are the hash, status and errors, length and VLAN tag. */
#define RXD_RSS_TYPE        0x0000000fu
#define RXD_TYPE            0x0001fff0u
#define RXD_TYPE_IPV4       0x00000010u
#define RXD_TYPE_IPV4E      0x00000020u /* with options */
#define RXD_TYPE_IPV6       0x00000040u
#define RXD_TYPE_IPV6E      0x00000080u /* with extension headers */
#define RXD_TYPE_TCP        0x00000100u
#define RXD_TYPE_UDP        0x00000200u
#define RXD_TYPE_SCTP       0x00000400u
#define RXD_TYPE_ETQF       0x00008000u /* then bits 6:4 are the filter's number */
#define RXD_TYPE_ETQF_INDEX 0x00000070u
#define RXD_HEADER_LEN      0x7fe00000u
#define RXD_SPLIT           0x80000000u

#define RSS_TYPE_TCP4 1u
#define RSS_TYPE_IP4  2u
#define RSS_TYPE_TCP6 3u
#define RSS_TYPE_IP6  5u
#define RSS_TYPE_UDP4 7u
#define RSS_TYPE_UDP6 8u

#define RXD_DD    0x00000001u
#define RXD_EOP   0x00000002u
#define RXD_VP    0x00000008u /* a VLAN tag */
#define RXD_UDPCS 0x00000010u
#define RXD_L4CS  0x00000020u
#define RXD_IPCS  0x00000040u
#define RXD_PIF   0x00000080u /* passed by the multicast hash only */
#define RXD_UDPV  0x00000400u
#define RXD_LLINT 0x00000800u
#define RXD_TS    0x00010000u
#define RXD_LB    0x00040000u
#define RXD_HBO   0x00800000u /* the header was longer than its buffer */

/* --- transmit descriptors --------------------------------------------------------------------------------------------- */

/* Word 2 of all. */
#define TXD_LEN     0x0000ffffu
#define TXD_DTYP    0x00f00000u
#define TXD_CONTEXT 2u
#define TXD_DATA    3u
#define TXD_EOP     0x01000000u
#define TXD_IFCS    0x02000000u
#define TXD_IC      0x04000000u /* legacy */
#define TXD_RS      0x08000000u
#define TXD_DEXT    0x20000000u /* not legacy */
#define TXD_VLE     0x40000000u
#define TXD_TSE     0x80000000u
#define TXD_TSTAMP  0x00080000u
#define TXL_CSO     0x00ff0000u

/* Word 3 of data descriptors. */
#define TXD_DD     0x00000001u
#define TXD_IDX    0x00000070u
#define TXD_CC     0x00000080u
#define TXD_IXSM   0x00000100u
#define TXD_TXSM   0x00000200u
#define TXD_PAYLEN 0xffffc000u
#define TXL_CSS    0x0000ff00u
#define TXL_VLAN   0xffff0000u

/* Context descriptors: word 0, 2 and 3. */
#define TXC_IPLEN  0x000001ffu
#define TXC_MACLEN 0x0000fe00u
#define TXC_VLAN   0xffff0000u
#define TXC_IPV4   0x00000400u
#define TXC_L4T    0x00001800u
#define TXC_UDP    0u
#define TXC_TCP    1u
#define TXC_SCTP   2u
#define TXC_IDX    0x00000070u
#define TXC_L4LEN  0x0000ff00u
#define TXC_MSS    0xffff0000u

/* --- registers that are the same on all cards ----------------------------------------------------------------------------- */

#define MRQC_TCP4 0x00010000u
#define MRQC_IP4  0x00020000u
#define MRQC_IP6  0x00100000u
#define MRQC_TCP6 0x00200000u /* from here on not on the 82574 */
#define MRQC_UDP4 0x00400000u
#define MRQC_UDP6 0x00800000u

#define SWSM_SMBI    0x00000001u /* set by reading */
#define SWSM_SWESMBI 0x00000002u

/* Registers that say where headers of received packets go. */
#define SRRCTL_BSIZEHDR       0x00003f00u /* in units of 64 bytes */
#define SRRCTL_DESCTYPE       0x0e000000u
#define DESCTYPE_LEGACY       0u
#define DESCTYPE_ADVANCED     1u
#define DESCTYPE_SPLIT        2u /* headers to a buffer of their own */
#define DESCTYPE_SPLIT_ALWAYS 5u /* ... and the first bytes of what has none */

#define PSRTYPE_TCP  0x00000010u /* split behind this header */
#define PSRTYPE_UDP  0x00000020u
#define PSRTYPE_IPV4 0x00000100u
#define PSRTYPE_IPV6 0x00000200u
#define PSRTYPE_L2   0x00001000u

#endif
