#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What it costs to get at a device by weir.ko, by vfio's groups and by iommufd, in one boot of one guest: opening it and mapping
# 1 GiB of hugepages for it, the latter alone, mapping and unmapping 2 MiB, the time to the first packet. The card is QEMU's 82574L, behind an
# emulated IOMMU; packets come from tests/vm/traffic.pl.
#
#   tests/vm/ways.sh
#
# All is emulated, so that the one beside the other says more than the figures. None of them is judged.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
programs=$(realpath "$bin/../tests/vm")
[ -x "$programs/ways" ] || skip "$programs/ways is not built"
PATH=$bin:$programs:$PATH
add_weir test || skip "weir.ko cannot be built for the test kernel"
make_guest test ways.sh "" "vfio-pci vfio_iommu_type1 iommufd" "weir ways jq"

perl tests/vm/traffic.pl "$work/wire0" "$work/wire1" >"$keep/ways.json" &
until [ -S "$work/wire1" ]; do
	sleep 0.1
	kill -0 $! || skip "nobody sends packets"
done
cards=()
for i in 0 1; do
	cards+=(-netdev "stream,id=net$i,server=off,addr.type=unix,addr.path=$work/wire$i"
		-device "pcie-root-port,id=port$i,chassis=$i,slot=$i"
		-device "e1000e,romfile=,netdev=net$i,bus=port$i,mac=02:00:00:00:00:0$((i + 1))")
done
cmdline="intel_iommu=on hugepagesz=1G hugepages=1 hugepagesz=2M hugepages=560" memory=4096
start_guest ways -smp 2 -machine q35,kernel-irqchip=split -device intel-iommu,intremap=on,caching-mode=on "${cards[@]}"
exec 4>"$work/figures"
follow_guest 120 4 || tail -n 40 "$keep/ways.console"
awk 'BEGIN { printf "\n%-8s %20s %18s %18s %15s %14s\n", "way", "open, attach, 1 GiB", "1 GiB by 2 MiB", "by 1 GiB",
		"2 MiB and back", "first packet" }
	{ printf "%-8s %17.2f ms %15.2f ms %15.2f ms %13.0f/s %11.1f ms\n", $1, $2, $3, $4, $5, $6 }' "$work/figures"
verdict ways
