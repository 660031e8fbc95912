#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l2fwd beside DPDK's testpmd, as programs: packets that go around a veth pair through af_packet and af_xdp, that come from
# nothing and go to nothing, and that go through a ring on their way. Both forward packets as they receive them. Then the size of
# weir-l2fwd, and with BENCH=all what it costs to build everything.
#
# Both ends of the pair are ports of the forwarder, so a packet that is put in once comes back for ever, and there is always
# one to forward. What counts is packets for each second of processor time, the forwarder's and the kernel's on its behalf
# (softirqs that it hands to a thread, too), so that neither a busy machine nor waiting counts: our receive queues of af_packet
# wait for a block of frames to fill. Rounds of both take turns.
set -euo pipefail
trap "" PIPE # of what has ended already

bin=$(realpath "${BUILD:-build}")/bin
rounds=${HOST_ROUNDS:-5}
cpu=$(taskset -pc $$ | sed 's/.*[ ,-]//')
export LC_ALL=C

skip()
{
	echo "bench_host: $1"
	exit 77
}

[ "$(id -u)" -eq 0 ] || skip "only root can make interfaces"
command -v dpdk-testpmd >/dev/null || skip "dpdk-testpmd is not installed (config/deps.sh bench)"
[ -x "$bin/weir-l2fwd" ] || skip "$bin/weir-l2fwd is not built"

work=$(mktemp -d)
space=weir-bench-$$
pid=
# shellcheck disable=SC2317 # by trap
clean()
{
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null || :
	ip netns del "$space" 2>/dev/null || :
	rm -rf "$work"
}
trap clean EXIT

make_pair()
{
	ip netns add "$space" 2>"$work/error" || skip "$(cat "$work/error")"
	ip -n "$space" link add v0 type veth peer name v1 2>"$work/error" || skip "$(cat "$work/error")"
	ip netns exec "$space" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 || :
	for end in v0 v1; do
		ip -n "$space" link set $end arp off up
	done
}

median_of() # FILE UNIT: median, distance of the quartiles and best of its lines
{
	sort -g "$1" | awk -v unit="$2" '{ v[NR] = $1 }
		END {
			m = int((NR + 1) / 2)
			printf "%s\t%.4g\t%s", v[m], v[int(NR * 3 / 4 + 0.5)] - v[int(NR / 4 + 0.5)], unit ~ /\/s$/ ? v[NR] : v[1]
		}'
}

line() # WHAT UNIT MARK OURS THEIRS: files of figures
{
	local theirs=$'-\t-\t-'

	[ -z "${5-}" ] || theirs=$(median_of "$5" "$2")
	printf 'program\t%s\t%s\t%s\t-\t%s\t-\t%s\n' "$1" "$2" "$(median_of "$4" "$2")" "$theirs" "$3"
}

# --- around a pair ------------------------------------------------------------------------------------------------------

sent()
{
	ip netns exec "$space" cat /sys/class/net/v1/statistics/tx_packets
}

