#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What weir-pktgen does with bad input: it says in a sentence what is wrong, with the line where that is in a file, and
# exits with 1 or 2.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
pktgen=$bin/weir-pktgen
[ -x "$pktgen" ] || skip "$pktgen is not built"

wrong=0
complain()
{
	echo "$*"
	wrong=$((wrong + 1))
}

# refused STATUS WORDS ARGUMENT...: the exit code, and a line on stderr that has all the WORDS (a pattern of the shell's).
refused()
{
	local want=$1 words=$2 status=0 line found=
	shift 2
	timeout 20 "$pktgen" --no-huge --headless --seconds 5 "$@" >/dev/null 2>"$work/stderr" || status=$?
	while read -r line; do
		# shellcheck disable=SC2053 # it is a pattern
		[[ $line != "weir-pktgen: "*$words* ]] || found=yes
	done <"$work/stderr"
	[ "$status" = "$want" ] || complain "$*: exit code $status, not $want"
	[ -n "$found" ] || complain "$*: no sentence like '*$words*': $(cat "$work/stderr")"
}

good='packet: [eth, ipv4, udp]'
refused 2 'name the ports' -S "$good"
refused 2 "--rate takes packets or bits per second*not 'fast'" -r fast null:
refused 2 "--lag takes a number of seconds" --lag=-1 null:
refused 2 "--linger takes a number of seconds" --linger=x null:
refused 2 "--stream:1: there is no header 'ipv7'" -S 'packet: [eth, ipv7]' null:
refused 2 "--stream:1: there is a stream 'a' already" -S "name: a, $good" -S "name: a, $good" null:
refused 2 "/nonexistent/streams: No such file or directory" -f /nonexistent/streams null:
refused 2 "standard input:2: size is a whole number" -f - null: <<<$'packet: [eth]\nsize: 9'
printf -- '- packet: [eth]\n- packet:\n  - eth\n  - ipv4: {ttl: 300}\n' >"$work/streams.yaml"
refused 2 "$work/streams.yaml:4: ipv4 ttl is a whole number from 0 to 255, not '300'" -f "$work/streams.yaml" null:
head -c 17000000 /dev/zero | tr '\0' '#' >"$work/long.yaml"
refused 2 "$work/long.yaml: a file of streams has 16777216 bytes at most" -f "$work/long.yaml" null:
head -c 1000 /dev/urandom >"$work/noise"
refused 2 "$work/noise*" -f "$work/noise" null:
refused 1 "stream 'stream0' is to leave by port 3, which there is not" -S "port: 3, $good" null:
"$pktgen" --no-huge --quiet -n 1 -S "$good" "pcap:tx=$work/good.pcap"
refused 1 "which only receives" -S "$good" "pcap:rx=$work/good.pcap"
refused 1 "does not say how fast its link is" -r '10 %' -S "$good" null:
refused 1 "give --room 9128" --room 2240 -S "size: 9004, packet: [eth]" null:
refused 1 "/nonexistent/capture cannot be read" -S "replay: {file: /nonexistent/capture}" null:
refused 1 "$work/noise" -S "replay: {file: $work/noise}" null:
[ $wrong = 0 ]
