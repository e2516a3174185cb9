#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What lepton-sim queue prints and writes.
real_logs=${LEPTON_DATA_DIR:-}
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

without_timings() { sed -E 's/"seconds":[^,]*,"jobs_per_second":[^,]*,//' "$1"; }
policies() { # the policies of a JSON file, one a line
  sed -n 's/^{"policy":"\([^"]*\)".*/\1/p' "$1"
}

# The same results whatever the number of threads; all policies that there are run.
every=$(for order in fcfs lifo sjf ljf smallest largest f1 f2 f3 f4 wfp3 unicef fair-share multifactor; do
  printf '%s,' $order
  for backfill in none easy sjbf easy++ conservative gangs gangs-in-turn; do printf '%s,' $order+$backfill; done
done)all,easy-regression,easy-perfect,conservative-by-start
for threads in 1 2; do
  queue --jobs 300 --procs 32 --load 1.1 --seed 3 --policy "$every" --threads $threads --json $threads.json
  expect_code 0
  without_timings $threads.json >$threads.txt
done
cmp 1.txt 2.txt || fail "--threads 2 changes the results"
[ "$(policies 1.json | sort -u | wc -l)" = "$(wc -l < <(policies 1.json))" ] || fail "a policy comes twice"
[ "$(policies 1.json | wc -l)" -ge 118 ] || fail "policies are missing"
for key in jobs sum_wait mean_wait mean_bounded_slowdown p95_wait makespan utilisation backfilled seconds \
  jobs_per_second p50_wait max_wait mean_turnaround mean_slowdown p99_per_processor_bounded_slowdown tau \
  throughput mean_queue max_queue completed killed rejected trimmed tenants jain; do
  expect_text 1.json "\"$key\":"
done
if command -v python3 >/dev/null; then
  python3 - <<'PYTHON' || fail "the results are not as they should be"
import json
results = {r['policy']: r for r in json.load(open('1.json', encoding='utf-8'))}
for r in results.values():
    assert r['jobs'] == 300 and r['completed'] + r['killed'] == 300 and r['rejected'] == 0, r
    assert 0 < r['utilisation'] <= 1 and r['p50_wait'] <= r['p95_wait'] <= r['max_wait'], r
    assert abs(r['mean_wait'] - r['sum_wait'] / 300) < 1e-6 and r['tau'] == 10, r
    assert r['mean_bounded_slowdown'] >= 1 >= r['jain'] - 1e-9, r
    none = '+' not in r['policy'] and r['policy'] in ('fcfs', 'lifo', 'sjf', 'f1', 'wfp3', 'multifactor')
    assert not (none or r['policy'].endswith('+none')) or r['backfilled'] == 0, r
same = lambda a, b: all(results[a][k] == results[b][k] for k in ('sum_wait', 'max_wait', 'backfilled'))
assert same('fcfs', 'fcfs+none') and same('easy', 'fcfs+easy') and same('sjbf', 'fcfs+sjbf')
assert same('easy++', 'fcfs+easy++') and same('conservative', 'fcfs+conservative')
assert results['easy']['sum_wait'] < results['fcfs']['sum_wait']
assert len({r['sum_wait'] for r in results.values()}) > 60
PYTHON
fi

# Few policies are printed with all figures and their definitions, many with the main ones.
write_log 200 6 >log.swf
queue --trace log.swf --policy fcfs,easy --tau 60
expect_code 0
expect_text out '6 processors, load '
expect_text out ': 200 jobs of log.swf.'
expect_text out 'max(1, turnaround / max(run, 60 s))'
expect_text out 'per_processor_bounded_slowdown'
expect_text out 'busy processor seconds / (processors * makespan)'
expect_text out "Jain's index"
expect_text out '(nearest rank)'
queue --trace log.swf
expect_code 0
for policy in fcfs easy sjbf easy++ conservative sjf+easy wfp3+easy unicef+easy f1+easy fair-share+easy multifactor+easy; do
  grep -qE "^$(printf %s "$policy" | sed 's/+/\\+/g') " out || fail "$last: no $policy"
done
expect_text out 'wait = start - submission'

# "-" is the standard output, and then nothing else is on it.
queue --trace log.swf --policy easy --json -
expect_code 0
[ "$(head -c 1 out)$(tail -n 1 out)" = '[]' ] || fail "--json -: not just an array"
queue --trace log.swf --policy easy --starts -
expect_code 0
[ "$(head -n 1 out)" = job,submit,start,end,processors ] || fail "--starts -: header"
[ "$(wc -l <out)" = 201 ] || fail "--starts -: not a line for each job"
queue --trace log.swf --policy easy,fcfs --starts starts.csv
[ "$(head -n 1 starts.csv)" = policy,job,submit,start,end,processors ] || fail "starts.csv: header"
[ "$(grep -c '^fcfs,' starts.csv)" = 200 ] || fail "starts.csv: not a line for each job of a policy"

# By hand, on 10 processors: (processors, minutes asked for) in order; conservative backfilling.
{
  n=0
  for job in '6 10' '27 15' '28 14' '29 13' '30 12' '5 10' '5 10' '30 11'; do
    n=$((n + 1))
    echo "$n 0 -1 $((${job#* } * 60)) ${job% *} -1 -1 ${job% *} $((${job#* } * 60)) -1 1 1 -1 -1 -1 -1 -1 -1"
  done
} >plan.swf
for policy in conservative conservative-by-start; do
  queue --trace plan.swf --procs 32 --rules r2 --policy $policy --starts -
  [ "$(sed 1d out | cut -d, -f3 | tr '\n' ' ')" = '0 600 1500 2340 3120 0 0 3840 ' ] ||
    fail "$last: $(sed 1d out | cut -d, -f3 | tr '\n' ' ')"
