#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What weir-l2fwd does with bad input: it says in a sentence what is wrong and exits with 1 or 2, and what came before the
# fault has gone through.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need perl unshare

wrong=0
complain()
{
	echo "$*"
	wrong=$((wrong + 1))
}

# refused WORDS ARGUMENT...: the exit code is 1 or 2, and one line on stderr has all the WORDS (a pattern of the shell's).
run=() # what it is run by
refused()
{
	local words=$1 status=0 line found=
	shift
	timeout 20 "${run[@]}" "$l2fwd" --no-mac-update --seconds 5 "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
	while read -r line; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $line != "weir-l2fwd: "*$words* ]] || found=yes
	done <"$work/stderr"
	[[ $status = [12] ]] || complain "$*: exit code $status"
	[ -n "$found" ] || complain "$*: no sentence like '*$words*': $(cat "$work/stderr")"
}

# has DRIVER: whether the programs were built with it.
has()
{
	grep -q "^  $1:" <<<"$help"
}
help=$("$l2fwd" --help)

# capture FILE SNAPLEN [TYPE] {LENGTH BYTES}...: a file whose records say LENGTH and have BYTES, each of one letter from a
# on.
capture()
{
	perl -e '
		my ($snaplen, $type, @records) = @ARGV;
		print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, $snaplen, $type);
		for (my $i = 0; my ($says, $has) = splice(@records, 0, 2); $i++) {
			print pack("VVVV", 1, 0, $says, $says), chr(97 + $i % 26) x $has;
		}
	' "${@:2}" >"$work/$1.pcap"
}

# broken WORDS NAME PACKETS [OPTION...]: the file fails with these words, after so many packets that come out unharmed.
to=$work/out.pcap
broken()
{
	local words=$1 in=$work/$2.pcap packets=$3
	shift 3
	rm -f "$work/out.pcap"
	refused "$words" "$@" "pcap:rx=$in" "pcap:tx=$to"
	packets_of "$work/out.pcap" | cmp -s - <(packets_of "$in" | grep . | head -n "$packets") ||
		complain "$in: the $packets packets before the fault did not come out: $(packets_of "$work/out.pcap" | cut -c 1-100)"
}

capture good 65535 1 60 60 61 61 62 62
good=pcap:rx=$work/good.pcap
out=pcap:tx=$work/out.pcap

# The command line.
refused "name the ports"
refused "adjacent ports are pairs" "$good"
refused "--burst*from 1 to 4096*'0'" --burst 0 "$good" "$out"
refused "--buffers*'none'" --buffers none "$good" "$out"
refused "--map*'0:7'" --map 0:7 "$good" "$out"
refused "--page-size*'3M'" --page-size 3M "$good" "$out"
refused "--idle*'never'" --idle never "$good" "$out"
refused "nothing can go from port 0*to port 1*does not send" "$good" "$good"

# Specs.
refused "no driver is called 'pacp'; there are *pcap" "pacp:rx=$work/good.pcap" "$out"
refused "no driver is called ''" : "$out"
refused "neither rx=FILE nor tx=FILE" pcap: "$out"
refused "unknown option 'speed' at character *pcap takes rx, tx" "$good,speed=2" "$out"
refused "'rx' is given twice" "$good,rx=x" "$out"
refused "replay is*not 'backwards'" "$good,replay=backwards" "$out"
refused "'-1' at character" "$good,loop=-1" "$out"
refused "2 receive queues*at most 1" --queues 2 "$good" "$out"
refused "longer than 511 characters" "pcap:rx=$(printf 'x%.0s' {1..600})" "$out"

# Interfaces.
for driver in af_packet af_xdp; do
	if has $driver; then
		refused "weir-absent0" "$driver:weir-absent0" "$out"
		refused "something is missing" "$driver:" "$out"
	fi
done
if has tap; then
	refused "longer than the 15 characters" tap:weir-with-a-long-name "$out"
fi
if has ring; then
	refused "ring" ring: "$out"
fi

# Files that cannot be read or written at all.
refused "$work/absent.pcap cannot be read: No such file" "pcap:rx=$work/absent.pcap" "$out"
refused "Is a directory" "pcap:rx=$work" "$out"
refused "$work/absent/out.pcap cannot be written: No such file" "$good" "pcap:tx=$work/absent/out.pcap"
refused "$work/good.pcap is in use by another port" "$good" "pcap:tx=$work/good.pcap"
refused "/dev/full cannot be written: No space left" "$good" pcap:tx=/dev/full
: >"$work/nothing.pcap"
refused "nothing.pcap is empty" "pcap:rx=$work/nothing.pcap" "$out"
refused "is not a pcap or pcapng file" "pcap:rx=$l2fwd" "$out"
head -c 23 "$work/good.pcap" >"$work/head.pcap"
refused "head.pcap is not a pcap or pcapng file*truncated" "pcap:rx=$work/head.pcap" "$out"
capture radio 65535 127 60 60
refused "IEEE802_11_RADIO (127), not Ethernet" "pcap:rx=$work/radio.pcap" "$out"

# Files that go wrong on the way.
head -c 250 "$work/good.pcap" >"$work/cut.pcap"
broken "cut.pcap: record 3 cannot be read*truncated" cut 2
broken "cut.pcap: record 3 cannot be read*truncated" cut 2 --burst 1
head -c 187 "$work/good.pcap" >"$work/cut-head.pcap"
broken "cut-head.pcap: record 3 cannot be read*truncated" cut-head 2
capture lying 65535 1 60 60 4294967295 60 60 60
broken "lying.pcap: record 2 cannot be read" lying 1
capture long 65535 1 60 60 70000 60 60 60
broken "long.pcap: record 2 cannot be read" long 1
capture none 65535 1 60 60 0 0 60 60
broken "none.pcap: record 2 holds no bytes" none 2
capture jumbo 65535 1 60 60 9000 9000
broken "jumbo.pcap: record 2 of 9000 bytes was dropped: it takes 5 buffers, and the pool has 4" jumbo 1 --buffers 4

# A disk that is full: 8192 bytes hold the head and 37 records of 16 + 200 bytes, and a part of another.
mkdir "$work/disk"
# shellcheck disable=SC2016 # for the inner shell
disk=(unshare --map-root-user --mount bash -c 'mount -t tmpfs -o size=8k none "$0/disk" && "$@"; status=$?
	cp "$0/disk/out.pcap" "$0/out.pcap"; exit "$status"' "$work")
if unshare --map-root-user --mount mount -t tmpfs none "$work/disk" 2>/dev/null; then
	read -ra records <<<"$(printf '200 200 %.0s' {1..60})"
	capture many 65535 1 "${records[@]}"
	run=("${disk[@]}")
	to=$work/disk/out.pcap
	broken "out.pcap cannot be written: No space left on device" many 37
	run=()
else
	echo "a full disk is not tried: nothing may be mounted here"
fi

# More memory than there is: in buffers, in their size, in pages that nobody reserved.
memory=$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)
refused "buffers of 2240 bytes are too many, there is room for" --buffers $((memory / 2)) "$good" "$out"
refused "4294967295 buffers of 65472 bytes are too many" --buffers 4294967295 --room 65472 "$good" "$out"
refused "they must have 64 to 65472" --room 65473 "$good" "$out"
refused "config/hugepages.sh" --page-size 1G --buffers $((memory / 2)) "$good" "$out"

[ "$wrong" = 0 ] || fail "$wrong of these were not refused as they should be"
echo "each got its sentence and a code that is not 0"
