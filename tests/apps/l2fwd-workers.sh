#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# With several workers and queues every flow stays in order, and what crosses from one worker to another is complete.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need perl

# in_order FILE WHAT: the numbers of each flow only grow.
in_order()
{
	flows_of "$1" | awk -v what="$2" '
		($1 in last) && $2 <= last[$1] { print what ": flow " $1 ": packet " $2 " came after " last[$1]; exit 1 }
		{ last[$1] = $2 }
	' || exit 1
}

# A file goes into one end of a pair of rings by one worker, and out of the other end by the other worker.
flows "$work/in.pcap" 5000 7
"$l2fwd" --no-mac-update --workers 2 --count 10000 --json "pcap:rx=$work/in.pcap" ring:workers_a,workers_b \
	ring:workers_b,workers_a "pcap:tx=$work/out.pcap" >"$work/json"
packets_of "$work/out.pcap" | cmp - <(packets_of "$work/in.pcap") || fail "other packets came out of the rings"
equal "packets dropped" "$(dropped "$work/json")" 0

# The same with one worker for both, who must not wait for room that only he can make.
"$l2fwd" --no-mac-update --count 10000 --json "pcap:rx=$work/in.pcap" ring:workers_a,workers_b,slots=100 \
	ring:workers_b,workers_a "pcap:tx=$work/out.pcap" >"$work/json"
packets_of "$work/out.pcap" | cmp - <(packets_of "$work/in.pcap") || fail "other packets came out of a short ring"
equal "packets dropped at a short ring" "$(dropped "$work/json")" 0

# Four queues dealt out to three workers, both ways: all is forwarded, whoever has it.
"$l2fwd" --workers 3 --queues 4 --json null:count=5000 null:count=5000 >"$work/json"
equal "packets forwarded by three workers" "$(figure tx_packets "$work/json")" 40000
equal "packets dropped by three workers" "$(dropped "$work/json")" 0

# The kernel deals flows out to the queues of a packet socket; the workers send by queues of their own.
need ip
[ "$(id -u)" = 0 ] || skip "rings pass; only root can make interfaces"
net=weir-workers-$$
ip netns add "$net" 2>/dev/null || skip "rings pass; no network namespace can be made"
undo+=("ip netns del $net")
for link in in out; do
	ip -n "$net" link add $link"0" type veth peer name $link"1"
	for end in 0 1; do
		ip netns exec "$net" sysctl -qw net.ipv6.conf.$link$end.disable_ipv6=1
		ip -n "$net" link set $link$end up
	done
done

# run NAME ARGUMENT...: a forwarder in the background that has begun to report.
run()
{
	ip netns exec "$net" "$l2fwd" --json --stats 0.1 --no-mac-update "${@:2}" >"$work/$1" 2>"$work/err" &
	until_true [ -s "$work/$1" ]
}

# A busy machine may lose packets between the processes; what counts is the order of the others.
has_written()
{
	local packets

	packets=$(figure rx_packets "$work/receiver") # nothing, while a line is being written
	[ "${packets:-0}" -ge 1000 ]
}

run receiver af_packet:out1 "pcap:tx=$work/out.pcap"
receiver=$!
run forwarder --queues 2 --workers 2 --map 0:1 af_packet:in1,fanout=hash af_packet:out0
forwarder=$!
ip netns exec "$net" "$l2fwd" --no-mac-update "pcap:rx=$work/in.pcap,replay=recorded" af_packet:in0 >"$work/sender"
until_true has_written
kill -INT $forwarder $receiver
wait $forwarder $receiver
in_order "$work/out.pcap" "from queues to queues"
equal "flows that came through" "$(flows_of "$work/out.pcap" | cut -d ' ' -f 1 | sort -u | wc -l)" 7
used=$(tail -n 1 "$work/forwarder" | grep -o '"queue":[01],"rx":{"packets":[1-9]' | wc -l)
equal "receive queues that had packets" "$used" 2
