#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every file that can hold a comment says its licence in its first three lines: GPL-2.0-only in kmod (with an alternative
# in the header that user space includes), BSD-3-Clause everywhere else.
set -euo pipefail

status=0
while read -r file; do
	[ -f "$file" ] || continue
	case $file in
	LICENSE | */LICENSE | tests/fuzz/corpus/* | *.pcap | *.pcapng | *.json) continue ;;
	kmod/*.h) want='GPL-2\.0-only( .*)?' ;;
	kmod/*) want='GPL-2\.0-only' ;;
	*) want='BSD-3-Clause' ;;
	esac
	if ! head -n 3 "$file" | grep -qE "SPDX-License-Identifier: $want( \*/| -->)?$"; then
		echo "$file: no SPDX-License-Identifier: $want in the first three lines"
		status=1
	fi
done < <(git ls-files -co --exclude-standard)
exit $status
