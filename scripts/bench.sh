#!/usr/bin/env bash
# Builds and runs the benchmarks and writes a table of medians, with the ratio to the plain version
# that ran beside each: build/bench.md.
#
#   scripts/bench.sh [name ...]      e.g. place_scale openb; default: all
#
# Environment: LEPTON_BENCH_REPETITIONS (default 5), LEPTON_SKIP_INSTALL=1.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

install_dependencies
if fresh build; then
  configure build -DCMAKE_BUILD_TYPE=Release -DLEPTON_BUILD_BENCH=ON
else
  configure build -DLEPTON_BUILD_BENCH=ON
fi
if [ $# -eq 0 ]; then
  for source in bench/*.cpp; do set -- "$@" "$(basename "$source" .cpp)"; done
fi
out=build/bench
mkdir -p "$out"
for name in "$@"; do
  cmake --build build --target "bench_$name" -j "$jobs"
  "build/bench/bench_$name" --benchmark_repetitions="${LEPTON_BENCH_REPETITIONS:-5}" \
    --benchmark_out="$out/$name.json" --benchmark_out_format=json
done
python3 scripts/bench_table.py "${@/#/$out/}" >build/bench.md
cat build/bench.md
echo "table: $PWD/build/bench.md"
