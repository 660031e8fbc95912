#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# C files stand as clang-format would write them. Versions of clang-format disagree in details; the tree keeps to 14.
set -euo pipefail

version=$(clang-format --version 2>/dev/null | sed -nE 's/.*version ([0-9]+).*/\1/p')
if [ "$version" != 14 ]; then
	echo "clang-format here is ${version:-not installed}; the tree is formatted with 14"
	exit 77
fi
git ls-files -co --exclude-standard '*.[ch]' | xargs -r clang-format --dry-run -Werror
