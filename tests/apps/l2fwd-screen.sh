#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# On a terminal of 80 by 24 there is a live screen; it follows the terminal's size, and gives the terminal back as it was
# however the program ends.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

need perl

# The shell prints a word that its command line does not hold.
shell_is_back()
{
	"${tell[@]}" send-keys "" "echo ba''ck; stty -g >'$work/after'" Enter && until_true screen_has '^back'
}

# ended_by WHAT KEYS...: types, and compares the terminal's settings.
ended_by()
{
	"${tell[@]}" send-keys "${@:2}"
	until_true screen_has 'forwarded [0-9]* packets'
	screen_lacks '^weir-l2fwd  0:' || fail "the screen is still there after $1"
	shell_is_back
	until_true cmp -s "$work/before" "$work/after"
}

start()
{
	"${tell[@]}" send-keys "clear; '$l2fwd' --stats 0.2 $* 'pcap:rx=$work/in.pcap,loop=0' pcap:tx=/dev/null" Enter
	until_true screen_has '^weir-l2fwd  0:00:'
}

flows "$work/in.pcap" 200 4
terminal
"${tell[@]}" send-keys "stty -g >'$work/before'" Enter
until_true [ -s "$work/before" ]

start
for word in '1 worker, burst 32' 'received' 'pkt/s' 'fill' 'cycles' 'dropped' '^0 pcap:rx=' '^1 pcap:tx=' 'queue 0' \
	'buffers in use' '^q ends'; do
	until_true screen_has "$word"
done
"${tell[@]}" resize-window -x 100 -y 9
until_true screen_has 'Up and Down scroll: 0 lines above, 2 below'
"${tell[@]}" send-keys Down Down Down Down
until_true screen_has 'Up and Down scroll: 2 lines above, 0 below'
"${tell[@]}" resize-window -x 40 -y 3
"${tell[@]}" resize-window -x 80 -y 24
until_true screen_has '^q ends'
ended_by q q

start
ended_by Ctrl-C C-c

start --seconds 1
ended_by --seconds ""

# When the end is held up, here by a pipe that nobody reads, a second Ctrl-C does not wait for it.
mkfifo "$work/stuck"
exec 9<>"$work/stuck"
"${tell[@]}" send-keys "clear; '$l2fwd' --stats 0.2 'pcap:rx=$work/in.pcap,loop=0' 'pcap:tx=$work/stuck'" Enter
until_true screen_has '^weir-l2fwd  0:00:'
"${tell[@]}" send-keys C-c
until_true screen_lacks '^weir-l2fwd  0:'
screen_lacks '^code' || fail "it ended without writing what it had"
"${tell[@]}" send-keys C-c "echo co''de \$?" Enter
until_true screen_has '^code 130'

# A message that comes while the screen is there is shown on it, and again when it is gone.
mkfifo "$work/fifo"
head -c 2000 "$work/fifo" >/dev/null &
"${tell[@]}" send-keys "clear; '$l2fwd' --stats 0.2 'pcap:rx=$work/in.pcap,loop=0,replay=recorded' \
'pcap:tx=$work/fifo'; echo code \$?" Enter
until_true screen_has '^weir-l2fwd  0:00:'
until_true screen_has "^$work/fifo cannot be written: Broken pipe"
"${tell[@]}" send-keys q
until_true screen_has '^code 1'
screen_has "^weir-l2fwd: $work/fifo cannot be written: Broken pipe" || fail "no message: $(cat "$work/screen")"
