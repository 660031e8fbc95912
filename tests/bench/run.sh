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
# DPDK and we in hugepages, reserved for the time of this if need be; tests that reserve some wait for the lock, too.
pages=/sys/kernel/mm/hugepages/hugepages-2048kB
failed=$(mktemp)
# shellcheck disable=SC2317 # by trap
give_back()
{
	rm -f "$failed"
	[ -z "${before-}" ] || echo "$before" >"$pages/nr_hugepages"
}
trap give_back EXIT
if [ -w $pages/nr_hugepages ] && [ "$(<$pages/free_hugepages)" -lt 192 ]; then
	exec 9<$pages/nr_hugepages
	flock 9
	before=$(<$pages/nr_hugepages)
	config/hugepages.sh $((before + 224)) >/dev/null 2>&1 || :
fi
echo "$(cat $pages/free_hugepages) free hugepages of 2 MiB; with fewer than 192 there, all memory is in pages of 4 KiB"
status=0
for program in "$@"; do
	code=0
	"$program" 2>&1 || code=$?
	[ $code -eq 0 ] || [ $code -eq 77 ] || echo "$program: failed ($code)" | tee -a "$failed"
done | awk -v json="$json" -f "$(dirname "$0")/table.awk"
[ ! -s "$failed" ] || status=1
echo "all figures: $json"
exit $status
