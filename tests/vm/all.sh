#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the tests of guests, two guests side by side, and ends with the table of what was forwarded.
#
#   BUILD=build tests/vm/all.sh once|every KERNEL...       of 6.1, 6.12 and test
#
#   once     each card, each bus and each kernel, but not each of the one with each of the others; half an hour less
#   every    all of it
set -euo pipefail
cd "$(dirname "$0")/../.."
export BUILD=${BUILD:-build}

results=${RESULTS:-$(mktemp)}
# Both hands write there, a line at a time.
[ -n "${RESULTS-}" ] || trap 'rm -f "$results"' EXIT
rm -f "$BUILD/log/vm/forward-"*.results

# A line for each: whether it is of those for once, the kernel, and the test with its arguments. What takes long comes first, and
# what needs the test kernel last: it may have to be built. Of our models all kinds are tried by one way, and that of the 82599 by
# the others. Linux's drivers on our models are in ixgbe.sh and e1000.sh.
plan='
once   6.1   forward models 6.1
once   6.1   e1000 6.1
once   6.12  kmod 6.12
once   6.1   promise 6.1
once   6.12  promise weir-6.12
once   6.12  ixgbe 6.12
once   6.1   forward qemu-7.2 6.1
once   6.12  forward qemu-7.2 weir-6.12
once   6.12  forward qemu-10 6.12
once   6.1   forward qemu-10 weir-6.1
every  6.1   kmod 6.1
every  6.12  e1000 6.12
every  6.1   ixgbe 6.1
every  6.12  promise 6.12
every  6.1   promise weir-6.1
every  6.1   install 6.1
every  6.12  forward qemu-7.2 6.12
every  6.1   forward qemu-7.2 weir-6.1
every  6.1   forward qemu-10 6.1
every  6.12  forward qemu-10 weir-6.12
every  6.12  forward 82599 6.12
every  6.1   pci 6.1
every  6.12  pci 6.12
once   test  forward qemu-7.2 unsafe
once   test  forward qemu-7.2 test
once   test  promise unsafe
once   test  bus test
once   test  bus test-bare
every  test  forward qemu-10 unsafe
every  test  forward 82599 unsafe
every  test  forward qemu-10 test
every  test  forward 82599 test
every  test  promise test'
jobs=()
while read -r often kernel test arguments; do
	if [[ $1 =~ ^(every|$often)$ && " ${*:2} " = *" $kernel "* ]]; then
		jobs+=("$test-${arguments// /-}=tests/vm/$test.sh $arguments")
	fi
done <<<"${plan:1}"
status=0
printf '%s\0' "${jobs[@]}" | RESULTS=$results xargs -0 -n 1 -P 2 tests/run.sh -l vm -t 1800 || status=1
echo
tests/vm/table.sh || :
awk -F '\t' '$1 == "fail" && $2 == "vm" { print "FAIL  " $3 ": " $4 }' "$results"
[ -n "${RESULTS-}" ] || { echo && tests/run.sh -s "$results"; } || status=1
exit $status
