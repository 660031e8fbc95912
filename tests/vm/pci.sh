#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir in a guest, on PCI devices: the kernel there gives them out by vfio, behind an emulated IOMMU.
#
#   tests/vm/pci.sh KERNEL [CASE]      6.1 or 6.12; CASE: a regular expression, for some of them only
#
# The cards are models of the 82599, served from outside; a generator sends into the first, and checks what the second
# sends (what it generates while nobody receives is lost, and no fault). Cases are in tests/vm/guest/pci.sh.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-6.1}
[ -x "$bin/weir-nicsim" ] || skip "$bin/weir-nicsim is not built"
name=pci-$version
PATH=$bin:$PATH

cmdline=intel_iommu=on
make_guest "$version" pci.sh "${2-}" "vfio-pci vfio-iommu-type1" "weir weir-l2fwd jq"

wires=(gen:pps=2k sink)
arguments=()
slots=(-device "intel-iommu,intremap=on,caching-mode=on")
for i in 0 1; do
	arguments+=(--nic "82599,mac=02:00:00:00:00:0$((i + 1)),socket=$work/nic$i,wire=${wires[i]}")
	slots+=(-device "pcie-root-port,id=port$i,chassis=$i,slot=$i" -device
		"{\"driver\":\"vfio-user-pci\",\"bus\":\"port$i\",\"socket\":{\"type\":\"unix\",\"path\":\"$work/nic$i\"}}")
done
nice -n -10 "$bin/weir-nicsim" --mode exact --strict --json --verbose "${arguments[@]}" >"$work/cards.json" 2>"$keep/$name.nicsim" &
nicsim=$!
for _ in {1..100}; do
	[ ! -S "$work/nic1" ] || break
	sleep 0.1
done

echo "Linux $release"
start_guest "$name" -machine q35,kernel-irqchip=split "${slots[@]}"
follow_guest 90 1 || tail -n 40 "$keep/$name.console"

kill -TERM "$nicsim"
wait "$nicsim" || :
if ! jq . "$work/cards.json" >"$keep/$name.cards"; then
	result fail "cards: weir-nicsim did not report"
elif jq -e '.nics[1].counters.wire_sent > 2000 and .nics[1].counters.check_good == .nics[1].counters.wire_sent and ([.nics[].violations[]] | length) == 0 and
	([.nics[].counters.dma_refused // 0] | add) == 0' "$keep/$name.cards" >/dev/null; then
	result pass "every frame came out as it went in; nothing that the datasheet forbids, or that was not mapped"
else
	result fail "cards: $(jq -c '[.nics[] | .violations, (.counters | {wire_sent, check_good, dma_refused})]' "$keep/$name.cards")"
fi
verdict "$name"
