#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir.ko in a guest: its calls, its invariants, and devices that move while they have work to do.
#
#   tests/vm/kmod.sh KERNEL [CASE]      6.1 or 6.12; CASE: a part of the names of some cases
#
# The module is built here, against the headers of the guest's kernel. The devices are QEMU's edu, whose DMA engine takes
# its time: a and b alone, r behind a root port, g and h behind a bridge, where the IOMMU cannot tell them apart, with a
# network card n; x is an 82574L, t QEMU's device for tests of BARs.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-6.1}
cases=$(dirname "$bin")/tests/kmod/cases
[ -x "$cases" ] || skip "$cases is not built"
name=kmod-$version

cmdline=intel_iommu=on
PATH=$(dirname "$cases"):$PATH
add_weir "$version" || skip "weir.ko cannot be built for $version"
make_guest "$version" kmod.sh "${2-}" "e1000" "cases"

echo "Linux $release"
start_guest "$name" -smp 2 -machine q35,kernel-irqchip=split -device intel-iommu,intremap=on,caching-mode=on \
	-device edu,bus=pcie.0,addr=04.0 -device edu,bus=pcie.0,addr=05.0 \
	-device pcie-root-port,id=port0,chassis=0,slot=0,addr=06.0 -device edu,bus=port0 \
	-device pcie-root-port,id=port1,chassis=1,slot=1,addr=07.0 -device e1000e,bus=port1 \
	-device pcie-pci-bridge,id=bridge,bus=pcie.0,addr=08.0 -device edu,bus=bridge,addr=1 -device edu,bus=bridge,addr=2 \
	-device e1000,bus=bridge,addr=3 -device pci-testdev,bus=pcie.0,addr=09.0
follow_guest 400 1 || tail -n 40 "$keep/$name.console"
oops=$(grep -cE 'BUG:|WARNING:|Oops|general protection|refcount_t|lockdep' "$keep/$name.console" || :)
if [ "$oops" -eq 0 ]; then
	result pass "the kernel complained of nothing"
else
	result fail "the kernel complained: $(grep -m 1 -E 'BUG:|WARNING:|Oops|general protection|refcount_t|lockdep' "$keep/$name.console")"
fi
verdict "$name"
