#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# config/deps.sh asks apt for what is missing and only then, through sudo when it is not root, and says what is wanted
# where it can install nothing. apt, dpkg, id and sudo are played here.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin"
for tool in bash env sort comm sed cat grep; do
	ln -s "$(command -v $tool)" "$dir/bin/$tool"
done

# play NAME: a program whose body is standard input.
play()
{
	{ echo '#!/bin/bash' && cat; } >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}

# deps CODE ARGUMENT...: runs config/deps.sh; what was installed is in $dir/calls, what it said in $dir/said.
deps()
{
	local want=$1 code=0
	shift
	: >"$dir/calls"
	PATH=$dir/bin DIR=$dir config/deps.sh "$@" >"$dir/said" 2>&1 </dev/null || code=$?
	[ $code = "$want" ] || fail "config/deps.sh $* exits with $code, not $want"
}

fail()
{
	echo "$*"
	cat "$dir/calls" "$dir/said"
	exit 1
}

play id <<<'echo 0'
deps 1 build
grep -q 'no apt.* libnuma-dev .*' "$dir/said" || fail "without apt the packages are not listed"

play dpkg-query <<'END'
for package; do
	grep -qx -e "$package" "$DIR/missing" || echo "ii  $package"
done
END
play apt-get <<'END'
echo "$DEBIAN_FRONTEND $*" >>"$DIR/calls"
END
: >"$dir/missing"
deps 0 build demo check
[ -z "$(cat "$dir/calls" "$dir/said")" ] || fail "something is done though nothing is missing"

printf '%s\n' iperf3 libxdp-dev >"$dir/missing"
deps 0 build demo
[ "$(sed 's/ -q -y -o [^ ]*//' "$dir/calls")" = "noninteractive update
noninteractive install --no-install-recommends iperf3 libxdp-dev" ] || fail "other calls than expected"
deps 0 check
[ ! -s "$dir/calls" ] || fail "what another set misses is installed"

play id <<<'echo 1000'
deps 1 build
grep -q 'neither root nor sudo here; install by hand: apt-get install libxdp-dev$' "$dir/said" || fail "no help"
play sudo <<'END'
[ "$1" = -n ] && shift
echo sudo >>"$DIR/calls"
exec "$@"
END
deps 0 build
[ "$(grep -cx sudo "$dir/calls")" = 2 ] || fail "sudo is not used"

play apt-get <<<'exit 100'
deps 1 build
grep -q 'install by hand: libxdp-dev$' "$dir/said" || fail "a failure of apt-get is not told"
deps 2 nonsense
echo "apt is asked for what is missing, and for nothing else"
