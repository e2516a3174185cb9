#!/usr/bin/env bash
# Builds lepton-sim and runs every placement policy on a trace; writes a report to build/report.
# On recorded traces where the data folder holds openb/, else on the workload lepton-sim carries.
# Without arguments also every balancing policy on ten servers, with a report in
# build/report-balance, and the common orders of a queue of parallel jobs, with a report in
# build/report-queue: on a log of a real machine where the data folder holds one, else on a
# generated one. And forecasts of a series by the common models, with a report in
# build/report-forecast.
#
#   scripts/demo.sh [arguments of lepton-sim place]
#
# --policy and --report given here take the place of the demo's own. Environment:
#   LEPTON_DATA_DIR     the data folder (default: ../shared/data, if it is there)
#   LEPTON_SKIP_INSTALL=1   install nothing
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/common.sh
. scripts/common.sh

install_dependencies --demo
if fresh build; then
  configure build -DCMAKE_BUILD_TYPE=Release -DLEPTON_BUILD_TESTS=OFF -DLEPTON_BUILD_EXAMPLES=OFF
else
  configure build -DLEPTON_BUILD_TOOLS=ON
fi
cmake --build build --target lepton-sim -j "$jobs"

has_option() { # <option> <argument>...
  local option=$1 argument
  shift
  for argument in "$@"; do
    case $argument in "$option" | "$option"=*) return 0 ;; esac
  done
  return 1
}

# Eight weeks of hourly load with the rhythm of days and weeks, noise, and a step up.
write_demo_series() {
  awk 'BEGIN {
    seed = 42
    for (i = 0; i < 1344; ++i) {
      noise = 0
      for (k = 0; k < 6; ++k) { seed = (seed * 16807) % 2147483647; noise += seed / 2147483647 - 0.5 }
      day = sin((i % 24 - 8) * 6.2831853 / 24)
      weekend = i % 168 >= 120
      printf "%.3f\n", 40 + 15 * day * (weekend ? 0.4 : 1) + (i > 1100 ? 12 : 0) + 2 * noise
    }
  }'
}

own=()
has_option --policy "$@" || own+=(--policy all)
has_option --report "$@" || own+=(--report build/report)
build/tools/lepton-sim place ${own[@]+"${own[@]}"} "$@"

if [ $# -eq 0 ]; then
  echo
  build/tools/lepton-sim balance --report build/report-balance
  echo
  log=(--generate lublin --load 0.85)
  if [ -n "${LEPTON_DATA_DIR:-}" ]; then
    real=$LEPTON_DATA_DIR/swf/KTH-SP2-1996-2.1-cln.swf.gz
    [ ! -e "$real" ] || log=(--trace "$real")
  fi
  build/tools/lepton-sim queue "${log[@]}" --report build/report-queue
  echo
  series=(--series build/demo-series.txt --season 168 --models last,seasonal,theta,ets,regression,hybrid)
  write_demo_series >build/demo-series.txt
  if [ -n "${LEPTON_DATA_DIR:-}" ]; then
    real=$LEPTON_DATA_DIR/util/nab_rds_cpu_utilization_cc0c53.csv.gz
    [ ! -e "$real" ] || series=(--series "$real")
  fi
  build/tools/lepton-sim forecast compare "${series[@]}" --report build/report-forecast
fi
if ! has_option --report "$@"; then
  for report in build/report/index.html build/report.html build/report; do
    if [ -e "$report" ]; then
      echo "report: $PWD/$report"
      break
    fi
  done
fi
