#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux's e1000, e1000e and igb on three cabled pairs of cards: c0 and c1 are 82540EM, c2 and c3 82574L, c4 and c5 82576.
# The second card of each pair is in a network namespace of its own, n1, n3 and n5, so that nothing reaches it but by the
# cable.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh

drivers=(e1000 e1000e igb)
kinds=(82540EM 82574L 82576)

# at CARD COMMAND...: where the card is, by its number.
at()
{
	local card=$1
	shift
	if ((card % 2)); then
		nsenter --net="/run/netns/n$card" "$@"
	else
		"$@"
	fi
}

# address CARD
address()
{
	echo "10.$(($1 / 2)).0.$(($1 % 2 + 1))"
}

up()
{
	at "$1" ip link show "c$1" | grep -q 'LOWER_UP.*state UP'
}

down()
{
	! up "$1"
}

# pair_up CARD: it, and the one at its other end.
pair_up()
{
	until_true 60 up "$1"
	until_true 60 up $(($1 + 1))
}

# counter CARD NAME: a line of ethtool -S.
counter()
{
	at "$1" ethtool -S "c$1" | awk -v name="$2:" '$1 == name { print $2 }'
}

# snmp CARD PROTOCOL NAME: a counter of the network stack, such as Tcp InCsumErrors.
snmp()
{
	# shellcheck disable=SC2016 # awk's own
	at "$1" awk -v protocol="$2:" -v name="$3" '$1 == protocol {
		if (!at) { for (i = 2; i <= NF; i++) if ($i == name) at = i } else print $at
	}' /proc/net/snmp
}

# Whether so many answers have come. ping itself does not wait for a late one, if there were others.
answered()
{
	[ "$(snmp 0 Icmp InEchoReps)" -ge "$1" ]
}

# pings COUNT ARGUMENT...: each of them is answered.
pings()
{
	local want=$(($(snmp 0 Icmp InEchoReps) + $1))

	ping -q -i 0.05 -c "$@" || :
	until_true 20 answered $want
}

listens()
{
	at "$1" netstat -ltn | grep -q ":$2 "
}

# Linux counts what it finds; here a card is called by the last byte of its address, which is one more than its number.
call_cards()
{
	local card address

	for card in /sys/class/net/eth*; do
		[ -e "$card" ] || continue
		address=$(cat "$card/address")
		ip link set "${card##*/}" name "c$((0x${address##*:} - 1))"
	done
}

# --- cases, each with the number of a pair's first card ----------------------------------------------------------------------

place()
{
	local card

	modprobe "$2"
	sleep 1
	call_cards
	for card in "$1" $(($1 + 1)); do
		[ -e "/sys/class/net/c$card" ] || no "there is no card $card"
		if ((card % 2)); then
			ip netns add "n$card"
			at "$card" ip link set lo up
			ip link set "c$card" netns "n$card"
		fi
		at "$card" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
		at "$card" ip addr add "$(address "$card")/24" dev "c$card"
		at "$card" ip link set "c$card" up
	done
	pair_up "$1"
	at "$1" ethtool "c$1" >/tmp/link
	grep -q 'Speed: 1000Mb/s' /tmp/link || no "$(grep Speed: /tmp/link)"
	grep -q 'Duplex: Full' /tmp/link || no "$(grep Duplex: /tmp/link)"
}

small()
{
	pings 100 "$(address $(($1 + 1)))"
	pings 20 -s 8000 "$(address $(($1 + 1)))"
}

# 4 MiB get there as they were sent, by segments that the card cuts, which the other kernel checks itself.
stream()
{
	local peer=$(($1 + 1)) errors receiver before sent

	at "$1" ethtool -k "c$1" | grep -q '^tcp-segmentation-offload: on' || at "$1" ethtool -K "c$1" tso on
	at "$peer" ethtool -K "c$peer" rx off gro off
	pair_up "$1"
	errors=$(snmp "$peer" Tcp InCsumErrors)
	before=$(counter "$1" tx_tcp_seg_good)
	[ -e /tmp/sent ] || dd if=/dev/urandom of=/tmp/sent bs=1M count=4 2>/dev/null
	[ -p /tmp/open ] || mkfifo /tmp/open
	at "$peer" nc -l -p 5000 <>/tmp/open >/tmp/received &
	receiver=$!
	until_true 20 listens "$peer" 5000
	at "$1" nc "$(address "$peer")" 5000 </tmp/sent
	wait $receiver
	cmp /tmp/sent /tmp/received || no "other bytes came than were sent"
	[ "$(snmp "$peer" Tcp InCsumErrors)" = "$errors" ] || no "segments came with a wrong checksum"
	sleep 3
	sent=$(counter "$1" tx_tcp_seg_good)
	at "$peer" ethtool -K "c$peer" rx on gro on
	pair_up "$1"
	[ -z "$sent" ] || [ "$sent" -gt "$before" ] || no "the card cut nothing"
	echo "${sent:+$((sent - before)) packets were cut}"
}

