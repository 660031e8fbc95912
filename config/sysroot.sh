#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Prints a folder that holds the libraries weir needs for another processor, to cross-compile and to run under qemu-user.
#
#   config/sysroot.sh [DEBIAN_ARCHITECTURE]      arm64 by default
#
# config/packages.sh makes it. Where the packages cannot be had it exits 77.
set -euo pipefail

exec "$(dirname "$0")/packages.sh" -a "${1:-arm64}" sysroot \
	libc6-dev libnuma-dev libpcap-dev libxdp-dev libbpf-dev libjansson-dev libncurses-dev libmnl-dev libyaml-dev liblua5.4-dev \
	libcunit1-dev
