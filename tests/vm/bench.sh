#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# How fast weir-l2fwd and DPDK's testpmd forward between the same two cards, emulated 82574L of QEMU 7.2, in one boot of
# one guest, through vfio and behind an emulated IOMMU.
#
#   tests/vm/bench.sh [KERNEL]      6.1, 6.12 or test (the default);  ROUNDS=5 of each, in turn
#
# What is measured is much of QEMU, too, and how busy the machine is elsewhere: the one against the other says something,
# a figure alone does not. It fails only if a frame was changed on the way, or if one of them did not run.
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
version=${1:-test}
cable=$(realpath "$bin/../tests/vm/cable")
[ -x "$cable" ] || skip "$cable is not built"
PATH=$bin:$PATH

# DPDK as Debian 12 ships it, with its own libraries and loader.
dpdk=$(config/packages.sh -s bookworm -w libdpdk-dev -w python3 -w pciutils testpmd \
	dpdk-dev librte-net-e1000-23 librte-mempool-ring23) || skip "DPDK cannot be had"
libs=$dpdk/usr/lib/x86_64-linux-gnu
loader=$dpdk/lib64/ld-linux-x86-64.so.2
mkdir -p "$work/root"/{opt/dpdk,etc}
for program in "$dpdk/usr/bin/dpdk-testpmd" "$libs"/librte_{net_e1000,mempool_ring}.so.23; do
	"$loader" --library-path "$dpdk/lib/x86_64-linux-gnu:$libs" --list "$program" | grep -o "${dpdk}[^ ]*" >>"$work/needed"
	echo "$program" >>"$work/needed"
done
find "$dpdk/lib/" -name libgcc_s.so.1 >>"$work/needed"
sort -u "$work/needed" | xargs cp -L -t "$work/root/opt/dpdk"
echo "${ROUNDS:-5}" >"$work/root/etc/rounds"
make_guest "$version" bench.sh "" "vfio-pci vfio_iommu_type1" "weir weir-l2fwd jq"

mkfifo "$work/orders"
exec 4<>"$work/orders"
"$cable" "$work/wire0" "$work/wire1" <"$work/orders" >"$work/rates" 4<&- &
for _ in {1..100}; do
	[ ! -S "$work/wire1" ] || break
	sleep 0.1
done
slots=(-device "intel-iommu,intremap=on,caching-mode=on")
for i in 0 1; do
	slots+=(-netdev "stream,id=net$i,server=off,addr.type=unix,addr.path=$work/wire$i"
		-device "pcie-root-port,id=port$i,chassis=$i,slot=$i"
		-device "e1000e,romfile=,netdev=net$i,bus=port$i,mac=02:00:00:00:00:0$((i + 1))")
done
cmdline=intel_iommu=on qemu_version=7.2
start_guest bench -machine q35,kernel-irqchip=split "${slots[@]}"
follow_guest 60 4 || tail -n 40 "$keep/bench.console"

cp "$work/rates" "$keep/bench.rates"
awk '
	function median(list, count, i, j, t) {
		for (i = 2; i <= count; i++)
			for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
				t = list[j]
				list[j] = list[j - 1]
				list[j - 1] = t
			}
		return (list[int((count + 1) / 2)] + list[int(count / 2) + 1]) / 2
	}
	function of(who, length_, list, i) {
		for (i = 1; i <= count[who, length_]; i++)
			list[i] = rate[who, length_, i]
		return median(list, count[who, length_])
	}
	{
		rate[$1, $2, ++count[$1, $2]] = $3
		bad += $4
		if (!seen[$2]++)
			lengths[++n] = $2
	}
	END {
		printf "\n%-8s %12s %12s %12s\n", "frames", "weir-l2fwd", "testpmd", "ratio"
		for (i = 1; i <= n; i++) {
			w = of("weir", lengths[i])
			t = of("testpmd", lengths[i])
			printf "%-8s %8.1f k/s %8.1f k/s %12.2f\n", lengths[i] " B", w / 1000, t / 1000, t ? w / t : 0
		}
		exit bad > 0 || !n
	}' "$work/rates" || result fail "frames did not come out as they went in"
verdict bench