# Nanoseconds of processor time.
spent()
{
	cat /proc/"$pid"/task/*/schedstat /proc/"$(pgrep -x "ksoftirqd/$cpu")"/schedstat |
		awk '{ ns += $1 } END { printf "%.0f", ns }'
}

start_ours() # KIND
{
	ip netns exec "$space" "$bin/weir-l2fwd" -c "$cpu" --no-mac-update --no-huge -v -Q "$1:v0" "$1:v1" \
		>"$work/log" 2>&1 &
	pid=$!
}

# testpmd, which forwards between two devices by itself, and takes orders by descriptor 3.
start_testpmd() # DEVICE DEVICE; what it runs in and its memory are words of $inside and $memory
{
	rm -f "$work/keys"
	mkfifo "$work/keys"
	# shellcheck disable=SC2086 # words
	$inside dpdk-testpmd --no-pci $memory -l "0,$cpu" --main-lcore 0 --no-telemetry --file-prefix "$space" \
		--vdev "$1" --vdev "$2" -- --forward-mode=io --nb-cores=1 --burst=32 -i --auto-start --no-mlockall \
		--no-lsc-interrupt --total-num-mbufs=20000 <"$work/keys" >"$work/log" 2>&1 &
	pid=$!
	exec 3>"$work/keys"
}

start_theirs()
{
	local inside="ip netns exec $space" memory="--no-huge -m 256" more=

	[ "$1" != af_packet ] || more=,qpairs=1
	start_testpmd "net_${1}0,iface=v0$more" "net_${1}1,iface=v1$more"
}

stop()
{
	exec 3>&-
	kill -INT "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	pid=
}

# Puts packets in until they go around. They are sent past all other sockets.
inject()
{
	local before now

	for _ in {1..100}; do
		before=$(sent)
		ip netns exec "$space" "$bin/weir-pktgen" -Q -n "$around" -r "100 kpps" --no-huge \
			-S 'packet: [eth, ipv4, udp], size: 64' af_packet:v1 >/dev/null 2>&1 || :
		sleep 0.3
		now=$(sent)
		[ $((now - before)) -lt $((around * 4)) ] || return 0
	done
	return 1
}

# The second best of five stretches: others who use the caches only slow things down.
rate()
{
	local packets ns

	for _ in {1..5}; do
		packets=$(sent)
		ns=$(spent)
		sleep 0.3
		packets=$(($(sent) - packets))
		ns=$(($(spent) - ns))
		awk "BEGIN { printf \"%.0f\\n\", $packets * 1e9 / ($ns + 1) }"
	done | sort -g | sed -n 4p
}

compare_kind() # KIND MARK PACKETS: so many go around, fewer than any queue on the way holds
{
	local who kind=$1 around=$3

	rm -f "$work"/{ours,theirs}
	for _ in $(seq "$rounds"); do
		for who in ours theirs; do
			start_$who "$kind"
			if ! inject; then
				echo "$kind: nothing goes around through $who: $(grep -iE 'fail|error|cannot' "$work/log" | head -n 1)"
				stop
				return
			fi
			rate >>"$work/$who"
			stop
		done
	done
	line "around a veth pair, $kind" packets/s "$2" "$work/ours" "$work/theirs"
}

# --- without an interface -----------------------------------------------------------------------------------------------

# In hugepages if testpmd can have some as well.
hugepages()
{
	[ "$(cat /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages)" -ge 96 ]
}

# Starting counts against us: a hundredth.
rate_local_ours() # SECOND: the other port beside one of nothing
{
	local memory=--no-huge second=null:

	! hugepages || memory=
	[ "$1" = null ] || second=ring:a,a
	TIMEFORMAT='%U %S'
	# shellcheck disable=SC2086 # one word or none
	{ time "$bin/weir-l2fwd" -c "$cpu" --no-mac-update $memory --json --seconds 2 null: $second >"$work/log"; } 2>"$work/time"
	jq -s '.[-1].rx_packets' "$work/log" | cat - "$work/time" |
		awk 'NR == 1 { n = $1 } NR == 2 { printf "%.0f\n", n / ($1 + $2) }'
}

# What it has forwarded it says when it is asked, twice.
rate_local_theirs()
{
	local inside='' memory="--no-huge -m 256" before ns

	! hugepages || memory="--in-memory -m 128"
	start_testpmd net_null0,size=64,copy=0 "net_${1}1"
	sleep 1.5
	echo "show fwd stats all" >&3
	before=$(spent)
	sleep 2
	echo "show fwd stats all" >&3
	ns=$(($(spent) - before))
	stop
	awk -v ns="$ns" '/Accumulated/ { getline; n[count++] = $2 }
		END { if (count < 2) exit 1; printf "%.0f\n", (n[1] - n[0]) * 1e9 / ns }' "$work/log"
}

compare_local() # SECOND WHAT
{
	local who

	rm -f "$work"/{ours,theirs}
	for _ in $(seq "$rounds"); do
		for who in ours theirs; do
			if ! rate_local_$who "$1" >>"$work/$who"; then
				echo "$2: $who forwards nothing: $(grep -iE 'fail|error|cannot' "$work/log" | head -n 1)"
				return
			fi
		done
	done
	line "$2" packets/s 1.43 "$work/ours" "$work/theirs"
}

compare_local null "from nothing to nothing"
compare_local ring "from nothing into a ring, and out of it"
make_pair
compare_kind af_packet 1.1 384
compare_kind af_xdp 1.05 128

strip -o "$work/stripped" "$bin/weir-l2fwd"
echo "weir-l2fwd with all drivers, stripped: $(stat -c %s "$work/stripped") bytes (mark: under 1 MB)"
if [ "${BENCH-}" = all ]; then
	export CCACHE_DISABLE=1
	TIMEFORMAT='%U %S'
	{ time make -s BUILD="$work/build" all >/dev/null 2>&1; } 2>"$work/time"
	awk '{ printf "a clean build of everything: %.0f s of processor time (mark: under 46, a tenth of a trimmed DPDK)\n", $1 + $2 }' "$work/time"
fi
