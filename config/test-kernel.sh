#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Prints the folder of a kernel for tests in guests, with what Debian's lack: iommufd, vfio without an IOMMU.
#
#   config/test-kernel.sh [debug]       debug: one that watches its memory and locks, too (config/test-kernel-debug.config)
#
# It is built from Debian's source package of Linux 6.12 and lies in the user's cache, as that of a package would: a boot and
# a lib/modules, in the latter a folder `build` for modules to be compiled against. It is built once for each version of the
# source and of config/test-kernel*.config; remove the folder to have it built again. Whoever asks while it is being
# built waits. Where the source or a tool cannot be had it exits 77.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
kind=${1:+-$1}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/weir

give_up()
{
	echo "config/test-kernel.sh: $1" >&2
	exit 77
}

# quietly COMMAND...: what it says is shown only if it fails.
quietly()
{
	"$@" >>"$work/log" 2>&1 </dev/null || {
		tail -n 20 "$work/log" >&2
		echo "config/test-kernel.sh: this failed: $*" >&2
		exit 1
	}
}

# What is set twice counts as the second file has it.
settings()
{
	cat "${files[@]}" | tac | awk -F '[ =]' '/CONFIG_/ && !seen[$1 == "#" ? $2 : $1]++'
}

files=("$here/test-kernel.config" ${kind:+"$here/test-kernel$kind.config"})
[ -e "${files[-1]}" ] || { echo "config/test-kernel.sh: there is no configuration '$1', only debug" >&2 && exit 2; }
for tool in gcc make bc flex bison objcopy xz; do
	command -v $tool >/dev/null || give_up "$tool is missing to build a kernel with (config/deps.sh vm)"
done
[ -e /usr/include/gelf.h ] || give_up "gelf.h is missing to build a kernel with (config/deps.sh vm)"
mkdir -p "$cache"
exec 9>"$cache/test-kernel$kind.lock"
flock 9

# 6.12 is in the backports of Debian 12, and in Debian 13 should it be gone from there.
without=(-w binutils -w xz-utils)
source=$("$here/packages.sh" -s bookworm -s bookworm-backports "${without[@]}" linux-source linux-source-6.12) ||
	source=$("$here/packages.sh" -s trixie "${without[@]}" linux-source linux-source-6.12) || exit
version=$(zcat "$source/usr/share/doc/linux-source-6.12/changelog.Debian.gz" | sed -n '1s/.*(\(.*\)).*/\1/p')
folder=$cache/test-kernel$kind-$version-$(settings | cksum | cut -d ' ' -f 1)
if [ -d "$folder" ]; then
	echo "$folder"
	exit
fi

echo "building Linux $version for tests; this takes some minutes, once" >&2
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
# Drivers of displays are a third of all there is.
mkdir -p "$work/linux" "$work/root/boot"
quietly tar -xf "$source/usr/src/linux-source-6.12.tar.xz" -C "$work/linux" --strip-components=1 \
	--exclude='*/drivers/gpu/*.[ch]' --exclude='*/Documentation/*/*'
settings >"$work/settings"
make=(make -s -C "$work/linux" ARCH=x86_64 LOCALVERSION="-weir$kind" KBUILD_BUILD_USER=weir KBUILD_BUILD_HOST=weir
	DEPMOD=true INSTALL_MOD_PATH="$work/root" INSTALL_MOD_STRIP=1)
quietly "${make[@]}" KCONFIG_ALLCONFIG="$work/settings" allnoconfig
lost=$(grep '^CONFIG_' "$work/settings" | grep -vxFf "$work/linux/.config" || :)
[ -z "$lost" ] || { echo "config/test-kernel.sh: Linux $version does not take ${lost//$'\n'/, }" >&2 && exit 1; }
quietly "${make[@]}" -j"$(nproc)" bzImage modules
quietly "${make[@]}" modules_install
release=$("${make[@]}" kernelrelease)
cp "$work/linux/arch/x86/boot/bzImage" "$work/root/boot/vmlinuz-$release"
cp "$work/linux/.config" "$work/root/boot/config-$release"
cp "$work/linux/System.map" "$work/root/boot/System.map-$release"
modules=$work/root/lib/modules/$release
rm -f "$modules"/{build,source}
# shellcheck disable=SC2016 # make's own variable
quietly "${make[@]}" run-command KBUILD_RUN_COMMAND='$(srctree)/scripts/package/install-extmod-build '"$modules/build"
cp "$work/linux/.config" "$modules/build/.config"
mv -T "$work/root" "$folder"
echo "$folder"
