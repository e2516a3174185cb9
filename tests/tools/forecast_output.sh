#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What lepton-sim forecast prints and writes.
real=${LEPTON_DATA_DIR:-}
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

write_series 400 >wave.txt

# fit: what people read, and the same as JSON.
forecast fit --series wave.txt --order 2,0,1 --mean --horizon 3
expect_code 0
expect_text out 'wave.txt: 400 values, 1 of them missing'
expect_text out 'ARIMA(2,0,1)'
expect_text out 'log-likelihood '
for name in ar1 ar2 ma1 mean; do expect_text out "$name"; done
forecast fit --series wave.txt --order 2,0,1 --mean --horizon 3 --json -
expect_code 0
cp out fit.json
for model in last mean drift ses theta ets regression ridge tree forest boosting; do
  forecast fit --series wave.txt --model $model --horizon 2 --json $model.json
  expect_code 0
done
forecast fit --series wave.txt --model seasonal --season 24 --horizon 2 --json seasonal.json
expect_code 0
forecast fit --series wave.txt --auto stepwise --horizon 0
expect_code 0
expect_no_text out 'step'
if command -v python3 >/dev/null; then
  python3 - <<'PYTHON' || fail "the fits are not as they should be"
import json
fit = json.load(open('fit.json'))
assert list(fit)[:4] == ['model', 'description', 'order', 'coefficients'], list(fit)
assert fit['model'] == 'arima' and fit['order'] == [2, 0, 1] and fit['converged'], fit
assert list(fit['coefficients']) == ['ar1', 'ar2', 'ma1', 'mean'] == list(fit['standard_errors'])
assert fit['observations'] == 399 and fit['parameters'] == 5
assert abs(fit['aic'] - (-2 * fit['loglik'] + 10)) < 1e-9
assert [s['h'] for s in fit['forecast']] == [1, 2, 3]
for s in fit['forecast']:
    q = s['quantiles']
    assert q['0.1'] < q['0.5'] < q['0.9'] and s['se'] > 0 and abs(q['0.5'] - s['mean']) < 1e-9, s
for name in ('last mean drift ses theta ets regression ridge tree forest boosting seasonal').split():
    other = json.load(open(name + '.json'))
    assert other['model'] == name and len(other['forecast']) == 2, other
    assert all(30 < s['mean'] < 75 for s in other['forecast']), other
assert json.load(open('ets.json'))['description'].startswith('ETS(')
PYTHON
fi

# A logarithm is told of; values without one are an error.
printf '%s\n' 1 2 4 8 17 31 66 >powers.txt
forecast fit --series powers.txt --model drift --log --horizon 1 --json -
expect_code 0
expect_text out '"scale": "log"'
printf '%s\n' 1 0 3 >zero.txt
forecast fit --series zero.txt --log10 --model last
expect_code 2
expect_text err 'zero.txt: value 2 is 0, which has no logarithm; leave out --log10'

# compare: the same scores whatever the number of threads.
scores() { sed -E 's/"(fit_seconds|update_microseconds|forecast_microseconds)":[^,]*,//g' "$1"; }
for threads in 1 2; do
  forecast compare --series wave.txt --models last,mean,ses,regression --season 24 --threads $threads --json $threads.json
  expect_code 0
  scores $threads.json >$threads.scores
done
cmp 1.scores 2.scores || fail "--threads 2 changes the scores"
forecast compare --series wave.txt --models last,seasonal,regression --season 24 --horizon 6 --step 6
expect_code 0
expect_text out '16 origins from value 300 on, 6 ahead'
expect_text out 'covered % of 80'
[ "$(sed -n '4,$p' out | awk 'NR == 2 { print $1 }')" = regression ] || fail "the best model is not the first: $(cat out)"
forecast compare --series wave.txt --models last --refit 2 --interval 50 --json refit.json
expect_code 0
expect_text refit.json '"fits":4,'
if command -v python3 >/dev/null; then
  python3 - <<'PYTHON' || fail "the comparison is not as it should be"
import json
results = {r['model']: r for r in json.load(open('1.json'))}
assert list(results) == ['last', 'mean', 'ses', 'regression']
for r in results.values():
    assert r['origins'] == 8 and r['forecasts'] == 96 and len(r['steps']) == 12, r
    assert 0 <= r['coverage'] <= 1 and r['mae'] <= r['rmse'] and r['mase'] > 0
assert results['regression']['mase'] < results['last']['mase']
PYTHON
fi

# A table with times, a column by name and by number.
{
  echo 'timestamp,cpu,mem'
  for i in $(seq 10 59); do echo "2014-02-14 14:$i:00,$i,$((i % 7))"; done
} >table.csv
forecast fit --series table.csv --column mem --model last --horizon 1
expect_code 0
expect_text out 'table.csv, mem: 50 values'
forecast fit --series table.csv --column 2 --model last --horizon 1 --json -
expect_text out '"mean": 59.0'
gzip table.csv
forecast fit --series table.csv.gz --model last --horizon 1
expect_text out 'table.csv.gz, cpu: 50 values'

# Published figures, where the data are.
if [ -f "$real/series/AirPassengers.txt" ] && command -v python3 >/dev/null; then
  forecast fit --series "$real/series/AirPassengers.txt" --log --order 0,1,1 --seasonal 0,1,1,12 --json airline.json
  forecast fit --series "$real/series/presidents.txt" --order 3,0,0 --mean --horizon 3 --json presidents.json
  forecast fit --series "$real/series/lynx.txt" --log10 --order 2,0,0 --mean --json lynx.json
  python3 - <<'PYTHON' || fail "not the published figures"
import json
airline, presidents, lynx = (json.load(open(f)) for f in ('airline.json', 'presidents.json', 'lynx.json'))
assert abs(airline['loglik'] - 244.696487) < 1e-6 and airline['seasonal'] == [0, 1, 1, 12]
assert abs(airline['coefficients']['sma1'] + .55693651) < 1e-4
assert abs(airline['forecast'][11]['mean'] - 6.168025) < 1e-3 and abs(airline['forecast'][11]['se'] - .081571) < 1e-3
assert abs(presidents['loglik'] + 414.081930) < 1e-6
assert abs(presidents['forecast'][2]['se'] - 13.433647) < 1e-3
assert abs(lynx['loglik'] - 6.504660) < 1e-6
PYTHON
fi

finish
