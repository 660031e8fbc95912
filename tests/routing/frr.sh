#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# FRR's routing protocols run on the kernel of a machine whose ports are weir-l3fwd's, through their twins:
#
#      a (AS 65001) ----- p0 [ weir-l3fwd, FRR: AS 65000 ] p1 ----- b (AS 65002), OSPF cost 10
#                                                          p2 ----- b,            OSPF cost 20
#
# a and b see each other only through it: BGP for IPv4 (to b over loopback addresses that OSPF tells of) and for IPv6,
# many routes that b has (ROUTES=5000 of IPv4 and a fifth of it of IPv6; with 100,000 it takes some minutes); ping,
# traceroute, path MTU, TCP; a link that fails; weir-l3fwd killed and started again.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/../apps/common.bash"

l3fwd=$bin/weir-l3fwd
frr=/usr/lib/frr
routes=${ROUTES:-5000}
name=weir-frr-$$
patience=$((90 + routes / 200)) # seconds; conditions come true long before on a machine with nothing else to do

[ "$(id -u)" = 0 ] || skip "it takes root to make network namespaces"
need ip vtysh ping traceroute iperf3 jq sysctl ethtool
[ -x $frr/zebra ] || skip "FRR is not installed (config/deps.sh frr)"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
ip netns add "$name-a" 2>/dev/null || skip "network namespaces cannot be made here"
# The daemons are started at the ends of pipelines, and so are no jobs of this shell.
# shellcheck disable=SC2016 # expanded when the test ends
undo+=('kill -KILL $(cat "$work"/?/*.pid)')
undo+=("ip netns del $name-a" "ip netns del $name-r" "ip netns del $name-b")
ip netns add "$name-r"
ip netns add "$name-b"

# Runs a command there. What runs in the background is started without it, so that its process is the job itself.
in_ns()
{
	ip netns exec "$name-$1" "${@:2}"
}

