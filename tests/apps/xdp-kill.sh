#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A SIGKILL of weir-l2fwd in the middle of af_xdp traffic leaves no XDP program on the interfaces, and the next run works
# at once; time and again, in both modes.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

[ "$(id -u)" = 0 ] || skip "XDP takes root"
need ip ping ethtool
name=weir-sigkill-$$
for host in left right weir; do
	ip netns add "$name-$host" || skip "no network namespace can be made"
	undo+=("ip netns del $name-$host")
done
for host in left right; do
	ip -n "$name-$host" link add eth0 type veth peer name "$host" netns "$name-weir"
	ip netns exec "$name-$host" ethtool -K eth0 tx off txvlan off >/dev/null
	ip -n "$name-$host" link set dev eth0 up
	ip -n "$name-weir" link set dev "$host" up
done
ip -n "$name-left" address add 192.0.2.1/24 dev eth0
ip -n "$name-right" address add 192.0.2.2/24 dev eth0

# weir_start MODE
weir_start()
{
	: >"$work/json" # now: what the one before reported is not to be taken for this one's
	ip netns exec "$name-weir" "$l2fwd" --no-mac-update --json --stats 0.1 "af_xdp:left,mode=$1" \
		"af_xdp:right,mode=$1" >"$work/json" 2>"$work/err" &
	weir=$!
}

# until_forwarded N: waits for the report of at least so many packets.
until_forwarded()
{
	local tries packets

	for ((tries = 0; tries < 100; tries++)); do
		packets=$(figure rx_packets "$work/json") # nothing, while a line is being written
		[ "${packets:-0}" -lt "$1" ] || return 0
		kill -0 "$weir" 2>/dev/null || break
		sleep 0.1
	done
	fail "nothing is forwarded: $(cat "$work/err" "$work/json")"
}

ip netns exec "$name-left" ping -f -q -w 120 192.0.2.2 >/dev/null &
for mode in copy skb copy skb; do
	weir_start $mode
	until_forwarded 1000
	! ip netns exec "$name-weir" ip link show dev left | grep -q 'xdpgeneric' || [ $mode = skb ] || fail "not native"
	kill -KILL "$weir"
	wait "$weir" 2>/dev/null || :
	! ip -n "$name-weir" -d link | grep xdp || fail "an XDP program is left"
done
weir_start auto
until_forwarded 100
kill -TERM "$weir"
wait "$weir" || fail "weir-l2fwd ended with exit code $?: $(cat "$work/err")"
! ip -n "$name-weir" -d link | grep xdp || fail "an XDP program is left"
