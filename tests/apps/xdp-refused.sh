#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What the kernel refuses an af_xdp port gets a sentence with the remedy, and exit code 1.
# shellcheck source=tests/apps/common.bash
. "$(dirname "$0")/common.bash"

# refused WORDS COMMAND...: the command ends with 1 and a sentence that has the words.
refused()
{
	local status=0

	"${@:2}" >"$work/out" 2>"$work/err" || status=$?
	[ $status = 1 ] || fail "${*:2}: exit code $status: $(cat "$work/err")"
	grep -q "$1" "$work/err" || fail "${*:2}: no word of '$1': $(cat "$work/err")"
	echo "refused: $(tail -n 1 "$work/err")"
}

refused "no interface called 'nothere'" "$l2fwd" af_xdp:nothere af_xdp:lo
run=()
if [ "$(id -u)" = 0 ]; then
	need setpriv
	install -m 755 "$l2fwd" "$work/weir-l2fwd" # the tree may be where nobody else may go
	chmod 755 "$work"
	l2fwd=$work/weir-l2fwd
	run=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all)
fi
refused 'CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF' "${run[@]}" "$l2fwd" --no-promiscuous --seconds 1 af_xdp:lo pcap:tx=/dev/null
