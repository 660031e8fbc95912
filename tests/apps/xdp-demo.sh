#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The demonstration works in both its forms, and leaves nothing when it is stopped in the middle.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

# demo ARGUMENT...: its last line tells what was shown.
demo()
{
	tests/demo/demo.sh "$@" >"$work/demo" 2>&1 || fail "demo.sh $*: $(cat "$work/demo")"
	tail -n 1 "$work/demo" | grep '^Shown: ' || fail "demo.sh $* shows nothing: $(cat "$work/demo")"
}

demo -p
[ "$(id -u)" = 0 ] || skip "the form with two hosts takes root"
need ip ethtool ping iperf3 ss
ip netns add weir-try-$$ || skip "no network namespace can be made"
ip netns del weir-try-$$

export DEMO_SECONDS=1
demo
! grep -q 'needs' "$work/demo" || fail "not the form with two hosts: $(cat "$work/demo")"

# In the middle of its traffic.
: >"$work/stopped"
tests/demo/demo.sh >"$work/stopped" 2>&1 &
pid=$!
for ((tries = 0; tries < 200; tries++)); do
	! grep -q '^TCP' "$work/stopped" || break
	sleep 0.1
done
children=$(pgrep -P $pid) || fail "demo.sh has ended by itself: $(cat "$work/stopped")"
kill -TERM $pid
! wait $pid || fail "demo.sh ends as if nothing had happened when it is told to stop: $(cat "$work/stopped")"
! ip netns list | grep "weir-demo-$pid-" || fail "a network namespace is left"
for pid in $children; do
	! kill -0 "$pid" 2>/dev/null || fail "process $pid goes on: $(ps -p "$pid")"
done
