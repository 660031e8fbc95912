#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# config/hugepages.sh refuses what makes no sense with a sentence, and reserves exactly what it is asked for.
set -euo pipefail

script=config/hugepages.sh
pool=/sys/kernel/mm/hugepages/hugepages-2048kB
tmp=$(mktemp -d)
before=
finish()
{
	[ -z "$before" ] || "$script" "$before" >/dev/null
	rm -rf "$tmp"
}
trap finish EXIT

fail()
{
	echo "$1" && cat "$tmp/out" "$tmp/err"
	exit 1
}

# refused STATUS WORDS ARGUMENT...: on stderr, nothing on stdout.
refused()
{
	local status=0

	"$script" "${@:3}" >"$tmp/out" 2>"$tmp/err" || status=$?
	[ "$status" -eq "$1" ] || fail "hugepages.sh ${*:3} ended with $status"
	grep -q -e "$2" "$tmp/err" || fail "hugepages.sh ${*:3} does not say '$2'"
	[ ! -s "$tmp/out" ] || fail "hugepages.sh ${*:3} wrote to its output"
}

refused 2 COUNT
refused 2 COUNT -5
refused 2 COUNT many
refused 2 COUNT --size
refused 2 "it must be 2M or 1G" --size 3M 4
refused 2 "no NUMA node 4096" --node 4096 1
refused 2 "--bad is no option" --bad 1 4
refused 2 "for all nodes" --node 0 release
"$script" --help | grep "show" >/dev/null

[ -d "$pool" ] || { echo "this kernel has no hugepages of 2 MiB" && exit 77; }
"$script" show | grep "^2M: $(<$pool/nr_hugepages) pages" >/dev/null
if [ "$(id -u)" -ne 0 ]; then
	refused 1 "only root" 1
	echo "only root may reserve hugepages" && exit 77
fi
command -v hugeadm >/dev/null || { echo "hugeadm is not installed" && exit 77; }

# Hugepages are the whole machine's: other tests wait here meanwhile.
exec 9<"$pool/nr_hugepages"
flock 9
before=$(<$pool/nr_hugepages)
"$script" $((before + 2)) >"$tmp/out" 2>"$tmp/err" || { echo "no more hugepages can be had here" && exit 77; }
[ "$(<$pool/nr_hugepages)" -eq $((before + 2)) ] || fail "there are not 2 more"
grep -qx "$((before + 2)) hugepages of 2M are reserved" "$tmp/out" || fail "it does not say so"
"$script" "$before" >"$tmp/out"
[ "$(<$pool/nr_hugepages)" -eq "$before" ] || fail "the pages did not go back"
echo "$before hugepages before and after"
