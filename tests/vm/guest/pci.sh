#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Two cards of one kind, used by weir-l2fwd in the guest through what they are bound to. What arrives at the first must
# leave by the second: the wires outside send and judge.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh

weir list --json | jq -r ".[] | select(.weir_driver) | .device" >/tmp/cards
mapfile -t cards </tmp/cards

modules_load()
{
	modprobe vfio-pci
	modprobe vfio_iommu_type1
	[ -e /dev/vfio/vfio ]
}

listed()
{
	weir list
	[ ${#cards[@]} -eq 2 ]
	weir list --json | jq -e '[.[] | select(.weir_driver == "ixgbe" and .group >= 0)] | length == 2'
}

bound()
{
	local card

	for card in "${cards[@]}"; do
		weir bind "$card"
		[ "$(basename "$(readlink "/sys/bus/pci/devices/$card/driver")")" = vfio-pci ]
	done
}

forwards()
{
	weir-l2fwd --no-huge --patience 2000 --count 2000 --seconds 60 --json --stats 0 "$@" "pci:${cards[0]}" "pci:${cards[1]}" >/tmp/l2fwd
	jq -e '.ports[0].rx.packets > 1000 and .ports[1].tx.packets == .ports[0].rx.packets' /tmp/l2fwd >/dev/null ||
		no "$(jq -c '{rx_packets, tx_packets, dropped}' /tmp/l2fwd)"
	jq -r '"\(.ports[1].tx.packets) packets"' /tmp/l2fwd
}

given_back()
{
	local card

	for card in "${cards[@]}"; do
		weir unbind "$card" || no "status $?"
		[ ! -e "/sys/bus/pci/devices/$card/driver" ] ||
			[ "$(basename "$(readlink "/sys/bus/pci/devices/$card/driver")")" != vfio-pci ]
	done
}

try "weir list tells of both cards" listed
try "vfio is there" modules_load
try "weir bind hands them over" bound
try "weir-l2fwd forwards through vfio" forwards
try "and once more" forwards --idle interrupt
try "weir unbind gives them back" given_back
