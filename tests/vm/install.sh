#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir.ko as it is installed: by `make kmod_install`, and by DKMS from a copy of kmod/, each into a folder of its own, where
# modprobe finds it. No guest is booted; the headers are those of a guest's kernel.
#
#   tests/vm/install.sh [KERNEL]      6.1 or 6.12
# shellcheck disable=SC2317 # tried() calls what is tried
# shellcheck source=tests/vm/vm.bash
. "$(dirname "$0")/vm.bash"
weir_headers "${1:-6.1}" || skip "the headers of ${1:-6.1} cannot be had"
busybox=$(config/packages.sh busybox busybox-static)/bin/busybox || skip "no busybox can be had"

# has FOLDER: whether modprobe would find the module there, of the right kernel.
has()
{
	local module modules=$1/lib/modules/$release

	module=$(find "$modules" -name 'weir.ko*')
	[ -n "$module" ] || { echo "there is no weir.ko in $modules" && return 1; }
	[[ $module != *.xz ]] || xz -d "$module"
	objcopy -O binary -j .modinfo "${module%.xz}" "$work/modinfo"
	tr '\0' '\n' <"$work/modinfo" | grep -q "^vermagic=$release " || { echo "it is not of $release" && return 1; }
	"$busybox" depmod -b "$1" "$release"
	grep -q 'weir\.ko:' "$modules/modules.dep" || { echo "it is not in modules.dep" && return 1; }
}

# tried CASE COMMAND...
tried()
{
	if "${@:2}" >"$work/log" 2>&1; then
		result pass "$1"
	else
		result fail "$1: $(grep -v '^$' "$work/log" | tail -n 1)"
		cat "$work/log"
	fi
}

by_make()
{
	make kmod_install BUILD="$work/build" KDIR="$headers" KSRC="$sources" INSTALL_MOD_PATH="$work/made" && has "$work/made"
}

by_dkms()
{
	local folder=$work/dkms source

	mkdir -p "$folder"/{tree,source} "$folder/lib/modules/$release"
	source=$folder/source/weir-$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' kmod/dkms.conf)
	cp -r kmod "$source"
	PATH=$PATH:$dkms/usr/sbin:$dkms/sbin:$dkms/bin KSRC=$sources "$dkms/usr/sbin/dkms" install "weir/${source##*-}" -k "$release" --kernelsourcedir "$headers" \
		--dkmstree "$folder/tree" --sourcetree "$folder/source" --installtree "$folder/lib/modules" --no-depmod --force &&
		has "$folder"
}

tried "make kmod_install puts it where modprobe looks" by_make
if ! dkms=$(config/packages.sh -s bookworm -w gcc -w dpkg-dev -w make -w patch -w dctrl-tools -w linux-headers-amd64 dkms dkms kmod); then
	result skip "DKMS cannot be had"
elif [ "$(id -u)" -ne 0 ]; then
	result skip "DKMS wants root"
else
	tried "DKMS builds it for a kernel, and installs it" by_dkms
fi
verdict install
