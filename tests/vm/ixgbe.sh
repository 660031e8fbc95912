#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux's own driver, ixgbe.ko as Debian ships it, on the models of the 82599 and the X540.
#
#   tests/vm/ixgbe.sh KERNEL      6.1 or 6.12
#
# A guest has two cards of each kind, cabled to each other, each in a network namespace of the guest. What the one sends
# by its engines (segments, checksums, tags) is judged by the other's kernel, which has its own engines turned off then.
# Cases are in tests/vm/guest/ixgbe.sh; here the cards are served, and their own records looked at in the end.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-6.1}
[ -x "$bin/weir-nicsim" ] || skip "$bin/weir-nicsim is not built"
name=ixgbe-$version

make_guest "$version" ixgbe.sh "ixgbe 8021q" "ip nsenter ping iperf3 ethtool tcpdump"

# Cards 0 and 1 are cabled to each other, 2 and 3 too.
models=(82599 82599 x540 x540)
wires=(pair:1 pair:0 pair:3 pair:2)
arguments=()
slots=()
for i in "${!models[@]}"; do
	arguments+=(--nic "${models[i]},mac=02:00:00:00:00:0$((i + 1)),socket=$work/nic$i,wire=${wires[i]}")
	slots+=(-device "pcie-root-port,id=port$i,chassis=$i,slot=$i" -device
		"{\"driver\":\"vfio-user-pci\",\"bus\":\"port$i\",\"socket\":{\"type\":\"unix\",\"path\":\"$work/nic$i\"}}")
done
mkfifo "$work/orders"
exec 4<>"$work/orders"
"$bin/weir-nicsim" --mode exact --orders --json --verbose "${arguments[@]}" \
	<"$work/orders" >"$work/cards.json" 2>"$keep/$name.nicsim" 4<&- &
nicsim=$!
for _ in {1..100}; do
	[ ! -S "$work/nic3" ] || break
	sleep 0.1
done

echo "Linux $release"
start_guest "$name" "${slots[@]}"
follow_guest 90 4 || tail -n 40 "$keep/$name.console"

kill -TERM "$nicsim"
wait "$nicsim" || :
jq . "$work/cards.json" >"$keep/$name.cards" || result fail "cards: weir-nicsim did not report"
verdict
