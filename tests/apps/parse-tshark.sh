#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Compares what weir finds in every frame of every capture with what tshark finds: types, tags, addresses, protocols,
# ports, header lengths, and the verdicts on checksums.
#
#   tests/apps/parse-tshark.sh [CAPTURE...]
#
# Without arguments the captures are those of tests/data/captures, and of $WEIR_CAPTURES or ../shared/data/captures
# where there are any.
set -euo pipefail

cd "$(dirname "$0")/../.."
dump=${BUILD:-build}/tests/apps/parse_dump
command -v tshark >/dev/null || { echo "tshark is not installed" && exit 77; }
[ -x "$dump" ] || { echo "$dump is not built; run make apps-tests" && exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

shopt -s nullglob
captures=("$@")
[ ${#captures[@]} -gt 0 ] || captures=(tests/data/captures/*.pcap "${WEIR_CAPTURES:-../shared/data/captures}"/*.pcap)
[ ${#captures[@]} -gt 0 ] || { echo "there are no captures in tests/data/captures" && exit 77; }

"$dump" -f >"$work/columns"
mapfile -t fields < <(grep -v '^more$' "$work/columns" | tr + '\n')

# Checksums are looked at, and fragments are looked at one by one, as weir does. A home of its own keeps what the user
# has told tshark otherwise out of it.
tshark_rows()
{
	HOME=$work tshark -Q -n -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-o sctp.checksum:"CRC-32c" -o ip.defragment:FALSE -o ipv6.defragment:FALSE \
		-T fields -E occurrence=a "${fields[@]/#/-e}"
}

status=0
total=0
for capture in "${captures[@]}"; do
	"$dump" "$capture" >"$work/weir"
	tshark_rows "$capture" >"$work/tshark" 2>"$work/complaints" || cat "$work/complaints"
	frames=$(wc -l <"$work/weir")
	if awk -v capture="$(basename "$capture")" -f tests/apps/parse-tshark.awk \
		"$work/columns" tests/apps/parse-tshark.known "$work/weir" "$work/tshark"; then
		total=$((total + frames))
	else
		status=1
	fi
done
[ $status -ne 0 ] || echo "$total frames of ${#captures[@]} captures: weir and tshark agree"
exit $status
