#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Fetches and builds what guests are made of, so that their tests need not wait for it one by one: each QEMU, each kernel,
# weir.ko for them. What cannot be had is said; the tests that want it are skipped.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"

had=()
# get WHAT COMMAND...: fails if that does, but not if it says that there is nothing to be had.
get()
{
	local status=0

	"${@:2}" >/dev/null || status=$?
	case $status in
	0) had+=("$1") ;;
	77) echo "$1 cannot be had" ;;
	*) echo "$1 cannot be made" && exit $status ;;
	esac
}

for version in '' 7.2 10; do
	# shellcheck disable=SC2086 # without a version: one that speaks vfio-user
	get "QEMU${version:+ $version}" config/qemu.sh $version
done
get busybox config/packages.sh busybox busybox-static
for version in 6.1 6.12 test; do
	get "Linux $version" kernel_folder "$version"
done
for version in 6.1 6.12 test; do
	get "weir.ko for $version" add_weir "$version"
done
echo "${had[*]}"
