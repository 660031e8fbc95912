#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Prints a command that starts QEMU for x86-64.
#
#   config/qemu.sh          one that can reach cards over vfio-user (10.1.1 or later): this machine's own, or one from the
#                           backports of Debian 13
#   config/qemu.sh 7.2      that of Debian 12, whose models of the 82540EM and the 82574L are widespread
#   config/qemu.sh 10       that of the backports of Debian 12, which has a model of the 82576, too
#
# What this machine does not have is unpacked into the user's cache (config/packages.sh) and runs with its own libraries.
# Where none can be had it exits 77.
set -euo pipefail

qemu="qemu-system-x86_64"
version=$($qemu --version 2>/dev/null | sed -n 's/.*version \([0-9.]*\).*/\1/p' || :)
case ${1-} in
'')
	if [ -n "$version" ] && printf '10.1.1\n%s\n' "$version" | sort -CV && $qemu -device help | grep -q '"vfio-user-pci"'; then
		command -v $qemu
		exit
	fi
	suites=(-s trixie -s trixie-backports)
	;;
7.2) suites=(-s bookworm) ;;
10) suites=(-s bookworm -s bookworm-backports) ;;
*) echo "usage: config/qemu.sh [7.2|10]" >&2 && exit 2 ;;
esac
if [[ -n ${1-} && $version == "$1".* ]]; then
	command -v $qemu
	exit
fi

root=$("$(dirname "$0")/packages.sh" -a amd64 "${suites[@]}" qemu qemu-system-x86)
if [ ! -x "$root/$qemu" ]; then
	# Debian 12 has some libraries in /lib still.
	lib=$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu
	loader=$(find "$root/lib64/" "$root/usr/lib64/" -name 'ld-linux-x86-64.so.2' -print -quit 2>/dev/null || :)
	cat >"$root/$qemu.$$" <<-END
		#!/bin/sh
		QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu exec $loader --library-path $lib \\
			$root/usr/bin/$qemu -L $root/usr/share/qemu -L $root/usr/share/seabios "\$@"
	END
	chmod +x "$root/$qemu.$$"
	mv "$root/$qemu.$$" "$root/$qemu"
fi
echo "$root/$qemu"
