# SPDX-License-Identifier: Apache-2.0
# What the tests of lepton-sim share. LEPTON_SIM is the program; the test runs in a folder of its
# own, which goes when it ends. `finish` at the end of a test gives its exit code.
set -uo pipefail
export LC_ALL=C
: "${LEPTON_SIM:?names the program to test}"
unset LEPTON_DATA_DIR

folder=$(mktemp -d "${TMPDIR:-/tmp}/lepton-sim-test-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failures=0

fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

# Runs lepton-sim place with the arguments; its output goes to the files `out` and `err`.
place() {
  last="place $*"
  "$LEPTON_SIM" place "$@" >out 2>err </dev/null
  code=$?
}
balance() { # the same with lepton-sim balance
  last="balance $*"
  "$LEPTON_SIM" balance "$@" >out 2>err </dev/null
  code=$?
}
queue() { # the same with lepton-sim queue
  last="queue $*"
  "$LEPTON_SIM" queue "$@" >out 2>err </dev/null
  code=$?
}
forecast() { # the same with lepton-sim forecast
  last="forecast $*"
  "$LEPTON_SIM" forecast "$@" >out 2>err </dev/null
  code=$?
}
expect_code() {
  [ "$code" = "$1" ] || { fail "$last: exit code $code, not $1"; cat err >&2; }
}
# A fixed text in a file: expect_text err 'pods.csv:2:7: '
expect_text() {
  grep -qF -- "$2" "$1" || { fail "$last: no '$2' in $1:"; cat "$1" >&2; }
}
expect_no_text() {
  if grep -qF -- "$2" "$1"; then fail "$last: '$2' in $1"; fi
}
expect_only() { # 'a b ': these files and no others, beside out and err
  local name there=""
  for name in *; do
    case $name in out | err) ;; *) there+="$name " ;; esac
  done
  [ "$there" = "$1" ] || fail "$last: files are: $there"
}
finish() {
  [ "$failures" = 0 ] || { echo "$failures checks failed" >&2; exit 1; }
  echo "all checks passed"
}

write_good_lists() {
  {
    echo sn,cpu_milli,memory_mib,gpu,model
    for i in 1 2 3 4; do echo "node-$i,96000,393216,8,G2"; done
    echo node-5,64000,262144,2,T4
  } >nodes.csv
  {
    echo name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time
    for i in 1 2 3 4 5 6 7 8; do echo "pod-$i,$((i * 1000)),8192,1,$((i * 125)),,$i,$((i + 100))"; done
    echo pod-big,32000,131072,4,1000,G2,5,500
    echo pod-cpu,4000,4096,0,0,,6,60
    echo pod-odd,4000,4096,1,500,X9,7,70
  } >pods.csv
}

# write_log <jobs> <processors>: a log in SWF, one job a minute, sizes 1 to 4, runs up to 6 minutes,
# three users.
write_log() {
  echo "; Version: 2.2"
  echo "; MaxProcs: $2"
  local i
  for i in $(seq "$1"); do
    echo "$i $((i * 60)) -1 $((i * 37 % 360 + 1)) $((i % 4 + 1)) -1 -1 $((i % 4 + 1)) 600 -1 1 $((i % 3)) -1 -1 -1 -1 -1 -1"
  done
}

# write_series <values>: one number a line, a wave of 24 steps with a little noise; NA is the tenth.
write_series() {
  awk -v n="$1" 'BEGIN {
    seed = 7
    for (i = 0; i < n; ++i) {
      seed = (seed * 16807) % 2147483647
      if (i == 9) print "NA"; else printf "%.4f\n", 50 + 10 * sin(i * 6.2831853 / 24) + 4 * seed / 2147483647
    }
  }'
}
