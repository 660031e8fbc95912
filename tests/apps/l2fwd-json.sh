#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# --json prints objects, one a line, and nothing else; the last one is the sum of everything.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need jq perl

# holds WHAT FILE FILTER: the filter is true of the objects in the file, taken as one array.
holds()
{
	jq -es "def numbers: all(.[]; type == \"number\"); $3" "$2" >/dev/null || fail "$1: $(tail -c 2000 "$2")"
}

fields='all(.[];
	([.seconds, .rx_packets, .tx_packets, .rx_bytes, .tx_bytes, .mpps, .cycles_per_packet, .burst_fill] | numbers) and
	(.dropped | type == "object" and numbers) and (.pool | numbers) and (.final | type == "boolean"))'
last='.[-1].final and ([.[] | select(.final)] | length) == 1'
sums='.[-1] | .rx_packets == .tx_packets + ([.dropped[]] | add) and
	.rx_packets == ([.ports[] | select(.input).rx.packets] | add) and
	.tx_packets == ([.ports[] | select(.output).tx.packets] | add) and
	all(.ports[]; .spec and .driver and (.link | has("up")) and (.queues | length) == 1)'

flows "$work/in.pcap" 1000 4

# A file: exactly what is in it.
"$l2fwd" --json "pcap:rx=$work/in.pcap" pcap:tx=/dev/null >"$work/file"
holds "a file's fields" "$work/file" "($fields) and ($last)"
holds "a file's sums" "$work/file" "$sums"
holds "a file's counts" "$work/file" '.[-1] | .rx_packets == 1000 and .tx_packets == 1000 and .rx_bytes == 60000 and
	.tx_bytes == 60000 and .mpps > 0 and .cycles_per_packet > 0 and .pool.in_use == 0'

# --quiet leaves the standard output to packets.
"$l2fwd" --quiet --no-mac-update pcap:rx=- pcap:tx=- <"$work/in.pcap" >"$work/out.pcap"
packets_of "$work/out.pcap" | cmp - <(packets_of "$work/in.pcap") || fail "other packets came out of the pipe"

# A long run: an object for each interval, and totals that only grow.
"$l2fwd" --json --stats 0.1 --seconds 0.75 "pcap:rx=$work/in.pcap,loop=0" pcap:tx=/dev/null >"$work/long"
holds "a long run's fields" "$work/long" "($fields) and ($last)"
holds "a long run's sums" "$work/long" "$sums"
holds "a long run's intervals" "$work/long" 'length > 3 and .[-1].seconds >= 0.75 and
	(map(.rx_packets) | . == sort) and (map(.seconds) | . == sort)'

# A ring that nobody empties takes what it can hold; the rest is dropped, and counted.
"$l2fwd" --json --count 100000 --stats 0 null:size=64 ring:json_a,json_b >"$work/full"
holds "a full ring's fields" "$work/full" "($fields) and ($last)"
holds "a full ring's sums" "$work/full" "$sums"
holds "a full ring's drops" "$work/full" '.[-1] | .rx_packets == 100000 and .tx_packets > 0 and .dropped.tx_full > 0 and
	.dropped.tx_full == .ports[1].tx.dropped.tx_full'
