#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What weir does, on real traffic: two hosts (network namespaces) that can reach each other only through weir-l2fwd.
#
#      192.0.2.1                                                                     192.0.2.2
#     +---------+           +------+               +------------+               +------+           +---------+
#     |  left   | ---cable--| nic0 |---vfio-user---| weir-l2fwd |---vfio-user---| nic1 |--cable---|  right  |
#     +---------+           +------+               |   ixgbe    |               +------+           +---------+
#                           a model of             +------------+               another
#                           an 82599
#
# Real ping, TCP and UDP go through it. It takes no hardware and no hugepages; nothing outside is touched, and nothing is
# left, however this ends. Without the privileges to make hosts, generated packets go the same way from nic0 to nic1.
#
#   tests/demo/demo.sh [FORM]      model:  as above (the default)
#                                  packets: generated packets instead of hosts; takes no privileges
#                                  af_xdp: two hosts on veth interfaces, which weir-l2fwd reaches by AF_XDP
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/../apps/common.bash"

nicsim=$bin/weir-nicsim
seconds=${DEMO_SECONDS:-3} # of each kind of traffic
name=weir-demo-$$
address=192.0.2
cards=

# A terminal gets it in bold, and cut between words.
say()
{
	if [ -t 1 ]; then
		printf '\n\033[1m%s\033[0m\n' "$(fold -s -w "$(tput cols)" <<<"$*")"
	else
		printf '\n%s\n' "$*"
	fi
}

# --- two cards that do not exist ----------------------------------------------------------------------------------------

# nics_start WIRE WIRE [COMMAND...]: has weir-nicsim serve two cards on such wires; the command runs it. Its process is
# $cards, and the sockets are nic0 and nic1 in $work.
nics_start()
{
	(
		cd "$work"
		exec "${@:3}" "$nicsim" --strict --nic "82599,socket=nic0,wire=$1" --nic "82599,socket=nic1,wire=$2" \
			>"$work/cards" 2>"$work/cards.err"
	) &
	cards=$!
	until_true nics_ready
}

nics_ready()
{
	kill -0 "$cards" 2>/dev/null || fail "weir-nicsim does not start: $(cat "$work/cards.err")"
	grep -q 'cards are ready' "$work/cards.err" 2>/dev/null
}

# What the models say in the end: each checks every frame and every access of the driver.
nics_stop()
{
	kill -TERM "$cards"
	wait "$cards" || fail "weir-nicsim finds fault: $(cat "$work/cards" "$work/cards.err")"
	cards=
}

# --- packets from a generator -------------------------------------------------------------------------------------------

packets_form()
{
	local pps=20000 size=300 count sent good

	count=$(((seconds + 2) * pps))
	say "Two simulated 82599 network cards: nic0 receives generated packets, nic1 checks what it is given to send"
	nics_start "gen:size=$size,pps=$pps,flows=16,count=$count" sink
	say "weir-l2fwd vfio-user:nic0 vfio-user:nic1, with weir's driver for the 82599, $((seconds + 2)) seconds"
	# A forwarder that falls behind on a busy machine gets the time it needs.
	(cd "$work" && exec "$l2fwd" --no-huge --no-mac-update --patience 5000 --stats 1 --count "$count" \
		--seconds $((seconds * 10 + 30)) vfio-user:nic0 vfio-user:nic1) 2>"$work/err" ||
		fail "weir-l2fwd: $(cat "$work/err")"
	nics_stop
	sent=$(sed -n 's/.* s: \([0-9]*\) sent, .*/\1/p' "$work/cards")
	good=$(sed -n 's/.* sent, \([0-9]*\) came back right.*/\1/p' "$work/cards")
	[ "${good:-0}" = "$count" ] || fail "not all $count packets came through: $(cat "$work/cards")"
	say "Shown: weir's driver for Intel's 82599 (10 Gbit/s) ran without a card, on models of two of them, and weir-l2fwd" \
		"forwarded all $sent packets of 16 flows from one to the other, every byte and the order checked, none lost." \
		"The models saw no use of a register that the data sheet forbids and no access to memory not given to them."
}

# --- two hosts ----------------------------------------------------------------------------------------------------------

# What runs a command there.
in_left=(ip netns exec "$name-left")
in_right=(ip netns exec "$name-right")
in_weir=(ip netns exec "$name-weir")
in_none=(env)

namespaces_make()
{
	local host

	for host in left right weir; do
		undo+=("ip netns del $name-$host 2>/dev/null") # before it is made: a signal may come in between
		ip netns add "$name-$host"
		ip -n "$name-$host" link set dev lo up
	done
}

