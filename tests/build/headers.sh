#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Each public header compiles alone, in strict C11 and in C++17, with every compiler here.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
tried=0
check()
{
	local compiler=$1 source=$dir/alone.$2
	shift 2
	command -v "$compiler" >/dev/null || return 0
	for header in lib/weir/*.h; do
		echo "#include <weir/$(basename "$header")>" >"$source"
		"$compiler" "$@" -Wall -Wextra -Werror -Ilib -fsyntax-only "$source" || { echo "$header: $compiler $*" && exit 1; }
		tried=$((tried + 1))
	done
}
check gcc c -std=c11 -pedantic
check clang c -std=c11 -pedantic
check g++ cc -std=c++17
check clang++ cc -std=c++17
echo "$tried compilations"
