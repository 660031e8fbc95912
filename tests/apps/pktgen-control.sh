#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# weir-pktgen obeys the same commands from its control socket, from a script in Lua and from its command line; what is
# wrong gets a sentence, with the line where there is one.
set -euo pipefail

bin=${BUILD:-build}/bin
command -v jq >/dev/null || { echo "jq is not installed" && exit 77; }
command -v perl >/dev/null || { echo "perl is not installed" && exit 77; }
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || :; rm -rf "$work"' EXIT
stream='name: a, packet: [eth, ipv4, udp], size: 64'

fail()
{
	echo "$*"
	cat "$work"/out "$work"/err 2>/dev/null
	exit 1
}

# pktgen CODE OPTION...: runs it on a ring that leads to itself.
pktgen()
{
	local want=$1 code=0
	shift
	"$bin/weir-pktgen" --headless --stats 0 -S "$stream" "$@" ring:x,x >"$work/out" 2>"$work/err" || code=$?
	[ "$code" = "$want" ] || fail "weir-pktgen $* exits with $code, not $want"
}

# says TEXT: the last run has said it.
says()
{
	grep -qF -- "$1" "$work/err" "$work/out" || fail "it does not say: $1"
}

# A script sends, looks, and ends the program. Errors are those of the script, with its lines.
cat >"$work/good.lua" <<'END'
weir.start{rate = "5 kpps", count = 200}
repeat
	weir.sleep(0.02)
	all = weir.stats().all
until all.ended and all.arrived == 200
assert(all.ended and all.sent == 200 and all.lost == 0 and all.corrupted == 0)
assert(#weir.help().commands > 5)
local ok, why = pcall(weir.rate, {rate = "fast"})
assert(not ok and why:find('"rate" is a rate such as', 1, true), why)
weir.rfc2544{tests = {"throughput"}, sizes = {64}, seconds = 0.05, mbps = 10, resolution = 0.5, settle = 5}
assert(not pcall(weir.start))
found = weir.wait().rfc2544
assert(#found.sizes == 1 and found.sizes[1].throughput.best.sent > 0)
END
pktgen 0 --lua "$work/good.lua"
printf 'weir.sleep(0)\nweir.rate{stream = "x", rate = "1 kpps"}\n' >"$work/bad.lua"
pktgen 1 --lua "$work/bad.lua"
says "$work/bad.lua:2: rate: there is no stream 'x'"
printf 'x = 1\nif x then\n' >"$work/cut.lua"
pktgen 1 --lua "$work/cut.lua"
says "cut.lua:3: 'end' expected (to close 'if' at line 2)"
printf 'weir.rate(5)\n' >"$work/type.lua"
pktgen 1 --lua "$work/type.lua"
says "type.lua:1: bad argument #1 to 'rate' (table expected, got number)"
pktgen 1 --lua "$work/none.lua"
says "cannot open $work/none.lua"

# The command line.
pktgen 2 --do '{"command": "halt"}'
says '--do: there is no command "halt"'
pktgen 2 --rfc2544='"sizes": [32]'
says '--rfc2544: rfc2544: "sizes" is a list of whole numbers from 64 to 16384'
pktgen 2 --report x.pdf
says "--report takes a file *.txt, *.json, *.csv or *.html, not 'x.pdf'"
pktgen 2 --answer 192.0.2.1/24
says "'192.0.2.1/24' has bits set behind its prefix"
pktgen 1 --rfc2544='"seconds": 0.1'
says 'port 0 does not say how fast its link is; give it as "mbps"'

# A test writes its reports in all forms.
pktgen 0 --rfc2544='"sizes": [64, 512], "seconds": 0.05, "mbps": 10, "resolution": 0.5, "burst_seconds": 0.01,
	"burst_repeats": 2, "settle": 5' --report "$work/r.json" --report "$work/r.csv" --report "$work/r.html" --report -.txt
says "Back-to-back frames (26.4), the mean of 2"
[ "$(jq -c '[.sizes[].size]' "$work/r.json")" = '[64,512]' ] || fail "the report in JSON has other sizes"
[ "$(head -1 "$work/r.csv")" = "size,test,offered_share,figure,value" ] || fail "the report in CSV has another head"
[ "$(grep -c '<svg' "$work/r.html")" = 4 ] || fail "the page has not four plots"
! grep -qE 'https?:|src=' "$work/r.html" || fail "the page needs something from elsewhere"

# The socket: a line in, a line out; a capture that waits for a foreign packet is none, and is saved when it is ended.
cat >"$work/ask.pl" <<'END'
use IO::Socket::UNIX;
my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no socket\n";
while (<STDIN>) { print $socket $_; print scalar <$socket>; }
END
"$bin/weir-pktgen" --headless --stats 0 -S "$stream" -r '1 kpps' --control "$work/socket" ring:x,x \
	>"$work/out" 2>"$work/err" &
pid=$!
for _ in {1..300}; do
	[ -S "$work/socket" ] && break
	sleep 0.1
done
[ "$(stat -c %a "$work/socket")" = 700 ] || fail "others may use the socket"
perl "$work/ask.pl" "$work/socket" >"$work/answers" <<END
{"command": "capture", "file": "$work/c.pcapng", "trigger": ["foreign"], "before": 10}
{"command": "capture", "file": "$work/d.pcapng"}
stop
{"command": "stop"}
{"command": "start", "count": 30}
{"command": "stats"}
{"command": "capture_end"}
{"command": "quit"}
END
wait "$pid" || fail "it ends with a failure"
pid=
[ "$(jq -sc '[.[].ok]' "$work/answers")" = '[true,false,false,true,true,true,true,true]' ] ||
	fail "other answers: $(cat "$work/answers")"
grep -q 'a capture is waiting already; end it first' "$work/answers" || fail "a second capture is not refused"
[ -s "$work/c.pcapng" ] || fail "there is no capture"
[ ! -e "$work/socket" ] || fail "the socket is still there"
if command -v tshark >/dev/null; then
	tshark -r "$work/c.pcapng" -T fields -e udp.length 2>/dev/null | sort -u | grep -qx 26 || fail "tshark reads another capture"
fi
echo "scripts, options and socket are obeyed, and what is wrong is said"
