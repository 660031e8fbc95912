#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Who may include whom (docs/architecture.md): a folder includes what stands before it, never what stands behind.
set -euo pipefail

# Folder: the folders whose headers it may include, itself aside. "weir" is the public headers.
declare -A may=(
	[lib/weir]=""
	[lib/core]="weir"
	[lib/mem]="weir core"
	[lib/net]="weir core"
	[lib/fib]="weir core"
	[lib/bus]="weir core mem vfio_user kmod"
	[lib/vfio_user]="weir core mem"
	[lib/port]="weir core mem bus net"
	[lib/sim]="weir core vfio_user regs sim/82599 sim/e1000"
	[lib/regs]=""
	[drivers]="weir core mem net bus port regs"
	[apps]="weir"
	[tests/apps]="weir"
	[tests/bench]="weir core net unit dpdk"
	[tests/dpdk]="weir core bus sim regs unit"
	[tests/kmod]="kmod"
	[tests/vm]="weir bus"
	[tests/fuzz]="weir core mem l3fwd net pktgen port sim unit vfio_user"
)
status=0
while IFS=: read -r file include; do
	from=$(dirname "$file")
	to=$(dirname "$include")
	case $from in
	drivers/*) rule=drivers own=. ;;
	apps/*) rule=apps own=common ;;
	lib/sim/*) rule=lib/sim own=sim ;;
	tests/unit | tests/spin) continue ;;
	*) rule=$from own=$(basename "$from") ;;
	esac
	# A header without a folder is a neighbour.
	to=${to#../}
	[ "$to" != . ] || continue
	# What drivers of one family share stands in a folder of its own; no driver includes another.
	case $from:$to in
	drivers/gigabit:advanced | drivers/e1000:gigabit | drivers/e1000:advanced | drivers/igb:gigabit | drivers/ixgbe:advanced | drivers/igb:advanced) continue ;;
	esac
	[ -n "${may[$rule]+known}" ] || { echo "$file: tests/lint/includes.sh knows no rule for $from" && status=1 && continue; }
	[[ " ${may[$rule]} $own " == *" $to "* ]] || { echo "$file: $from may not include \"$include\"" && status=1; }
done < <(git ls-files -co --exclude-standard 'lib/*.[ch]' 'drivers/*.[ch]' 'apps/*.[ch]' 'tests/*.[ch]' |
	xargs grep -E '^#include "' | sed -E 's/:#include "([^"]*)".*/:\1/')
exit $status
