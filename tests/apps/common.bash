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
trap 'echo "told to end during: $BASH_COMMAND"; exit 130' INT TERM

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

# figure NAME FILE: a number of the whole run, from the last line of a JSON report; nothing if there is none yet.
figure()
{
	tail -n 1 "$2" | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d : -f 2 || :
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
			my ($s, $f, $len, $wire) = unpack("${n}4", substr($all, $at, 16));
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

# write_pcap FILE PACKET...: packets in hexadecimal, blanks allowed.
write_pcap()
{
	local file=$1
	shift
	perl -e 'print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1);
		for (@ARGV) { tr/ //d; my $p = pack("H*", $_); print pack("VVVV", 1, 0, length $p, length $p), $p }' \
		"$@" >"$file"
}

# equal WHAT IS EXPECTED
equal()
{
	[ "$2" = "$3" ] || fail "$1: $2, not $3"
}

# Waits for at most thirty seconds until a command succeeds.
until_true()
{
	local tries

	for ((tries = 0; tries < 300; tries++)); do
		! "$@" || return 0
		sleep 0.1
	done
	fail "this did not come true in thirty seconds: $*"
}

# catching PROGRAM PID: waits until the program that was started as this process catches SIGINT. Until then that is lost: the shell has
# what runs in its background ignore it.
catching()
{
	until_true catches "$@"
}

catches()
{
	[ "/proc/$2/exe" -ef "$1" ] && grep -q '^SigBlk:.*[2367abef]$' "/proc/$2/status"
}

# flows FILE PACKETS FLOWS: writes a capture of 60-byte frames, 100 us apart, dealt out to flows in turn: UDP from
# 10.0.0.1 to 10.0.0.2, with 1000 + the flow as the source port, and the packet's number (32 bits) as the payload.
flows()
{
	perl -e '
		print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1);
		for my $i (0 .. $ARGV[0] - 1) {
			print pack("V4", int($i / 10000), $i % 10000 * 100, 60, 60), pack("H*", "0200000000fe0200000000ff0800"),
				pack("H*", "4500002e00000000401166bd0a0000010a000002"),
				pack("n4 N x14", 1000 + $i % $ARGV[1], 7, 26, 0, $i);
		}
	' "$2" "$3" >"$1"
}

# flows_of FILE: for each packet of such a capture, its source port and its number.
flows_of()
{
	packets_of "$1" | perl -ne 'printf("%d %d\n", hex(substr($_, 68, 4)), hex(substr($_, 84, 8)))'
}

# terminal: a shell on a terminal of 80 by 24; `"${tell[@]}" send-keys ...` types.
terminal()
{
	need tmux
	export LC_ALL=C.UTF-8
	unset TMUX
	tell=(tmux -S "$work/tmux" -f /dev/null)
	undo+=("${tell[*]} kill-server 2>/dev/null")
	"${tell[@]}" new-session -d -x 80 -y 24 "env PS1='$ ' bash --norc" || skip "tmux does not run here"
}

# What is on it; what is not.
screen_has()
{
	"${tell[@]}" capture-pane -p >"$work/screen" && grep -q "$1" "$work/screen"
}

screen_lacks()
{
	! screen_has "$1"
}
