#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every way to end that is not a failure ends in good order: what was received is sent, a summary, exit code 0.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need perl

# Forwards to a file that does not outgrow the disk.
forward=("$l2fwd" "pcap:rx=$work/in.pcap,loop=0,replay=recorded" "pcap:tx=$work/out.pcap")

forwarding()
{
	grep -q 'pkt/s' "$work/out"
}

# start COMMAND...: in the background, until it has reported.
start()
{
	: >"$work/out"
	"$@" --stats 0.05 >"$work/out" 2>"$work/err" &
	pid=$!
	until_true forwarding
}

# check_summary WHAT: as many packets were written as were received, and the summary says so. Leaves it in $received.
check_summary()
{
	received=$(sed -n 's/^  port 0 .*: received \([0-9]*\), dropped 0$/\1/p' "$work/out")
	equal "packets written by a run that ended by $1" "$(records "$work/out.pcap" | wc -l)" "$received"
	grep -q "^forwarded $received packets," "$work/out" || fail "no summary after $1: $(cat "$work/out" "$work/err")"
}

flows "$work/in.pcap" 200 4
for signal in INT TERM HUP; do
	start "${forward[@]}"
	kill -$signal $pid
	wait $pid || fail "exit code $? after SIG$signal"
	check_summary SIG$signal
done

"${forward[@]}" --seconds 0.2 --stats 0 >"$work/out" 2>"$work/err"
check_summary --seconds

for count in 1 31 32 33 1000; do
	"${forward[@]}" --count $count >"$work/out" 2>"$work/err"
	check_summary --count
	equal "packets after --count $count" "$received" $count
done

# An ignored hangup stays ignored.
start nohup "${forward[@]}" --seconds 3
kill -HUP $pid
wait $pid
grep -q '^forwarded .* in 3\.' "$work/out" || fail "a hangup ended it in spite of nohup: $(tail -n 3 "$work/out")"

# When nobody reads what it says, it does not go on for ever.
{ "${forward[@]}" --stats 0.05 2>"$work/err" || echo $? >"$work/code"; } | head -n 1 >"$work/out"
equal "exit code when nobody listens" "$(cat "$work/code")" 1
