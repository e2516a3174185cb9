#!/usr/bin/env bash
# Builds everything and runs the tests.
#
#   scripts/test.sh [arguments of ctest]       e.g. -L unit, -R property, --rerun-failed
#
# Environment:
#   BUILD_DIR            the build folder (default: build)
#   LEPTON_CMAKE_ARGS    more arguments for the configuration, e.g. "-DLEPTON_WERROR=ON"
#   LEPTON_DATA_DIR      recorded traces (default: ../shared/data); tests that need one skip without
#   LEPTON_SKIP_INSTALL=1    install nothing
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

build=${BUILD_DIR:-build}
install_dependencies
# shellcheck disable=SC2086  # LEPTON_CMAKE_ARGS is several
configure "$build" -DLEPTON_BUILD_TESTS=ON -DLEPTON_BUILD_TOOLS=ON \
  -DLEPTON_BUILD_EXAMPLES=ON -DLEPTON_BUILD_BENCH=ON ${LEPTON_CMAKE_ARGS:-}
cmake --build "$build" -j "$jobs"
ctest --test-dir "$build" --output-on-failure -j "$jobs" "$@"
