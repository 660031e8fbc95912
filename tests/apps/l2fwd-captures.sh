#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l2fwd from a file to a file: the packets of every Ethernet capture come out byte for byte and in order, whatever
# the burst and however few and small the buffers are, and all are counted.
# tcpdump says which are Ethernet, a few lines of perl what is in the files.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need tcpdump perl

# forward IN OPTION...: from IN to $work/out.pcap, every packet.
forward()
{
	local in=$1
	shift
	"$l2fwd" --no-mac-update --json "$@" "pcap:rx=$in" "pcap:tx=$work/out.pcap" >"$work/json" 2>"$work/err" ||
		fail "$in $*: exit code $?: $(cat "$work/err")"
	counts=$(for name in rx_packets tx_packets rx_bytes tx_bytes; do figure "$name" "$work/json"; done | paste -sd ' ')
	[ "$counts, $(dropped "$work/json") dropped" = "$packets $packets $bytes $bytes, 0 dropped" ] ||
		fail "$in $*: there are $packets packets of $bytes bytes: $(tail -n 1 "$work/json")"
	packets_of "$work/out.pcap" | cmp -s - "$work/packets" || fail "$in $*: other packets come out than went in"
}

count=0
for in in "$captures"/*.pcap; do
	[[ $(tcpdump -r "$in" -c 1 -n 2>&1) == *'link-type EN10MB'* ]] || continue
	packets_of "$in" >"$work/packets"
	packets=$(wc -l <"$work/packets")
	bytes=$(($(tr -d '\n' <"$work/packets" | wc -c) / 2))
	forward "$in"
	forward "$in" --page-size 4K --burst 1
	forward "$in" --page-size 4K --burst 64
	# The longest packet has 80,066 bytes: 38 buffers of the usual size, 626 of 256 bytes with 128 of headroom.
	forward "$in" --page-size 4K --buffers 64
	forward "$in" --page-size 4K --buffers 1000 --room 256
	forward "$in" --page-size 4K --keep-time
	records "$in" >"$work/records"
	records "$work/out.pcap" | cmp -s - "$work/records" || fail "$in: times or lengths changed on the way"
	count=$((count + 1))
done
[ "$count" -gt 0 ] || fail "there is no Ethernet capture in $captures"
echo "$count captures came out as they went in"
