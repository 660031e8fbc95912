#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What the documents point at is there: files that they link to, tests that they name, goals of make.
set -euo pipefail

status=0
goals=$(make -s help | awk '{ print $1 }')
tests=$(git ls-files -co --exclude-standard tests | sed 's,.*/,,; s,\.c$,,')
# words PATTERN PAGE: every match, once.
words()
{
	grep -oE "$1" "$2" | sort -u || :
}
missing()
{
	echo "$page names $1, which is not there"
	status=1
}
for page in *.md docs/*.md; do
	for target in $(words '\]\([^):#]+\)' "$page" | sed 's/^](//; s/)$//'); do
		[ -e "$(dirname "$page")/$target" ] || missing "$target"
	done
	set -f
	for test in $(words '\btest_[a-z0-9_]+\*?|\bl2fwd-[a-z*-]+\.sh\b' "$page"); do
		grep -qx "${test//\*/.*}" <<<"$tests" || missing "$test"
	done
	set +f
	for goal in $(words '(^|`)make [a-z][a-z0-9-]*' "$page" | sed 's/.*make //'); do
		grep -qx "$goal" <<<"$goals" || missing "the goal '$goal' of make"
	done
done
exit $status
