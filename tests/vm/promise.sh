#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What weir promises to who gives it a device: an ordinary user needs no capability, and is given no device that could reach
# all memory; and when a program is killed, under traffic, its devices write nothing any more, and work for the next one.
#
#   tests/vm/promise.sh KERNEL [CASE]
#
#   KERNEL   6.1, 6.12      of Debian: devices by vfio's groups, behind an IOMMU
#            weir-6.1, weir-6.12
#                           the same by weir.ko
#            test           of config/test-kernel.sh: by iommufd, behind an IOMMU
#            unsafe         the same without an IOMMU: by vfio's mode for that, by uio, and by weir.ko's
#            unsafe-6.1     Debian's without an IOMMU: by uio
#   CASE     a regular expression, for some of them only; another in WEIR_VM_KINDS is for kinds of
#            cards, then of all that there are
#
# Of each kind there are two cards. Traffic comes from outside into the first as fast as it takes it; what the second sends is
# checked outside: models are of weir-nicsim, which does both; behind QEMU's own cards is tests/vm/traffic.pl. Cases are in
# tests/vm/guest/promise.sh.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-6.1}
[ -x "$bin/weir-nicsim" ] || skip "$bin/weir-nicsim is not built"
pages=$(dirname "$bin")/tests/vm
for program in pages share; do
	[ -x "$pages/$program" ] || skip "$pages/$program is not built"
done
name=promise-$version
PATH=$bin:$pages:$PATH

# Each kind with some kernel. The first is used for what does not depend on the kind.
case $version in
6.1) all=(82599 82574L "QEMU's e1000e") ;;
6.12) all=(82576 "QEMU's igb") ;;
test) all=("QEMU's e1000e" 82599) ;;
weir-6.1) all=("QEMU's e1000e") ;;
weir-*) all=("QEMU's igb") ;;
*) all=("QEMU's e1000e" "QEMU's igb") ;;
esac
[ -z "${WEIR_VM_KINDS-}" ] || all=(82599 82540EM 82574L 82576 "QEMU's e1000" "QEMU's e1000e" "QEMU's igb")
kinds=()
for kind in "${all[@]}"; do
	[[ ! $kind =~ ${WEIR_VM_KINDS-} ]] || kinds+=("$kind")
done
ways=("vfio vfio-pci")
kernel_name=$version
modules="vfio-pci vfio-iommu-type1"
safe=1 linux=''
case $version in
6.1) modules+=" uio_pci_generic e1000e" linux=e1000e ;;
6.12) ;;
weir-*)
	ways=("weir weir") kernel_name=${version#weir-} modules=
	add_weir "$kernel_name" || skip "weir.ko cannot be built for $kernel_name"
	;;
test) ways=("iommufd vfio-pci") modules="vfio-pci iommufd" ;;
unsafe)
	ways=("uio uio_pci_generic ,unsafe" "no-iommu vfio-pci ,unsafe" "weir weir ,unsafe")
	kernel_name=test modules="vfio-pci uio_pci_generic" safe=''
	add_weir test || skip "weir.ko cannot be built for the test kernel"
	;;
unsafe-*) ways=("uio uio_pci_generic ,unsafe") kernel_name=${version#*-} modules=uio_pci_generic safe='' ;;
*) echo "there is no kernel $version here, only 6.1, 6.12, weir-6.1, weir-6.12, test, unsafe and unsafe-6.1" >&2 && exit 2 ;;
esac
cmdline="hugepages=48"
machine=()
if [ -n "$safe" ]; then
	cmdline+=" intel_iommu=on"
	machine=(-machine "q35,kernel-irqchip=split" -device "intel-iommu,intremap=on,caching-mode=on")
fi

root=$work/root
mkdir -p "$root/etc/udev/rules.d"
cp config/60-weir.rules "$root/etc/udev/rules.d/"
printf '%s\n' "${kinds[@]}" >"$root/etc/kinds"
printf '%s\n' "${ways[@]}" >"$root/etc/ways"
echo "$linux" >"$root/etc/linux"
make_guest "$kernel_name" promise.sh "${2-}" "$modules" "weir weir-l2fwd jq udevadm setpriv prlimit pages share ip ethtool"

