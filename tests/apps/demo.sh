#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The demonstration works in all its forms, and leaves nothing when it is stopped in the middle of any of its parts.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
[ -x "$bin/weir-nicsim" ] || skip "weir-nicsim is not built"

export DEMO_SECONDS=1

# demo ARGUMENT...: its last line tells what was shown.
demo()
{
	tests/demo/demo.sh "$@" >"$work/demo" 2>&1 || fail "demo.sh $*: $(cat "$work/demo")"
	tail -n 1 "$work/demo" | grep '^Shown: ' || fail "demo.sh $* shows nothing: $(cat "$work/demo")"
}

# stopped FORM WORDS SIGNAL: stops the demonstration when it has said so.
stopped()
{
	local pid children child tries

	: >"$work/stopped"
	tests/demo/demo.sh "$1" >"$work/stopped" 2>&1 &
	pid=$!
	for ((tries = 0; tries < 400; tries++)); do
		! grep -q "^$2" "$work/stopped" || break
		sleep 0.05
	done
	children=$(pgrep -P $pid) || :
	kill "-$3" $pid || fail "demo.sh $1 has ended by itself: $(cat "$work/stopped")"
	! wait $pid || fail "demo.sh $1 ends as if nothing had happened when it is told to stop: $(cat "$work/stopped")"
	! ip netns list | grep "weir-demo-$pid-" || fail "demo.sh $1, stopped at '$2': a network namespace is left"
	for child in $children; do
		! kill -0 "$child" 2>/dev/null || fail "demo.sh $1, stopped at '$2': goes on: $(ps -p "$child")"
	done
	echo "stopped at '$2': nothing is left"
}

demo packets
stopped packets "weir-l2fwd" TERM
status=0
tests/demo/demo.sh of-nothing >"$work/demo" 2>&1 || status=$?
equal "exit code for a form that there is not" "$status" 2

[ "$(id -u)" = 0 ] || skip "the forms with two hosts take root"
need ip ethtool ping iperf3 ss
ip netns add weir-try-$$ || skip "no network namespace can be made"
undo+=("ip netns del weir-try-$$")
ip -n weir-try-$$ tuntap add dev tap0 mode tap || skip "no TAP interface can be made"

for form in model af_xdp; do
	demo $form
	! grep -q 'needs' "$work/demo" || fail "$form: not the form with two hosts: $(cat "$work/demo")"
done
for words in "Two hosts" "ping from" "weir-l2fwd" "TCP" "UDP" "The live figures"; do
	stopped model "$words" TERM
done
stopped af_xdp "TCP" TERM