# Waits until a command succeeds, for longer than common.bash does: many routes go from hand to hand.
until_it_does()
{
	local end=$(($(date +%s) + patience))

	while [ "$(date +%s)" -lt $end ]; do
		! "$@" >/dev/null 2>&1 || return 0
		sleep 0.1
	done
	ip -n "$name-r" route | head -n 20
	ip -n "$name-r" -6 route | head -n 20
	tail -n 1 "$work/l3fwd.out" | cut -c 1-2000
	cat "$work/l3fwd.err" "$work"/?/*.log "$work"/?/*.err
	fail "this did not come true in $patience seconds: $*"
}

# --- three machines ---------------------------------------------------------------------------------------------------

# cable PORT HOST INTERFACE: a veth pair between them. Its frames have to be whole: AF_XDP sees them as they are sent.
cable()
{
	ip -n "$name-$2" link add "$3" type veth peer name "$1" netns "$name-r"
	in_ns "$2" ethtool -K "$3" tx off txvlan off >/dev/null
	in_ns r sysctl -qw "net.ipv6.conf.$1.disable_ipv6=1"
	ip -n "$name-r" link set dev "$1" up
	ip -n "$name-$2" link set dev "$3" up
}

for host in a r b; do
	ip -n "$name-$host" link set dev lo up
	in_ns $host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.accept_dad=0 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	mkdir "$work/$host"
	chown frr:frr "$work/$host"
done
chmod 711 "$work" # FRR's daemons are not root
# Routes through a link that is down are of no use.
in_ns r sysctl -qw net.ipv4.conf.all.ignore_routes_with_linkdown=1 net.ipv6.conf.all.ignore_routes_with_linkdown=1
cable p0 a a0
cable p1 b b1
cable p2 b b2

# What b tells the others of: its own network, and many more.
ip -n "$name-b" link add stub type veth peer name stub-end
ip -n "$name-b" link set dev stub-end up
ip -n "$name-b" link set dev stub up
ip -n "$name-b" address add 10.9.0.1/24 dev stub
ip -n "$name-b" -6 address add 2001:db8:9::1/64 dev stub
awk -v n="$routes" 'BEGIN { for (i = 0; i < n; i++)
	printf "route add %d.%d.%d.0/24 dev stub\n", 20 + int(i / 65536), int(i / 256) % 256, i % 256 }' >"$work/many"
awk -v n=$((routes / 5)) 'BEGIN { for (i = 0; i < n; i++)
	printf "route add 2001:db8:1%03x:%04x::/64 dev stub\n", int(i / 65536), i % 65536 }' >"$work/many6"
ip -n "$name-b" -batch "$work/many"
ip -n "$name-b" -6 -batch "$work/many6"

l3fwd_start()
{
	ip netns exec "$name-r" "$l3fwd" --no-huge --json --stats 0.5 --neighbours="$1" --twin 0:t0,persist --twin 1:t1,persist \
		--twin 2:t2,persist af_xdp:p0 af_xdp:p1 af_xdp:p2 >"$work/l3fwd.out" 2>"$work/l3fwd.err" &
	l3fwd_pid=$!
	until_it_does has_twins
}

has_twins()
{
	kill -0 $l3fwd_pid 2>/dev/null || skip_or_fail
	[ -s "$work/l3fwd.out" ] && [ "$(ip -n "$name-r" -o link show up | grep -c ' t[012]: .*LOWER_UP')" = 3 ]
}

skip_or_fail()
{
	grep -q 'not permitted\|not supported' "$work/l3fwd.err" && skip "$(tail -n 1 "$work/l3fwd.err")"
	fail "weir-l3fwd ended: $(cat "$work/l3fwd.err")"
}

# --- FRR ---------------------------------------------------------------------------------------------------------------

# daemon HOST PROGRAM: runs one of FRR's daemons there, with its part of the configuration on standard input.
daemon()
{
	local dir=$work/$1

	cat >"$dir/$2.conf"
	ip netns exec "$name-$1" $frr/"$2" -f "$dir/$2.conf" -z "$dir/zserv" -i "$dir/$2.pid" --vty_socket "$dir" \
		--log "file:$dir/$2.log" >"$dir/$2.err" 2>&1 &
	until_it_does test -S "$dir/$2.vty"
}

addresses()
{
	while [ $# -gt 0 ]; do
		printf 'interface %s\n' "$1"
		printf ' %s\n' "${@:2:2}"
		printf 'exit\n'
		shift 3
	done
}

l3fwd_start kernel
addresses lo "ip address 10.255.0.1/32" "ipv6 address 2001:db8:ff::1/128" \
	a0 "ip address 10.1.0.2/24" "ipv6 address 2001:db8:1::2/64" | daemon a zebra
addresses lo "ip address 10.255.0.0/32" "ipv6 address 2001:db8:ff::/128" \
	t0 "ip address 10.1.0.1/24" "ipv6 address 2001:db8:1::1/64" \
	t1 "ip address 10.2.0.1/24" "ipv6 address 2001:db8:2::1/64" \
	t2 "ip address 10.3.0.1/24" "ipv6 address 2001:db8:3::1/64" | daemon r zebra
addresses lo "ip address 10.255.0.2/32" "ipv6 address 2001:db8:ff::2/128" \
	b1 "ip address 10.2.0.2/24" "ipv6 address 2001:db8:2::2/64" \
	b2 "ip address 10.3.0.2/24" "ipv6 address 2001:db8:3::2/64" | daemon b zebra

ospf()
{
	printf 'interface %s\n ip ospf area 0\n ip ospf network point-to-point\n ip ospf mtu-ignore\n ip ospf hello-interval 1\n ip ospf dead-interval 20\n ip ospf cost 10\nexit\n' "$1"
	printf 'interface %s\n ip ospf area 0\n ip ospf network point-to-point\n ip ospf mtu-ignore\n ip ospf hello-interval 1\n ip ospf dead-interval 20\n ip ospf cost 20\nexit\n' "$2"
	printf 'interface lo\n ip ospf area 0\nexit\nrouter ospf\n ospf router-id %s\n timers throttle spf 0 50 500\nexit\n' "$3"
}
ospf t1 t2 10.255.0.0 | daemon r ospfd
ospf b1 b2 10.255.0.2 | daemon b ospfd

# bgp AS ROUTER_ID LINE...: the lines of IPv4 begin with 4, those of IPv6 with 6, others are for the router.
bgp()
{
	local line

	printf 'router bgp %s\n bgp router-id %s\n no bgp ebgp-requires-policy\n no bgp network import-check\n' "$1" "$2"
	printf ' timers bgp 5 45\n no bgp default ipv4-unicast\n'
	for line in "${@:3}"; do
		[[ $line == [46]* ]] || printf ' %s\n' "$line"
	done
	printf ' address-family ipv4 unicast\n'
	for line in "${@:3}"; do
		[[ $line != 4* ]] || printf '  %s\n' "${line#4}"
	done
	printf ' exit-address-family\n address-family ipv6 unicast\n'
	for line in "${@:3}"; do
		[[ $line != 6* ]] || printf '  %s\n' "${line#6}"
	done
	printf ' exit-address-family\nexit\n'
}

# peer ADDRESS AS: what is said of every neighbour.
peer()
{
	lines+=("neighbor $1 remote-as $2" "neighbor $1 timers connect 1" "neighbor $1 advertisement-interval 0")
}
lines=()
peer 10.1.0.1 65000
peer 2001:db8:1::1 65000
bgp 65001 10.255.0.1 "${lines[@]}" "4neighbor 10.1.0.1 activate" "4network 10.255.0.1/32" \
	"6neighbor 2001:db8:1::1 activate" "6network 2001:db8:ff::1/128" | daemon a bgpd
lines=()
peer 10.1.0.2 65001
peer 2001:db8:1::2 65001
peer 10.255.0.2 65002
peer 2001:db8:2::2 65002
peer 2001:db8:3::2 65002
lines+=("neighbor 10.255.0.2 update-source lo" "neighbor 10.255.0.2 ebgp-multihop 2")
bgp 65000 10.255.0.0 "${lines[@]}" "4neighbor 10.1.0.2 activate" "4neighbor 10.255.0.2 activate" \
	"6neighbor 2001:db8:1::2 activate" "6neighbor 2001:db8:2::2 activate" "6neighbor 2001:db8:3::2 activate" |
	daemon r bgpd
lines=()
peer 10.255.0.0 65000
peer 2001:db8:2::1 65000
peer 2001:db8:3::1 65000
lines+=("neighbor 10.255.0.0 update-source lo" "neighbor 10.255.0.0 ebgp-multihop 2")
bgp 65002 10.255.0.2 "${lines[@]}" "4neighbor 10.255.0.0 activate" "4network 10.9.0.0/24" "4redistribute kernel" \
	"6neighbor 2001:db8:2::1 activate" "6neighbor 2001:db8:3::1 activate" "6network 2001:db8:9::/64" \
	"6redistribute kernel" | daemon b bgpd

# --- what is to be seen -------------------------------------------------------------------------------------------------

# has WHAT NUMBER: weir's latest count of it is so large at least.
has()
{
	[ "$(figure "$1" "$work/l3fwd.out")" -ge "$2" ]
}

reaches()
{
	in_ns a ping -c 1 -W 1 -I 10.255.0.1 10.9.0.1 && in_ns a ping -c 1 -W 1 -I 2001:db8:ff::1 2001:db8:9::1
}

# weir has the routes of both families.
has_all()
{
	has ipv4 "$routes" && has ipv6 $((routes / 5))
}

# a has come to know the last of each family's many.
leads()
{
	ip -n "$name-a" route get "$last" | grep -q 'via 10.1.0.1' && ip -n "$name-a" -6 route get "$last6" | grep -q 'dev a0'
}

# by LINK: what is for b leaves through it, and that of IPv6, which takes both, by no link that has failed.
by()
{
	ip -n "$name-r" route get 10.9.0.1 | grep -q "dev $1 " && ip -n "$name-r" -6 route show 2001:db8:9::/64 >"$work/route" &&
		[ -s "$work/route" ] && { [ "$1" = t1 ] || ! grep -q "dev t1 " "$work/route"; }
}

last=$(tail -n 1 "$work/many" | cut -d ' ' -f 3 | cut -d / -f 1)
last6=$(tail -n 1 "$work/many6" | cut -d ' ' -f 3 | cut -d / -f 1)
SECONDS=0
until_it_does has_all
echo "weir-l3fwd has $routes routes of IPv4 and $((routes / 5)) of IPv6 by BGP: after $SECONDS s"
until_it_does leads
until_it_does reaches
until_it_does by t1
echo "a has them, too, and reaches b: after $SECONDS s"

# traces FROM TO: two hops lead there, of which weir is the first.
traces()
{
	in_ns a traceroute -n -q 1 -w 2 -m 3 -s "$1" "$2" >"$work/trace" 2>&1 && grep -q "^ 1  [0-9]" "$work/trace" &&
		grep -q "^ 2  $2 " "$work/trace"
}
until_it_does traces 10.255.0.1 10.9.0.1
until_it_does traces 2001:db8:ff::1 2001:db8:9::1
echo "traceroute sees weir-l3fwd and then b"

# sends FROM TO: TCP carries bytes there. (With -J, iperf3 may succeed when it did not connect.)
sends()
{
	in_ns a iperf3 -J --connect-timeout 2000 -n 8M -B "$1" -c "$2" >"$work/iperf3" &&
		[ "$(jq '.end.sum_received.bytes // 0' "$work/iperf3")" -gt 0 ]
}
ip netns exec "$name-b" iperf3 -s >"$work/iperf3-server" 2>&1 &
until_it_does sends 10.255.0.1 10.9.0.1
until_it_does sends 2001:db8:ff::1 2001:db8:9::1
echo "iperf3 sends by TCP of IPv4 and IPv6"

# What is behind takes shorter packets. OSPF begins anew on a link whose MTU changes, and routes go for a moment.
for number in 1 2; do
	ip -n "$name-r" link set dev t$number mtu 1400
	ip -n "$name-b" link set dev b$number mtu 1400
done
too_big()
{
	{ in_ns a ping -c 1 -W 1 -M "do" -s 1400 -I 10.255.0.1 10.9.0.1 || :; } >"$work/big4" 2>&1
	{ in_ns a ping -c 2 -W 1 -M "do" -s 1400 -I 2001:db8:ff::1 2001:db8:9::1 || :; } >"$work/big6" 2>&1
	grep -qi 'mtu *[=:] *1400' "$work/big4" && grep -qi 'mtu *[=:] *1400' "$work/big6"
}
until_it_does too_big
echo "ping -M do is told of 1400 bytes"
until_it_does sends 10.255.0.1 10.9.0.1
until_it_does sends 2001:db8:ff::1 2001:db8:9::1
echo "and so is iperf3"

# Every packet between a and b was routed by weir.
forwarded=$(awk '/^Ip: [0-9]/ { print $7 }' <(in_ns r cat /proc/net/snmp))
equal "packets that the kernel of r has forwarded" "$forwarded" 0

# --- a link fails, and comes back ---------------------------------------------------------------------------------------

SECONDS=0
ip -n "$name-b" link set dev b1 down
until_it_does by t2
until_it_does reaches
echo "after the link failed, all goes by the other: $SECONDS s"
ip -n "$name-b" link set dev b1 up
until_it_does by t1
until_it_does reaches

# --- weir-l3fwd dies, and is started again ------------------------------------------------------------------------------

kill -KILL $l3fwd_pid
wait $l3fwd_pid 2>/dev/null || :
! reaches >/dev/null 2>&1 || fail "a reaches b by another way than through weir-l3fwd"
SECONDS=0
l3fwd_start weir
until_it_does has_all
until_it_does reaches
echo "after it was killed and started again, with neighbours of its own, all is as it was: $SECONDS s"
