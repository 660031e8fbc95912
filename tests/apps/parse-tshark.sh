#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What weir finds in every frame of every capture is what tshark finds: types, tags, labels, addresses, protocols, ports,
# header lengths, in tunnels too, and the verdicts on checksums. Where they differ by intent is in parse-tshark.known.
# With arguments it compares in those captures instead.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need tshark
dump=${BUILD:-build}/tests/apps/parse_dump
[ -x "$dump" ] || skip "$dump is not built"
[ $# -gt 0 ] || set -- tests/data/frames/*.pcap "$captures"/*.pcap

"$dump" -f >"$work/columns"
mapfile -t fields < <(grep -v '^more$' "$work/columns" | tr + '\n')

# Checksums are looked at, and fragments are left alone, as weir does it. A home of its own keeps out what the user has
# told tshark otherwise.
tshark_rows()
{
	HOME=$work tshark -Q -n -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-o sctp.checksum:CRC-32c -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
		-T fields -E occurrence=a "${fields[@]/#/-e}" 2>"$work/err" || fail "tshark on $1: $(cat "$work/err")"
}

frames=0
differences=0
for capture; do
	"$dump" "$capture" >"$work/weir"
	tshark_rows "$capture" >"$work/tshark"
	awk -v capture="$(basename "$capture")" -f tests/apps/parse-tshark.awk \
		"$work/columns" tests/apps/parse-tshark.known "$work/weir" "$work/tshark" || differences=1
	frames=$((frames + $(wc -l <"$work/weir")))
done
[ $differences -eq 0 ] || fail "weir and tshark differ"
echo "$frames frames of $# captures: weir and tshark agree"
