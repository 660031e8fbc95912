#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Linux's own driver, ixgbe.ko as Debian ships it, on the models of the 82599 and the X540.
#
#   tests/vm/ixgbe.sh KERNEL [CASE]      6.1 or 6.12; only the cases whose names match
#
# A guest has two cards of each kind, cabled to each other, each in a network namespace of the guest; two have their doorbells
# mapped. What the one sends
# by its engines (segments, checksums, tags) is judged by the other's kernel, which has its own engines turned off then.
# Cases are in tests/vm/guest/ixgbe.sh; here the cards are served, and their own records looked at in the end.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-6.1}
[ -x "$bin/weir-nicsim" ] || skip "$bin/weir-nicsim is not built"
name=ixgbe-$version

make_guest "$version" ixgbe.sh "${2-}" "ixgbe 8021q" "ip nsenter ping iperf3 ethtool tcpdump"

models=(82599 82599 x540 x540 82599-kx4 82599-kx4)
wires=(pair:1 pair:0 pair:3 pair:2 pair:1 pair:0)
arguments=()
slots=()
for i in "${!models[@]}"; do
	arguments+=(--nic "${models[i]},mac=02:00:00:00:00:0$((i + 1)),socket=$work/nic$i,wire=${wires[i]}")
	slots+=(-device "pcie-root-port,id=port$i,chassis=$i,slot=$i" -device
		"{\"driver\":\"vfio-user-pci\",\"bus\":\"port$i\",\"socket\":{\"type\":\"unix\",\"path\":\"$work/nic$i\"}}")
done
mkfifo "$work/orders"
exec 4<>"$work/orders"
# serve LABEL ARGUMENT...: in the background. Cards do not wait for other programs, and the driver's limits of time are made
# for them; so they go first, where that is allowed.
serve()
{
	nice -n -10 "$bin/weir-nicsim" --strict --json --verbose "${@:2}" <"$work/orders" >"$work/$1.json" 2>"$keep/$name.$1" 4<&- &
	servers+=($!)
}

servers=()
serve exact --mode exact --orders "${arguments[@]:0:8}"
serve fast --mode fast "${arguments[@]:8}"
for _ in {1..100}; do
	! [[ -S $work/nic3 && -S $work/nic5 ]] || break
	sleep 0.1
done

echo "Linux $release"
start_guest "$name" "${slots[@]}"
follow_guest 200 4 || tail -n 40 "$keep/$name.console"

kill -TERM "${servers[@]}"
wait "${servers[@]}" || :
if ! jq -s '{ nics: map(.nics[]) }' "$work/exact.json" "$work/fast.json" >"$keep/$name.cards"; then
	result fail "cards: weir-nicsim did not report"
	verdict "$name"
fi

# sum COUNTER: of all cards.
sum()
{
	jq "[.nics[].counters[\"$1\"] // 0] | add" "$keep/$name.cards"
}

# What the datasheet forbids and Linux does all the same:
known=(
	# ethtool -d reads registers of the 82598, and of the buffers' ECC, that the 82599's datasheet does not have.
	'read at 0x(02000|03300|0581c|072[0-3][04c]|07c20|07f(1[4c]|20)|0c300|1106c), where there is no register'
	# ethtool -t offline writes patterns to the registers of rings ...
	'(RDLEN|TDLEN)\[[0-3]\] is written \(0x000.*\) with a ring of a length'
	'TDBAL\[[0-3]\] is written \(0x(5a5a5a5a|a5a5a5a5|ffffffff)\) with a ring that is not aligned'
	# ... and receives without having set how the CRC is stripped.
	'RXCTRL\[0\] is written .* while HLREG0.RXCRCSTRP and RDRXCTL.CRCSTRIP differ'
)
odd=$(grep -hE '#[0-3]: .* \([48]\.[0-9.]+\)$' "$keep/$name.exact" "$keep/$name.fast" | grep -vE "$(IFS='|' && echo "${known[*]}")" || :)
if [ -z "$odd" ]; then
	result pass "nothing that the datasheet forbids, but what is known of Linux: $(sum violations) times"
else
	result fail "the datasheet forbids: $(head -n 1 <<<"$odd")"
	echo "$odd"
fi
if [ "$(sum dma_refused)" = 0 ]; then
	result pass "no card reached for memory that it was not given"
else
	result fail "cards reached for memory that they were not given: $(sum dma_refused) times"
fi
verdict "$name"
