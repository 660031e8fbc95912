#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs test programs and says how each ended.
#
#   tests/run.sh [-l LABEL] [-t SECONDS] [-w WRAPPER] [-j JOBS] [-a NAME] [NAME=]COMMAND...
#                              a COMMAND is a program and its arguments, quoted as one word and named after the program
#                              unless a name is given; a WRAPPER (an emulator) goes before it. JOBS (1) of them run side
#                              by side, but NAME alone, in the end
#   tests/run.sh -s FILE       sums up the results collected in FILE
#
# A program passes by exit code 0, is skipped by 77 (the last line it wrote is the reason) and fails by any other code or
# by taking longer than SECONDS (400). Counted are the cases of CUnit programs, of which some may say "skipped: " and why,
# and other programs as one. Its output is kept in $BUILD/log/LABEL/ and shown when it failed. The results are
# added to the file $RESULTS where that is set, for a later -s; else they are summed up at once. Programs find in $BUILD
# the folder of the build that they are to try, and $EMULATED is set where there is a WRAPPER.
set -uo pipefail

usage="usage: tests/run.sh [-l LABEL] [-t SECONDS] [-w WRAPPER] [-j JOBS] [-a NAME] [NAME=]COMMAND... | -s FILE"
label=tests
limit=400
wrapper=
jobs=1
alone=
while getopts l:t:w:j:a:s: option; do
	case $option in
	l) label=$OPTARG ;;
	t) limit=$OPTARG ;;
	w) wrapper=$OPTARG ;;
	j)
		[[ $OPTARG =~ ^[1-9][0-9]*$ ]] || { echo "tests/run.sh: -j wants a number, not '$OPTARG'" >&2 && exit 2; }
		jobs=$OPTARG
		;;
	a) alone=$OPTARG ;;
	s) sum=$OPTARG ;;
	*) echo "$usage" >&2 && exit 2 ;;
	esac
done
shift $((OPTIND - 1))

# Prints a row for each test with a column for each label, the reasons of what did not pass, and the counts. The exit
# code is that of the whole.
summary()
{
	awk -F '\t' '
		function pad(text, width) {
			return sprintf("%-" width "s  ", text)
		}
		{ passed += $5; failed += $6; skipped += $7 }
		!($2 in column) { column[$2] = ++columns; title[columns] = $2 }
		!($3 in row) { row[$3] = ++rows; name[rows] = $3; if (length($3) > wide) wide = length($3) }
		{ cell[row[$3], column[$2]] = $1 == "fail" ? "FAIL" : $1 }
		$1 != "pass" || $7 {
			why = ($1 == "fail" ? "FAIL  " : "skip  ") $3 ": " $4
			if (!(why in builds))
				reason[++reasons] = why
			builds[why] = builds[why] " " $2
		}
		END {
			for (r = 0; columns > 1 && r <= rows; r++) {
				line = pad(name[r], wide)
				for (c = 1; c <= columns; c++)
					line = line pad(r ? cell[r, c] : title[c], length(title[c]) > 4 ? length(title[c]) : 4)
				print line
			}
			if (columns > 1 && reasons)
				print ""
			# What failed comes last, where it is looked for.
			for (r = 1; r <= reasons; r++)
				if (reason[r] ~ /^skip/)
					print reason[r] " (" substr(builds[reason[r]], 2) ")"
			for (r = 1; r <= reasons; r++)
				if (reason[r] ~ /^FAIL/)
					print reason[r] " (" substr(builds[reason[r]], 2) ")"
			if (columns > 1 || reasons)
				print ""
			printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
			exit failed > 0
		}' "$1"
}

if [ -n "${sum-}" ]; then
	summary "$sum"
	exit
fi

BUILD=$(realpath -m "${BUILD:-build}")
export BUILD
[ -z "$wrapper" ] || export EMULATED=1
log_dir=$BUILD/log/$label
mkdir -p "$log_dir"
results=${RESULTS:-$(mktemp)}

trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

# Reads a log: how many cases CUnit counted and failed, how many said that they were skipped, and why; which of a guest
# failed.
read_log()
{
	awk '
		/skipped: / { skipped++; sub(/.*skipped: /, ""); if (!index(why, $0)) why = why (why ? "; " : "") $0 }
		/^  FAIL  / { bad = bad (bad ? "; " : ": ") substr($0, 9) }
		$1 == "tests" && NF == 6 { cases += $3; failed += $5 }
		NF { last = substr($0, 1, 100) }
		END { printf "%d\t%d\t%d\t%s\t%s\t%s\n", cases, failed, skipped, why, substr(bad, 1, 400), last }
	' "$1" | tr '\t' '\037'
}

# In a shell of its own, with a trap of its own.
run_one()
{
	local command=$1 name log status start seconds cases failed skipped why bad last note='' pid=''
	local -a argv
	trap 'kill $pid 2>/dev/null; exit 130' INT TERM
	name=$(basename "${command%% *}")
	[[ ! $command =~ ^([a-z0-9.-]+)=(.*) ]] || { name=${BASH_REMATCH[1]} command=${BASH_REMATCH[2]}; }
	read -ra argv <<<"$wrapper $command"
	log=$log_dir/$name.log
	start=$EPOCHREALTIME
	timeout -k 5 "$limit" "${argv[@]}" >"$log" 2>&1 </dev/null &
	pid=$!
	wait "$pid"
	status=$?
	seconds=$(awk "BEGIN { printf \"%.1f\", $EPOCHREALTIME - $start }")
	IFS=$'\037' read -r cases failed skipped why bad last < <(read_log "$log")
	case $status in
	0)
		status=pass
		[ "$cases" -gt 0 ] || { cases=1 && note=$last; }
		;;
	77) status=skip cases=1 failed=0 skipped=1 note=${last#skipped: } ;;
	*)
		[ "$status" = 124 ] && note="did not end within $limit s" || note="exit code $status$bad"
		[ "$failed" -gt 0 ] || failed=1
		[ "$cases" -gt 0 ] || cases=1
		status=fail skipped=0
		;;
	esac
	[ "$cases" -eq 1 ] || [ "$status" = fail ] || note="$cases cases${why:+, $skipped skipped: $why}"
	printf '%s\t%s\t%s\t%s\t%d\t%d\t%d\n' "$status" "$label" "$name" "$note" $((cases - failed - skipped)) "$failed" \
		"$skipped" >>"$results"
	# At once, so that what runs beside does not get in between.
	echo "$(
		printf '%s  %-8s %-32s %6s s  %s\n' "$status" "$label" "$name" "$seconds" "$note"
		[ "$status" != fail ] || tail -n "${TAIL:-60}" "$log" | sed 's/^/    | /'
	)"
}

last=()
running=0
for command; do
	if [ "$(basename "${command%% *}")" = "$alone" ]; then
		last+=("$command")
	elif [ "$running" -lt "$jobs" ]; then
		run_one "$command" &
		running=$((running + 1))
	else
		wait -n
		run_one "$command" &
	fi
done
wait
for command in "${last[@]}"; do
	run_one "$command" &
	wait
done
if [ -z "${RESULTS-}" ]; then
	echo
	summary "$results"
	status=$?
	rm -f "$results"
	exit $status
else
	! grep -q "^fail	$label	" "$results"
fi
