#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Both libraries show exactly the functions that the public headers declare, as a compiler reads them; the shared one is
# small and needs nothing that it does not say.
set -euo pipefail

lib=$BUILD/lib
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# gcc's own list of every function that it met, less those with a body ("/* file:line:NF */" is a definition).
for header in lib/weir/*.h; do
	echo "#include <weir/$(basename "$header")>"
done >"$dir/all.c"
gcc -std=gnu11 -Ilib -fsyntax-only -aux-info "$dir/functions" "$dir/all.c"
sed -nE 's,^/\* lib/weir/[a-z_]+\.h:[0-9]+:NC \*/ extern .*\b(weir_[a-z0-9_]+) \(.*,\1,p' "$dir/functions" |
	sort -u >"$dir/declared"
[ "$(wc -l <"$dir/declared")" -ge 50 ] || { echo "gcc lists too few functions to be true" && exit 1; }

nm -D --defined-only "$lib/libweir.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$dir/shared"
nm -g --defined-only "$lib/libweir.a" | awk 'NF == 3 { print $3 }' | sort -u >"$dir/static"
for kind in shared static; do
	if ! diff "$dir/declared" "$dir/$kind" >"$dir/diff"; then
		echo "declared (<) and shown by the $kind library (>):"
		cat "$dir/diff"
		exit 1
	fi
done

readelf -d "$lib/libweir.so" | grep -q 'SONAME.*\[libweir\.so\.0\]' || { echo "the soname is not libweir.so.0" && exit 1; }
! readelf -d "$lib/libweir.so" | grep -q TEXTREL || { echo "libweir.so has text relocations" && exit 1; }
! readelf -lW "$lib/libweir.so" | grep -q 'GNU_STACK.*E' || { echo "libweir.so wants an executable stack" && exit 1; }

strip -o "$dir/stripped" "$lib/libweir.so"
size=$(stat -c %s "$dir/stripped")
echo "$(wc -l <"$dir/declared") functions; libweir.so is $size bytes when stripped"
[ "$size" -lt 300000 ] || { echo "that is not under 300,000" && exit 1; }
