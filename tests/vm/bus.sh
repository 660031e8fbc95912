#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The ways to a device of a machine, in a guest: vfio behind an emulated IOMMU, by groups and by an iommufd, and uio before one
# that translates nothing; with "bare", uio and vfio where there is no IOMMU.
#
#   tests/vm/bus.sh KERNEL[-bare] [CASE]      6.1, 6.12 or test; CASE: a regular expression, for some of them only
#
# The cards are models of the 82599, served from outside; a generator sends into the first, and what the others
# send is checked by sinks. Cases are in tests/vm/guest/bus.sh.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-6.1}
bare=${version##*-}
[ -x "$bin/weir-nicsim" ] || skip "$bin/weir-nicsim is not built"
name=bus-$version
PATH=$bin:$PATH

cmdline="hugepages=64"
slots=()
[ "$bare" = bare ] || {
	cmdline="$cmdline intel_iommu=on iommu=pt"
	slots=(-device "intel-iommu,intremap=on,caching-mode=on")
}
modules="vfio-pci vfio-iommu-type1 uio-pci-generic"
[ "${version%-bare}" != test ] || modules="$modules iommufd"
make_guest "${version%-bare}" bus.sh "${2-}" "$modules" "weir weir-l2fwd jq"

# Two functions of one slot, which the IOMMU cannot tell apart, and one by itself.
wires=(gen:pps=2k sink sink)
places=("port0 0.0" "port0 0.1" "port1 0.0")
arguments=()
slots+=(-device "pcie-root-port,id=port0,chassis=0,slot=0" -device "pcie-root-port,id=port1,chassis=1,slot=1")
for i in 0 1 2; do
	arguments+=(--nic "82599,mac=02:00:00:00:00:0$((i + 1)),socket=$work/nic$i,wire=${wires[i]}")
	slots+=(-device "{\"driver\":\"vfio-user-pci\",\"bus\":\"${places[i]% *}\",\"addr\":\"${places[i]#* }\",\"multifunction\":true,
		\"socket\":{\"type\":\"unix\",\"path\":\"$work/nic$i\"}}")
done
nice -n -10 "$bin/weir-nicsim" --mode exact --strict --json --verbose "${arguments[@]}" >"$work/cards.json" 2>"$keep/$name.nicsim" &
nicsim=$!
for _ in {1..100}; do
	[ ! -S "$work/nic2" ] || break
	sleep 0.1
done

echo "Linux $release"
start_guest "$name" -machine q35,kernel-irqchip=split "${slots[@]}"
follow_guest 120 1 || tail -n 40 "$keep/$name.console"

kill -TERM "$nicsim"
wait "$nicsim" || :
if ! jq . "$work/cards.json" >"$keep/$name.cards"; then
	result fail "cards: weir-nicsim did not report"
elif jq -e '([.nics[1:][].counters.wire_sent] | add) > 2000 and (.nics[1:] | all(.counters.check_good == .counters.wire_sent)) and
	([.nics[].violations[]] | length) == 0' "$keep/$name.cards" >/dev/null; then
	# A card that is pulled out is kept from memory by the kernel while it still receives: .dma_refused says how often.
	result pass "every frame came out as it went in; nothing that the datasheet forbids"
else
	result fail "cards: $(jq -c '[.nics[] | .violations, (.counters | {wire_sent, check_good, dma_refused})]' "$keep/$name.cards")"
fi
verdict "$name"
