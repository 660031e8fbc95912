#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The libraries, shared and static, show exactly the functions that the public headers declare, as a compiler reads them;
# libweir is small.
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

# What concerns simulated cards is declared by sim.h, and shown by a library of its own.
grep '^weir_sim_' "$dir/declared" >"$dir/declared.weirsim"
grep -v '^weir_sim_' "$dir/declared" >"$dir/declared.weir"
for library in libweir libweirsim; do
	so=$lib/$library.so
	nm -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$dir/shared"
	nm -g --defined-only "$lib/$library.a" | awk 'NF == 3 { print $3 }' | sort -u >"$dir/static"
	for kind in shared static; do
		if ! diff "$dir/declared.${library#lib}" "$dir/$kind" >"$dir/diff"; then
			echo "declared (<) and shown by the $kind $library (>):"
			cat "$dir/diff"
			exit 1
		fi
	done
	readelf -d "$so" | grep -q "SONAME.*\\[$library\\.so\\.0\\]" || { echo "the soname is not $library.so.0" && exit 1; }
	! readelf -d "$so" | grep -q TEXTREL || { echo "$library.so has text relocations" && exit 1; }
	! readelf -lW "$so" | grep -q 'GNU_STACK.*E' || { echo "$library.so wants an executable stack" && exit 1; }
done

strip -o "$dir/stripped" "$lib/libweir.so"
size=$(stat -c %s "$dir/stripped")
echo "$(wc -l <"$dir/declared") functions; libweir.so is $size bytes when stripped"
[ "$size" -lt 500000 ] || { echo "that is not under 500,000" && exit 1; }
