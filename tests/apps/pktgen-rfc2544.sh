#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-pktgen tests weir-l3fwd, both on simulated cards, in both directions at once:
#
#                    cable                     cable
#      weir-pktgen 0 ------- 0 weir-l3fwd 1 ----------- 1 weir-pktgen
#      198.18.0.1              .254   .254                198.19.0.1
#
# At a low rate every frame arrives. The tests of RFC 2544 come to their end; their reports say the same in all forms, and
# everybody on the way has counted the same frames.
#
#   REPORT=folder pktgen-rfc2544.sh    a run to be looked at instead: the sizes of the standard, trials of TRIAL=5 seconds,
#                                      and cables that carry half of what is sent at most; reports stay in the folder
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need jq
pktgen=$bin/weir-pktgen l3fwd=$bin/weir-l3fwd
report=$work slow=
conditions='"sizes": [64, 1518], "seconds": 0.3, "mbps": 10, "resolution": 0.1, "burst_seconds": 0.02,
	"burst_repeats": 2, "settle": 20'
if [ -n "${REPORT:-}" ]; then
	report=$(realpath -m "$REPORT") slow=,mbps=${MBPS:-100}
	mkdir -p "$report"
	conditions="\"seconds\": ${TRIAL:-5}, \"mbps\": $((${MBPS:-100} * 2)), \"resolution\": 0.01,
		\"burst_seconds\": 0.2, \"burst_repeats\": 2, \"settle\": 0.5"
fi

cat >"$work/routes" <<-'END'
	interface 0 mac 02:00:00:00:01:00 address 198.18.0.254/24
	interface 1 mac 02:00:00:00:01:01 address 198.19.0.254/24
	neighbour 198.18.0.1 mac 02:00:00:00:00:00
	neighbour 198.19.0.1 mac 02:00:00:00:00:01
END
cat >"$work/streams" <<-'END'
	- name: there
	  packet: [{eth: {dst: 02:00:00:00:01:00}}, {ipv4: {src: 198.18.0.1, dst: 198.19.0.1}}, udp]
	- name: back
	  port: 1
	  packet: [{eth: {dst: 02:00:00:00:01:01}}, {ipv4: {src: 198.19.0.1, dst: 198.18.0.1}}, udp]
END

# card SOCKET MAC WIRE: what weir-nicsim is to serve.
card()
{
	echo "--nic=82599,socket=$work/$1,mac=02:00:00:00:$2,wire=pair:$3"
}

links_are_up()
{
	[ "$(tail -n 1 "$work/l3fwd.json" | jq -c '[.ports[].link.up]' 2>/dev/null)" = '[true,true]' ]
}

# network: cards and router, until stopped() ends them in good order.
network()
{
	: >"$work/nicsim.err"
	: >"$work/l3fwd.json"
	"$bin/weir-nicsim" --json "$(card p0 00:00 1)" "$(card r0 01:00 "0$slow")" "$(card r1 01:01 "3$slow")" \
		"$(card p1 00:01 2)" >"$work/nicsim.json" 2>"$work/nicsim.err" &
	nicsim=$!
	until_true grep -q 'cards are ready' "$work/nicsim.err"
	"$l3fwd" --json --stats=0.2 --routes="$work/routes" "vfio-user:$work/r0" "vfio-user:$work/r1" \
		>"$work/l3fwd.json" 2>"$work/l3fwd.err" &
	router=$!
	until_true links_are_up
}

stopped()
{
	kill "$router"
	wait "$router" || fail "weir-l3fwd fails: $(cat "$work/l3fwd.err")"
	kill "$nicsim"
	wait "$nicsim" || fail "weir-nicsim fails: $(cat "$work/nicsim.err")"
}

# sent OPTION...: sends and measures; its last words are in pktgen.json.
sent()
{
	"$pktgen" --headless --json --stats=0 --file="$work/streams" "$@" "vfio-user:$work/p0" "vfio-user:$work/p1" \
		>"$work/pktgen.json" 2>"$work/pktgen.err" || fail "weir-pktgen fails: $(cat "$work/pktgen.err")"
}

# found FILTER: what jq makes of the report.
found()
{
	jq -c "$1" "$report/rfc2544.json"
}

