#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Reserves hugepages for weir, shows them, or gives them back.
#
#   config/hugepages.sh [--size 2M|1G] [--node N] COUNT   there shall be COUNT pages, of 2M unless told
#   config/hugepages.sh [--size 2M|1G] release            those that nobody uses go back, of both sizes unless told
#   config/hugepages.sh show
#
# hugeadm does the work, but for a single NUMA node, which it cannot choose. Exits 1 when there are fewer pages than
# asked for; those that could be had stay reserved. A reboot undoes it all: for good, put hugepagesz=1G hugepages=COUNT
# on the kernel's command line, or vm.nr_hugepages=COUNT into /etc/sysctl.d.
set -euo pipefail

declare -A kib=([2M]=2048 [1G]=1048576)

usage()
{
	sed -n 's/^#   config/config/p' "$0"
}

# fail SENTENCE [STATUS]
fail()
{
	echo "config/hugepages.sh: $1" >&2
	exit "${2-1}"
}

# pool SIZE [NODE]: the directory where the kernel tells of these pages.
pool()
{
	local of=kernel/mm

	[ -z "${2-}" ] || of=devices/system/node/node$2
	echo "/sys/$of/hugepages/hugepages-${kib[$1]}kB"
}

there_are()
{
	cat "$(pool "$@")/nr_hugepages"
}

show()
{
	local size dir node

	for size in 2M 1G; do
		for dir in "" /sys/devices/system/node/node[0-9]*; do
			node=${dir##*/node}
			dir=$(pool "$size" "$node")
			[ ! -d "$dir" ] ||
				echo "$size${node:+ on node $node}: $(<"$dir/nr_hugepages") pages, $(<"$dir/free_hugepages") free"
		done
	done
}

need_root()
{
	[ "$(id -u)" -eq 0 ] || fail "only root may change how many hugepages there are; put sudo in front"
	command -v hugeadm >/dev/null || fail "hugeadm is missing; config/deps.sh installs it (libhugetlbfs-bin)"
}

# adjust SIZE COUNT NODE. The maximum, up to which there are more pages on demand, moves along: hugeadm by itself would
# leave it where it was.
adjust()
{
	local more

	if [ -n "$3" ]; then
		echo "$2" >"$(pool "$1" "$3")/nr_hugepages"
	else
		more=$(<"$(pool "$1")/nr_overcommit_hugepages")
		hugeadm --verbose 1 --pool-pages-min "${1}B:$2" --pool-pages-max "${1}B:$(($2 + more))"
	fi
}

reserve()
{
	local size=${1:-2M} node=$2 count=$3 got

	[ -d "$(pool "$size" "$node")" ] ||
		fail "there are no hugepages of $size${node:+ on node $node}; see config/hugepages.sh show"
	need_root
	adjust "$size" "$count" "$node"
	got=$(there_are "$size" "$node")
	[ "$got" -ge "$count" ] ||
		fail "only $got of $count hugepages of $size could be had${node:+ on node $node}: memory is short or in pieces;
reserve right after booting, or ask for fewer"
	echo "$got hugepages of $size are reserved${node:+ on node $node}"
}

release()
{
	local size left

	need_root
	for size in ${1:-2M 1G}; do
		[ -d "$(pool "$size")" ] || continue
		adjust "$size" 0 ""
		left=$(there_are "$size")
		[ "$left" -eq 0 ] || echo "$left hugepages of $size are in use and stay until they are not"
	done
}

size='' node=''
while [ $# -gt 1 ]; do
	case $1 in
	--size)
		[ -n "${kib[$2]-}" ] || fail "--size is $2; it must be 2M or 1G" 2
		size=$2
		;;
	--node)
		[ -d "/sys/devices/system/node/node$2" ] || fail "there is no NUMA node $2" 2
		node=$2
		;;
	*) fail "$1 is no option; they are --size and --node" 2 ;;
	esac
	shift 2
done

case ${1-} in
show) show ;;
release)
	[ -z "$node" ] || fail "release is for all nodes" 2
	release "$size"
	;;
-h | --help) usage ;;
'' | *[!0-9]*)
	usage >&2
	exit 2
	;;
*) reserve "$size" "$node" "$1" ;;
esac
