#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What `make install` puts under DESTDIR is enough to build on with pkg-config alone, shared and static, in C and C++;
# `make uninstall` takes every file away again.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
root=$dir/root
tell=(make -s --no-print-directory BUILD="$BUILD" DESTDIR="$root" PREFIX=/opt/weir)
unset MAKEFLAGS MAKELEVEL

"${tell[@]}" install
missing=0
for file in lib/lib{weir,weirsim}.{a,so,so.0} lib/pkgconfig/{weir,weirsim}.pc include/weir/{weir,sim}.h \
	bin/weir bin/weir-{l2fwd,nicsim} lib/udev/rules.d/60-weir.rules \
	share/doc/weir/README.md share/man/man1/weir{,-l2fwd,-nicsim}.1; do
	[ -e "$root/opt/weir/$file" ] || { echo "$file was not installed" && missing=1; }
done
[ $missing = 0 ] || exit 1
! grep -rIl "$dir" "$root" || { echo "installed files name DESTDIR" && exit 1; }

export PKG_CONFIG_PATH=$root/opt/weir/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
version=$(pkg-config --modversion weir)
cat >"$dir/user.c" <<'END'
#include <stdio.h>
#include <string.h>
#include <weir/weir.h>

int main(int argc, char **argv)
{
	struct weir *weir;
	int err = weir_open(NULL, &weir);

	if (err < 0) {
		fprintf(stderr, "%s\n", weir_error());
		return 1;
	}
	weir_close(weir);
	return argc != 2 || strcmp(argv[1], weir_version());
}
END
cp "$dir/user.c" "$dir/user.cc"
cd "$dir"
read -ra cflags <<<"$(pkg-config --cflags weir)"
read -ra libs <<<"$(pkg-config --libs weir)"
# What a program needs that takes only weir itself as an archive.
read -ra requires <<<"$(pkg-config --print-requires-private weir | tr '\n' ' ')"
read -ra others <<<"$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --libs "${requires[@]}")"

gcc -Wall -Wextra -Werror "${cflags[@]}" -o shared user.c "${libs[@]}"
LD_LIBRARY_PATH=$root/opt/weir/lib ./shared "$version"
gcc -Wall -Wextra -Werror "${cflags[@]}" -o static user.c "$root/opt/weir/lib/libweir.a" "${others[@]}"
./static "$version"

cat >"$dir/simulator.c" <<'END'
#include <stdio.h>
#include <weir/sim.h>

int main(void)
{
	struct weir_sim_nic *nic;
	struct weir_sim *sim;
	struct weir *weir;

	if (weir_open(NULL, &weir) || weir_sim_create(NULL, &sim) || weir_sim_enable(weir, sim))
		return 1;
	if (weir_sim_nic_add(sim, "no such card", &nic) == 0)
		return 1;
	puts(weir_sim_error());
	weir_sim_destroy(sim);
	weir_close(weir);
	return 0;
}
END
read -ra sim_libs <<<"$(pkg-config --libs weirsim)"
gcc -Wall -Wextra -Werror "${cflags[@]}" -o simulator simulator.c "${sim_libs[@]}"
LD_LIBRARY_PATH=$root/opt/weir/lib ./simulator
gcc -Wall -Wextra -Werror "${cflags[@]}" -o simulator simulator.c "$root/opt/weir/lib/libweirsim.a" \
	"$root/opt/weir/lib/libweir.a" "${others[@]}"
./simulator

if command -v g++ >/dev/null; then
	g++ -std=c++17 -Wall -Wextra -Werror "${cflags[@]}" -o cxx user.cc "${libs[@]}"
	LD_LIBRARY_PATH=$root/opt/weir/lib ./cxx "$version"
fi
LD_LIBRARY_PATH=$root/opt/weir/lib "$root/opt/weir/bin/weir-l2fwd" --help >/dev/null
cd - >/dev/null

"${tell[@]}" uninstall
left=$(find "$root" ! -type d)
[ -z "$left" ] || { echo "left behind by make uninstall: $left" && exit 1; }
echo "weir $version and weirsim from C and C++, shared and static"