both_ways()
{
	local peer=$(($1 + 1)) server

	at "$peer" iperf3 -s -1 >/tmp/iperf-server 2>&1 &
	server=$!
	until_true 20 listens "$peer" 5201
	timeout 120 iperf3 -c "$(address "$peer")" -n 16M -P 2 -J >/tmp/iperf 2>/dev/null || no "$(grep '"error"' /tmp/iperf)"
	wait $server
	awk -F '[:,]' '$1 ~ "\"bits_per_second\"" { n = $2 } END { printf "%d Mbit/s\n", n / 1000000 }' /tmp/iperf
}

vlan()
{
	local card base=$1

	for card in "$1" $(($1 + 1)); do
		at "$card" ip link add link "c$card" name "tag$card" type vlan id 100
		at "$card" ip addr add "10.1$((base / 2)).0.$((card % 2 + 1))/24" dev "tag$card"
		at "$card" ip link set "tag$card" up
	done
	pings 20 "10.1$((base / 2)).0.2"
	for card in "$1" $(($1 + 1)); do
		at "$card" ethtool -K "c$card" rxvlan off txvlan off 2>/dev/null || :
	done
	pair_up "$1"
	pings 20 "10.1$((base / 2)).0.2"
	for card in "$1" $(($1 + 1)); do
		at "$card" ethtool -K "c$card" rxvlan on txvlan on 2>/dev/null || :
		at "$card" ip link del "tag$card"
	done
	pair_up "$1"
}

jumbo()
{
	local card

	for card in "$1" $(($1 + 1)); do
		at "$card" ip link set "c$card" mtu 9000
	done
	pair_up "$1"
	pings 20 -s 8972 -M "do" "$(address $(($1 + 1)))"
	for card in "$1" $(($1 + 1)); do
		at "$card" ip link set "c$card" mtu 1500
	done
	pair_up "$1"
}

cable()
{
	tell "do link $1 down"
	until_true 60 down "$1"
	tell "do link $1 up"
	pair_up "$1"
	pings 10 "$(address $(($1 + 1)))"
}

updown()
{
	for _ in 1 2 3 4 5; do
		ip link set "c$1" down
		ip link set "c$1" up
		pair_up "$1"
		pings 5 "$(address $(($1 + 1)))"
	done
}

# The dump of registers, the EEPROM, and the driver's own tests of registers, EEPROM, interrupts and loopback.
self_test()
{
	ethtool -d "c$1" >/tmp/registers
	ethtool -e "c$1" length 128 >/tmp/eeprom
	[ "$(wc -l </tmp/eeprom)" -ge 8 ] || no "the EEPROM has few bytes"
	# The drivers give an interrupt 10 ms to come, which on a busy machine is not enough every time.
	for _ in 1 2 3 4 5; do
		ethtool -t "c$1" offline >/tmp/test && break
		grep -qE '^Interrupt.*[1-9]$' /tmp/test || break
	done
	grep -q 'is PASS' /tmp/test || no "$(grep -E '[1-9][0-9]*\s*$' /tmp/test | tr '\n' ' ')"
	pair_up "$1"
	pings 10 "$(address $(($1 + 1)))"
}

queues()
{
	local used

	pings 20 "$(address $(($1 + 1)))"
	used=$(grep -cE "(c|eth)$1(-|$)" /proc/interrupts)
	[ "$used" -ge "$2" ] || no "c$1 has $used interrupts"
	echo "$used interrupts"
}

reload()
{
	local peer=$(($1 + 1))

	at "$peer" ip link set "c$peer" netns 1
	ip netns del "n$peer"
	rmmod "$2"
	place "$1" "$2"
	pings 10 "$(address "$peer")"
}

quiet()
{
	! dmesg | grep -E 'e1000|igb|c[0-5]:' | grep -iE 'WARN|BUG:|Oops|Hang|timed out|checksum|fail|error' || no "$(dmesg | tail -n 1)"
}

modprobe 8021q
vectors=(1 3 4)
for i in 0 1 2; do
	kind=${kinds[i]}
	try "driver ${drivers[i]} on $kind" place $((2 * i)) "${drivers[i]}"
	[ "$case_status" = 0 ] || continue
	try "$kind: interrupts" queues $((2 * i)) "${vectors[i]}"
	try "$kind: ping" small $((2 * i))
	try "$kind: TSO, checksums on the wire" stream $((2 * i))
	try "$kind: TCP with all engines" both_ways $((2 * i))
	try "$kind: VLAN" vlan $((2 * i))
	try "$kind: MTU 9000" jumbo $((2 * i))
	try "$kind: cable out and in" cable $((2 * i))
	try "$kind: down and up" updown $((2 * i))
	try "$kind: self test offline" self_test $((2 * i))
	try "$kind: rmmod, modprobe" reload $((2 * i)) "${drivers[i]}"
done
try "nothing to complain of" quiet
