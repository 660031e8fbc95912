#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Gives the devices of the guest to weir.ko, tells the program of the cases which is which, and has it try them.
# shellcheck source=tests/vm/guest/cases.sh
. /etc/cases.sh

pci=/sys/bus/pci/devices
free='' # the device that no IOMMU stands before, where there is one

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

# behind SLOT: the device behind the root port there.
behind()
{
	basename "$pci/0000:00:$1"/0000:*.0
}

# Who plays which part, by where it is.
roles()
{
	local device

	echo "a 0000:00:04.0"
	echo "b 0000:00:05.0"
	for device in $(with_id 0x1234 0x11e8); do
		case $device in
		*:01.0) echo "g $device" ;;
		*:02.0) echo "h $device" ;;
		esac
	done
	echo "r $(behind 06.0)"
	echo "x $(behind 07.0)"
	echo "p $(behind 0a.0)"
	echo "l 0000:00:1f.0"
	echo "n $(with_id 0x8086 0x100e)"
	echo "t $(with_id 0x1b36 0x0005)"
}

# The same where the machine keeps devices from less.
bare_roles()
{
	echo "u 0000:00:04.0"
	echo "v $(with_id 0x8086 0x10d3)"
}

take()
{
	echo weir >"$pci/$1/driver_override"
	echo "$1" >/sys/bus/pci/drivers_probe
}

given()
{
	local role device

	insmod "/lib/modules/$(uname -r)/weir.ko" mode=0666 remove_seconds=2
	while read -r role device; do
		take "$device"
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
		[[ $role == [ar] || ! -e $pci/$device ]] || echo >"$pci/$device/driver_override"
	done </tmp/roles
	for ((i = 0; i < reloads; i++)); do
		rmmod weir
		[ ! -e /dev/weir/0000:00:04.0 ] || no "a file is left"
		insmod "/lib/modules/$(uname -r)/weir.ko" mode=0666 remove_seconds=2
	done
	while read -r role device; do
		[ -c "/dev/weir/$device" ] || no "$role did not come back"
	done </tmp/two
}

# What nobody frees any more, of what the module has allocated.
leaks()
{
	[ -e /sys/kernel/debug/kmemleak ] || { echo "this kernel does not look for leaks" && exit 77; }
	for _ in 1 2; do
		echo scan >/sys/kernel/debug/kmemleak
		sleep 6
	done
	! grep -B 12 '\[weir\]' /sys/kernel/debug/kmemleak || no "$(grep -c '\[weir\]' /sys/kernel/debug/kmemleak) calls of it"
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

# A function whose virtual functions are in use is not given out; without them it is.
functions_in_use()
{
	local device

	device=$(behind 0b.0)
	modprobe pci-pf-stub
	echo pci-pf-stub >"$pci/$device/driver_override"
	echo "$device" >/sys/bus/pci/drivers_probe
	echo 1 >"$pci/$device/sriov_numvfs"
	echo "$device" >/sys/bus/pci/drivers/pci-pf-stub/unbind
	[ "$(cat "$pci/$device/sriov_numvfs")" = 1 ] || no "it has no virtual function any more"
	take "$device" 2>/dev/null || :
	[ ! -e "$pci/$device/driver" ] || no "it is bound to $(readlink "$pci/$device/driver")"
	[ ! -e "/dev/weir/$device" ] || no "there is a file for it"
	echo pci-pf-stub >"$pci/$device/driver_override"
	echo "$device" >/sys/bus/pci/drivers_probe
	echo 0 >"$pci/$device/sriov_numvfs"
	echo "$device" >/sys/bus/pci/drivers/pci-pf-stub/unbind
	take "$device"
	[ -c "/dev/weir/$device" ] || no "it is not given out without virtual functions, either"
	! echo 1 2>/dev/null >"$pci/$device/sriov_numvfs" || no "virtual functions can be made under its user"
}

is_tainted()
{
	(($(cat /proc/sys/kernel/tainted) & 1 << 6))
}

# Without an IOMMU: nothing, unless root has said so.
not_by_accident()
{
	! take "$free" 2>/dev/null || [ ! -e "$pci/$free/driver" ] || no "it is given out though nobody allowed it"
	[ ! -e "/dev/weir/noiommu-$free" ] || no "there is a file for it"
	! is_tainted || no "the kernel is tainted, and nothing was done"
}

# Its file is root's, whatever others are; and then everybody's, for what a user makes of it.
allowed()
{
	echo 1 >/sys/module/weir/parameters/allow_no_iommu
	take "$free"
	[ "$(stat -c '%a %u' "/dev/weir/noiommu-$free")" = "600 0" ] || no "its file is $(stat -c '%a %u' "/dev/weir/noiommu-$free")"
	! is_tainted || no "the kernel is tainted before it was given out"
	chmod 666 "/dev/weir/noiommu-$free"
}

to_root()
{
	! dmesg | grep 'given to a process, and reaches' || no "it was given out before"
	exec 9<>"/dev/weir/noiommu-$free"
	exec 9>&-
	dmesg | grep 'given to a process, and reaches'
	is_tainted || no "the kernel is not tainted"
}

cd /
reloads=$(cat /etc/reloads)
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null && chmod a+rx /sys/kernel/tracing && chmod a+r /sys/kernel/tracing/trace
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
if grep -qw bare /proc/cmdline; then
	bare_roles >/tmp/roles
	free=$(with_id 0x1234 0x11e8 | grep -v :04.0)
	export ROLE_free=$free
	try "driver weir takes the devices by driver_override" given
	try "I35: nothing is given out without an IOMMU by accident" not_by_accident
	try "driver weir takes a device without an IOMMU, if it may" allowed
else
	roles >/tmp/roles
	try "driver weir takes the devices by driver_override" given
fi
cat /tmp/said
[ "$case_status" = 0 ] || exit
while read -r role device; do
	export "ROLE_$role=$device"
done </tmp/roles
OPENS=$(cat /etc/opens) cases "$(cat /etc/only)" >/dev/ttyS1 2>/dev/console
[ -z "$free" ] || { try "I35: without an IOMMU a device is root's, and the kernel tainted" to_root && exit; }
try "I38: a function whose virtual functions are in use is not given out" functions_in_use
try "nothing is leaked" leaks
try "the module is loaded and unloaded $reloads times" reloaded
try "the module stays while a device is open; its files are whose it is told" in_use