addresses_make()
{
	ip -n "$name-left" address add $address.1/24 dev eth0
	ip -n "$name-right" address add $address.2/24 dev eth0
	ip -n "$name-left" link set dev eth0 up
	ip -n "$name-right" link set dev eth0 up
}

# Each host's interface is the other end of a card's cable.
model_hosts()
{
	namespaces_make
	nics_start tap:left tap:right "${in_weir[@]}"
	ip -n "$name-weir" link set dev left netns "$name-left" name eth0
	ip -n "$name-weir" link set dev right netns "$name-right" name eth0
	# What a host sends waits here while a busy machine gives the models no time.
	ip -n "$name-left" link set dev eth0 txqueuelen 10000
	ip -n "$name-right" link set dev eth0 txqueuelen 10000
	addresses_make
	echo "left --cable-- nic0, a model of an 82599 | an 82599 too, nic1 --cable-- right"
	ports=(vfio-user:nic0 vfio-user:nic1)
	around=("${in_none[@]}")
}

# Frames that a veth hands over have no checksums and no VLAN tags in them unless the sender is told to put them there.
af_xdp_hosts()
{
	local host

	namespaces_make
	for host in left right; do
		ip -n "$name-$host" link add eth0 type veth peer name "$host" netns "$name-weir"
		ip netns exec "$name-$host" ethtool -K eth0 tx off txvlan off >/dev/null
		ip -n "$name-weir" link set dev "$host" up
	done
	addresses_make
	ports=(af_xdp:left af_xdp:right)
	around=("${in_weir[@]}")
}

# Whether the left host gets an answer from the right one.
reachable()
{
	"${in_left[@]}" ping -c 1 -W 1 $address.2 >/dev/null 2>&1
}

# weir_run ARGUMENT...: weir-l2fwd between the hosts, in the place of a shell of its own.
weir_run()
{
	cd "$work"
	exec "${around[@]}" "$l2fwd" --no-huge --no-mac-update "$@" "${ports[@]}" 2>"$work/err"
}

# Has the hosts joined. The process is $weir.
weir_start()
{
	local tries

	(weir_run --json --stats 1 >"$work/json") &
	weir=$!
	for ((tries = 0; tries < 10; tries++)); do
		! reachable || return 0
		kill -0 "$weir" 2>/dev/null || break
	done
	fail "weir-l2fwd does not join the two hosts: $(cat "$work/err")"
}

weir_stop()
{
	kill -TERM "$weir"
	wait "$weir" || fail "weir-l2fwd ended with exit code $?: $(cat "$work/err")"
	! "${in_weir[@]}" ip -d link | grep -q xdp || fail "weir-l2fwd left an XDP program on an interface"
}

listening()
{
	[ -n "$("${in_right[@]}" ss -Hltn 'sport = :5201')" ]
}

server_start()
{
	"${in_right[@]}" iperf3 -s -B $address.2 >"$work/server" 2>&1 &
	until_true listening
}

# traffic NAME IPERF3-ARGUMENT...: sends to the right host; what iperf3 says goes to the file NAME.
traffic()
{
	"${in_left[@]}" iperf3 -c $address.2 -f m -t "$seconds" "${@:2}" >"$work/$1" 2>&1 ||
		fail "$1 traffic does not get through: $(tail -n 3 "$work/$1")"
}

# The line of iperf3's report that tells what was received, without its head.
received()
{
	sed -n '/receiver$/s/^.* sec  *//p' "$work/$1" | tail -n 1
}

# How many UDP packets reached the right host and found no room in the socket of the program there.
overrun()
{
	"${in_right[@]}" cat /proc/net/snmp | awk '$1 == "Udp:" && $6 ~ /^[0-9]/ { print $6 }'
}

# How many of how many did not get there.
lost_on_the_way()
{
	received udp | awk -v overrun="$(overrun)" '{
		for (i = 1; i <= NF; i++)
			if (split($i, n, "/") == 2 && n[2] ~ /^[0-9]+$/)
				printf "%d of %d packets", (n[1] > overrun + 0 ? n[1] - overrun : 0), n[2]
	}'
}

# rate NAME: in Mbit/s.
rate()
{
	received "$1" | awk '{ for (i = 2; i <= NF; i++) if ($i == "Mbits/sec") print $(i - 1) }'
}

