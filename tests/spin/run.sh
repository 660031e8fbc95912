#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Lets spin try every order of steps of the models here: a model must hold, and must be found wrong with each of the
# mistakes (BROKEN, see ring.pml) that it can show, or it would prove nothing.
#
#   tests/spin/run.sh [BUILD]    writes into BUILD/spin; exit code 77 when spin or a C compiler is missing
set -euo pipefail

build=${1:-${BUILD:-build}}/spin
models=$(cd "$(dirname "$0")" && pwd)
failed=0

for tool in spin "${CC:-gcc}"; do
	if ! command -v "$tool" >/dev/null; then
		echo "$tool is not installed"
		exit 77
	fi
done

# try MODEL BROKEN: prints the number of states and of errors
try()
{
	local dir=$build/$1-$2

	mkdir -p "$dir"
	(
		cd "$dir"
		spin -a -DBROKEN="$2" "$models/$1.pml" >spin.log
		# A mistake is found at once: what takes time is the compiler.
		"${CC:-gcc}" -w "-O$((!$2))" -DSAFETY -DCOLLAPSE -o pan pan.c
		./pan -m100000 >pan.log
		awk '/errors: / { errors = $NF } /states, stored/ { states = $1 } END { print states, errors }' pan.log
	) || echo "0 none"
}

# check MODEL MISTAKE...
check()
{
	local model=$1 states errors verdict=ok mistake

	shift
	read -r states errors < <(try "$model" 0)
	if [ "$errors" != 0 ]; then
		verdict="WRONG (see $build/$model-0/pan.log)"
		failed=1
	fi
	for mistake; do
		read -r _ errors < <(try "$model" "$mistake")
		if [ "$errors" != 1 ]; then
			verdict="$verdict, mistake $mistake NOT FOUND (see $build/$model-$mistake/pan.log)"
			failed=1
		fi
	done
	echo "$model: $verdict, $states states, tried with $# mistakes"
}

check ring_spsc 1 2 3 5 7
check ring_mpmc 3 4 5 6 7
exit $failed
