#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The kernel finds weir-pktgen's addresses by ARP and neighbour discovery, and pings them; others it does not.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

need ip ping jq
[ "$(id -u)" -eq 0 ] || skip "network namespaces take root"
ns=weir-pka-$$
ip netns add $ns 2>/dev/null || skip "network namespaces cannot be made here"
undo+=("ip netns del $ns")
ip -n $ns link add k0 type veth peer name w0 || skip "veth pairs cannot be made here"
ip netns exec $ns sysctl -qw net.ipv6.conf.w0.disable_ipv6=1 net.ipv6.conf.k0.accept_dad=0
ip -n $ns addr add 192.0.2.1/24 dev k0
ip -n $ns addr add 2001:db8::1/64 dev k0 nodad
ip -n $ns link set k0 up
ip -n $ns link set w0 up

ip netns exec $ns "$bin/weir-pktgen" --headless --json --stats 0 --answer 192.0.2.2 --answer 0=192.0.2.64/28 \
	--answer 2001:db8::2 af_packet:w0 >"$work/out" 2>"$work/err" &
pid=$!

# reaches ADDRESS OPTION...
reaches()
{
	ip netns exec $ns ping -q -c 1 -W "${wait:-20}" "${@:2}" "$1" >/dev/null 2>&1
}
first()
{
	reaches 192.0.2.2
}
until_true first
reaches 192.0.2.2 -s 1400 || fail "a long ping has no answer"
reaches 192.0.2.77 || fail "an address of a network has no answer"
first6()
{
	reaches 2001:db8::2
}
until_true first6
reaches 2001:db8::2 -s 777 || fail "a long ping over IPv6 has no answer"
# The entry of an address that nobody has ends as FAILED, however long it takes.
wait=2 reaches 192.0.2.3 && fail "somebody answers for another address"
kill -INT $pid
wait $pid || fail "it ends with $?: $(cat "$work/err")"
jq -e '.measured.others | .arp >= 2 and .ndp >= 1 and .ping >= 5' "$work/out" >/dev/null ||
	fail "the answers are counted otherwise: $(jq -c .measured.others "$work/out")"
echo "ARP, neighbour discovery and ping are answered: $(jq -c '.measured.others | [.arp, .ndp, .ping]' "$work/out")"
