#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l2fwd in a guest, between cards that it was given by one bus after the other. Of each kind there are four:
#
#      p0 ======== d0 -- weir-l2fwd -- d1 ======== p1
#
# d0 and d1 are weir's; p0 and p1, at the other ends of their cables, are driven by Linux, each in a network namespace of
# its own, which has its card check nothing, so that the kernel does. /etc/cards has a line for each kind: its name, what the
# test calls it, the number of d0 (d1, p0 and p1 follow; card N is behind the root port in slot N + 4), Linux's driver, the
# receive queues that it has for RSS, and what is wrong with it. /etc/buses has the buses, each with the driver to bind to,
# whether cards can be unplugged and plugged in (both), only be taken away (once) or neither (never), and what the spec of a
# port must say.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh

# --- cards -----------------------------------------------------------------------------------------------------------------

# pci CARD: its address.
pci()
{
	local path

	path=$(echo "/sys/bus/pci/devices/$(printf '0000:00:%02x.0' $(($1 + 4)))"/0000:??:??.?)
	[ -e "$path" ] || no "there is no card $1"
	basename "$path"
}

driver_of()
{
	basename "$(readlink "/sys/bus/pci/devices/$(pci "$1")/driver" || echo none)"
}

driven_by()
{
	[ "$(driver_of "$1")" = "$2" ]
}

present()
{
	(pci "$1") >/dev/null
}

gone()
{
	! present "$1"
}

# a, b: where p0 is, and p1.
a()
{
	nsenter --net="/run/netns/a$kind" "$@"
}

b()
{
	nsenter --net="/run/netns/b$kind" "$@"
}

up()
{
	"$1" ip link show "$2" | grep -q 'LOWER_UP.*state UP'
}

