#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Three cards of one kind, of which the first two are in one IOMMU group, bound to vfio-pci and to uio_pci_generic in turn,
# used by weir-l2fwd and pulled out under it. What there is decides which cases there are: an IOMMU, iommufds, vfio's mode
# without an IOMMU.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh

modprobe iommufd 2>/dev/null
modprobe vfio enable_unsafe_noiommu_mode=1 2>/dev/null || modprobe vfio
modprobe vfio-pci
modprobe vfio_iommu_type1
modprobe uio_pci_generic

cards_there()
{
	weir list --json | jq -r ".[] | select(.weir_driver) | .device" >/tmp/cards
	mapfile -t cards </tmp/cards
	[ ${#cards[@]} -eq 3 ]
}
cards_there

# group_type CARD TYPE: what the IOMMU does for the card; it has no driver then.
group_type()
{
	echo "$2" >"/sys/bus/pci/devices/$1/iommu_group/type"
}

# bound DRIVER: all cards are.
bound()
{
	local card

	for card in "${cards[@]}"; do
		weir bind --driver "$1" "$card"
		[ "$(basename "$(readlink "/sys/bus/pci/devices/$card/driver")")" = "$1" ]
	done
}

# forwards OPTIONS ARGUMENT...: from the first card to the third, or to $to; specs have the OPTIONS.
forwards()
{
	local options=$1
	shift

	weir-l2fwd --patience 2000 --count 1000 --seconds 60 --json --stats 0 "$@" "pci:${cards[0]}$options" "pci:${to:-${cards[2]}}$options" \
		>/tmp/l2fwd 2>/tmp/l2fwd.err || no "$(tail -n 1 /tmp/l2fwd.err)"
	jq -e '.ports[0].rx.packets > 500 and .ports[1].tx.packets == .ports[0].rx.packets' /tmp/l2fwd >/dev/null ||
		no "$(jq -c '{rx_packets, tx_packets, dropped}' /tmp/l2fwd)"
	jq -r '"\(.ports[1].tx.packets) packets"' /tmp/l2fwd
}

# Between the two cards of a group; that the second is to have a domain of its own cannot be.
together()
{
	[ "$(readlink "/sys/bus/pci/devices/${cards[0]}/iommu_group")" = "$(readlink "/sys/bus/pci/devices/${cards[1]}/iommu_group")" ]
	to=${cards[1]},domain=own forwards ""
	grep 'cannot tell them apart' /tmp/l2fwd.err
}

# goes_by PATH: the file that weir-l2fwd has open while it runs with vfio.
goes_by()
{
	local pid

	in_background weir-l2fwd --json --stats 0.2 "pci:${cards[0]}" "pci:${cards[2]}"
	until_true 20 test -s /tmp/l2fwd
	ls -l "/proc/$pid/fd" >/tmp/fds
	stop "$pid"
	grep -o "$1.*" /tmp/fds
}

warned()
{
	grep 'can reach all memory of the machine' /tmp/l2fwd.err
}

# refused WORDS SPEC ARGUMENT...: with these words.
refused()
{
	local words=$1 status=0
	shift

	weir-l2fwd --seconds 1 --json --stats 0 "$@" "pci:${cards[2]}" >/dev/null 2>/tmp/l2fwd.err || status=$?
	[ "$status" -ne 0 ] || no "it was not refused"
	grep "$words" /tmp/l2fwd.err || no "$(cat /tmp/l2fwd.err)"
}

# With an IOMMU that translates, uio is refused.
translated()
{
	local card=${cards[2]} status=0

	weir unbind "$card"
	[ ! -e "/sys/bus/pci/devices/$card/driver" ] || echo "$card" >"/sys/bus/pci/devices/$card/driver/unbind"
	group_type "$card" DMA
	weir bind --driver uio_pci_generic "$card"
	(refused 'an IOMMU stands before' "pci:$card,unsafe") || status=$?
	weir unbind "$card"
	[ ! -e "/sys/bus/pci/devices/$card/driver" ] || echo "$card" >"/sys/bus/pci/devices/$card/driver/unbind"
	group_type "$card" identity
	[ $status -eq 0 ]
	bound uio_pci_generic
}

# pulled OPTIONS: the first card is, under traffic; weir-l2fwd ends by itself, and says why.
pulled()
{
	local pid status=0

	in_background weir-l2fwd --patience 2000 --seconds 60 --json --stats 0.2 "pci:${cards[0]}$1" "pci:${cards[2]}$1"
	until_true 20 grep -q '"tx_packets":[1-9]' /tmp/l2fwd
	echo 1 >"/sys/bus/pci/devices/${cards[0]}/remove"
	wait "$pid" || status=$?
	cat /tmp/l2fwd.err
	[ ! -e "/sys/bus/pci/devices/${cards[0]}" ]
	grep -q 'the device is gone' /tmp/l2fwd.err || no "status $status: $(tail -n 1 /tmp/l2fwd.err)"
	jq -e '.ports[0].rx.packets > 500' /tmp/l2fwd
	echo 1 >/sys/bus/pci/rescan
	until_true 5 cards_there
}

if [ -n "$(ls /sys/kernel/iommu_groups)" ]; then
	try "weir bind hands the cards to vfio" bound vfio-pci
	if [ -e /dev/iommu ]; then
		try "iommufd: it is the way" goes_by /dev/vfio/devices/
		try "iommufd: a domain each" forwards ,domain=own
		try "iommufd: two of a group" together
		try "iommufd: a card is pulled out" pulled ""
		try "iommufd: and put in again" bound vfio-pci
		try "iommufd: it forwards again" forwards ""
		mv /dev/iommu /dev/iommu.away
	fi
	try "vfio: groups are the way" goes_by '/dev/vfio/[0-9]'
	try "vfio: a domain each" forwards ,domain=own
	try "vfio: two of a group" together
	try "vfio: a card is pulled out" pulled ""
	try "vfio: and put in again" bound vfio-pci
	try "vfio: it forwards again" forwards ""
elif [ -e /sys/module/vfio/parameters/enable_unsafe_noiommu_mode ]; then
	try "weir bind hands the cards to vfio" bound vfio-pci
	try "no IOMMU: refused without a word" refused 'no IOMMU stands before .*unsafe' "pci:${cards[0]}"
	try "no IOMMU: refused without hugepages" refused 'must be hugepages' --no-huge "pci:${cards[0]},unsafe"
	try "no IOMMU: forwards" forwards ,unsafe
	try "no IOMMU: with a warning" warned
	try "no IOMMU: a card is pulled out" pulled ,unsafe
	try "no IOMMU: and put in again" bound vfio-pci
	try "no IOMMU: it forwards again" forwards ,unsafe
fi
try "weir bind hands the cards to uio" bound uio_pci_generic
try "uio: refused without a word" refused 'no IOMMU stands before .*unsafe' "pci:${cards[0]}"
try "uio: refused without hugepages" refused 'must be hugepages' --no-huge "pci:${cards[0]},unsafe"
try "uio: forwards" forwards ,unsafe
try "uio: with a warning" warned
[ -z "$(ls /sys/kernel/iommu_groups)" ] || try "uio: refused where an IOMMU translates" translated
try "uio: a card is pulled out" pulled ,unsafe
try "uio: and put in again" bound uio_pci_generic
try "uio: it forwards again" forwards ,unsafe
