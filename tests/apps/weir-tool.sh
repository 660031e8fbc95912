#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# weir as a program, as far as this machine's own devices may be touched: it lists what sysfs has, and refuses with a
# sentence what cannot be, before anything changes hands. (Binding itself is tested where a guest has cards to spare.)
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"
weir=$bin/weir
[ -x "$weir" ] || skip "$weir is not built"

# Every function is listed, by name and ids, in text and in JSON.
"$weir" list --all >"$work/list"
"$weir" list --all --json >"$work/json"
for folder in /sys/bus/pci/devices/*; do
	[ -e "$folder" ] || continue
	name=${folder##*/}
	ids=$(printf '%04x:%04x' "$(cat "$folder/vendor")" "$(cat "$folder/device")")
	grep -q "^$name *$ids " "$work/list" || fail "$name $ids is not listed: $(cat "$work/list")"
	grep -q "\"device\": \"$name\"" "$work/json" || fail "$name is not in the JSON list"
done

# refuse STATUS WORDS ARGUMENT...: the program ends so and its sentence has the words.
refuse()
{
	local expected=$1 words=$2 status=0
	shift 2
	"$weir" "$@" >"$work/stdout" 2>"$work/stderr" || status=$?
	[ "$status" = "$expected" ] || fail "weir $*: exit code $status instead of $expected: $(cat "$work/stderr")"
	grep -q -- "$words" "$work/stderr" || fail "weir $*: no '$words' in: $(cat "$work/stderr")"
}
refuse 2 "there is no command; try 'weir list'"
refuse 2 "'lst' is no command; there are list" lst
refuse 2 "'list' takes no device" list 0000:00:00.0
refuse 2 "'bind' takes a device, such as 0000:01:00.0" bind
refuse 2 "takes one device, but is given '2'" bind 1 2
refuse 1 "'1' names no PCI function; a name looks like 0000:01:00.0" bind 1
refuse 1 "there is no PCI function ffff:1f:1e.7 in this machine" bind ffff:1f:1e.7
refuse 1 "there is no PCI function ffff:1f:1e.7 in this machine" unbind ffff:1f:1e.7

# What is no network card, and what carries an address, stays where it is: asked with a driver that does not exist.
for folder in /sys/bus/pci/devices/*; do
	[ -e "$folder" ] || continue
	case $(cat "$folder/class") in
	0x02*) ;;
	*) refuse 1 "is no network card (class" bind "${folder##*/}" --driver weir-test-none ;;
	esac
done
addressed=$(ip -o -4 address show scope global 2>/dev/null | awk '{ print $2 }' | sort -u)
for interface in $addressed; do
	device=$(realpath "/sys/class/net/$interface/device" 2>/dev/null | grep -o '[0-9a-f]*:[0-9a-f]*:[0-9a-f]*\.[0-7]' | tail -n 1) ||
		continue
	refuse 1 "is $interface, which carries the address" bind "$device" --driver weir-test-none
done
echo "$(grep -c '^[0-9a-f]' "$work/list" || :) functions listed, and nothing touched"
