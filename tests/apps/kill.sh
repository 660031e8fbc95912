#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A SIGKILL in the middle of the traffic leaves nothing that is in the way of the next run: no hugepage in use, no file,
# no interface; and the same command then works. Interfaces are tried by root, in a network namespace of the test's own.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

root=
[ "$(id -u)" != 0 ] || root=yes
help=$("$l2fwd" --help)
in=$captures/ssh.pcap
mkdir "$work/tmp"
export TMPDIR=$work/tmp

# Enough hugepages for every case; what the machine had before comes back.
pages=/proc/sys/vm/nr_hugepages
page_size=4K
if [ -n "$root" ] && [ -w $pages ]; then
	undo+=("echo $(<$pages) >$pages")
	want=$(($(<$pages) + 64))
	echo "$want" >$pages
	if [ "$(<$pages)" = "$want" ]; then
		page_size=2M
	fi
fi
echo "memory in pages of $page_size"

hugepages_used()
{
	awk '$1 == "HugePages_Total:" { used += $2 } $1 == "HugePages_Free:" { used -= $2 } END { print used }' /proc/meminfo
}

# What a process could have left: files where memory and rings live, interfaces of the namespace.
leftovers()
{
	local mounts

	mapfile -t mounts < <(awk '$3 == "hugetlbfs" { print $2 }' /proc/mounts)
	find /dev/shm /tmp /run "${mounts[@]}" -maxdepth 1 -name '*weir*' ! -name 'weir-test-*' ! -name 'weir-vm-*' 2>/dev/null || :
	find "$work/tmp"
	[ -z "$namespace" ] || ip -n "$namespace" -o link | awk -F ': ' '{ print $2 }'
}

# until_true COMMAND...: waits for it for at most ten seconds.
until_true()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}

# Whether the report tells of at least so many packets.
forwarded()
{
	[ -s "$work/json" ] && [ "$(figure rx_packets "$work/json")" -ge "$1" ]
}

# What others had there may go meanwhile.
as_before()
{
	[ "$(hugepages_used)" -le "$used" ] && [ -z "$(comm -13 <(sort <<<"$left") <(leftovers | sort))" ]
}

# killed PACKETS ARGUMENT...: kills weir-l2fwd when it has forwarded so many, then sees what is left, and runs it again.
killed()
{
	local packets=$1 pid used left
	shift
	used=$(hugepages_used)
	left=$(leftovers)
	: >"$work/json"
	"${run[@]}" "$l2fwd" --no-mac-update --page-size $page_size --buffers 4096 --json --stats 0.1 "$@" >"$work/json" \
		2>"$work/err" &
	pid=$!
	until_true forwarded "$packets" || fail "$*: it does not forward: $(cat "$work/err" "$work/json")"
	[ $page_size = 4K ] || grep -q '^HugetlbPages:[[:space:]]*[1-9]' "/proc/$pid/status" || fail "$*: it uses no hugepages"
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || :
	until_true as_before ||
		fail "$*: $(hugepages_used) hugepages are in use, before it was $used; what is left: $(leftovers); it was: $left"
	"${run[@]}" "$l2fwd" --no-mac-update --page-size $page_size --seconds 0.2 --stats 0 "$@" >"$work/again" \
		2>"$work/err" || fail "$*: the next run fails: $(cat "$work/err")"
	echo "killed and run again: $*"
}

namespace=
run=()
killed 1000 "pcap:rx=$in,loop=0" pcap:tx=/dev/null
killed 10 "pcap:rx=$in,loop=0,replay=recorded" "pcap:tx=$work/out.pcap"
[ "$(packets_of "$work/out.pcap" | head -n 1)" = "$(packets_of "$in" | head -n 1)" ] || fail "the file has other packets"
if grep -q '^  null:' <<<"$help"; then
	killed 1000 --map 0:1 "pcap:rx=$in,loop=0" null:
fi
if grep -q '^  ring:' <<<"$help"; then
	killed 1000 --map 0:1,1:2 "pcap:rx=$in,loop=0" ring:weir-here,weir-here pcap:tx=/dev/null
fi

if [ -z "$root" ] || ! command -v ip >/dev/null; then
	echo "interfaces are not tried: that takes root, and ip"
	exit 0
fi
namespace=weir-kill-$$
ip netns add "$namespace" || { echo "interfaces are not tried: no network namespace can be made" && exit 0; }
undo+=("ip netns del $namespace")
run=(ip netns exec "$namespace")
ip -n "$namespace" link add weir0 type veth peer name weir1
ip -n "$namespace" link set weir0 up
ip -n "$namespace" link set weir1 up
killed 1000 "pcap:rx=$in,loop=0" af_packet:weir0
killed 0 af_packet:weir0 af_packet:weir1
ip -n "$namespace" -d link show weir0 | grep -q 'promiscuity 0' || fail "weir0 is promiscuous still"
killed 0 tap:weir2 pcap:tx=/dev/null
killed 1000 --map 0:1 "pcap:rx=$in,loop=0,replay=100" tap:weir2
echo "nothing is left of any"
