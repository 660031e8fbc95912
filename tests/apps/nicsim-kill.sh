#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-nicsim and weir-l2fwd, one of which is killed at a random moment under traffic, 200 times: the other one notices,
# says so, and what is started again in the place of the killed one works at once. Nothing is left of it.
#
# The moments follow from a seed, which is printed; KILL_SEED=SEED and KILL_ROUNDS=N repeat a run, as far as a machine's
# time can be repeated.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
nicsim=$bin/weir-nicsim
[ -x "$nicsim" ] || skip "$nicsim is not built"
cd "$work"

rounds=${KILL_ROUNDS:-200}
seed=${KILL_SEED:-$RANDOM}
RANDOM=$seed
echo "seed $seed"

# soon COMMAND...: waits for it; looks often, for at most 20 seconds.
soon()
{
	local end=$((SECONDS + 20))

	until "$@"; do
		[ $SECONDS -lt $end ] || fail "round $round: this did not come true: $*: $(tail -n 5 ./*err)"
		sleep 0.01
	done
}

open_files()
{
	local files=("/proc/$1/fd/"*)

	echo ${#files[@]}
}

# cards_start COUNT: $cards serves two; a generator and a checker of COUNT frames (0: no end).
cards_start()
{
	local modes=(fast exact)

	: >cards.err
	"$nicsim" --strict --mode "${modes[RANDOM % 2]}" --nic "82599,socket=a,wire=gen:pps=20k,flows=8,count=$1" \
		--nic "82599,socket=b,wire=sink" >cards.out 2>>cards.err &
	cards=$!
	soon grep -qs 'cards are ready' cards.err
	cards_files=$(open_files $cards)
}

# Ends by itself after a time that nothing here should take: that is no failure of its own, and shows as one.
forwarder_start()
{
	: >json
	"$l2fwd" --no-huge --no-mac-update --json --stats 0.02 --seconds 30 vfio-user:a vfio-user:b >json 2>err &
	forwarder=$!
}

forwards()
{
	kill -0 "$forwarder" 2>/dev/null && grep -q '"tx_packets":[1-9]' json
}

# killed PID: by us.
killed()
{
	local status=0

	kill -KILL "$1"
	wait "$1" 2>/dev/null || status=$?
	equal "round $round: exit code of what was killed" $status 137
}

# The cards have noticed, are as they were, and nothing of the client is left with them.
cards_noticed()
{
	[ "$(grep -c 'its client went away in the middle of its work' cards.err)" -ge 2 ]
}

cards_free()
{
	[ "$(open_files "$cards")" = "$cards_files" ]
}

kill_forwarder()
{
	killed "$forwarder"
	[ -z "$at_work" ] || soon cards_noticed
	soon cards_free
	: >cards.err
}

kill_cards()
{
	local status=0

	killed "$cards"
	wait "$forwarder" || status=$?
	equal "round $round: exit code of weir-l2fwd without its cards: $(<err)" $status 1
	grep -Eq "^weir-l2fwd: (port 'vfio-user:[ab]': the device is gone|cannot connect to [ab]:|[ab]: the (server has gone away|device is gone))" \
		err || fail "round $round: weir-l2fwd does not say that its cards are gone: $(<err)"
	cards_start 0
}

round=0
cards_start 0
beginnings=0
for ((round = 1; round <= rounds; round++)); do
	at_work=
	forwarder_start
	if [ $((RANDOM % 4)) = 0 ]; then
		# Somewhere on its way up.
		sleep "0.$(printf '%03d' $((RANDOM % 200)))"
		beginnings=$((beginnings + 1))
	else
		soon forwards
		at_work=yes
		sleep "0.$(printf '%03d' $((RANDOM % 100)))"
	fi
	if [ $((RANDOM % 2)) = 0 ]; then
		kill_forwarder
	else
		kill_cards
	fi
done
echo "$rounds times one was killed, of which $beginnings while weir-l2fwd began"

# A server that is only silent is given up in time; when it speaks again the next client can have the cards.
forwarder_start
soon forwards
kill -STOP "$cards"
status=0
wait "$forwarder" || status=$?
equal "exit code of weir-l2fwd whose cards are silent: $(<err)" $status 1
grep -q '^weir-l2fwd: [ab]: no answer to .*; the device is given up' err || fail "no sentence about silence: $(<err)"
grep -q "^weir-l2fwd: port 'vfio-user:[ab]': the device is gone" err || fail "no sentence about the port: $(<err)"
kill -CONT "$cards"
forwarder_start
soon forwards
killed "$forwarder"
echo "cards that were silent were given up, and taken again"

# After all that, everything arrives.
killed "$cards"
cards_start 2000
"$l2fwd" --no-huge --no-mac-update --patience 20000 --count 2000 --seconds 60 vfio-user:a vfio-user:b >out 2>err ||
	fail "weir-l2fwd: $(cat err out)"
kill -TERM "$cards"
wait "$cards" || fail "weir-nicsim: $(cat cards.out cards.err)"
grep -q ': 2000 sent, 2000 came back right' cards.out || fail "not everything came through: $(cat cards.out out)"
for socket in a b; do
	[ ! -e $socket ] || fail "a socket was left behind"
done

# With --keep-going the ports of other devices go on without those that are lost, and only they are told of.
sent_to_b()
{
	figure tx_packets json
}

more_sent()
{
	local sent

	sent=$(sent_to_b)
	[ "${sent:-0}" -gt "$1" ]
}

cards_start 0
"$nicsim" --nic "82599,socket=c,wire=gen:pps=1k" --nic "82599,socket=d,wire=sink" >others.out 2>others.err &
others=$!
soon grep -qs 'cards are ready' others.err
: >json
"$l2fwd" --no-huge --no-mac-update --keep-going --json --stats 0.02 --seconds 60 vfio-user:a vfio-user:b vfio-user:c \
	vfio-user:d >json 2>err &
forwarder=$!
soon forwards
killed $others
soon grep -q "port 'vfio-user:d': the device is gone" err
soon more_sent $(($(sent_to_b) + 1000))
kill -TERM "$forwarder"
status=0
wait "$forwarder" || status=$?
equal "exit code of weir-l2fwd that went on without two ports: $(<err)" $status 1
equal "the ports that are told of" "$(grep -o 'vfio-user:.' err | tr '\n' ' ')" "vfio-user:c vfio-user:d "
kill -TERM "$cards"
wait "$cards" || :
rm c d

# A place that a killed one has left is taken by one of many, never from one that has taken it already.
serves()
{
	grep -qs "card is ready" "contest.$1" || ! kill -0 "${contest[$1]}" 2>/dev/null
}

for ((round = 1; round <= 10; round++)); do
	rm -f contest.*
	"$nicsim" --nic "82599,socket=c,wire=sink" >contest.0 2>&1 &
	contest=($!)
	soon serves 0
	killed "${contest[0]}"
	[ -S c ] || fail "a killed server has removed its socket, so what follows means nothing"
	contest=()
	rm contest.0
	for i in 0 1 2 3; do
		"$nicsim" --nic "82599,socket=c,wire=sink" >"contest.$i" 2>&1 &
		contest[i]=$!
	done
	winners=0
	for i in 0 1 2 3; do
		soon serves $i
		if grep -q 'card is ready' "contest.$i"; then
			winners=$((winners + 1))
			winner=$i
		else
			grep -q 'cannot serve at c: Address already in use' "contest.$i" || fail "round $round: no sentence: $(<"contest.$i")"
		fi
	done
	equal "servers at one socket" $winners 1
	[ -S c ] || fail "the socket of the winner is gone"
	kill -TERM "${contest[winner]}"
	wait "${contest[winner]}" || fail "the winner fails: $(<"contest.$winner")"
	[ ! -e c ] || fail "a socket was left behind"
done
wait
echo "10 times one of four took the place of a killed one"