done

# Until 100 job 2 heads the queue. Job 1 ends then, before its time, and job 4 comes: m1 starts job
# 2; in m0 job 4 comes first, and may go before job 2, which waits until 300 as far as one knows.
cat >ties.swf <<'LOG'
1 0 -1 100 6 -1 -1 6 300 -1 1 1 -1 -1 -1 -1 -1 -1
2 1 -1 50 8 -1 -1 8 50 -1 1 2 -1 -1 -1 -1 -1 -1
3 2 -1 90 2 -1 -1 2 98 -1 1 3 -1 -1 -1 -1 -1 -1
4 100 -1 60 4 -1 -1 4 60 -1 1 4 -1 -1 -1 -1 -1 -1
LOG
starts_are() { # <starts> <argument>...
  local expected=$1
  shift
  queue --trace ties.swf --procs 10 --starts - "$@"
  [ "$(sed 1d out | cut -d, -f3 | tr '\n' ' ')" = "$expected" ] ||
    fail "$last: $(sed 1d out | cut -d, -f3 | tr '\n' ' ')"
}
starts_are '0 100 100 150 ' --policy fcfs
starts_are '0 100 2 150 ' --policy easy
starts_are '0 100 2 150 ' --policy easy --ties m1
starts_are '0 160 2 100 ' --policy easy --ties m0
starts_are '0 160 2 100 ' --policy lifo

# Trimming, the first jobs, the load; gz; what a record means.
queue --trace log.swf --policy easy --warm-up 10 --cool-down 5 --json -
expect_text out '"jobs":170,'
expect_text out '"trimmed":30,'
queue --trace log.swf --policy easy --jobs 50 --load 0.5
expect_code 0
expect_text out '6 processors, load 50 %: 50 jobs of log.swf, gaps between submissions multiplied by '
gzip -k log.swf
queue --trace log.swf.gz --policy easy --procs 3 --rules r2
expect_code 0
expect_text out '3 processors'
expect_text out '150 jobs of log.swf.gz (50 dropped)'

# Generated logs depend on the seed; the Philly list.
queue --policy easy --jobs 500 --seed 1 --starts 1.csv
expect_text out '128 processors'
expect_text out '500 jobs of the Lublin-Feitelson model, seed 1.'
queue --policy easy --jobs 500 --seed 2 --starts 2.csv
! cmp -s 1.csv 2.csv || fail "--seed changes nothing"
{
  echo timestamp,duration,num_gpus,gpu_time,cluster
  for i in $(seq 10 59); do echo "2017-10-09 07:01:$i,300,$((i % 16 + 1)),0,vc$((i % 3))"; done
} >philly.csv
queue --philly philly.csv --procs 24 --policy fcfs,easy
expect_code 0
expect_text out '24 GPUs'
expect_text out '50 jobs of philly.csv'
queue --philly philly.csv --threads 1
expect_code 0
expect_text out 'fair-share+gangs'
queue --trace philly.csv --policy easy --json -
expect_text out '"tenants":3,'

# Two nodes of 4: jobs of 3, 3, 2, 4 and 8. The job of 2 finds no room on one node, and the one of 4
# goes before neither of them; a gang has whole nodes.
n=0
for size in 3 3 2 4 8; do echo "$((n += 1)) $n -1 10 $size -1 -1 $size 10 -1 1 1 -1 -1 -1 -1 -1 -1"; done >gangs.swf
gang_starts_are() { # <starts> <policy>
  queue --trace gangs.swf --procs 8 --node-size 4 --rules r2 --policy "$2" --starts -
  expect_code 0
  [ "$(sed 1d out | cut -d, -f3 | tr '\n' ' ')" = "$1" ] || fail "$last: $(sed 1d out | cut -d, -f3 | tr '\n' ' ')"
}
gang_starts_are '1 2 11 12 22 ' fcfs+gangs
gang_starts_are '1 2 11 12 22 ' fcfs+gangs-in-turn
gang_starts_are '1 2 3 12 22 ' fcfs

# Real logs, to the last second.
if [ -n "$real_logs" ]; then
  kth=$real_logs/swf/KTH-SP2-1996-2.1-cln.swf.gz
  nasa=$real_logs/swf/NASA-iPSC-1993-3.1-cln.swf.gz
  if [ -e "$kth" ]; then
    queue --trace "$kth" --procs 100 --rules r1 --policy fcfs,easy,sjbf --json -
    [ "$(grep -o '"sum_wait":[0-9]*' out | cut -d: -f2 | tr '\n' ' ')" = '10084963665 196395793 168915803 ' ] ||
      fail "$last: $(grep -o '"sum_wait":[0-9]*' out)"
    expect_text out '"mean_wait":6896.888362'
    expect_text out '"mean_bounded_slowdown":67.7468923'
  fi
  if [ -e "$nasa" ]; then
    queue --trace "$nasa" --procs 128 --rules r2 --policy fcfs,easy --json -
    expect_text out '"mean_wait":8.08131'
    expect_text out '"mean_wait":4.06664'
  fi
fi

finish
