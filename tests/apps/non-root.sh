#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir-l2fwd without privileges: files, rings in memory, null, and a TAP interface that root gave to the user work; what
# the kernel refuses gets a sentence. Run by root it becomes nobody; the TAP takes root, to make it.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

in=$captures/ssh.pcap
help=$("$l2fwd" --help)
user=()
if [ "$(id -u)" = 0 ]; then
	need setpriv
	# The tree may be where nobody else may go.
	install -m 755 "$l2fwd" "$work/weir-l2fwd"
	install -m 644 "$in" "$work/in.pcap"
	mkdir "$work/nobodys"
	chown 65534:65534 "$work/nobodys"
	chmod 755 "$work"
	l2fwd=$work/weir-l2fwd
	in=$work/in.pcap
	user=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all)
else
	mkdir "$work/nobodys"
fi
out=$work/nobodys/out.pcap
packets=$(packets_of "$in" | wc -l)

# works ARGUMENT...: forwards every packet of the input, as nobody.
works()
{
	"${user[@]}" "$l2fwd" --no-mac-update --json "$@" >"$work/json" 2>"$work/err" || fail "$*: $(cat "$work/err")"
	[ "$(dropped "$work/json")" = 0 ] || fail "$*: packets were dropped: $(tail -n 1 "$work/json")"
	echo "works: $*"
}

works "pcap:rx=$in" "pcap:tx=$out"
packets_of "$out" | cmp -s - <(packets_of "$in") || fail "other packets came out than went in"
[ "$(figure tx_packets "$work/json")" = "$packets" ] || fail "not all $packets packets were counted"
if grep -q '^  null:' <<<"$help"; then
	works --map 0:1 "pcap:rx=$in" null:
fi
if grep -q '^  ring:' <<<"$help"; then
	works --map 0:1,1:2 --seconds 0.5 "pcap:rx=$in" ring:here,here "pcap:tx=$out"
	packets_of "$out" | cmp -s - <(packets_of "$in") || fail "other packets came out of the ring than went in"
fi

status=0
"${user[@]}" "$l2fwd" --seconds 1 af_packet:lo "pcap:tx=$out" >"$work/json" 2>"$work/err" || status=$?
[ "$status" = 1 ] || fail "af_packet: exit code $status without privileges: $(cat "$work/err")"
grep -q "weir-l2fwd: port 'af_packet:lo'.*\(CAP_NET_RAW\|root\)" "$work/err" ||
	fail "af_packet: no sentence about privileges: $(cat "$work/err")"

if [ "${#user[@]}" = 0 ] || ! command -v ip >/dev/null || ! [ -c /dev/net/tun ]; then
	echo "tap is not tried: that takes root, ip and /dev/net/tun"
	exit 0
fi
namespace=weir-user-$$
ip netns add "$namespace" || { echo "tap is not tried: no network namespace can be made" && exit 0; }
undo+=("ip netns del $namespace")
ip -n "$namespace" tuntap add dev weir0 mode tap user 65534
ip -n "$namespace" link set weir0 address 02:00:00:00:00:01 up
ip -n "$namespace" address add 192.0.2.1/24 dev weir0
ip -n "$namespace" neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev weir0
inside=(ip netns exec "$namespace")
if [ -z "$(find /dev/net/tun -perm -006)" ]; then
	# Most systems let everybody open it. Here that is so in the test's own view of the files alone.
	mknod -m 666 "$work/tun" c 10 200
	# shellcheck disable=SC2016 # for the inner shell
	inside+=(bash -c 'mount --bind "$0" /dev/net/tun && exec "$@"' "$work/tun")
fi
user=("${inside[@]}" "${user[@]}")

# Into the kernel: it counts what it gets. Out of it: what it sends to 192.0.2.2 comes out, before half a minute is over.
works --map 0:1 "pcap:rx=$in" tap:weir0
received=$(ip netns exec "$namespace" cat /sys/class/net/weir0/statistics/rx_packets)
[ "$received" = "$packets" ] || fail "the kernel received $received of $packets packets"
"${user[@]}" "$l2fwd" --no-mac-update --map 0:1 --seconds 30 tap:weir0 "pcap:tx=$out" >/dev/null 2>"$work/err" &
pid=$!
for ((tries = 0; tries < 100; tries++)); do
	ip netns exec "$namespace" bash -c 'echo weir >/dev/udp/192.0.2.2/9' 2>/dev/null || :
	[ ! -f "$out" ] || ! packets_of "$out" | grep -q '^020000000002020000000001.*776569720a$' || break
	sleep 0.1
done
kill -TERM "$pid"
wait "$pid" || fail "tap: $(cat "$work/err")"
[ "$tries" -lt 100 ] || fail "nothing came out of the tap: $(packets_of "$out")"
echo "works: tap:weir0, given to the user"