# sent_by PORT: the packets that left by a port, from the last line of the report.
sent_by()
{
	tail -n 1 "$work/json" | awk -v port="$1" '{
		n = split($0, part, "\"port\":" port ",")
		if (n == 2 && match(part[2], /"tx":\{"packets":[0-9]+/))
			print substr(part[2], RSTART + 16, RLENGTH - 16)
	}'
}

measure()
{
	weir_start
	say "weir-l2fwd ${ports[*]} runs: now they can"
	"${in_left[@]}" ping -c 10 -i 0.1 -W 1 $address.2 | tee "$work/ping" | tail -n 2
	say "TCP, $seconds seconds"
	traffic tcp
	received tcp
	say "UDP, $seconds seconds at 50 Mbit/s"
	traffic udp -u -b 50M -l 1400 -w 400K
	received udp
	[ "$(overrun)" = 0 ] || echo "$(overrun) of these arrived, but the receiving program was too slow to take them"
	weir_stop
}

# The same again, watched: the live screen on a terminal, else a line each second.
watch()
{
	say "The live figures, $((seconds + 1)) seconds, with TCP in both directions"
	(
		sleep 0.7
		exec "${in_left[@]}" iperf3 -c $address.2 -t "$seconds" --bidir >"$work/watched" 2>&1
	) &
	(weir_run --stats 1 --seconds $((seconds + 1))) || fail "weir-l2fwd: $(cat "$work/err")"
}

# What there is to be proud of, given how the packets got there.
conclude()
{
	local there back ping

	there=$(sent_by 1)
	back=$(sent_by 0)
	ping=$(grep -o '[0-9.]*% packet loss' "$work/ping")
	if [ "${there:-0}" = 0 ] || [ "${back:-0}" = 0 ]; then
		fail "nothing was forwarded: $(tail -n 1 "$work/json")"
	fi
	if [ -z "$(rate tcp)" ] || [ -z "$(rate udp)" ] || [ -z "$(lost_on_the_way)" ]; then
		fail "iperf3 tells no rates: $(cat "$work/tcp" "$work/udp")"
	fi
	say "Shown: two hosts with nothing else between them talked through weir-l2fwd: ping with $ping, TCP at" \
		"$(rate tcp) Mbit/s, UDP at $(rate udp) Mbit/s ($(lost_on_the_way) lost on the way); $there packets went one way and $back the other," \
		"$(dropped "$work/json") were dropped." "$@"
}

hosts_form()
{
	say "Two hosts, $address.1 and $address.2, with nothing between them"
	"$1_hosts"
	! reachable || fail "the hosts reach each other without weir-l2fwd"
	echo "ping from one to the other: no answer"
	server_start
	measure
	! reachable || fail "the hosts still reach each other without weir-l2fwd"
	watch
}

model_form()
{
	hosts_form model
	nics_stop
	conclude "It drove two Intel 82599 cards (10 Gbit/s) that do not exist: models in another process, which saw no" \
		"use of a register that the data sheet forbids, and no access to memory that was not given to them."
}

af_xdp_form()
{
	hosts_form af_xdp
	conclude "It reached them by AF_XDP ($(tail -n 1 "$work/json" | grep -o '"variant":"[^"]*"' | head -n 1 |
		cut -d '"' -f 4))."
}

# --- which of them ------------------------------------------------------------------------------------------------------

# Why hosts cannot be made here; nothing when they can.
missing()
{
	local command

	[ "$(id -u)" = 0 ] || { echo "root (sudo make demo), to make network namespaces" && return; }
	for command in ip ethtool ping iperf3 ss; do
		command -v $command >/dev/null || { echo "$command; config/deps.sh demo installs it" && return; }
	done
	ip netns add "$name-try" 2>/dev/null || { echo "a system that lets root make network namespaces" && return; }
	[ "$1" != model ] || ip -n "$name-try" tuntap add dev tap0 mode tap 2>/dev/null ||
		echo "/dev/net/tun (modprobe tun)"
	ip netns del "$name-try"
}

form=${1:-model}
case $form in
packets)
	packets_form
	exit
	;;
model | af_xdp) ;;
*)
	echo "there is no form '$form' of the demonstration, only model, packets and af_xdp" >&2
	exit 2
	;;
esac
if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then
	cleanup
	exec sudo BUILD="${BUILD-build}" DEMO_SECONDS="$seconds" tests/demo/demo.sh "$form"
fi
why=$(missing "$form")
if [ -z "$why" ]; then
	"${form}_form"
elif [ "$form" = model ]; then
	echo "The demonstration with two hosts needs $why. Here is the one with generated packets."
	packets_form
else
	fail "the demonstration with AF_XDP needs $why"
fi
