#!/usr/bin/env bash
# Builds and runs the benchmarks and writes a table of medians, with the ratio to the plain version
# that ran beside each, and to the peers of bench/peers/<name>.* (R, statsmodels, scikit-learn,
# PyTorch) that are installed: build/bench.md.
#
#   scripts/bench.sh [name ...]      e.g. place_scale openb; default: all
#
# Environment: LEPTON_BENCH_REPETITIONS (default 5), LEPTON_SKIP_INSTALL=1, LEPTON_DATA_DIR.
# On Debian the peers are r-base-core r-cran-forecast r-cran-ranger python3-statsmodels
# python3-sklearn python3-torch; each does its work on one thread.
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

# A peer whose program or packages are missing is left out.
run_peers() { # <benchmark>
  local peer target
  for peer in bench/peers/"$1".*; do
    [ -e "$peer" ] || continue
    target=$out/$(basename "$peer").peer
    rm -f "$target"
    case $peer in
      *.R) set -- "$1" Rscript ;;
      *) set -- "$1" /usr/bin/python3 python3 ;;
    esac
    local interpreter
    for interpreter in "${@:2}"; do
      command -v "$interpreter" >/dev/null || continue
      echo "peer: $interpreter $peer"
      if OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 "$interpreter" "$peer" \
        "${LEPTON_DATA_DIR:-}" >"$target" 2>"$target.log"; then
        break
      fi
      tail -n 1 "$target.log"
      rm -f "$target"
    done
  done
}

for name in "$@"; do
  cmake --build build --target "bench_$name" -j "$jobs"
  "build/bench/bench_$name" --benchmark_repetitions="${LEPTON_BENCH_REPETITIONS:-5}" \
    --benchmark_out="$out/$name.json" --benchmark_out_format=json
  run_peers "$name"
done
python3 scripts/bench_table.py "${@/#/$out/}" >build/bench.md
cat build/bench.md
echo "table: $PWD/build/bench.md"
