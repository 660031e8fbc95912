#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# cppcheck finds no path to a mistake in the library, the drivers and the programs.
set -euo pipefail

command -v cppcheck >/dev/null || { echo "cppcheck is not installed" && exit 77; }
git ls-files -co --exclude-standard 'lib/*.c' 'drivers/*.c' 'apps/*.c' | xargs -r cppcheck -q -j "$(nproc)" \
	--enable=warning,performance,portability --inline-suppr --error-exitcode=1 --std=c11 \
	--suppress=missingIncludeSystem -Ilib -DCPU_LEVEL=1 -D__x86_64__
