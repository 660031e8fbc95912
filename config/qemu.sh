#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Prints a command that starts QEMU for x86-64, one that can reach cards over vfio-user (10.1.1 or later): this machine's
# own, or one from the backports of Debian 13, which is unpacked into the user's cache (config/packages.sh) and runs with
# its own libraries. Where none can be had it exits 77.
set -euo pipefail

qemu="qemu-system-x86_64"
version=$($qemu --version 2>/dev/null | sed -n 's/.*version \([0-9.]*\).*/\1/p' || :)
if [ -n "$version" ] && printf '10.1.1\n%s\n' "$version" | sort -CV && $qemu -device help | grep -q '"vfio-user-pci"'; then
	command -v $qemu
	exit
fi

root=$("$(dirname "$0")/packages.sh" -a amd64 -s trixie -s trixie-backports qemu qemu-system-x86)
if [ ! -x "$root/$qemu" ]; then
	cat >"$root/$qemu.$$" <<-END
		#!/bin/sh
		QEMU_MODULE_DIR=$root/usr/lib/x86_64-linux-gnu/qemu exec $root/usr/lib64/ld-linux-x86-64.so.2 \\
			--library-path $root/usr/lib/x86_64-linux-gnu $root/usr/bin/$qemu \\
			-L $root/usr/share/qemu -L $root/usr/share/seabios "\$@"
	END
	chmod +x "$root/$qemu.$$"
	mv "$root/$qemu.$$" "$root/$qemu"
fi
echo "$root/$qemu"
