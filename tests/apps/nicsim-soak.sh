#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l2fwd between two simulated cards, of which one has a generator and the other checks every byte: in a minute
# nothing is lost, changed, doubled or overtaken, with registers by message and with mapped doorbells. Then over four
# queues and four workers: each flow is in the queue that its hash says, and in order.
#
# The rates are far below what a machine can, so that this holds on a busy one, too: what gets no processor for a while
# catches up, and the rings hold what comes meanwhile.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
nicsim=$bin/weir-nicsim
[ -x "$nicsim" ] || skip "$nicsim is not built"
need jq perl

seconds=${SOAK_SECONDS:-60}
flows=100

declare -A cards forwarder count

# begin NAME MODE PPS SIZE QUEUES SECONDS: with its files in $work/NAME.
begin()
{
	local name=$1 mode=$2 pps=$3 size=$4 queues=$5

	count[$name]=$((pps * $6))
	mkdir "$work/$name"
	"$nicsim" --strict --json --mode "$mode" \
		--nic "82599,socket=$work/$name/a,wire=gen:size=$size,pps=$pps,flows=$flows,count=${count[$name]}" \
		--nic "82599,socket=$work/$name/b,wire=sink" >"$work/$name/cards" 2>"$work/$name/cards.err" &
	cards[$name]=$!
	until_true grep -qs 'cards are ready' "$work/$name/cards.err"
	"$l2fwd" --no-huge --no-mac-update --patience 30000 --rx-slots 4096 --queues "$queues" --workers "$queues" \
		--stats 0 --json --count "${count[$name]}" --seconds 180 "vfio-user:$work/$name/a" "vfio-user:$work/$name/b" \
		>"$work/$name/json" 2>"$work/$name/err" &
	forwarder[$name]=$!
}

# end NAME: waits for it, and judges.
end()
{
	local name=$1 n=${count[$1]}

	cd "$work/$name"
	wait "${forwarder[$name]}" || fail "$name: weir-l2fwd: $(cat err json)"
	kill -TERM "${cards[$name]}"
	wait "${cards[$name]}" || fail "$name: weir-nicsim: $(cat cards cards.err json)"
	jq -e "([.sent, .good] == [$n, $n]) and ([.lost, .late, .twice, .corrupt, .violations] | add) == 0" cards >verdict ||
		fail "$name: not all of $n frames came through: $(cat cards json)"
	jq -e ".rx_packets == $n and .tx_packets == $n and ([.dropped[]] | add) == 0" json >verdict ||
		fail "$name: weir-l2fwd counts something else: $(cat json)"
	echo "$name: $n frames in $(jq '.seconds | round' json) s, none lost, every byte right and in order"
	cd "$OLDPWD"
}

# stall PID: takes the processor away from a process for a while.
stall()
{
	kill -STOP "$1"
	sleep 0.05
	kill -CONT "$1"
}

# How many of the generator's flows each of four queues gets, by another implementation of the Toeplitz hash.
shares()
{
	perl -e '
		my $key = unpack("B*", pack("H*", "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa"));
		my @flows = (0) x 4;
		for my $flow (0 .. $ARGV[0] - 1) {
			my $input = unpack("B*", pack("C4 C4 n2", 10, 0, $flow >> 8, $flow & 255, 10, 255, 0, 1, 1024 + $flow, 9));
			my $hash = 0;
			for my $bit (0 .. length($input) - 1) {
				$hash ^= oct("0b" . substr($key, $bit, 32)) if substr($input, $bit, 1);
			}
			$flows[($hash & 127) % 4]++;
		}
		print "@flows\n";
	' "$flows"
}

begin fast fast 20000 300 1 "$seconds"
begin exact exact 4000 1518 1 "$seconds"
for pid in "${cards[@]}" "${forwarder[@]}" "${cards[@]}" "${forwarder[@]}"; do
	sleep 0.2
	stall "$pid"
done
end fast
end exact

begin rss-fast fast 8000 128 4 $((seconds / 4))
begin rss-exact exact 3000 128 4 $((seconds / 4))
for name in rss-fast rss-exact; do
	end $name
	expected=$(for share in $(shares); do echo $((share * count[$name] / flows)); done)
	equal "$name: packets of the queues" "$(jq '.ports[0].queues[].rx.packets' "$work/$name/json")" "$expected"
	echo "$name: the queues have $(shares) of the flows"
done
