#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Stands in for the tests of this folder where they cannot be built.
echo "libdpdk-dev 22.11 for x86-64 is not installed (config/deps.sh check)"
exit 77
