#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Installs the Debian or Ubuntu packages that are missing, and does nothing when none is.
#
#   config/deps.sh [-n] [SET...]      sets: build (the default), demo, check, frr, bench, vm
#
# -n only prints the packages. On another system, or where it may not install, it says what is wanted and exits 1.
set -euo pipefail

declare -A packages=(
	[build]="gcc make binutils pkg-config libc6-dev libnuma-dev libpcap-dev libxdp-dev libbpf-dev libjansson-dev
		libncurses-dev libmnl-dev libyaml-dev liblua5.4-dev libhugetlbfs-bin"
	[demo]="iproute2 iputils-ping iperf3 ethtool tcpdump tmux procps"
	[check]="git g++ clang clang-format clang-tidy cppcheck shellcheck sparse libcunit1-dev spin tshark man-db
		gcc-aarch64-linux-gnu qemu-user lcov jq perl tmux libdpdk-dev iputils-ping"
	[frr]="frr traceroute iputils-ping iproute2 iperf3 jq procps ethtool"
	[bench]="libdpdk-dev dpdk-dev iproute2 procps"
	[vm]="bc binutils bison debian-archive-keyring ethtool flex gcc iperf3 iproute2 iputils-ping jq libelf-dev make
		tcpdump util-linux xz-utils"
)

print_only=
if [ "${1-}" = -n ]; then
	print_only=1
	shift
fi
wanted=()
for set in "${@:-build}"; do
	[ -n "${packages[$set]-}" ] || { echo "config/deps.sh: there is no set '$set', only ${!packages[*]}" >&2 && exit 2; }
	read -d '' -ra more <<<"${packages[$set]}" || :
	wanted+=("${more[@]}")
done
if [ -n "$print_only" ]; then
	printf '%s\n' "${wanted[@]}" | sort -u
	exit
fi

give_up()
{
	echo "config/deps.sh: $1; install by hand: ${*:2}" >&2
	exit 1
}

{ command -v dpkg-query && command -v apt-get; } >/dev/null ||
	give_up "this system has no apt (what follows are the names of Debian)" "${wanted[@]}"

mapfile -t missing < <(
	comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) \
		<(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${wanted[@]}" 2>/dev/null |
			sed -n 's/^ii *//p' | sort -u)
)
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || give_up "neither root nor sudo here" "apt-get install ${missing[*]}"
	as_root=(sudo)
	# Without a terminal nobody could type a password.
	[ -t 0 ] || as_root+=(-n)
fi
as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)

echo "config/deps.sh: installing ${missing[*]}"
# One source that cannot be reached does not matter if the others have what is wanted.
"${as_root[@]}" update </dev/null || :
"${as_root[@]}" install --no-install-recommends "${missing[@]}" </dev/null ||
	give_up "apt-get could not install what is missing" "${missing[@]}"
