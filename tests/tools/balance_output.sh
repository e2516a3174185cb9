#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What lepton-sim balance prints and writes.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

without_timings() { sed -E 's/,"seconds":[^}]*}$/}/; s/,"seconds":[^}]*},$/},/' "$1"; }
few=(--requests 5000 --seeds 3)

# The same results whatever the number of threads, and from run to run.
for threads in 1 2; do
  balance --policy all,slow-start,outlier-ejection,priority-levels,zone-aware "${few[@]}" \
    --changes fail:server-2@30%,join:server-2@60% --zipf 0.8 --threads $threads --json "$threads.json"
  expect_code 0
  without_timings "$threads.json" >"$threads.txt"
done
cmp 1.txt 2.txt || fail "--threads 2 changes the results"
[ "$(grep -c '^{"policy":' 1.json)" = "$(($(sed -n '/^policy/,$p' out | sed 1d | grep -c .) * 3))" ] ||
  fail "not one line of JSON for each policy and seed"
for key in policy seed servers requests mean p50 p95 p99 p999 max mean_wait imbalance jain utilisation \
  completed rejected lost retried moved moved_excess simulated_seconds per_server name seconds \
  picks_per_second; do
  expect_text 1.json "\"$key\":"
done
if command -v python3 >/dev/null; then
  python3 - <<'PYTHON' || fail "the results are not as they should be"
import json
for r in json.load(open('1.json', encoding='utf-8')):
    assert r['requests'] == 4500 and r['servers'] == 10, r
    assert r['completed'] + r['rejected'] + r['lost'] == r['requests'], r
    assert sum(s['requests'] for s in r['per_server']) == r['completed'], r
    assert r['p50'] <= r['p95'] <= r['p99'] <= r['p999'] <= r['max'], r
    assert r['mean_wait'] <= r['mean'] and r['imbalance'] >= 1 >= r['jain'] - 1e-9, r
    hashes = 'hash' in r['policy'] or r['policy'] in (
        'maglev', 'katran-maglev', 'ketama', 'rendezvous', 'ipvs-sh', 'bounded-maglev')
    assert (r['moved'] is not None) == hashes, r
    assert r['moved'] is None or r['moved_excess'] <= r['moved'], r
PYTHON
fi

# "-" is the standard output, and then nothing else is on it.
balance --policy maglev,random --seed 7 --requests 1000 --json -
expect_code 0
[ "$(head -c 1 out)$(tail -n 1 out)" = '[]' ] || fail "--json -: not just an array"
expect_text out '{"policy":"maglev","seed":7,"servers":10,"requests":900,'
balance --policy random --seed 7 --requests 1000 --csv -
[ "$(head -n 1 out)" = policy,seed,servers,requests,mean,p50,p95,p99,p999,max,mean_wait,imbalance,jain,utilisation,completed,rejected,lost,retried,moved,moved_excess,simulated_seconds,seconds,picks_per_second ] ||
  fail "--csv -: header"
[ "$(wc -l <out)" = 2 ] || fail "--csv -: not a line for each result"

# Policies that do not work with these servers are left out of "all", and named.
balance --speeds 1,2 --seed 1 --requests 1000
expect_code 0
expect_text err 'lepton-sim: left out: jump-hash: '
expect_no_text out 'jump-hash'
expect_text out '10 servers, load 80 %: 1,000 requests, Poisson arrivals; exponential work, 10 ms on average'

# Lists of servers and of requests.
printf '%s\n' name,speed,slots a,1,1 b,2,2 >servers.csv
{
  echo time,work,key
  for i in $(seq 100); do echo "$i,1,key-$((i % 7))"; done
} >trace.csv
balance --servers-file servers.csv --trace trace.csv --load recorded --warm-up 0 --policy maglev --seed 1 --json -
expect_code 0
expect_text out '"per_server":[{"name":"a","requests":'
expect_text out '"simulated_seconds":99.0'
gzip -k trace.csv
balance --servers-file servers.csv --trace trace.csv.gz --load 0.5 --policy maglev --seed 1
expect_code 0
expect_text out '2 servers, load 50 %: 100 requests of trace.csv.gz, their times multiplied by 0.404'

# A queue that is full rejects; servers that fail lose.
balance --policy random --seed 1 --requests 5000 --queue-limit 0 --lose \
  --changes fail:server-1@50%,fail:server-2@50%,fail:server-3@50%,fail:server-4@50%
expect_code 0
expect_text out 'rejected'
expect_text out 'lost'

# Published sequences and tables, by hand.
picks() { # <expected> <argument>...
  local expected=$1
  shift
  balance picks "$@"
  expect_code 0
  [ "$(tr '\n' ' ' <out)" = "$expected" ] || fail "$last: $(tr '\n' ' ' <out)"
}
picks 'a a b a c a a ' --policy nginx-round-robin --backends a=5,b=1,c=1 --count 7
picks 'a a b a b c a b c ' --policy ipvs-wrr --backends a=4,b=3,c=2 --count 9
picks 'a b c a a b ' --policy ipvs-wlc --backends a=4,b=2,c=1 --count 6 --hold
picks 'a a a ' --policy ipvs-lc --backends a,b --count 3
picks 'a b a b ' --policy ipvs-lc --backends a,b --count 4 --hold
picks '(none) ' --policy random --backends a=0 --count 1
picks 'a b a ' --policy nginx-ip-hash --backends a,b,c --keys 10.0.0.1,10.0.7.1,10.0.0.200
picks 'a a ' --policy ketama --backends a --keys x,y

# A report.
balance --policy round-robin,maglev,random "${few[@]}" --report report
expect_code 0
expect_text out 'Report: report/index.html'
expect_text report/index.html '<html'

# The data folder.
mkdir -p data/azure-llm
{
  echo TIMESTAMP,ContextTokens,GeneratedTokens
  for i in $(seq 10 59); do echo "2023-11-16 18:17:$i.5,1000,20"; done
} | gzip >data/azure-llm/AzureLLMInferenceTrace_code.csv.gz
for source in --data LEPTON_DATA_DIR; do
  if [ $source = --data ]; then
    balance --arrivals azure-code --data data --policy random --seed 1
  else
    LEPTON_DATA_DIR=data balance --arrivals azure-code --policy random --seed 1
  fi
  expect_code 0
  expect_text out '50 requests of AzureLLMInferenceTrace_code.csv.gz'
done

finish
