# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What the end-to-end tests share; each begins with
#
#   # shellcheck source=tests/apps/common.bash
#   . "$(dirname "$0")/common.bash"
#
# and finds itself in the root of the tree, with the programs in $bin and an empty folder $work for its files. The folder
# goes, and what runs in the background is killed, when the test ends; a test that has more to undo appends to `undo`.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bin=$(realpath -m "${BUILD:-build}")/bin
l2fwd=$bin/weir-l2fwd
work=$(mktemp -d "${TMPDIR:-/tmp}/weir-test-XXXXXX")
undo=()

cleanup()
{
	local pids command

	mapfile -t pids < <(jobs -p)
	[ ${#pids[@]} -eq 0 ] || kill -KILL "${pids[@]}" 2>/dev/null || :
	wait 2>/dev/null || :
	for command in "${undo[@]}"; do
		eval "$command" || :
	done
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

skip()
{
	echo "skipped: $*"
	exit 77
}

fail()
{
	echo "$*"
	exit 1
}

# need COMMAND...: skips the test when one is missing.
need()
{
	local command

	for command; do
		command -v "$command" >/dev/null || skip "$command is not installed"
	done
}

[ -x "$l2fwd" ] || skip "$l2fwd is not built"

# The folder of real captures.
captures=${WEIR_CAPTURES:-../shared/data/captures}
[ -d "$captures" ] || captures=tests/data/captures

# figure NAME FILE: a number of the whole run, from the last line of a JSON report.
figure()
{
	tail -n 1 "$2" | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d : -f 2
}

# dropped FILE: how many packets the whole run dropped, for whatever reason.
dropped()
{
	tail -n 1 "$1" | grep -o '"dropped":{[^}]*}' | head -n 1 | tr '{,}' '\n' | awk -F : '{ sum += $2 } END { print sum }'
}

# records FILE: a line for each packet of a pcap file: seconds, nanoseconds, length on the wire, bytes.
records()
{
	perl -e '
		local $/;
		my $all = <STDIN>;
		my $magic = unpack("V", $all);
		my $n = $magic == 0xa1b2c3d4 || $magic == 0xa1b23c4d ? "V" : "N";
		my $unit = unpack($n, $all) == 0xa1b23c4d ? 1 : 1000;
		for (my $at = 24; $at < length($all);) {
			my ($s, $f, $len, $wire) = unpack("${n}4", substr($all, $at));
			$f *= $unit;
			print "$s $f $wire ", unpack("H*", substr($all, $at + 16, $len)), "\n";
			$at += 16 + $len;
		}
	' <"$1"
}

# packets_of FILE: the same without times and wire lengths.
packets_of()
{
	records "$1" | cut -d ' ' -f 4
}