# place NAMESPACE CARD NAME NUMBER: Linux's end of a cable. Packets of 1500 bytes go to 10.0.0.0, of 9000 to 10.9.0.0, with
# a tag to 10.7.0.0.
place()
{
	local old

	until_true 10 driven_by "$2" "$linux"
	old=$(basename "/sys/bus/pci/devices/$(pci "$2")"/net/*)
	ip netns add "$1$kind"
	ip link set "$old" netns "$1$kind"
	"$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.addr_gen_mode=1 net.ipv6.conf.all.addr_gen_mode=1
	"$1" ip link set "$old" name "$3" mtu 9000
	"$1" ethtool -K "$3" rx off gro off
	"$1" ip link set lo up
	"$1" ip link set "$3" up
	"$1" ip link add link "$3" name tag mtu 1500 type vlan id 7
	"$1" ip link set tag up
	"$1" ip addr add "10.0.0.$4/24" dev "$3"
	"$1" ip route change 10.0.0.0/24 dev "$3" mtu 1500 rto_min 2s
	"$1" ip addr add "10.9.0.$4/24" dev "$3"
	"$1" ip addr add "10.7.0.$4/24" dev tag
	"$1" ip addr add "fd00::$4/64" dev "$3"
	"$1" ip route add fd00::/64 dev "$3" metric 100 mtu 1500
}

# has FLAW: whether this make of the card has it (/etc/cards).
has()
{
	[[ " $flaws " == *" $1 "* ]]
}

# --- the forwarder ---------------------------------------------------------------------------------------------------------

# How it is told to take a card of this bus.
spec()
{
	echo "pci:$(pci "$1")$unsafe"
}

# as_owner COMMAND...: becomes who may use the cards: where weir.ko gives them out, a user who is in the group of their files.
as_owner()
{
	[ "$bus" != weir ] || as_user 900 "$@"
	exec "$@"
}

# forwarder NAME ARGUMENT...: has weir-l2fwd run so, and every link up. One that does already, by that name, is left alone.
forwarder()
{
	if [ "$(cat /tmp/run)" = "$1" ] && ! [ -e /tmp/status ]; then
		return 0
	fi
	finish
	rm -f /tmp/status /tmp/pid
	: >/tmp/report
	echo "$1" >/tmp/run
	shift
	# One whose card was taken away may end long after it was given up: then it is not asked any more.
	token=$EPOCHREALTIME
	echo "$token" >/tmp/token
	(
		(
			echo "$BASHPID" >/tmp/pid
			as_owner weir-l2fwd --patience 2000 --json --stats 0.25 "$@"
		) >/tmp/report 2>/tmp/errors && status=0 || status=$?
		[ "$(cat /tmp/token)" != "$token" ] || echo "$status" >/tmp/status
	) &
	until_true 20 runs
}

# The last whole line of its report, seen by a filter of jq.
report()
{
	grep '}$' /tmp/report | tail -n 1 | jq -c "$1"
}

is()
{
	[ "$(report "$1")" = true ]
}

# Whether all of its links are up.
runs()
{
	[ ! -e /tmp/status ] || no "weir-l2fwd ended with status $(cat /tmp/status): $(cat /tmp/errors)"
	is 'all(.ports[]; .link.up)'
}

ended()
{
	[ -e /tmp/status ]
}

# Ends it, if it runs; its last report stays. It must end well, and may have dropped only what could not be sent.
finish()
{
	local status

	[ -s /tmp/run ] || return 0
	[ -e /tmp/status ] || kill "$(cat /tmp/pid)"
	: >/tmp/run
	until_true 10 ended
	status=$(cat /tmp/status)
	[ "$status" = 0 ] || no "weir-l2fwd ended with status $status: $(tail -n 1 /tmp/errors)"
	# QEMU's 82574L and 82576 count frames of less than 60 bytes as too short, and hand them over all the same.
	! has short-counted || ignored=.dropped.too_short
	is ".final and ([.dropped[]] | add) == .dropped.link_down + ${ignored:-0}" || no "dropped: $(report '.dropped')"
}

# After a case that failed the next one starts a forwarder of its own.
afresh()
{
	[ ! -s /tmp/run ] || [ -e /tmp/status ] || kill -KILL "$(cat /tmp/pid)"
	[ ! -s /tmp/run ] || (until_true 20 ended)
	: >/tmp/run
}

bridge()
{
	forwarder "bridge $bus" --no-mac-update --mtu 9000 --offloads=csum,vlan "$(spec "$first")" "$(spec $((first + 1)))"
	until_true 20 up a p0
	until_true 20 up b p1
}

# From here by a TAP interface to p0. What the kernel gives it is not cut, and has no checksums yet.
tap()
{
	# A user needs one that is his.
	if [ "$bus" = weir ] && ! [ -e /sys/class/net/t0 ]; then
		ip tuntap add dev t0 mode tap user 1000
		ip link set t0 up
		chmod 666 /dev/net/tun
	fi
	forwarder "tap $bus" --no-mac-update --offloads=csum,vlan tap:t0 "$(spec "$first")"
	if ! ip addr show t0 | grep -q 10.0.0.3; then
		sysctl -qw net.ipv6.conf.t0.accept_dad=0
		ip addr add 10.0.0.3/24 dev t0
		ip addr add fd00::3/64 dev t0
	fi
	until_true 20 up a p0
}

# noted NAME FILTER, more NAME FILTER: how much more a figure is than when it was noted by that name.
noted()
{
	report "$2" >"/tmp/noted-$1"
}

more()
{
	echo $(($(report "$2") - $(cat "/tmp/noted-$1")))
}

# at_least COUNT NAME FILTER: whether it is so much more.
at_least()
{
	[ "$(more "$2" "$3")" -ge "$1" ]
}

# --- traffic ---------------------------------------------------------------------------------------------------------------

# How many answers p0's kernel has had. ping itself does not wait for a late one, if there were others.
heard()
{
	[ "$(snmp a Icmp InEchoReps)" -ge "$1" ]
}

# pings COUNT ARGUMENT...: each is answered.
pings()
{
	local want=$(($(snmp a Icmp InEchoReps) + $1))

	a ping -q -i 0.02 -c "$@" | tee /tmp/ping || :
	(until_true 20 heard $want) || no "$(($(snmp a Icmp InEchoReps) - want)) answers: $(traffic)"
	tail -n 1 /tmp/ping
}

# traffic: what the forwarder has received and sent by each port, and what it has dropped.
traffic()
{
	sleep 0.5
	report '[(.ports[] | [.link.up, .rx.packets, .tx.packets]), (.dropped | with_entries(select(.value > 0)))]'
}

answers()
{
	a ping -q -c 1 -W 5 10.0.0.2 >/dev/null
}

# snmp WHO PROTOCOL NAME: a counter of its network stack, such as Tcp InCsumErrors.
snmp()
{
	# shellcheck disable=SC2016 # awk's own
	"$1" awk -v protocol="$2:" -v name="$3" '$1 == protocol {
		if (!at) { for (i = 2; i <= NF; i++) if ($i == name) at = i } else print $at
	}' /proc/net/snmp
}

listens()
{
	"$1" netstat -ltn | grep -q ":$2 "
}

# frames_of FILE: the frames of a capture, a line each, without their times.
frames_of()
{
	hexdump -v -e '1/1 "%02x"' "$1" | awk '
		function digit(at) { return index("0123456789abcdef", substr($0, at, 1)) - 1 }
		{
			for (at = 49; at < length($0); at += 32 + size) {
				size = 2 * (16 * digit(at + 16) + digit(at + 17) + 4096 * digit(at + 18) + 256 * digit(at + 19))
				print substr($0, at + 32, size)
			}
		}'
}

# send FILE: a capture, out of p0, at the times that it says.
send()
{
	a weir-l2fwd --no-huge --quiet --no-mac-update "pcap:rx=$1,replay=recorded" af_packet:p0
}

# stream FROM TO ADDRESS N: N times 256 KiB get there as they were sent, in segments whose checksums the other kernel finds right.
stream()
{
	local errors receiver

	errors=$(snmp "$2" Tcp InCsumErrors)
	[ -e "/tmp/sent$4" ] || dd if=/dev/urandom of="/tmp/sent$4" bs=256k count="$4" 2>/dev/null
	[ -p /tmp/open ] || mkfifo /tmp/open
	"$2" nc -l -p 5000 <>/tmp/open >/tmp/received &
	receiver=$!
	until_true 20 listens "$2" 5000
	"$1" timeout 60 nc "$3" 5000 <"/tmp/sent$4" || stop $receiver
	wait $receiver || :
	cmp "/tmp/sent$4" /tmp/received || no "other bytes came than were sent"
	[ "$(snmp "$2" Tcp InCsumErrors)" = "$errors" ] || no "segments came with a wrong checksum"
}

# --- cases -----------------------------------------------------------------------------------------------------------------

here()
{
	"$@"
}

prepare()
{
	local card

	modprobe "$linux"
	for card in 0 1 2 3; do
		until_true 10 present $((first + card))
	done
	place a $((first + 2)) p0 1
	place b $((first + 3)) p1 2
}

bind()
{
	local card

	for card in $first $((first + 1)); do
		weir bind --driver "$binding" "$(pci "$card")"
		driven_by "$card" "$binding" || no "card $card is driven by $(driver_of "$card")"
	done
}

has_caught()
{
	[ "$(tail -n 1 /tmp/catcher | jq .tx_packets)" -ge "$1" ]
}

# Frames of all lengths, byte for byte.
content()
{
	local catcher

	bridge
	rm -f /tmp/catcher # that of another kind of card must not be taken for this one's
	nsenter --net="/run/netns/b$kind" weir-l2fwd --no-huge --json --stats 0.25 --no-mac-update --map 0:1 af_packet:p1 \
		pcap:tx=/tmp/caught >/tmp/catcher &
	catcher=$!
	until_true 20 test -s /tmp/catcher
	send /etc/lengths.pcap
	(until_true 40 has_caught 159) || { tail -n 1 /tmp/catcher && b ethtool -S p1 | grep -v ': 0$'; } || :
	sleep 0.5
	stop $catcher
	frames_of /tmp/caught | grep -E '^.{24}88b5' >/tmp/came || :
	[ -e /tmp/lengths ] || frames_of /etc/lengths.pcap >/tmp/lengths
	cmp /tmp/lengths /tmp/came ||
		no "$(wc -l </tmp/came) of $(wc -l </tmp/lengths) came, without lines $(grep -nvxFf /tmp/came /tmp/lengths | cut -d : -f 1 | tr '\n' ' '): $(traffic)"
	pings 20 -s 1000 10.0.0.2
	echo "$(wc -l </tmp/came) frames"
}

tcp()
{
	bridge
	stream a b 10.0.0.2 2
	stream b a 10.0.0.1 2
}

vlan()
{
	bridge
	noted tags '[.ports[].said.vlan] | add'
	pings 20 10.7.0.2
	(until_true 10 at_least 40 tags '[.ports[].said.vlan] | add') || no "the cards took out $(more tags '[.ports[].said.vlan] | add') tags of 40"
	stream a b 10.7.0.2 1
}

jumbo()
{
	bridge
	pings 20 -s 8972 -M "do" 10.9.0.2
	stream a b 10.9.0.2 2
}

# What the card says of 20 packets that are right, 10 with a wrong sum of IPv4's header, 10 of TCP and 10 of UDP.
receive_checksums()
{
	bridge
	[ "$(report '.ports[0].said | .ip_bad + .l4_bad')" = 0 ] || no "good packets were called bad: $(report '.ports[0].said')"
	! has no-rx-checksums || skip "QEMU's model checks none (it sets IXSM)"
	noted ip_good '.ports[0].said.ip_good'
	noted l4_good '.ports[0].said.l4_good'
	send /etc/sums.pcap
	# Of UDP packets with a wrong sum the driver of the 82599 does not say so: the card says it of those without one, too.
	has no-bad-udp || bad=20
	(until_true 20 at_least 40 ip_good '.ports[0].said.ip_good') || no "$(report '.ports[0].said')"
	(until_true 20 is ".ports[0].said | .ip_bad == 10 and .l4_bad == ${bad:-10}") || no "$(report '.ports[0].said')"
	at_least 20 l4_good '.ports[0].said.l4_good' || no "$(report '.ports[0].said')"
}

# ticks: how long the threads that forward have run; the first one reports.
ticks()
{
	local pid task

	pid=$(cat /tmp/pid)
	for task in /proc/"$pid"/task/*; do
		[ "${task##*/}" = "$pid" ] || cat "$task/stat"
	done | awk '{ sum += $14 + $15 } END { print sum }'
}

