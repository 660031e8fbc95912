#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux's own drivers, e1000.ko, e1000e.ko and igb.ko as Debian ships them, on the models of the 82540EM, 82574L and 82576.
#
#   tests/vm/e1000.sh KERNEL [CASE]      6.1 or 6.12; only the cases whose names match
#
# A guest has two cards of each kind, cabled to each other. Cases are in tests/vm/guest/e1000.sh; here the cards are served,
# and their own records looked at in the end.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-6.1}
[ -x "$bin/weir-nicsim" ] || skip "$bin/weir-nicsim is not built"
name=e1000-$version

make_guest "$version" e1000.sh "${2-}" "e1000 e1000e igb 8021q" "ip nsenter ping iperf3 ethtool"

models=(82540EM 82540EM 82574L 82574L 82576 82576)
wires=(pair:1 pair:0 pair:3 pair:2 pair:5 pair:4)
arguments=()
slots=()
for i in "${!models[@]}"; do
	arguments+=(--nic "${models[i]},mac=02:00:00:00:00:0$((i + 1)),socket=$work/nic$i,wire=${wires[i]}")
	slots+=(-device "pcie-root-port,id=port$i,chassis=$i,slot=$i" -device
		"{\"driver\":\"vfio-user-pci\",\"bus\":\"port$i\",\"socket\":{\"type\":\"unix\",\"path\":\"$work/nic$i\"}}")
done
mkfifo "$work/orders"
exec 4<>"$work/orders"
"$bin/weir-nicsim" --strict --json --verbose --mode exact --orders "${arguments[@]}" <"$work/orders" >"$keep/$name.cards" \
	2>"$keep/$name.exact" 4<&- &
server=$!
for _ in {1..100}; do
	! [ -S "$work/nic5" ] || break
	sleep 0.1
done

echo "Linux $release"
start_guest "$name" "${slots[@]}"
follow_guest 200 4 || tail -n 40 "$keep/$name.console"

kill -TERM "$server"
wait "$server" || :
# What the manuals forbid and Linux does all the same:
known=(
	# It sets what checksums and filters do while packets come in,
	'(RFCTL|RXCSUM)\[0\] is written .* while RCTL.EN is set'
	# ... and ethtool -t offline writes patterns to the registers of rings.
	'(RDLEN|TDLEN)\[[0-9]+\] is written \(0x000.*\) with a ring of a length'
	'(RDBAL|TDBAL)\[[0-9]+\] is written \(0x(5a5a5a5a|a5a5a5a5|ffffffff)\) with a ring that is not aligned'
)
odd=$(grep -hE '#[0-5]: .* \([0-9]+\.[0-9.]+\)$' "$keep/$name.exact" | grep -vE "$(IFS='|' && echo "${known[*]}")" || :)
if [ -z "$odd" ]; then
	result pass "nothing that the manuals forbid, but what is known of Linux"
else
	result fail "the manuals forbid: $(head -n 1 <<<"$odd")"
	echo "$odd"
fi
refused=$(jq '[.nics[].counters["dma_refused"] // 0] | add' "$keep/$name.cards")
if [ "$refused" = 0 ]; then
	result pass "no card reached for memory that it was not given"
else
	result fail "cards reached for memory that they were not given: $refused times"
fi
verdict "$name"
