#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# One card, handed over by one way after the other, and what each costs.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh

measured()
{
	modprobe "$2"
	weir bind "$card" --driver "$2"
	ways "$1" "$card" >/tmp/figures
	tell "do $(cat /tmp/figures)"
	weir unbind "$card"
}

card=$(weir list --json | jq -r '[.[] | select(.weir_driver)][0].device')
modprobe -a vfio_iommu_type1 iommufd
try "weir.ko" measured weir weir
try "vfio's groups" measured vfio vfio-pci
try "iommufd" measured iommufd vfio-pci
