#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the tests of guests, two guests side by side, and ends with the table of what was forwarded.
#
#   BUILD=build tests/vm/all.sh KERNEL...       of 6.1, 6.12 and test
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build}

results=${RESULTS:-$(mktemp)}
# Both hands write there, a line at a time.
[ -n "${RESULTS-}" ] || trap 'rm -f "$results"' EXIT
rm -f "$BUILD/log/vm/forward-"*.results

# Linux's drivers on our models; ours on them, and on QEMU's. What needs the test kernel comes last: it may have to be built.
# By the first of these ways our models are tried of all cards that QEMU has one of, too; by the others that of the 82599.
jobs=() models=models
job()
{
	jobs+=("$1-${*: -1}=tests/vm/${*:2}")
}
for kernel; do
	case $kernel in
	test) modes=(test unsafe) && job bus bus.sh test && job bus bus.sh test-bare ;;
	*) modes=("$kernel") && job ixgbe ixgbe.sh "$kernel" && job e1000 e1000.sh "$kernel" && job pci pci.sh "$kernel" &&
		job kmod kmod.sh "$kernel" && job forward-qemu-7.2 forward.sh qemu-7.2 "weir-$kernel" &&
		job forward-qemu-10 forward.sh qemu-10 "weir-$kernel" ;;
	esac
	for mode in "${modes[@]}"; do
		for cards in qemu-7.2 qemu-10 "$models"; do
			job "forward-$cards" forward.sh "$cards" "$mode"
		done
		models=82599
		job promise promise.sh "$mode"
	done
done
status=0
printf '%s\0' "${jobs[@]}" | RESULTS=$results xargs -0 -n 1 -P 2 tests/run.sh -l vm -t 1200 || status=1
echo
tests/vm/table.sh || :
[ -n "${RESULTS-}" ] || { echo && tests/run.sh -s "$results"; } || status=1
exit $status
