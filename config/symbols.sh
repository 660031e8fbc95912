#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Prints the names of the functions that the given headers declare for linking (those that are not inline), one a line,
# sorted. The shared library shows exactly these, and the static one keeps no others global.
#
# It leans on the headers' format: only declarations start in the first column, each with its name on its first line.
# tests/build/symbols.sh compares the result with what a compiler reads in the same headers.
set -eu
sed -nE '/^(static|typedef) /!s/^[a-z][a-z0-9_ ]*[ *](weir_[a-z0-9_]+)\(.*/\1/p' "$@" | sort -u