interrupts()
{
	awk '/vfio|uio|weir-/ { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' /proc/interrupts
}

# Nothing to do costs nothing, and each packet that comes then has an interrupt of its own.
waiting()
{
	local before used

	bridge
	answers
	sleep 0.5
	before=$(ticks)
	sleep 2
	used=$(($(ticks) - before))
	[ $used -lt 50 ] || no "it used $used of 200 ticks for doing nothing"
	before=$(interrupts)
	for _ in {1..10}; do
		answers
		sleep 0.2
	done
	before=$(($(interrupts) - before))
	if [ $before -lt 15 ]; then
		grep -E 'vfio|uio|weir-' /proc/interrupts || :
		no "$before interrupts for 20 packets"
	fi
	echo "$before interrupts for 20 packets, $used ticks of 200 for none"
}

link()
{
	bridge
	until_true 10 is '.ports[0].link.up'
	tell "do link $first down"
	until_true 20 is '.ports[0].link.up | not'
	tell "do link $first up"
	until_true 20 is '.ports[0].link.up'
	until_true 30 answers
	pings 10 10.0.0.2
}

# received: frames and bytes that p0 has. Linux's drivers ask the card for them every two seconds.
received()
{
	# shellcheck disable=SC2016 # awk's own
	a awk '$1 == "p0:" { print $3, $2 }' /proc/net/dev
}

