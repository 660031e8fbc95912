#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Prints a folder that holds the libraries weir needs for another processor, to cross-compile and to run under qemu-user.
#
#   config/sysroot.sh [DEBIAN_ARCHITECTURE]      arm64 by default
#
# apt fetches the packages from wherever this machine gets its own, but keeps its lists and states in that folder: what
# the machine itself has installed and configured is neither used nor changed. Needs no root. The folder is made once and
# lies in the user's cache; remove it to have it made again. Where the packages cannot be had it exits 77.
set -euo pipefail

arch=${1:-arm64}
packages="libc6-dev libnuma-dev libpcap-dev libxdp-dev libbpf-dev libjansson-dev libncurses-dev libcunit1-dev"

command -v apt-get >/dev/null || { echo "config/sysroot.sh: this system has no apt to fetch $arch packages with" >&2 && exit 77; }
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$ID-${VERSION_CODENAME:-$VERSION_ID}")
which=$(echo "$packages" | cksum | cut -d ' ' -f 1)
root=${XDG_CACHE_HOME:-$HOME/.cache}/weir/$release-$arch-$which
if [ -d "$root" ]; then
	echo "$root"
	exit
fi

mkdir -p "$(dirname "$root")"
work=$(mktemp -d "$root.XXXXXX")
trap 'rm -rf "$work"' EXIT
apt=$work/apt
mkdir -p "$work/root" "$apt"/{lists,archives}/partial
: >"$apt/status"
# The host's hooks would tidy up the host's caches.
cat >"$apt/apt.conf" <<END
APT::Architecture "$arch";
#clear APT::Architectures;
APT::Architectures { "$arch"; };
APT::Sandbox::User "";
Acquire::Languages "none";
#clear APT::Update;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
END
{
	apt-get -c "$apt/apt.conf" -q update
	# shellcheck disable=SC2086 # a list
	apt-get -c "$apt/apt.conf" -q -y --no-install-recommends --download-only install $packages
} >"$apt/log" 2>&1 </dev/null || {
	tail -n 5 "$apt/log" >&2
	echo "config/sysroot.sh: apt-get has no $arch packages to give" >&2
	exit 77
}
for deb in "$apt"/archives/*.deb; do
	dpkg-deb -x "$deb" "$work/root"
done

# Links that name an absolute path mean one inside the folder.
find "$work/root" -type l -lname '/*' -printf '%p\t%l\n' | while IFS=$'\t' read -r link target; do
	ln -snf "$(realpath -m --relative-to="$(dirname "$link")" "$work/root$target")" "$link"
done
# Another run may have been quicker.
mv -T "$work/root" "$root" 2>/dev/null || [ -d "$root" ]
echo "$root"
