#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir.ko in a guest: its calls, its invariants, and devices that move while they have work to do.
#
#   tests/vm/kmod.sh KERNEL [CASE]      6.1, 6.12, test or test-debug; CASE: a part of the names of some cases;
#                                       RELOADS=10: how often the module is loaded and unloaded;
#                                       OPENS=1000: how often a device is opened and closed
#
# The module is built here, against the headers of the guest's kernel. The devices are QEMU's edu, whose DMA engine takes
# its time: a and b alone, r and p behind root ports, g and h behind a bridge, where the IOMMU cannot tell them apart, with
# a network card n; x is an 82574L, t QEMU's device for tests of BARs, l the machine's bridge to ISA, and there is an 82576,
# which has virtual functions. A second guest has an IOMMU that does not remap interrupts, and a bus without any.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-6.1}
cases=$(dirname "$bin")/tests/kmod/cases
[ -x "$cases" ] || skip "$cases is not built"
name=kmod-$version

PATH=$(dirname "$cases"):$PATH
add_weir "$version" || skip "weir.ko cannot be built for $version"
mkdir -p "$work/root/etc"
echo "${RELOADS:-10}" >"$work/root/etc/reloads"
echo "${OPENS:-1000}" >"$work/root/etc/opens"
modules=e1000
[ "$version" = test ] || modules+=" pci-pf-stub"
make_guest "$version" kmod.sh "${2-}" "$modules" "cases"

# obey: what the guest wants done to its devices, by QEMU's monitor.
obey()
{
	local verb device

	while read -r verb device; do
		# To say it again does no harm, and a guest that was started again wants it.
		echo '{"execute":"qmp_capabilities"}' >&5
		case $verb in
		unplug) printf '{"execute":"device_del","arguments":{"id":"%s"}}\n' "$device" >&5 ;;
		esac
	done
}

# boot NAME IOMMU DEVICE...: and follows it.
boot()
{
	mkfifo "$work/$1.in" "$work/$1.out" "$work/$1.orders"
	exec 4<>"$work/$1.orders" 5<>"$work/$1.in"
	cat "$work/$1.out" >"$keep/$1.qmp" 4<&- 5<&- &
	obey <"$work/$1.orders" &
	start_guest "$1" -smp 2 -machine q35,kernel-irqchip=split -chardev "pipe,id=qmp,path=$work/$1" \
		-mon chardev=qmp,mode=control -device "intel-iommu,$2,caching-mode=on" "${@:3}"
	follow_guest 1000 4 || tail -n 40 "$keep/$1.console"
	complaint=$(grep -E 'BUG:|WARNING:|Oops|general protection|refcount_t|unreferenced object' "$keep/$1.console" |
		grep -m 1 -vE "$excused" || :)
	if [ -z "$complaint" ]; then
		result pass "$1: the kernel complained of nothing"
	else
		result fail "$1: the kernel complained: $complaint"
	fi
}

# Where allocations are made to fail, Linux has flaws of its own: its ACPI uses a name that it has let go, files of interrupts are
# removed that could not be made, and a device's own domain cannot be had back.
excused='^$'
[ "$version" != test-debug ] ||
	excused='KASAN: .* in acpi_|WARNING: .* at (remove_proc_entry|__iommu_release_dma_ownership)\+'

echo "Linux $release"
cmdline="intel_iommu=on hugepages=4 kasan_multi_shot"
boot "$name" intremap=on \
	-device edu,bus=pcie.0,addr=04.0 -device edu,bus=pcie.0,addr=05.0 \
	-device pcie-root-port,id=port0,chassis=0,slot=0,addr=06.0 -device edu,bus=port0 \
	-device pcie-root-port,id=port1,chassis=1,slot=1,addr=07.0 -device e1000e,bus=port1 \
	-device pcie-pci-bridge,id=bridge,bus=pcie.0,addr=08.0 -device edu,bus=bridge,addr=1 -device edu,bus=bridge,addr=2 \
	-device e1000,bus=bridge,addr=3 -device pci-testdev,bus=pcie.0,addr=09.0 \
	-device pcie-root-port,id=port2,chassis=2,slot=2,addr=0a.0 -device edu,id=p,bus=port2 \
	-device pcie-root-port,id=port3,chassis=3,slot=3,addr=0b.0 -device igb,bus=port3
cmdline="intel_iommu=on bare kasan_multi_shot"
boot "$name-bare" intremap=off \
	-device edu,bus=pcie.0,addr=04.0 \
	-device pcie-root-port,id=port0,chassis=0,slot=0,addr=06.0 -device e1000e,bus=port0 \
	-device pxb-pcie,id=free,bus_nr=128,bypass_iommu=on,bus=pcie.0,addr=08.0 \
	-device pcie-root-port,id=port1,chassis=1,slot=1,bus=free -device edu,bus=port1
verdict "$name"