wires=("gen:pps=10k" sink)
arguments=()
cards=()
for kind in "${kinds[@]}"; do
	for role in 0 1; do
		n=$((${#cards[@]} / 2))
		mac=$(printf '02:00:00:00:%02x:%02x' $((n / 2)) "$role")
		cards+=(-device "pcie-root-port,id=port$n,chassis=$n,slot=$n,addr=$(printf %x $((n + 4)))")
		case $kind in
		QEMU*)
			cards+=(-netdev "stream,id=end$n,server=off,addr.type=unix,addr.path=$work/${kind#* }$role" -device
				"${kind#* },bus=port$n,netdev=end$n,mac=$mac")
			;;
		*)
			arguments+=(--nic "$kind,mac=$mac,socket=$work/nic$n,wire=${wires[role]}")
			cards+=(-device "{\"driver\":\"vfio-user-pci\",\"bus\":\"port$n\",\"socket\":{\"type\":\"unix\",\"path\":\"$work/nic$n\"}}")
			;;
		esac
	done
done
ears=()
if [ ${#arguments[@]} -gt 0 ]; then
	nice -n -10 "$bin/weir-nicsim" --mode exact --strict --json --verbose "${arguments[@]}" >"$work/models.json" 2>"$keep/$name.nicsim" &
	ears+=($!)
fi
for kind in "${kinds[@]}"; do
	[[ $kind = QEMU* ]] || continue
	kind=${kind#* }
	perl tests/vm/traffic.pl "$work/${kind}0" "$work/${kind}1" >"$work/$kind.json" 2>"$keep/$name.$kind" &
	ears+=($!)
done
until [ "$(find "$work" -type s | wc -l)" -eq $((2 * ${#kinds[@]})) ]; do
	sleep 0.1
	kill -0 "${ears[@]}" || skip "somebody does not serve its cards: $(tail -n 1 "$keep/$name.nicsim")"
done

echo "Linux $release"
start_guest "$name" -smp 2 "${machine[@]}" "${cards[@]}"
follow_guest 150 1 || tail -n 40 "$keep/$name.console"

kill -TERM "${ears[@]}" 2>/dev/null || :
wait "${ears[@]}" || :
least=$([ -n "${2-}" ] && echo 0 || echo 1)
# expect FILE WHAT FILTER SHOWN: of what those at the other ends of the cables say.
expect()
{
	if jq -e "$3" "$work/$1.json" >/dev/null; then
		result pass "$1: $2"
	else
		result fail "$1: not so: $2: $(jq -c "$4" "$work/$1.json")"
	fi
}
for kind in "${kinds[@]}"; do
	[[ $kind = QEMU* ]] || continue
	cp "$work/${kind#* }.json" "$keep/$name.${kind#* }.json"
	expect "${kind#* }" "every frame came out as it went in" ".bad == 0 and .good >= $least" .
	# Frames of zeroes, if a card sends what it may not read.
	[[ $version != weir-* ]] || expect "${kind#* }" "nothing else came out" ".strange == 0" .
done
if [ ${#arguments[@]} -gt 0 ]; then
	jq . "$work/models.json" >"$keep/$name.cards" || :
	expect models "no card reached for memory that was not its own" '[.nics[].counters.dma_refused // 0] | add == 0' '[.nics[].counters.dma_refused]'
	expect models "nothing was done to them that a datasheet forbids" '[.nics[].violations[]] == []' '[.nics[].violations]'
	expect models "every frame came out as it went in" "all(.nics[].counters; (.check_good // 0) == .wire_sent) and ([.nics[].counters.wire_sent] | add) >= $least" \
		'[.nics[].counters | {wire_sent, check_good}]'
fi
verdict "$name"
