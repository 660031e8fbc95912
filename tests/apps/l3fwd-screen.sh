#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l3fwd's live screen, on a terminal of 80 by 24: behind the ports there are routes, neighbours, what was routed and
# why packets were dropped; the terminal is given back with a last report.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

need tmux perl
export LC_ALL=C.UTF-8
unset TMUX
l3fwd=$bin/weir-l3fwd
tell=(tmux -S "$work/tmux" -f /dev/null)
undo+=("${tell[*]} kill-server 2>/dev/null")

screen_has()
{
	"${tell[@]}" capture-pane -p >"$work/screen" && grep -q "$1" "$work/screen"
}

cat >"$work/routes" <<-'END'
	interface 0 mac 02:00:00:00:00:00 address 10.0.0.1/24
	interface 1 mac 02:00:00:00:00:01 address 10.0.1.1/24 address 2001:db8:1::1/64
	neighbour 10.0.1.2 mac 02:00:00:00:01:02
	route 10.9.0.0/16 via 10.0.1.2
	route 10.6.0.0/16 blackhole
END
# One for 10.9.0.1, one for 10.6.0.1, one for another MAC address.
rest='020000009999 0800 4500002012340000'
write_pcap "$work/in.pcap" \
	"020000000000 $rest 4011548e 0a000002 0a090001 03e80035000c000061626364" \
	"020000000000 $rest 40115491 0a000002 0a060001 03e80035000c000061626364" \
	"020000000077 $rest 4011548e 0a000002 0a090001 03e80035000c000061626364"
"${tell[@]}" new-session -d -x 80 -y 24 "env PS1='$ ' bash --norc" || skip "tmux does not run here"
"${tell[@]}" send-keys "clear; '$l3fwd' --no-huge --stats 0.2 -r '$work/routes' 'pcap:rx=$work/in.pcap,loop=0' null:" Enter
for line in '^weir-l3fwd  0:00:.*1 worker, burst 32' '^0 pcap:rx=' '^1 null:' '^routes  *ipv4 [1-9]' 'ipv6 [1-9]' \
	'^neighbours  *known 1, interfaces 2' '^routed  *packets [1-9]' '^drops  *not_ours [1-9][0-9]*, blackhole [1-9]' \
	'^q ends'; do
	until_true screen_has "$line"
done
! awk 'length > 80' "$work/screen" | grep . || fail "lines of more than 80 columns"
"${tell[@]}" send-keys q
until_true screen_has '^  drops: not_ours [1-9][0-9]*, blackhole [1-9]'
"${tell[@]}" send-keys "echo ba''ck" Enter
until_true screen_has '^back'
! screen_has '^q ends' || fail "the screen is still there"
