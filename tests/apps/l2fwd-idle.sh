#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# An idle forwarder does not burn a processor. What is measured is the processor time it takes, not how long it takes.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

# cpu_used PID: hundredths of a second, as the kernel counts.
cpu_used()
{
	awk '{ print $14 + $15 }' "/proc/$1/stat"
}

forwarding()
{
	[ -s "$work/out" ]
}

# idle MODE LIMIT: two seconds of nothing may cost LIMIT hundredths of a second.
idle()
{
	local before used

	: >"$work/out"
	"$l2fwd" --idle "$1" --stats 0.2 ring:idle_a,idle_b ring:idle_c,idle_d >"$work/out" 2>"$work/err" &
	pid=$!
	until_true forwarding
	before=$(cpu_used $pid)
	sleep 2
	used=$(($(cpu_used $pid) - before))
	kill -INT $pid
	wait $pid || fail "--idle $1 ended with code $?: $(cat "$work/err")"
	echo "--idle $1: $used/200 of a processor"
	[ $used -le "$2" ] || fail "--idle $1 took $used hundredths of a second to do nothing for two seconds"
}

# Far more than is expected (1 and 4), far less than polling takes.
idle interrupt 20
idle sleep 40
