#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The manual pages are set without a warning.
set -euo pipefail

command -v man >/dev/null || { echo "man is not installed" && exit 77; }
status=0
for page in docs/man/*.[1-9]; do
	[ -e "$page" ] || { echo "there are no manual pages" && exit 77; }
	warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=100 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
	[ -z "$warnings" ] || { echo "$page: $warnings" && status=1; }
done
exit $status
