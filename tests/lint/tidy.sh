#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The library, the drivers and the programs hold none of the mistakes that .clang-tidy lists.
set -euo pipefail

command -v clang-tidy >/dev/null || { echo "clang-tidy is not installed" && exit 77; }
# The flags that everything is compiled with, without the compiler's name.
flags=$(cut -d ' ' -f 2- "${BUILD:-build}/obj/flags")
export flags
# shellcheck disable=SC2016 # expanded by the inner shell
git ls-files -co --exclude-standard 'lib/*.c' 'drivers/*.c' 'apps/*.c' | xargs -r -n 4 -P "$(nproc)" \
	sh -c 'clang-tidy --quiet --warnings-as-errors="*" "$@" -- $flags -DCPU_LEVEL=1 2>/dev/null' tidy
