#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What a finished tree does not hold: marks of unfinished work, paths of somebody's own machine, files that outgrew
# reading.
set -euo pipefail

status=0
complain()
{
	echo "$1:"
	sed 's/^/    /'
	status=1
}
files=(git ls-files -co --exclude-standard -z -- ':!LICENSE' ':!*/LICENSE' ':!tests/fuzz/corpus')

unfinished=$("${files[@]}" | xargs -0 grep -nIE '\b(TO''DO|FIX''ME|X''XX|HA''CK)\b' || :)
[ -z "$unfinished" ] || complain "unfinished by its own words" <<<"$unfinished"

# An absolute path names what every Linux system has, or an example that the texts use.
known='bin|boot|dev|etc|lib|mnt|opt|proc|run|sbin|sys|tmp|usr|var|nonexistent|absent'
paths=$("${files[@]}" | xargs -0 grep -noIE "(^|[[:space:]\"'=(\`:])/[a-z][a-z0-9_.-]*/[a-z0-9]" |
	grep -vE "/($known)/[a-z0-9]$" || :)
[ -z "$paths" ] || complain "absolute paths that not every machine has" <<<"$paths"

long=$("${files[@]}" | xargs -0 wc -l | awk '$2 ~ /\.[ch]$/ && $1 > 700 { print $2 ": " $1 " lines" }')
[ -z "$long" ] || complain "longer than 700 lines; it has more than one subject" <<<"$long"
exit $status
