#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Says how much of some folders the tests have reached that ran before, and whether that is enough.
#
#   tests/coverage.sh OBJECTS LEAST FOLDER...      OBJECTS is where a build with COVERAGE=1 has its objects; LEAST is how many
#                                                  percent of the lines of each FOLDER are wanted
#
# A file of a folder that has lines which were not reached is told with their numbers; the last line is the sum.
set -euo pipefail

objects=$1 least=$2
folders=("${@:3}")
command -v lcov >/dev/null || { echo "skipped: lcov is not installed; config/deps.sh check installs it" && exit 77; }
info=$objects/coverage.info
from=() only=()
for folder in "${folders[@]}"; do
	from+=(-d "$objects/$folder")
	only+=(--include "$PWD/$folder/*")
done
lcov -q -c "${from[@]}" "${only[@]}" -o "$info" 2>/dev/null

# A file may stand there several times: once for each object that it is a part of.
awk -F '[:,]' -v root="$PWD/" -v list="${folders[*]}" -v least="$least" '
	/^SF:/ {
		file = substr($2, length(root) + 1)
		if (!(file in last))
			name[++files] = file
	}
	/^DA:/ {
		count[file, $2] += $3
		known[file, $2] = 1
		if ($2 > last[file])
			last[file] = $2
	}
	END {
		n = split(list, folder, " ")
		for (f = 1; f <= files; f++) {
			file = name[f]
			lines = reached = begin = 0
			missed = ""
			for (i = 1; i <= last[file] + 1; i++) {
				if ((file, i) in known) {
					lines++
					reached += count[file, i] > 0
					if (!count[file, i] && !begin)
						begin = i
				}
				if (begin && (i > last[file] || count[file, i])) {
					missed = missed " " begin (end > begin ? "-" end : "")
					begin = 0
				}
				if ((file, i) in known)
					end = i
			}
			printf "%-28s %4d of %4d lines, %5.1f %%%s\n", file, reached, lines, 100 * reached / lines,
				missed ? "; not:" missed : ""
			for (i = 1; i <= n; i++)
				if (index(file, folder[i] "/") == 1) {
					all[i] += lines
					hit[i] += reached
				}
		}
		for (i = 1; i <= n; i++) {
			percent = all[i] ? 100 * hit[i] / all[i] : 0
			text = text (i > 1 ? ", " : "") sprintf("%s %.1f %%", folder[i], percent)
			few = few || percent < least
		}
		print text (few ? ": less than " least " %" : "") " of lines reached"
		exit few
	}' "$info"
