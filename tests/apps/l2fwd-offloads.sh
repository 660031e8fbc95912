#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# --offloads makes a port say what it found of the packets, --json counts it, and the frames leave as they came: two cards
# of weir-nicsim, the first one sent what stands in a capture.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need jq perl

# 100 tagged frames of UDP over IPv4 without a checksum of UDP's, of which every fifth has a wrong sum over its header.
perl -e '
	print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1);
	for my $i (0 .. 99) {
		print pack("V4", 0, $i, 64, 64), pack("H*", "0200000000fe0200000000ff81000007" . "0800"),
			pack("H*", "4500002e000000004011" . ($i % 5 ? "66bd" : "66be") . "0a0000010a000002"),
			pack("n4 N x14", 1000 + $i, 7, 26, 0, $i);
	}
' >"$work/in.pcap"

# forwarded OPTION...: through both cards, the last object of the report is in $work/json.
forwarded()
{
	"$bin/weir-nicsim" --mode exact --nic "82599,socket=$work/a,wire=pcap:rx=$work/in.pcap,tx=/dev/null" \
		--nic "82599,mac=02:00:00:00:00:05,socket=$work/b,wire=pcap:rx=$work/none.pcap,tx=$work/out.pcap" >/dev/null 2>&1 &
	nicsim=$!
	until_true test -S "$work/b"
	"$l2fwd" --no-huge --no-mac-update --json --stats 0 --map 0:1 --count 100 --seconds 20 "$@" "vfio-user:$work/a" "vfio-user:$work/b" \
		>"$work/json"
	kill -TERM $nicsim
	wait $nicsim || :
	packets_of "$work/out.pcap" | cmp - <(packets_of "$work/in.pcap") || fail "$*: other packets came out than went in"
	jq -c '.ports[0].said' "$work/json"
}

head -c 24 "$work/in.pcap" >"$work/none.pcap"
[ "$(forwarded)" = '{"ip_good":0,"ip_bad":0,"l4_good":0,"l4_bad":0,"vlan":0,"hash":0}' ] || fail "said unasked: $(cat "$work/json")"
[ "$(forwarded --offloads=csum,vlan)" = '{"ip_good":80,"ip_bad":20,"l4_good":0,"l4_bad":0,"vlan":100,"hash":0}' ] ||
	fail "checksums and tags: $(cat "$work/json")"
[ "$(forwarded --offloads hash)" = '{"ip_good":0,"ip_bad":0,"l4_good":0,"l4_bad":0,"vlan":0,"hash":100}' ] ||
	fail "hashes: $(cat "$work/json")"

status=0
"$l2fwd" --offloads=csum,salt null: null: 2>"$work/stderr" || status=$?
[ $status = 2 ] || fail "exit code $status for an offload that does not exist"
grep -q "a list of csum, vlan and hash, not 'csum,salt'" "$work/stderr" || fail "no sentence: $(cat "$work/stderr")"