# has_received BYTES: whether these are so many more than in $before.
has_received()
{
	after=$(received)
	[ "$((${after#* } - ${before#* }))" -ge "$1" ]
}

# What the kernel gives to the TAP interface is longer than what p0 gets.
segments()
{
	local errors before after size

	tap
	before=$(received)
	stream here a 10.0.0.1 8
	until_true 20 has_received $((8 << 18))
	size=$(awk '{ print int(($4 - $2) / ($3 - $1)) }' <<<"$before $after")
	[ "$size" -le 1518 ] || no "frames of $size bytes came"
	(until_true 10 is '.ports[0].rx | .packets > 0 and .bytes / .packets > 1600') || no "the kernel gave no long packets: $(report '.ports[0].rx')"
	a iperf3 -s -1 >/tmp/server 2>&1 &
	until_true 20 listens a 5201
	errors=$(snmp a Tcp InCsumErrors)
	timeout 60 iperf3 -6 -c fd00::1 -n 512K >/tmp/iperf || no "$(tail -n 1 /tmp/iperf)"
	[ "$(snmp a Tcp InCsumErrors)" = "$errors" ] || no "segments over IPv6 came with a wrong checksum"
	echo "packets of $(report '.ports[0].rx | .bytes / .packets | floor') bytes left as frames of $size"
}

