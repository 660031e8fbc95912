# SPDX-License-Identifier: BSD-3-Clause
#
# Compares the columns of parse_dump with the fields of tshark, row by row.
# Files: names of the columns, known differences (capture, frame, column, reason), parse_dump's rows, tshark's.

# The fields that make up one column, one after the other.
function joined(fields, from, count,    i, text)
{
	for (i = from; i < from + count; i++)
		if (fields[i] != "")
			text = text (text == "" ? "" : ",") fields[i]
	return text
}

function last(list)
{
	sub(/.*,/, "", list)
	return list
}

# tshark's words for verdicts, in weir's: what was not sent is not checked, what may not be is wrong.
function verdicts(list)
{
	gsub(/3/, "2", list)
	gsub(/4/, "0", list)
	return list
}

# Whether the list @ours is @theirs, or the first part of it where tshark may have gone on. What is wrong tshark may
# still have a verdict on (2: weir has none).
function agree(ours, theirs, more)
{
	if (more == "wrong" && ours ~ /(^|,)2$/)
		sub(/,?2$/, "", ours)
	return ours == theirs || (more != "" && (ours == "" || index(theirs, ours ",") == 1))
}

BEGIN {
	FS = "\t"
}

FILENAME == ARGV[1] {
	column[++columns] = $1
	width[columns] = split($1, unused, "+")
	if ($1 == "ipv6.src")
		ipv6_src = columns
	next
}

FILENAME == ARGV[2] {
	known[$1, $2, $3] = 1
	next
}

FILENAME == ARGV[3] {
	weir[++rows] = $0
	next
}

{
	split(weir[FNR], ours, "\t")
	split($0, fields, "\t")
	more = ours[columns]
	at = 1
	for (c = 1; c < columns; c++) {
		theirs = joined(fields, at, width[c])
		at += width[c]
		if (column[c] ~ /status$/)
			theirs = verdicts(theirs)
		# Of types behind tags, and of next headers, weir keeps the end of the chain. tshark's list of next
		# headers is by kind, not in the order of the packet.
		if (column[c] == "vlan.etype" && more != "wrong")
			theirs = last(theirs)
		if (column[c] ~ /^ipv6.nxt/) {
			if (more != "" || ours[ipv6_src] ~ /,/)
				continue
			if (index("," theirs ",", "," ours[c] ","))
				theirs = ours[c]
		}
		if (!agree(ours[c], theirs, more) && !((capture, FNR, column[c]) in known)) {
			printf "%s: frame %u: %s: weir says '%s', tshark '%s'\n", capture, FNR, column[c], ours[c], theirs
			differences++
		}
	}
}

END {
	if (FNR != rows) {
		printf "%s: weir sees %u frames, tshark %u\n", capture, rows, FNR
		differences++
	}
	exit differences > 0
}
