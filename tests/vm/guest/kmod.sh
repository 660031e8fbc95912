#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Gives the devices of the guest to weir.ko, tells the program of the cases which is which, and has it try them.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh

pci=/sys/bus/pci/devices

group_of()
{
	basename "$(readlink "$pci/$1/iommu_group")"
}

# with_id VENDOR DEVICE: the addresses of such devices.
with_id()
{
	local path

	for path in "$pci"/*; do
		[ "$(<"$path/vendor") $(<"$path/device")" != "$1 $2" ] || basename "$path"
	done
}

# Who plays which part, by where it is.
roles()
{
	local device

	for device in $(with_id 0x1234 0x11e8); do
		case $device in
		0000:00:04.0) echo "a $device" ;;
		0000:00:05.0) echo "b $device" ;;
		*:01.0) echo "g $device" ;;
		*:02.0) echo "h $device" ;;
		*) echo "r $device" ;;
		esac
	done
	echo "n $(with_id 0x8086 0x100e)"
	echo "x $(with_id 0x8086 0x10d3)"
	echo "t $(with_id 0x1b36 0x0005)"
}

given()
{
	local role device

	insmod "/lib/modules/$(uname -r)/weir.ko" mode=0666 remove_seconds=2
	while read -r role device; do
		echo weir >"$pci/$device/driver_override"
		echo "$device" >/sys/bus/pci/drivers_probe
		[ "$(basename "$(readlink "$pci/$device/driver")")" = weir ] || no "$device is not bound"
		[ "$(stat -c %a "/dev/weir/$device")" = 666 ] || no "there is no file for $device"
		echo "$role is $device, in group $(group_of "$device"), which resets by $(cat "$pci/$device/reset_method" 2>/dev/null)"
	done </tmp/roles
	modprobe e1000 # for n, when it is nobody's
	set -- /dev/weir/*
	echo "$# devices"
}

reloaded()
{
	local device role

	grep '^[ar] ' /tmp/roles >/tmp/two
	while read -r role device; do
		[[ $role == [ar] ]] || echo >"$pci/$device/driver_override"
	done </tmp/roles
	for _ in {1..100}; do
		rmmod weir
		[ ! -e /dev/weir/0000:00:04.0 ] || no "a file is left"
		insmod "/lib/modules/$(uname -r)/weir.ko" mode=0666 remove_seconds=2
	done
	while read -r role device; do
		[ -c "/dev/weir/$device" ] || no "$role did not come back"
	done </tmp/two
}

in_use()
{
	exec 9<>/dev/weir/0000:00:04.0
	! rmmod weir 2>/dev/null || no "the module went while a device is open"
	exec 9>&-
	rmmod weir
	insmod "/lib/modules/$(uname -r)/weir.ko" mode=0640 group=1234
	[ "$(stat -c '%a %g' /dev/weir/0000:00:04.0)" = "640 1234" ] ||
		no "its file is $(stat -c '%a %g' /dev/weir/0000:00:04.0)"
}

cd /
roles >/tmp/roles
try "driver weir takes the devices by driver_override" given
cat /tmp/said
[ "$case_status" = 0 ] || exit
while read -r role device; do
	export "ROLE_$role=$device"
done </tmp/roles
cases "$(cat /etc/only)" >/dev/ttyS1 2>/dev/console
try "the module is loaded and unloaded 100 times" reloaded
try "the module stays while a device is open; its files are whose it is told" in_use
