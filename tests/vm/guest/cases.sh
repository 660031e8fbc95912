# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What the jobs of guests share: reporting, and trying one case after the other. How the last one ended is in $case_status.

# A guest may be a hundred times slower than its clock: a neighbour that does not answer within three seconds is there all the same.
sysctl -qw net.ipv4.neigh.default.mcast_solicit=30 net.ipv4.neigh.default.ucast_solicit=30
sysctl -qw net.ipv6.neigh.default.mcast_solicit=30 net.ipv6.neigh.default.ucast_solicit=30
sysctl -qw net.core.rmem_default=16000000 # what UDP has not read yet is not dropped

# tell LINE: to whoever runs the guest.
tell()
{
	echo "$*" >/dev/ttyS1
}

# Says for ten minutes that the guest lives: on a machine that is busy elsewhere a case may take its time.
alive()
{
	for _ in {1..30}; do
		sleep 20
		tell
	done
}

# try CASE FUNCTION ARGUMENT...: runs it in a shell of its own, which ends at the first command that fails. After a failure
# `afresh`, if there is such a function, puts things as the next case expects them.
try()
{
	case_name=$1
	[[ $1 =~ ^driver\ |$(cat /etc/only) ]] || return 0
	shift
	start=$(cut -d ' ' -f 1 /proc/uptime)
	alive &
	alive=$!
	(
		set -e
		"$@"
	) >/tmp/said 2>&1
	case_status=$?
	kill "$alive" 2>/dev/null
	wait "$alive" 2>/dev/null
	seconds=$(awk -v start="$start" '{ printf "%.1f", $1 - start }' /proc/uptime)
	last=$(grep . /tmp/said | tail -n 1)
	case $case_status in
	0) tell "pass $case_name ($seconds s)${last:+: $last}" ;;
	77) tell "skip $case_name: $last" ;;
	*)
		tell "fail $case_name ($seconds s): $last"
		echo "--- $case_name"
		cat /tmp/said
		echo "---"
		! declare -F afresh >/dev/null || afresh >/dev/null 2>&1
		;;
	esac
}

# no WORDS: the case fails, and says why.
no()
{
	echo "$*"
	exit 1
}

# stop PID: of a job in the background.
stop()
{
	kill "$1" 2>/dev/null || :
	wait "$1" 2>/dev/null || :
}

# in_background COMMAND...: starts it, as $pid. What it says is in /tmp/l2fwd and /tmp/l2fwd.err, which are emptied here: until the
# shell has opened them for it they would have what the one before has said.
in_background()
{
	: >/tmp/l2fwd
	: >/tmp/l2fwd.err
	"$@" >/tmp/l2fwd 2>/tmp/l2fwd.err &
	# shellcheck disable=SC2034 # for whoever has called
	pid=$!
}

# until_true SECONDS COMMAND...: waits until it succeeds.
until_true()
{
	left=$(($1 * 5))
	shift
	while ! "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || no "this did not come true: $*"
		sleep 0.2
	done
}

# as_user GROUP COMMAND...: becomes somebody without any privilege, who is in this group.
as_user()
{
	exec setpriv --reuid 1000 --regid 1000 --groups "$1" --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs "${@:2}"
}
