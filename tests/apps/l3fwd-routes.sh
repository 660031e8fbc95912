#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l3fwd by a file of routes, from file to file: what is to be forwarded leaves by the port that the route says, what
# must not be is answered or dropped, all of it is counted with its reason; mistakes in the file are told with their line.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need perl jq
l3fwd=$bin/weir-l3fwd

cat >"$work/routes" <<-'END'
	# Two networks, and what is behind the second one.
	interface 0 mac 02:00:00:00:00:00 address 10.0.0.1/24
	interface 1 mac 02:00:00:00:00:01 address 10.0.1.1/24
	neighbour 10.0.0.2 mac 02:00:00:00:99:99
	neighbour 10.0.1.2 mac 02:00:00:00:01:02
	route 10.9.0.0/16 via 10.0.1.2
	route 10.6.0.0/16 blackhole
END
to_us='020000000000 020000009999 0800'
write_pcap "$work/in.pcap" \
	"$to_us 4500002012340000 4011548e 0a000002 0a090001 03e80035000c000061626364" \
	"$to_us 4500002012340000 0111938e 0a000002 0a090001 03e80035000c000061626364" \
	"$to_us 4500002012340000 40115491 0a000002 0a060001 03e80035000c000061626364" \
	"020000000077 020000009999 0800 4500002012340000 4011548e 0a000002 0a090001 03e80035000c000061626364"
write_pcap "$work/expected.pcap" \
	"020000000102 020000000001 0800 4500002012340000 3f11558e 0a000002 0a090001 03e80035000c000061626364"
for workers in 1 2 "2 --config=(0,0,1),(1,0,0)" "2 --config=(1,0,1),(0,0,1)"; do
	# shellcheck disable=SC2086 # several words
	"$l3fwd" --no-huge --json --stats=0 --routes="$work/routes" --workers=$workers \
		"pcap:rx=$work/in.pcap,tx=$work/out0.pcap" "pcap:tx=$work/out1.pcap" >"$work/json" 2>"$work/err" ||
		fail "$workers workers: $(cat "$work/err")"
	packets_of "$work/out1.pcap" | cmp -s - <(packets_of "$work/expected.pcap") ||
		fail "forwarded: $(packets_of "$work/out1.pcap")"
	[[ $(packets_of "$work/out0.pcap") == 0200000099990200000000000800*01????0a0000010a0000020b00* ]] ||
		fail "answered: $(packets_of "$work/out0.pcap")"
	counts=$(jq -r '[.routed.packets, .routed.icmp_errors, .drops.ttl, .drops.blackhole, .drops.not_ours,
		.neighbours.known, .neighbours.interfaces, .routes.ipv4] | join(" ")' "$work/json")
	[ "$counts" = "2 1 1 1 1 2 2 12" ] || fail "counted: $counts"
done

# mistake SENTENCE LINE: the file with that line behind it.
mistake()
{
	cp "$work/routes" "$work/wrong"
	echo "$2" >>"$work/wrong"
	! "$l3fwd" --no-huge --routes="$work/wrong" null: null: >"$work/out" 2>"$work/err" || fail "$2: taken"
	grep -qxF "weir-l3fwd: $work/wrong:8: $1" "$work/err" || fail "$2: $(cat "$work/err")"
}
mistake "a line begins with interface, neighbour, route or flow, not 'root'" "root 10.0.0.0/8 via 10.0.1.2"
mistake "there is no interface 1.7 before this line" "route 10.0.0.0/8 interface 1.7"
mistake "there is no port 2; the last one is 1" "interface 2"

# wrong SENTENCE OPTION [CODE]: on the command line; the exit code is 2 if not said.
wrong()
{
	local code=0

	"$l3fwd" --no-huge "$2" null: null: >"$work/out" 2>"$work/err" || code=$?
	[ "$code" = "${3-2}" ] || fail "$2: exit code $code"
	grep -qF -- "$1" "$work/err" || fail "$2: $(cat "$work/err")"
}
wrong "--config takes (PORT,QUEUE,WORKER),..., such as (0,0,0),(1,0,1), not '(0,0)'" "--config=(0,0)"
wrong "--config says (2,0,0), but ports go from 0 to 1 and workers from 0 to 0" "--config=(0,0,0),(2,0,0)"
wrong "nobody serves queue 0 of port 1 'null:'; name it in --config" "--config=(0,0,0)" 1
wrong "--config gives queue 0 of port 0 to two workers; give it to one" "--config=(0,0,0),(0,0,0)"
echo "packets left, were answered and dropped as the file says; mistakes were told with their lines"