send_checksums()
{
	local errors datagrams

	tap
	ethtool -K t0 tso off gso off
	stream here a 10.0.0.1 2
	errors=$(snmp a Udp InCsumErrors)
	datagrams=$(snmp a Udp InDatagrams)
	a iperf3 -s -1 >/tmp/server 2>&1 &
	until_true 20 listens a 5201
	timeout 60 iperf3 -u -c 10.0.0.1 -b 4M -n 350K -l 1400 >/tmp/iperf || no "$(tail -n 1 /tmp/iperf)"
	[ "$(snmp a Udp InCsumErrors)" = "$errors" ] || no "datagrams came with a wrong checksum"
	[ $(($(snmp a Udp InDatagrams) - datagrams)) -ge 100 ] || no "$(($(snmp a Udp InDatagrams) - datagrams)) datagrams came"
	stream a here 10.0.0.3 1
}

# 64 flows of 10 packets.
spread()
{
	[ "$queues" -gt 1 ] || skip "it has one receive queue"
	forwarder "queues $bus" --no-mac-update --queues 2 --offloads=hash "$(spec "$first")" "$(spec $((first + 1)))"
	until_true 20 up a p0
	send /etc/flows.pcap
	(until_true 20 is '.ports[0] | all(.queues[]; .rx.packets >= 100) and .said.hash >= 640') ||
		no "$(report '.ports[0] | [.queues[].rx.packets, .said.hash]')"
	report '[.ports[0].queues[].rx.packets] | join(" and ") + " packets"'
}

unbind()
{
	local card

	finish
	for card in $first $((first + 1)); do
		weir unbind "$(pci "$card")"
		driven_by "$card" "$linux" || no "card $card is driven by $(driver_of "$card")"
	done
}

# Under traffic the card is taken away, which ends the forwarder, and given back, after which the next one works.
unplug()
{
	local flood loss='gone|removed|went away|taken away|pulled'

	[ "$unplugging" != never ] || skip "QEMU's vfio-user-pci cannot be plugged in again, so it is tried with the last bus"
	bind
	bridge
	nsenter --net="/run/netns/a$kind" ping -q -f 10.0.0.2 >/dev/null &
	flood=$!
	sleep 1
	tell "do unplug $first"
	# Our own models stay in their slots and answer nothing, for which the kernel waits a minute when they are closed.
	if [ "$unplugging" = once ]; then
		until_true 20 grep -qE "$loss" /tmp/errors
	else
		(until_true 20 ended) || no "weir-l2fwd goes on: $(report .dropped) $(cat /tmp/errors)"
		[ "$(cat /tmp/status)" = 1 ] || no "weir-l2fwd ended with status $(cat /tmp/status): $(cat /tmp/errors)"
		grep -qE "$loss" /tmp/errors || no "no sentence: $(cat /tmp/errors)"
	fi
	stop $flood
	: >/tmp/run
	loss=$(grep -E "$loss" /tmp/errors | tail -n 1)
	if [ "$unplugging" = both ]; then
		until_true 20 gone "$first"
		tell "do plug $first"
		until_true 30 present "$first"
		sleep 0.5
		bind
		bridge
		until_true 30 answers
		pings 10 10.0.0.2
		finish
	fi
	echo "$loss"
}

skip()
{
	echo "$*"
	exit 77
}

echo 64 >/proc/sys/vm/nr_hugepages
ulimit -l unlimited # as limits.d has it for the group
modprobe -a tun 8021q af_packet 2>/dev/null
: >/tmp/run
while read -r kind first linux queues flaws; do
	try "driver $linux drives the other ends of $kind" prepare
	[ "$case_status" = 0 ] || continue
	while read -r bus binding unplugging unsafe; do
		# shellcheck disable=SC2046 # whom its devices are for
		modprobe "$binding" $([ "$bus" != weir ] || echo mode=0660 group=900)
		modprobe -a vfio_iommu_type1 iommufd 2>/dev/null
		[ "$bus" != no-iommu ] || echo 1 >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
		try "driver $kind $bus: bind" bind
		[ "$case_status" = 0 ] || continue
		try "$kind $bus: content" content
		try "$kind $bus: TCP" tcp
		try "$kind $bus: VLAN" vlan
		try "$kind $bus: jumbo" jumbo
		try "$kind $bus: checksums in" receive_checksums
		try "$kind $bus: interrupts" waiting
		try "$kind $bus: link" link
		try "$kind $bus: TSO" segments
		try "$kind $bus: checksums out" send_checksums
		try "$kind $bus: RSS" spread
		try "$kind $bus: unbind" unbind
		try "$kind $bus: unplug" unplug
	done </etc/buses
done </etc/cards