# What each card of weir-pktgen has sent reached the router, was forwarded, and reached the other card.
all_is_accounted_for()
{
	local tx rx routed

	tx=$(jq -c '[.ports[].tx.packets]' "$work/pktgen.json")
	rx=$(jq -c '[.ports[].rx.packets]' "$work/pktgen.json")
	routed=$(tail -n 1 "$work/l3fwd.json" | jq -c '[.ports[].rx.packets, .ports[].tx.packets]')
	equal "what weir-l3fwd has received and sent" "$routed" "$(jq -nc "$tx + $rx")"
	equal "what weir-l3fwd has dropped" "$(tail -n 1 "$work/l3fwd.json" | jq '[.drops[], .dropped[]] | add')" 0
	equal "what came back" "$(jq -nc "$rx | reverse")" "$tx"
}

if [ -n "${REPORT:-}" ]; then
	network
	echo "this takes some minutes; weir-pktgen says how it goes in $work/pktgen.err"
	sent --rfc2544="$conditions" --report="$report/rfc2544.html" --report="$report/rfc2544.json" \
		--report="$report/rfc2544.csv" --report="$report/rfc2544.txt"
	stopped
	cat "$report/rfc2544.txt"
	exit
fi

network
sent --rate='2 kpps' --count=2000 --linger=5
equal "frames that arrived, and were lost, reordered, doubled, corrupted" \
	"$(jq -c '.measured.all | [.arrived, .lost, .reordered, .duplicates, .corrupted]' "$work/pktgen.json")" \
	"[2000,0,0,0,0]"
stopped
all_is_accounted_for

network
sent --rfc2544="$conditions" --report="$report/rfc2544.json" --report="$report/rfc2544.csv" \
	--report="$report/rfc2544.html" --report="$report/rfc2544.txt"
stopped
all_is_accounted_for
equal "sizes with a throughput, a latency, two trials of loss, bursts" \
	"$(found '[.sizes[] | [.size, .throughput.share > 0, .latency.arrived > 0, (.loss | length), .burst.frames > 0]]')" \
	'[[64,true,true,2,true],[1518,true,true,2,true]]'
equal "trials in which the figures do not agree" \
	"$(found '[.sizes[] | .throughput.best, .latency |
		select(.sent != .arrived or .lost + .corrupted + .duplicates > 0 or .latency.count != .arrived or
			.latency.min_ns > .latency.median_ns or .latency.median_ns > .latency.max_ns)]')" '[]'
equal "loss" "$(found '[.sizes[].loss[].loss] | max')" 0
equal "throughputs and shares of 10 Mbit/s that do not agree" \
	"$(found '[.sizes[] | .throughput.pps / (1e7 / 8 / (.size + 20)) - .throughput.share | select(fabs > 1e-6)]')" '[]'
equal "throughputs in CSV" "$(awk -F , '$2 == "throughput" && $4 == "pps" { print $1, $5 }' "$report/rfc2544.csv")" \
	"$(jq -r '.sizes[] | [.size, .throughput.pps] | @tsv' "$report/rfc2544.json" | awk '{ printf("%d %.3f\n", $1, $2) }')"
equal "median latencies in CSV" "$(awk -F , '$4 == "median_ns" { print $1, $5 }' "$report/rfc2544.csv")" \
	"$(jq -r '.sizes[] | "\(.size) \(.latency.latency.median_ns)"' "$report/rfc2544.json")"
equal "plots on the page" "$(grep -c '<svg' "$report/rfc2544.html")" 4
while read -r size pps; do
	grep -q "<tr><td>$size</td><td>$pps</td>" "$report/rfc2544.html" || fail "the page lacks $size bytes, $pps frames/s"
	grep -Eq "^ +$size +$pps " "$report/rfc2544.txt" || fail "the table lacks $size bytes, $pps frames/s"
done < <(jq -r '.sizes[] | [.size, .throughput.pps] | @tsv' "$report/rfc2544.json" | awk '{ printf("%d %.1f\n", $1, $2) }')
echo "$(jq '[.ports[].tx.packets] | add' "$work/pktgen.json") frames of RFC 2544's tests are accounted for, in all forms of the report"
