#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# weir.ko as the kernel's own tools see it: checkpatch, sparse, and the compiler with the warnings of W=1. What is needed for
# that is the build folder of a kernel, with its scripts: KDIR, the running kernel's, or the test kernel's.
set -euo pipefail

command -v sparse >/dev/null || { echo "sparse is not installed" && exit 77; }
cache=${XDG_CACHE_HOME:-$HOME/.cache}/weir
kdir=
for folder in "${KDIR-}" "/lib/modules/$(uname -r)/build" "$cache"/test-kernel-[0-9]*/lib/modules/*/build; do
	[ ! -e "$folder/scripts/checkpatch.pl" ] || [ ! -e "$folder/.config" ] || kdir=$folder
done
[ -n "$kdir" ] || { echo "no kernel's build folder has checkpatch.pl (make test-kernel makes one)" && exit 77; }

status=0
mapfile -t sources < <(git ls-files -co --exclude-standard 'kmod/*.[ch]')
"$kdir/scripts/checkpatch.pl" --no-tree --terse -q -f "${sources[@]}" | grep -v ' 0 errors, 0 warnings' && status=1
build=${BUILD:-build}/lint
log=$(mktemp)
trap 'rm -f "$log"' EXIT
make kmod BUILD="$build" KDIR="$kdir" W=1 C=1 >"$log" 2>&1 || { tail -n 20 "$log" && exit 1; }
# What the kernel's own headers say of themselves is not ours. Of a file that has not changed nothing is said again: so all
# are looked at again after a finding.
grep -E 'kmod/[^ ]*\.[ch]:[0-9]+.*(warning|error)' "$log" && status=1 && rm -rf "$build/kmod"
exit $status
