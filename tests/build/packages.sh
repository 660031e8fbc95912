#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# config/packages.sh asks apt once, by states and lists of its own, and leaves nothing behind where there is nothing to be
# had. apt and dpkg are played here.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/os-release
[ "$ID" = debian ] || { echo "this is not Debian, whose suites are asked for" && exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin"
: >"$dir/calls"

fail()
{
	echo "$*"
	cat "$dir/calls"
	exit 1
}

# play NAME: a program whose body is standard input.
play()
{
	{ echo '#!/bin/bash' && cat; } >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}

packages()
{
	PATH=$dir/bin:$PATH DIR=$dir XDG_CACHE_HOME=$dir/cache config/packages.sh "$@" 2>"$dir/said"
}

play apt-get <<'END'
if [ "$1" = indextargets ]; then
	printf 'stable-security main http://security.example/\nstable main http://mirror.example/\n'
	exit
fi
[ "$1" = -c ] || exit 1
conf=$2
archives=$(sed -n 's/^Dir::Cache::Archives "\(.*\)";/\1/p' "$conf")
echo "${*:3}" >>"$DIR/calls"
[ "${*: -1}" != nothing ] || exit 100
cp "$conf" "$DIR/conf"
cp "$archives/../status" "$DIR/status"
cp "$archives/../sources.list" "$DIR/sources" 2>/dev/null || :
[ "${*: -1}" = update ] || : >"$archives/${*: -1}.deb"
END
play dpkg-deb <<'END'
[ "$1" = -x ] || exit 1
mkdir -p "$3/usr/bin" "$3/etc"
echo "$2" >"$3/usr/bin/tool"
ln -s /usr/bin/tool "$3/etc/tool"
END

root=$(packages -s stable -s stable-backports -w heavy set tool) || fail "nothing came: $(cat "$dir/said")"
[[ $root == "$dir/cache/weir/stable-stable-backports-set-"* ]] || fail "it lies in $root"
[[ $(cat "$root/etc/tool") == *tool.deb ]] || fail "the package is not unpacked, or its link leads outside"
[ "$(cat "$dir/calls")" = "-q update
-q -y --no-install-recommends --download-only install tool" ] || fail "other calls than expected"
[ "$(sed 's/\[.*\] //' "$dir/sources")" = "deb http://mirror.example/ stable main
deb http://mirror.example/ stable-backports main" ] || fail "other sources: $(cat "$dir/sources")"
grep -q '^Package: heavy$' "$dir/status" || fail "what is left out counts as missing"
grep -q '^APT::Default-Release "stable-backports";' "$dir/conf" || fail "the last suite is not preferred"
! grep -E '^Dir::(State|Cache|Etc)' "$dir/conf" | grep -v -e "\"$dir/cache/" -e '"/dev/null"' ||
	fail "apt uses a folder of this machine"

: >"$dir/calls"
[ "$(packages -s stable -s stable-backports -w heavy set tool)" = "$root" ] || fail "it is somewhere else the second time"
[ ! -s "$dir/calls" ] || fail "apt is asked again"

status=0
packages other nothing || status=$?
[ $status = 77 ] || fail "exit code $status where there is nothing"
grep -q 'apt-get cannot get nothing for' "$dir/said" || fail "no sentence: $(cat "$dir/said")"
[ "$(ls "$dir/cache/weir")" = "$(basename "$root")" ] || fail "something was left behind: $(ls "$dir/cache/weir")"
echo "asked once, unpacked, nothing left behind"
