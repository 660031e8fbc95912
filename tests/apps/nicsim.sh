#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-nicsim as a program: it serves where it is told, ends when it is told, leaves nothing behind, takes over what a
# killed one left, and refuses with a sentence what cannot be.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
nicsim=$bin/weir-nicsim
[ -x "$nicsim" ] || skip "$nicsim is not built"

# serve ARGUMENT...: in the background, as $server; two cards.
serve()
{
	rm -f "$work/stderr"
	"$nicsim" "$@" --nic "82599,socket=$work/a,wire=sink" --nic "82599,mac=02:00:00:00:00:05,socket=$work/b,wire=pair:0" \
		>"$work/stdout" 2>"$work/stderr" <"${orders:-/dev/null}" &
	server=$!
	for _ in {1..500}; do
		! grep -q "2 cards are ready" "$work/stderr" 2>/dev/null || return 0
		sleep 0.02
	done
	fail "it does not get ready: $(cat "$work/stderr")"
}

# ended SERVER CODE: how it has ended.
ended()
{
	local status=0
	wait "$1" || status=$?
	[ "$status" = "$2" ] || fail "exit code $status instead of $2: $(cat "$work/stdout" "$work/stderr")"
}

# Ends by a signal, and after its time; the sockets go with it.
serve --json --mode exact
kill -TERM "$server"
ended "$server" 0
for socket in "$work/a" "$work/b"; do
	[ ! -e "$socket" ] || fail "$socket was left behind"
done
grep -q '"final":true.*"nics":\[{.*"wire_sent":0.*"ok":true' "$work/stdout" || fail "no report: $(cat "$work/stdout")"
serve --seconds 0.5
ended "$server" 0
grep -q '^passed$' "$work/stdout" || fail "no verdict: $(cat "$work/stdout")"

# Does what it is told on its standard input, whatever the pieces that it comes in, and survives what means nothing.
mkfifo "$work/orders"
exec 4<>"$work/orders"
orders=$work/orders serve --orders --json
{ printf 'link 0 do' && sleep 0.1 && printf 'wn\nlink 7 up\nlink 1 sideways\n\n' && printf 'x%.0s' {1..500}; } >&4
printf '\nremove 0\nlink 1 up\nremove 1\n' >&4
until_true grep -q "'link 1 sideways' is no order" "$work/stderr"
grep -q "'link 7 up' names no card" "$work/stderr" || fail "no sentence: $(cat "$work/stderr")"
kill -TERM "$server"
ended "$server" 0
exec 4<&-

# A killed one leaves its sockets; the next one takes them over, but none that is in use.
serve
kill -KILL "$server"
ended "$server" 137
[ -S "$work/a" ] || fail "a killed server has removed its socket, so what follows means nothing"
serve --seconds 10
! timeout 20 "$nicsim" --nic "82599,socket=$work/a,wire=sink" 2>"$work/second" || fail "two served at one socket"
grep -q "cannot serve at $work/a: Address already in use" "$work/second" || fail "no sentence: $(cat "$work/second")"
kill -INT "$server"
ended "$server" 0

# A generator that nobody listens to is no success.
status=0
timeout 20 "$nicsim" --seconds 0.2 --nic "82599,socket=$work/a,wire=gen:pps=1k" >"$work/stdout" 2>&1 || status=$?
[ "$status" = 1 ] || fail "exit code $status for a generator that sent nothing"
grep -q 'failed: nothing was sent' "$work/stdout" || fail "no verdict: $(cat "$work/stdout")"

# refused CODE WORDS ARGUMENT...
refused()
{
	local code=$1 words=$2 status=0
	shift 2
	timeout 20 "$nicsim" --seconds 1 "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
	[ "$status" = "$code" ] || fail "$*: exit code $status instead of $code"
	grep -q "^weir-nicsim: .*$words" "$work/stderr" || fail "$*: no sentence like '$words': $(cat "$work/stderr")"
}
nic=82599,socket=$work/a
refused 2 "there is no card"
refused 2 "is no option" 82599
refused 2 "MODEL,socket=PATH" --nic 82599
refused 2 "MODEL,socket=PATH" --nic "82599,wire=sink"
refused 2 "MODEL,socket=PATH" --nic "82599,wire=sink,socket=$work/a"
refused 2 "fast or exact" --mode slow --nic "$nic,wire=sink"
refused 2 "from 0.001" --seconds never --nic "$nic,wire=sink"
refused 1 "no model of a card '82600'; there are: 82599" --nic "82600,socket=$work/a,wire=sink"
refused 1 "takes no 'speed=1'" --nic "$nic,speed=1,wire=sink"
refused 1 "no address of a card" --nic "$nic,mac=01:00:00:00:00:00,wire=sink"
refused 1 "is no wire; there are hold" --nic "$nic,wire=rope"
refused 1 "size=63 is not a number from 64" --nic "$nic,wire=gen:size=63"
refused 1 "both ends" --nic "$nic,wire=pair:0"
refused 1 "no network interface 'weir-absent0'" --nic "$nic,wire=af_packet:weir-absent0"
refused 1 "cannot read a capture" --nic "$nic,wire=pcap:rx=$work/absent"
refused 1 "cannot serve at $work/absent/a" --nic "82599,socket=$work/absent/a,wire=sink"
refused 1 "needs 1 to 107 characters" --nic "82599,socket=$work/$(printf 'x%.0s' {1..120}),wire=sink"
[ ! -e "$work/a" ] || fail "a socket was left behind"
echo "served, ended, taken over; 17 mistakes got their sentence"
