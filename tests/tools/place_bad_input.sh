#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bad lists: exit code 2, a message with file, line and column, and no output file.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"
write_good_lists

node_header=sn,cpu_milli,memory_mib,gpu,model
pod_header=name,cpu_milli,memory_mib,num_gpu,gpu_milli

# rejects <nodes|pods> <line:column> <part of the message>, the list on the standard input
rejects() {
  local bad=bad-$1.csv
  cat >"$bad"
  if [ "$1" = nodes ]; then set -- "$@" "$bad" pods.csv; else set -- "$@" nodes.csv "$bad"; fi
  place --nodes "$4" --tasks "$5" --policy best-fit --seed 1 \
    --json results.json --csv results.csv --report report
  expect_code 2
  expect_text err "lepton-sim: $bad:$2: "
  expect_text err "$3"
  [ "$(wc -l <err)" = 1 ] || fail "$last: more than one line of message"
  [ ! -s out ] || fail "$last: something was printed"
  expect_only "$bad nodes.csv pods.csv "
  rm "$bad"
}

rejects nodes 1:1 'the file is empty' </dev/null
rejects pods 1:1 'the file is empty' </dev/null
printf '%s\n' "$node_header" | rejects nodes 2:1 'no records'
printf '%s\n' sn,cpu_milli,gpu,model a,1,1,T4 | rejects nodes 1:23 "the column 'memory_mib' is missing"
printf '%s\n' name,cpu_milli,memory_mib,gpu_milli p,1,1,0 | rejects pods 1:36 "the column 'num_gpu' is missing"
printf '%s\n' "$node_header" a,1,1,1,T4 b,-5,1,1,T4 | rejects nodes 3:3 'cpu_milli is negative'
printf '%s\n' "$node_header" a,1,99999999999999999999,1,T4 | rejects nodes 2:5 'memory_mib is too large'
printf '%s\n' "$node_header" a,1,many,1,T4 | rejects nodes 2:5 'memory_mib is not a whole number'
printf '%s\n' "$node_header" a,1,1,1,T4 a,1,1,1,T4 | rejects nodes 3:1 "node 'a' is there already, on line 2"
printf '%s\n' "$node_header" a,1,1,17,T4 | rejects nodes 2:7 'has 17 GPUs'
printf '%s\n' "$node_header" a,1,1,1 | rejects nodes 2:8 '4 fields where the header has 5'
printf '%s\n' "$pod_header" p,1,1,17,1000 | rejects pods 2:7 "pod 'p' asks for 17 GPUs"
printf '%s\n' "$pod_header" p,1,1,1,-100 | rejects pods 2:9 'gpu_milli is negative'
printf '%s\n' "$pod_header" p,1,1,2,500 | rejects pods 2:9 'takes them whole'
printf '%s\n' "$pod_header" p,1,1,1,500 p,1,1,1,500 | rejects pods 3:1 "pod 'p' is there already"
printf '%s\r\n' "$pod_header" p,1,1,1,500 '"q,1,1,1,500' | rejects pods 3:1 'not closed'

gzip -9 <pods.csv >whole.gz
head -c $(($(wc -c <whole.gz) - 20)) whole.gz >cut.gz
{ head -c 40 whole.gz; echo damage; tail -c +48 whole.gz; } >damaged.gz
rm whole.gz
for bad in cut.gz damaged.gz; do
  place --nodes nodes.csv --tasks $bad --policy best-fit --seed 1 --json results.json
  expect_code 2
  grep -qE "^lepton-sim: $bad:[0-9]+:[0-9]+: the compressed file is (cut off|damaged)" err ||
    { fail "$last: message"; cat err >&2; }
  expect_only 'cut.gz damaged.gz nodes.csv pods.csv '
done

place --nodes nodes.csv --tasks missing.csv
expect_code 2
expect_text err 'lepton-sim: missing.csv: cannot be read: '
place --nodes . --tasks pods.csv
expect_code 2
place --nodes nodes.csv
expect_code 2
expect_text err '--nodes needs --tasks'
place --tasks pods.csv
expect_code 2
expect_text err '--tasks needs --nodes'

printf '%s\n' "$node_header" a,1,1,0, >cpu-only.csv
place --nodes cpu-only.csv --tasks pods.csv --seed 1 --json results.json
expect_code 2
[ ! -e results.json ] || fail "$last: results.json was written"

finish
