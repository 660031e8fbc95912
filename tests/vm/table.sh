#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What came of the cases of tests/vm/forward.sh, card by bus and case, from what its runs have left in the folder of logs.
#
#   BUILD=build tests/vm/table.sh
set -euo pipefail
shopt -s nullglob

files=("${BUILD:-build}/log/vm/forward-"*.results)
if [ ${#files[@]} -eq 0 ]; then
	echo "skipped: no guest has forwarded anything"
	exit 77
fi
awk -F '\t' '
	function cell(text, width) {
		return sprintf("%-" width "s", text)
	}
	FNR == 1 {
		made = FILENAME
		sub(/.*forward-/, "", made)
		sub(/\.results$/, "", made)
		kernel = made
		sub(/.*-/, "", kernel)
		sub(/(-weir)?-[^-]*$/, "", made)
		made = made ~ /^qemu/ ? "QEMU " substr(made, 6) : "weir"
		kernel = kernel == "unsafe" ? "test" : kernel
	}
	match($2, /^(driver )?[^ ]+ [^ ]+: /) {
		where = substr($2, 1, RLENGTH - 2)
		rest = substr($2, RLENGTH + 1)
		sub(/^driver /, "", where)
		split(where, part, " ")
		row = sprintf("%-8s %-9s %-9s %-5s", part[1], made, part[2], kernel)
		name = rest
		sub(/ \([0-9.]+ s\).*/, "", name)
		sub(/: .*/, "", name)
		if (!(row in rows)) { rows[row] = ++height; label[height] = row }
		if (!(name in columns)) { columns[name] = ++width; title[width] = name }
		mark = $1 == "fail" ? "FAIL" : $1
		if ($1 != "pass") {
			why = rest
			sub(/^[^:]*: /, "", why)
			why = mark " " name ": " why
			if (!(why in notes)) { notes[why] = ++count; note[count] = why }
			mark = mark " " notes[why]
		}
		grid[rows[row], columns[name]] = mark
	}
	END {
		line = cell("card     made by   bus       Linux", 36)
		for (c = 1; c <= width; c++) line = line cell(title[c], length(title[c]) > 7 ? length(title[c]) + 2 : 9)
		print line
		for (r = 1; r <= height; r++) {
			line = cell(label[r], 36)
			for (c = 1; c <= width; c++) {
				mark = (r, c) in grid ? grid[r, c] : "-"
				line = line cell(mark, length(title[c]) > 7 ? length(title[c]) + 2 : 9)
			}
			print line
		}
		if (count) print ""
		for (n = 1; n <= count; n++) printf "%3d  %s\n", n, note[n]
	}' "${files[@]}"
