#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# docs/forwarder.c, of at most 60 lines, is built outside the tree from an installed library with nothing but what
# pkg-config says, and forwards.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
need perl pkg-config cc

build=$(dirname "$bin")
! grep -q -- -fsanitize "$build/obj/flags" || skip "a library with sanitizers is not one to install"
unset MAKEFLAGS MAKELEVEL
make -s --no-print-directory BUILD="$build" DESTDIR="$work/root" PREFIX=/opt/weir install

lines=$(wc -l <"$work/root/opt/weir/share/doc/weir/forwarder.c")
[ "$lines" -le 60 ] || fail "the forwarder has $lines lines"
mv "$work/root/opt/weir/share/doc/weir/forwarder.c" "$work"
flows "$work/in.pcap" 1000 4
flows "$work/other.pcap" 300 3

cd "$work"
export PKG_CONFIG_PATH=$work/root/opt/weir/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/root
export LD_LIBRARY_PATH=$work/root/opt/weir/lib
# shellcheck disable=SC2046 # flags are words
cc -O2 -Wall -Wextra -Werror -o forwarder forwarder.c $(pkg-config --cflags --libs weir)

# One way, and both ways.
./forwarder pcap:rx=in.pcap pcap:tx=out.pcap
packets_of out.pcap | cmp - <(packets_of in.pcap) || fail "other packets came out than went in"
./forwarder pcap:rx=in.pcap,tx=back.pcap pcap:rx=other.pcap,tx=there.pcap
packets_of there.pcap | cmp - <(packets_of in.pcap) || fail "other packets came out than went in, there"
packets_of back.pcap | cmp - <(packets_of other.pcap) || fail "other packets came out than went in, back"

! ./forwarder pcap:rx=in.pcap pcap:rx=absent.pcap 2>err || fail "an absent file is no mistake"
grep -q "absent.pcap" err || fail "the sentence does not name the file: $(cat err)"
