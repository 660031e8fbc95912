#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Two cards, forwarded between by weir-l2fwd and by DPDK's testpmd in turn: one at a time, each with the same rings and
# bursts, neither touching the packets. The cables' far end counts; here it is told when.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh
rounds=$(cat /etc/rounds)

set_up()
{
	modprobe vfio-pci
	modprobe vfio_iommu_type1
	mkdir -p /dev/hugepages /var/run
	mount -t hugetlbfs none /dev/hugepages
	echo 100 >/proc/sys/vm/nr_hugepages
	weir list --json | jq -r '.[] | select(.weir_driver) | .device' >/tmp/cards
	[ "$(wc -l </tmp/cards)" -eq 2 ] || no "$(wc -l </tmp/cards) cards instead of 2"
	while read -r card; do
		weir bind "$card"
	done </tmp/cards
}

run_weir()
{
	exec weir-l2fwd --idle poll --burst 32 --rx-slots 512 --tx-slots 512 --no-mac-update --stats 0 \
		"pci:${cards[0]}" "pci:${cards[1]}"
}

run_testpmd()
{
	cd /opt/dpdk
	exec ./ld-linux-x86-64.so.2 --library-path . ./dpdk-testpmd \
		-d ./librte_mempool_ring.so.23 -d ./librte_net_e1000.so.23 -l 0,1 --no-telemetry -a "${cards[0]}" -a "${cards[1]}" -- \
		--forward-mode=io --auto-start --burst=32 --rxd=512 --txd=512 --total-num-mbufs=5120 --no-lsc-interrupt \
		--stats-period=1000
}

# measured WHO LENGTH: for some seconds. Whoever starts slowly is not measured before it forwards.
measured()
{
	local pid

	"run_$1" >"/tmp/$1" 2>&1 </dev/null &
	pid=$!
	tell "do count $1 $2"
	sleep 8
	kill -0 "$pid" || { cat "/tmp/$1" && no "$1 ended"; }
	tell "do stop"
	sleep 0.5
	kill -INT "$pid"
	wait "$pid" || { cat "/tmp/$1" && no "$1 did not end well"; }
}

try "two cards are handed over to vfio" set_up
mapfile -t cards </tmp/cards
for length in 60 1514; do
	for ((round = 1; round <= rounds; round++)); do
		for who in weir testpmd; do
			try "$who, frames of $length bytes, round $round" measured "$who" $length
		done
	done
done
