#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lepton-sim forecast with bad series and arguments: exit code 2, a message that says where and what
# to do, and no output file.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

# rejects <part of the message>, the series on the standard input
rejects() {
  cat >bad.csv
  forecast fit --series bad.csv --model "${model:-last}" --json results.json
  expect_code 2
  expect_text err "lepton-sim: "
  expect_text err "$1"
  [ "$(wc -l <err)" = 1 ] || fail "$last: more than one line of message"
  [ ! -s out ] || fail "$last: something was printed"
  expect_only 'bad.csv '
}
rejects 'bad.csv' </dev/null
printf '%s\n' 1 2 x | rejects 'bad.csv:3:1'
printf '%s\n' time,load 1,2 3 | rejects 'bad.csv:3:'
printf '%s\n' 1 inf 3 | rejects 'no finite number'
printf '%s\n' NA NaN '' | rejects 'missing'
for model in last ses ets theta arima drift regression; do
  printf '%s\n' NA NA NA NA | rejects 'missing'
done
head -c 200 /dev/zero | tr '\0' '\001' | rejects 'there are no lines after the header'
rm bad.csv

write_series 120 >wave.txt
refuses() { # <part of the message> <arguments>
  local text=$1
  shift
  forecast "$@"
  expect_code 2
  expect_text err "$text"
  expect_only 'wave.txt '
}
refuses 'series is required' fit
refuses 'missing.txt: cannot be read: ' fit --series missing.txt
refuses "there is no model 'arimo'; did you mean 'arima'?" fit --series wave.txt --model arimo
refuses "did you mean 'ets'?" compare --series wave.txt --models last,etz --report report
refuses 'is for the model arima' fit --series wave.txt --model ets --order 1,0,0
refuses "column" fit --series wave.txt --column load
refuses '--order' fit --series wave.txt --order 1,0
refuses '--auto' fit --series wave.txt --order 1,0,0 --auto stepwise
refuses 'arima: ' fit --series wave.txt --order 99,0,0
refuses 'season' fit --series wave.txt --order 1,0,0 --seasonal 1,0,0
refuses '--horizon' compare --series wave.txt --horizon 0
refuses 'above 0 and below 1' fit --series wave.txt --model last --quantiles 0.5,1
refuses 'needs a season' compare --series wave.txt --models seasonal
refuses 'rolling_origin: ' compare --series wave.txt --horizon 100
refuses '--log excludes --log10' fit --series wave.txt --log --log10

# Nothing could be written: said before the work.
forecast compare --series wave.txt --models last --json no/such/folder.json
expect_code 1
expect_text err 'no/such'

# Too short, or constant: a simpler model stands in, and the result says so.
printf '%s\n' 5 7 >short.txt
forecast fit --series short.txt --order 3,0,0 --mean --horizon 2
expect_code 0
expect_text out 'last value stands in'
yes 3 | head -n 50 >constant.txt
for model in arima ets theta regression forest hybrid lstm; do
  forecast fit --series constant.txt --model $model --horizon 2 --json -
  expect_code 0
  expect_text out '"mean": 3.0'
done

finish
