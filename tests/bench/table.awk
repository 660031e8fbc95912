# SPDX-License-Identifier: BSD-3-Clause
#
# Makes a table and a file of what benchmarks print: lines of twelve fields between tabs,
#
#   group, what, unit, then of ours and of theirs: median, spread, best, instructions; and the mark
#
# "-" where there is nothing. A unit that ends in "/s" is the better the more it is. No ratio is made of two figures that
# lie less apart than they spread. `json` names the file.
BEGIN {
	FS = "\t"
	split("median spread best instructions", names, " ")
	printf "[" >json
}
function number(text) { return text == "-" ? "null" : text + 0 }
function side(first, i, text) {
	for (i = 0; i < 4; i++)
		text = text (i ? ", " : "") "\"" names[i + 1] "\": " number($(first + i))
	return "{" text "}"
}
function larger(a, b) { return a + 0 > b + 0 ? a + 0 : b + 0 }
NF == 12 {
	if ($1 != group)
		printf "%s\n%-46s %-16s %10s %8s %7s %10s %8s %7s %6s  %s\n", group ? "\n" : "", $1, "", "ours", "+-", "instr.",
			"DPDK's", "+-", "instr.", "ratio", "mark"
	group = $1
	apart = $4 - $8
	apart = apart < 0 ? -apart : apart
	ratio = $8 == "-" || $8 <= 0 ? "null" : apart <= larger($5, $9) ? "null" : $4 / $8
	more = $3 ~ /\/s$/
	verdict = ""
	if ($12 > 0) {
		if ($8 == "-")
			verdict = "nothing to compare with"
		else if (ratio == "null")
			verdict = (more ? $12 <= 1 : $12 >= 1) ? "met: no difference" : "no difference"
		else
			verdict = (more ? ratio >= $12 : ratio <= $12) ? "met" : "missed"
		count[verdict ~ /^met/ ? "met" : "not"]++
	}
	printf "%-46s %-16s %10s %8s %7s %10s %8s %7s %6s  %s\n", $2, $3, $4, $5, $7, $8, $9, $11,
		$8 == "-" ? "" : ratio == "null" ? "~" : sprintf("%.2f", ratio), ($12 > 0 ? $12 " " verdict : "")
	printf "%s\n{\"group\": \"%s\", \"case\": \"%s\", \"unit\": \"%s\", \"ours\": %s, \"theirs\": %s, \"ratio\": %s, \"mark\": %s}",
		lines++ ? "," : "", $1, $2, $3, side(4), $8 == "-" ? "null" : side(8), ratio, ($12 > 0 ? $12 : "null") >json
	fflush()
	next
}
{
	print "  " $0
	fflush()
}
END {
	printf "\n]\n" >json
	if (count["met"] + count["not"])
		printf "\n%d cases meet their mark, %d do not.\n", count["met"], count["not"]
}
