#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What `make check` does: builds weir in every way that it is meant to be built, runs the tests on each, looks at the
# sources, and sums up.
#
#   tests/check.sh [FOLDER [BUILD...]]      FOLDER is where to build (build); BUILDs: gcc clang asan tsan coverage aarch64 vm
#                                           lint, or dpdk, which is a part of gcc. vm is each test of guests once,
#                                           with VM=every all of them
set -uo pipefail

folder=$(realpath -m "${1:-build}")
builds=("${@:2}")
[ ${#builds[@]} -gt 0 ] || builds=(lint gcc clang asan tsan coverage aarch64 vm)

# Each build is a make of its own, which must not inherit what the calling one was told.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES BUILD CC SAN DEBUG
guests=
mkdir -p "$folder"
export RESULTS=$folder/results
: >"$RESULTS"
trap '[ -z "$guests" ] || kill "$guests"; exit 130' INT TERM

heading()
{
	printf '\n%s\n' "--- $1"
}

# build LABEL GOALS SETTING...: compiles everything for one build, then runs the tests that the goals name.
build()
{
	local label=$1 goals=$2
	shift 2
	heading "$label: $*"
	tests/run.sh -l "$label" -t 900 "build=make -s -j$(nproc) $* programs" || return
	# shellcheck disable=SC2086 # a list of goals; one that fails does not keep the others from being tried
	make -s -k "$@" $goals
}

config/deps.sh build demo check vm || echo "going on without; what needs it is skipped"
# A kernel is compiled from what the other builds leave of the processors.
if [[ " ${builds[*]} " = *" vm "* ]]; then
	BUILD=$folder nice -n 19 tests/run.sh -l vm -t 3600 tests/vm/prepare.sh &
	guests=$!
fi
for name in "${builds[@]}"; do
	case $name in
	lint)
		heading "sources"
		make -s BUILD="$folder" lint
		;;
	gcc) build gcc "unit build-tests model-check apps-tests dpdk-tests" BUILD="$folder" ;;
	dpdk) build gcc dpdk-tests BUILD="$folder" ;;
	clang) build clang unit CC=clang BUILD="$folder/clang" ;;
	coverage)
		heading "coverage"
		make -s -k -j"$(nproc)" BUILD="$folder" coverage-check
		;;
	# What is slow by its numbers has had them with gcc.
	asan) SOAK_SECONDS=12 KILL_ROUNDS=50 build asan "unit apps-tests" SAN=address,undefined BUILD="$folder/asan" ;;
	tsan) build tsan unit SAN=thread BUILD="$folder/tsan" ;;
	aarch64)
		heading "the libraries of aarch64"
		tests/run.sh -l aarch64 -t 600 "sysroot=config/sysroot.sh arm64" && sysroot=$(config/sysroot.sh arm64) &&
			build aarch64 unit CC=aarch64-linux-gnu-gcc SYSROOT="$sysroot" BUILD="$folder/aarch64"
		;;
	vm)
		wait "$guests"
		build vm vm-tests VM="${VM:-once}" BUILD="$folder"
		;;
	*) echo "tests/check.sh: there is no build '$name'" >&2 && exit 2 ;;
	esac
done
heading "all"
tests/run.sh -s "$RESULTS"
