#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# There is nothing that shellcheck says about any shell script, whatever its name; and each can be run.
set -euo pipefail

command -v shellcheck >/dev/null || { echo "shellcheck is not installed" && exit 77; }
mapfile -t scripts < <(git ls-files -co --exclude-standard -z |
	xargs -0 grep -lIE -m1 '^#! ?/(usr/)?bin/(env )?(ba)?sh')
for script in "${scripts[@]}"; do
	[ -x "$script" ] || { echo "$script is not executable" && exit 1; }
done
shellcheck -x "${scripts[@]}"
