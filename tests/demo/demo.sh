#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What weir does, on real traffic: two hosts (network namespaces) that can reach each other only through weir-l2fwd.
#
#      192.0.2.1                                                      192.0.2.2
#     +----------+                +--------------+                +----------+
#     |   left   | eth0 ---- left |  weir-l2fwd  | right ---- eth0 |   right  |
#     +----------+      veth      | over af_xdp  |      veth       +----------+
#                                 +--------------+
#
# Real ping, TCP and UDP go through it. Nothing outside is touched, and nothing is left, however this ends. Without the
# privileges for that, capture files go through weir-l2fwd instead.
#
#   tests/demo/demo.sh [-p]      -p: the form with capture files
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/../apps/common.bash"

seconds=${DEMO_SECONDS:-3} # of each kind of traffic
name=weir-demo-$$
address=192.0.2

say()
{
	printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi
}

# --- without privileges -----------------------------------------------------------------------------------------------

files_form()
{
	local in packets total=0 files=0

	say "Instead: every capture of tests/data through weir-l2fwd, from file to file"
	for in in tests/data/captures/*.pcap; do
		"$l2fwd" --no-mac-update --json "pcap:rx=$in" "pcap:tx=$work/out.pcap" >"$work/json" 2>"$work/err" ||
			fail "$in: $(cat "$work/err")"
		packets_of "$work/out.pcap" | cmp -s - <(packets_of "$in") || fail "$in: other packets came out than went in"
		packets=$(figure tx_packets "$work/json")
		[ "$(dropped "$work/json")" = 0 ] || fail "$in: packets were dropped: $(tail -n 1 "$work/json")"
		printf '%8d packets  %s\n' "$packets" "${in##*/}"
		total=$((total + packets))
		files=$((files + 1))
	done
	[ "$total" -gt 0 ] || fail "there are no captures in tests/data/captures"
	say "Shown: weir-l2fwd forwarded $total packets of $files capture files, each byte for byte and in order, none lost."
}

# --- two hosts ----------------------------------------------------------------------------------------------------------

# What runs a command there.
in_left=(ip netns exec "$name-left")
in_right=(ip netns exec "$name-right")
in_weir=(ip netns exec "$name-weir")

# The three namespaces. Frames that a veth hands over have no checksums and no VLAN tags in them unless the sender is told
# to put them there.
hosts_make()
{
	local host

	for host in left right weir; do
		ip netns add "$name-$host"
		undo+=("ip netns del $name-$host")
		ip -n "$name-$host" link set dev lo up
	done
	for host in left right; do
		ip -n "$name-$host" link add eth0 type veth peer name "$host" netns "$name-weir"
		ip netns exec "$name-$host" ethtool -K eth0 tx off txvlan off >/dev/null
		ip -n "$name-$host" link set dev eth0 up
		ip -n "$name-weir" link set dev "$host" up
	done
	ip -n "$name-left" address add $address.1/24 dev eth0
	ip -n "$name-right" address add $address.2/24 dev eth0
}

# Whether the left host gets an answer from the right one.
reachable()
{
	"${in_left[@]}" ping -c 1 -W 1 $address.2 >/dev/null 2>&1
}

# weir_start ARGUMENT...: has the hosts joined. Its process is $weir.
weir_start()
{
	local tries

	"${in_weir[@]}" "$l2fwd" --no-mac-update "$@" af_xdp:left af_xdp:right >"$work/json" 2>"$work/err" &
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

server_start()
{
	local tries

	"${in_right[@]}" iperf3 -s -B $address.2 >"$work/server" 2>&1 &
	for ((tries = 0; tries < 50; tries++)); do
		[ -z "$("${in_right[@]}" ss -Hltn 'sport = :5201')" ] || return 0
		sleep 0.1
	done
	fail "iperf3 does not listen: $(cat "$work/server")"
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
	weir_start --json --stats 1
	say "weir-l2fwd af_xdp:left af_xdp:right runs: now they can"
	"${in_left[@]}" ping -c 10 -i 0.1 -W 1 $address.2 | tee "$work/ping" | tail -n 2
	say "TCP, $seconds seconds"
	traffic tcp
	received tcp
	say "UDP, $seconds seconds at 100 Mbit/s"
	traffic udp -u -b 100M -l 1400
	received udp
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
	"${in_weir[@]}" "$l2fwd" --no-mac-update --stats 1 --seconds $((seconds + 1)) af_xdp:left af_xdp:right 2>"$work/err" ||
		fail "weir-l2fwd: $(cat "$work/err")"
}

hosts_form()
{
	local there back loss lost

	say "Two hosts, $address.1 and $address.2, with nothing between them"
	hosts_make
	! reachable || fail "the hosts reach each other without weir-l2fwd"
	echo "ping from one to the other: no answer"
	server_start
	measure
	! reachable || fail "the hosts still reach each other without weir-l2fwd"
	watch

	there=$(sent_by 1)
	back=$(sent_by 0)
	loss=$(grep -o '[0-9.]*% packet loss' "$work/ping")
	lost=$(received udp | grep -o '([0-9.e+-]*%)' | tr -d '()')
	if [ "${there:-0}" = 0 ] || [ "${back:-0}" = 0 ]; then
		fail "nothing was forwarded: $(tail -n 1 "$work/json")"
	fi
	if [ -z "$(rate tcp)" ] || [ -z "$(rate udp)" ]; then
		fail "iperf3 tells no rates: $(cat "$work/tcp" "$work/udp")"
	fi
	say "Shown: two hosts that cannot reach each other otherwise did so through weir-l2fwd over $(variant): $there" \
		"packets one way and $back the other, $(dropped "$work/json") dropped; ping with $loss," \
		"TCP $(rate tcp) Mbit/s, UDP $(rate udp) Mbit/s ($lost lost)."
}

variant()
{
	tail -n 1 "$work/json" | grep -o '"variant":"[^"]*"' | head -n 1 | cut -d '"' -f 4 | sed 's/^/af_xdp (/; s/$/)/'
}

# --- which of the two ---------------------------------------------------------------------------------------------------

# Why hosts cannot be made here; nothing when they can.
missing()
{
	local command

	[ "$(id -u)" = 0 ] || { echo "root (sudo make demo), to make network namespaces" && return; }
	for command in ip ethtool ping iperf3 ss; do
		command -v $command >/dev/null || { echo "$command; config/deps.sh demo installs it" && return; }
	done
	ip netns add "$name-try" 2>/dev/null || { echo "a system that lets root make network namespaces" && return; }
	ip netns del "$name-try"
}

if [ "${1-}" = -p ]; then
	files_form
	exit
fi
if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then
	cleanup
	exec sudo BUILD="${BUILD-build}" tests/demo/demo.sh
fi
why=$(missing)
if [ -n "$why" ]; then
	echo "The demonstration with two hosts needs $why."
	files_form
else
	hosts_form
fi
