#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What a cable between two simulated cards does to packets is what weir-pktgen says became of them, packet for packet.
set -euo pipefail

bin=${BUILD:-build}/bin
command -v jq >/dev/null || { echo "jq is not installed" && exit 77; }
work=$(mktemp -d)
sim=
trap '[ -z "$sim" ] || kill "$sim" 2>/dev/null || :; rm -rf "$work"' EXIT

fail()
{
	echo "$*"
	cat "$work"/*.json "$work"/*.err 2>/dev/null
	exit 1
}

# cable FAULTS: two cards whose cable does that in one direction.
cable()
{
	# What the cards before have said is not about these.
	: >"$work/sim.err"
	"$bin/weir-nicsim" --json --nic "82599,socket=$work/a,wire=pair:1$1" --nic "82599,socket=$work/b,wire=pair:0" \
		>"$work/sim.json" 2>"$work/sim.err" &
	sim=$!
	for _ in {1..300}; do
		grep -q 'cards are ready' "$work/sim.err" && return
		sleep 0.1
	done
	fail "the cards do not come"
}

# sent OPTION...: sends 5000 packets from one card to the other, and ends the cards.
sent()
{
	"$bin/weir-pktgen" --json --stats 0 --count 5000 --rate '50 kpps' --linger 4 "$@" \
		"vfio-user:$work/a" "vfio-user:$work/b" >"$work/pktgen.json" 2>"$work/pktgen.err" || fail "weir-pktgen fails"
	kill "$sim"
	wait "$sim" || :
	sim=
}

# same FIGURE COUNTER: weir-pktgen's figure is the first cable's counter.
same()
{
	local said is
	said=$(jq ".measured.all.$1" "$work/pktgen.json")
	is=$(jq "[.. | objects | .$2? // empty][0]" "$work/sim.json")
	[ "$said" = "$is" ] || fail "$1 is $said, and the cable's $2 $is"
	printf '%s %s  ' "$1" "$said"
}

cable ""
sent -S 'name: a, packet: [eth, ipv4, udp], size: 64'
[ "$(jq -c '.measured.all | [.arrived, .lost, .reordered, .duplicates, .corrupted]' "$work/pktgen.json")" = \
	"[5000,0,0,0,0]" ] || fail "a good cable does something"

cable ",loss=0.02,reorder=0.03,duplicate=0.04,seed=2"
sent -S 'name: a, packet: [eth, ipv4, udp], size: 64'
same lost cable_lost
same reordered cable_overtaken
same duplicates cable_doubled
[ "$(jq .measured.all.corrupted "$work/pktgen.json")" = 0 ] || fail "packets are corrupted"
echo

cable ",loss=0.02,corrupt=0.05,seed=3"
sent -S 'name: a, packet: [eth, ipv4, udp], size: 512'
same lost cable_lost
same corrupted cable_corrupted
echo

# A card drops what has a wrong CRC; nobody sees more of it than that it is not there.
cable ",errors=0.03"
sent -S 'name: a, packet: [eth, ipv4, udp], size: 256'
same lost cable_damaged
echo
