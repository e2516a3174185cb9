#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What lepton-sim place prints and writes.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"
write_good_lists
lists=(--nodes nodes.csv --tasks pods.csv)

without_timings() { sed -E 's/,"seconds":[^}]*}/}/' "$1"; }

# The same results whatever the number of threads, and from run to run.
for threads in 1 2 5; do
  place "${lists[@]}" --policy all --seeds 3 --threads $threads --json "$threads.json"
  expect_code 0
  expect_no_text err '['
  without_timings "$threads.json" >"$threads.txt"
done
cmp 1.txt 2.txt || fail "--threads 2 changes the results"
cmp 1.txt 5.txt || fail "--threads 5 changes the results"
place "${lists[@]}" --policy all --seeds 3 --json again.json
without_timings again.json >again.txt
cmp 1.txt again.txt || fail "a second run gives other results"
expect_text 1.json '[{"load":0,"gpu_percent":0.0,"cpu_percent":0.0},'
[ "$(grep -c '^{"policy":' 1.json)" = "$(($(sed -n '/^policy/,$p' out | sed 1d | grep -c .) * 3))" ] ||
  fail "not one line of JSON for each policy and seed"
for key in policy seed nodes tasks capacity allocation fragmentation unplaced decisions seconds \
  decisions_per_second cpu_milli memory_mib gpu_milli load gpu_percent cpu_percent percent_of_cluster; do
  expect_text 1.json "\"$key\":"
done

# Other files come out the same from a compressed list.
gzip -k nodes.csv pods.csv
place --nodes nodes.csv.gz --tasks pods.csv.gz --policy all --seeds 3 --json gz.json
without_timings gz.json | cmp - 1.txt || fail "compressed lists give other results"

# "-" is the standard output, and then nothing else is on it.
place "${lists[@]}" --policy fgd,best-fit --seed 7 --json -
expect_code 0
[ "$(head -c 1 out)$(tail -n 1 out)" = '[]' ] || fail "--json -: not just an array"
[ "$(grep -c '^{"policy":' out)" = 2 ] || fail "--json -: not two results"
expect_text out '{"policy":"fgd","seed":7,"nodes":5,'
place "${lists[@]}" --policy fgd --seed 7 --csv - --load 0.5
expect_code 0
[ "$(head -n 1 out)" = policy,seed,nodes,tasks,load,gpu_percent,cpu_percent,fragmentation_percent,unplaced,decisions,seconds,decisions_per_second ] ||
  fail "--csv -: header"
[ "$(wc -l <out)" = 52 ] || fail "--csv -: not a line for each percent"

# The table, and why a task finds no node.
place "${lists[@]}" --policy fgd --seeds 2 --explain pod-odd
expect_code 0
expect_text out 'nodes.csv, pods.csv: 5 nodes with 34 GPUs'
expect_text out 'means of 2 seeds'
expect_text out 'GPU % at 130'
expect_text out 'pod-odd after fgd, seed 0: infeasible'
expect_text out '5 with no device of an acceptable type'
place "${lists[@]}" --policy fgd --seed 1 --explain 10 --json - --load 0.1
expect_text err 'pod-odd after fgd, seed 1: infeasible'
place "${lists[@]}" --explain nobody
expect_code 2
expect_text err "there is no task 'nobody'"

place "${lists[@]}" --timed
expect_code 0
expect_text out 'longest queue'

place "${lists[@]}" --policy fgd --seed 1 --report report
expect_code 0
expect_text out 'Report: report/index.html'
expect_text report/index.html '<html'

# What cannot be written is exit code 1, and said before the work.
place "${lists[@]}" --policy fgd --seed 1 --json none/results.json
expect_code 1
expect_text err 'none/results.json: cannot be written'
place "${lists[@]}" --policy fgd --seed 1 --csv .
expect_code 1

# The built-in workload, and the data folder.
place --policy first-fit --seed 1 --load 0.2
expect_code 0
expect_text out '1,213 nodes with 6,212 GPUs'
mkdir -p data/openb
cp nodes.csv.gz data/openb/openb_node_list_gpu_node.csv.gz
cp pods.csv.gz data/openb/openb_pod_list_default.csv.gz
place --data data --policy first-fit --seed 1
expect_text out ': 5 nodes with 34 GPUs'
LEPTON_DATA_DIR=data place --policy first-fit --seed 1
expect_text out ': 5 nodes with 34 GPUs'
LEPTON_DATA_DIR=/nowhere place --policy first-fit --seed 1 --load 0.2
expect_text out '1,213 nodes with 6,212 GPUs'
place --data . --policy first-fit
expect_code 2

finish
