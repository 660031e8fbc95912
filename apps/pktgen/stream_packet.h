/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads the headers of a stream's packets.
 */
#ifndef PKTGEN_STREAM_PACKET_H
#define PKTGEN_STREAM_PACKET_H

#include "stream.h"
#include "stream_yaml.h"

/* [eth, {vlan: {id: 5}}, ipv4, udp]: fills stream->template and ->fields. Returns 0, or -errno with a sentence. */
int packet_read(const struct doc *doc, const yaml_node_t *node, struct stream *stream);

#endif
