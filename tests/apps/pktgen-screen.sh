#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-pktgen on a terminal of 80 by 24: streams, what became of them and how long it took fit on it; keys stop and start
# them and change their rate.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
pktgen=$bin/weir-pktgen
stream='name: web, packet: [eth, ipv4, udp], size: 64'

terminal
"${tell[@]}" send-keys "clear; '$pktgen' --no-huge --stats 0.2 -r '1 kpps' -S '$stream' ring:x,x" Enter
for word in '^weir-pktgen  0:00:.* 1 stream, 1 worker' '^stream *asked sent/s came/s *lost reorder *double corrupt$' \
	'^web  *1.000k  *[1-9]' '^min .* median .* 99.99 % .* max ' '^ *under 1 us ' '^ *longer ' \
	'^s starts and stops' '^q ends'; do
	until_true screen_has "$word"
done
"${tell[@]}" send-keys + +
until_true screen_has '^web  *1.210k '
"${tell[@]}" send-keys -- - - -
until_true screen_has '^web  *909.1 '

# Stopped, and begun anew: what was lost and counted is forgotten.
"${tell[@]}" send-keys s
until_true screen_has '^web  *909.1  *0  *0  *0  *0  *0  *0$'
"${tell[@]}" send-keys s
until_true screen_has '^web  *909.1  *[1-9][0-9.]*  *[1-9][0-9.]*  *0  *0  *0  *0$'

# The most important stays when there is no room.
"${tell[@]}" resize-window -x 80 -y 12
until_true screen_has 'Up and Down scroll'
"${tell[@]}" resize-window -x 80 -y 24
until_true screen_has '^q ends'

"${tell[@]}" send-keys q
until_true screen_has "stream 'web': [0-9]* packets, .* pkt/s of 909.1 pkt/s"
screen_lacks '^weir-pktgen  0:' || fail "the screen is still there"
until_true screen_has '^\$ *$'
echo "the screen shows streams and latency, and its keys are obeyed"
