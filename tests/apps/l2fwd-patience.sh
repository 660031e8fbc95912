#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l2fwd before a port that takes nothing any more (a ring that nobody empties): packets wait for as long as it was told
# and are dropped then; and neither the other ports nor its end have to wait for that.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need jq

# holds WHAT CONDITION: of the last line of the report.
holds()
{
	tail -n 1 "$work/json" | jq -e "$2" >/dev/null || fail "$1: $(tail -n 1 "$work/json" | jq -c ".ports | map({rx, tx})")"
}

# run ARGUMENT...: one worker between null and the ring, and between null and null.
run()
{
	"$l2fwd" --no-huge --json --stats 0 --map 0:1,2:3 "$@" null:size=64 ring:patience_a,patience_b null:size=64 null: \
		>"$work/json" 2>"$work/err" || fail "$*: $(cat "$work/err")"
}

counted='.ports[0].rx.packets == .ports[1].tx.packets + .ports[1].tx.dropped.tx_full and
	.ports[2].rx.packets == .ports[3].tx.packets'

SECONDS=0
run --patience 60000 --seconds 1
[ $SECONDS -lt 30 ] || fail "the end waits for a port that takes nothing"
holds "with patience no more than a burst is given up, at the end" \
	"$counted and .ports[1].tx.packets > 0 and .ports[1].tx.dropped.tx_full <= 32"
holds "another port is held up" '.ports[3].tx.packets > 2 * .ports[1].tx.packets'

run --patience 1 --seconds 1
holds "without patience packets are dropped, and counted" "$counted and .ports[1].tx.dropped.tx_full > 32"
holds "another port is held up" '.ports[3].tx.packets > 2 * .ports[1].tx.packets'
run --patience 0 --count 100000
holds "the packets of --count are forwarded or dropped" \
	"$counted and .ports[0].rx.packets + .ports[2].rx.packets == 100000 and .ports[1].tx.dropped.tx_full > 0"
echo "kept with patience, dropped without; the other pair went on"
