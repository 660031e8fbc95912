#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What is in captures goes byte for byte from a file through two weir-l2fwd, joined by a veth that each has one end of
# through AF_XDP, into a file: frames that no test made up, long ones and malformed ones too. What an interface cannot
# carry is counted.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

[ "$(id -u)" = 0 ] || skip "XDP takes root"
need ip
name=weir-xdp-$$
ip netns add $name || skip "no network namespace can be made"
undo+=("ip netns del $name")
ip -n $name link add v0 mtu 9000 type veth peer name v1 mtu 9000
ip -n $name link set dev v0 up
ip -n $name link set dev v1 up
ip netns exec $name sysctl -qw net.ipv6.conf.v0.disable_ipv6=1 net.ipv6.conf.v1.disable_ipv6=1
in_netns=(ip netns exec "$name")

# Bytes of an Ethernet header, and those that fit an MTU of 9000 with a tag.
carried()
{
	awk 'length >= 28 && length <= 2 * 9018'
}

# A veth drops what its receiver has no room for: there is room for the longest capture, and one comes after the other.
received()
{
	local wanted=$1 got tries

	for ((tries = 0; tries < 100; tries++)); do
		got=$(figure tx_packets "$work/received") # nothing, while a line is being written
		[ "${got:-0}" -lt "$wanted" ] || return 0
		sleep 0.1
	done
}

"${in_netns[@]}" "$l2fwd" --no-mac-update --map 0:1 --json --stats 0.1 --rx-slots 4096 af_xdp:v1 "pcap:tx=$work/out.pcap" \
	>"$work/received" 2>"$work/err" &
receiver=$!
for ((tries = 0; tries < 100; tries++)); do
	[ ! -s "$work/received" ] || break
	sleep 0.1
done
for in in "$captures"/*.pcap; do
	"${in_netns[@]}" "$l2fwd" --no-mac-update --map 0:1 --json "pcap:rx=$in" af_xdp:v0 >"$work/json" 2>"$work/err1" ||
		fail "$in: $(cat "$work/err1")"
	packets_of "$in" >"$work/all"
	carried <"$work/all" >"$work/carried"
	cat "$work/carried" >>"$work/wanted"
	all=$(wc -l <"$work/all") carried=$(wc -l <"$work/carried")
	[ "$(figure tx_packets "$work/json")" = "$carried" ] ||
		fail "$in: of $all packets, not $carried were sent: $(tail -n 1 "$work/json")"
	[ "$(dropped "$work/json")" = $((all - carried)) ] || fail "$in: not counted: $(tail -n 1 "$work/json")"
	wanted=$(wc -l <"$work/wanted")
	received "$wanted"
done
kill -TERM $receiver
wait $receiver || fail "the receiver ended with exit code $?: $(cat "$work/err")"
packets_of "$work/out.pcap" | cmp - "$work/wanted" || fail "other packets came out than went in"
echo "$wanted packets over AF_XDP, byte for byte"
