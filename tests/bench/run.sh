#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs benchmarks, programs and scripts of this folder, one after the other, and makes a table and a file of JSON of what
# they print.
#
#   tests/bench/run.sh [-o FILE] PROGRAM...
#
#   BENCH=all   every case, not a selection          ROUNDS=15   so many rounds of each
#
# What measures nothing because something is missing (exit code 77) says what; one that fails makes this fail.
set -euo pipefail

json=bench.json
while getopts o: option; do
	case $option in
	o) json=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

echo "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg)"
status=0
failed=$(mktemp)
trap 'rm -f "$failed"' EXIT
for program in "$@"; do
	code=0
	"$program" 2>&1 || code=$?
	[ $code -eq 0 ] || [ $code -eq 77 ] || echo "$program: failed ($code)" | tee -a "$failed"
done | awk -v json="$json" -f "$(dirname "$0")/table.awk"
[ ! -s "$failed" ] || status=1
echo "all figures: $json"
exit $status
