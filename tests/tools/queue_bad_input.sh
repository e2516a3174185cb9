#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lepton-sim queue with bad logs: exit code 2, a message with file, line and column, and no output
# file.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

# rejects <swf|csv> <where> <part of the message>, the log on the standard input
rejects() {
  local bad=bad.$1
  cat >"$bad"
  queue --policy easy --procs 8 --trace "$bad" --json results.json --starts starts.csv --report report
  expect_code 2
  expect_text err "lepton-sim: $bad:$2"
  expect_text err "$3"
  [ "$(wc -l <err)" = 1 ] || fail "$last: more than one line of message"
  [ ! -s out ] || fail "$last: something was printed"
  expect_only "$bad "
  rm "$bad"
}
good='1 0 -1 10 2 -1 -1 2 20 -1 1 1 1 -1 -1 -1 -1 -1'

rejects swf '1:1: ' 'the log has no records' </dev/null
printf '%s\n' '; MaxProcs: 8' '' | rejects swf '3:1: ' 'the log has no records'
printf '%s\n' "$good" '2 0 -1 10' | rejects swf '2:' 'the record ends after 4 of 18 fields'
printf '%s\n' "$good" '2 0 -1 ten 2 -1 -1 2 20 -1 1 1 1 -1 -1 -1 -1 -1' |
  rejects swf '2:8: ' 'the run time is not a number'
printf '%s\n' '1 -7 -1 10 2 -1 -1 2 20 -1 1 1 1 -1 -1 -1 -1 -1' |
  rejects swf '1:3: ' 'the submit time is negative'
printf '%s\n' '1 99999999999999 -1 10 2 -1 -1 2 20 -1 1 1 1 -1 -1 -1 -1 -1' |
  rejects swf '1:3: ' 'too large'
head -c 300 /dev/zero | tr '\0' '\001' | rejects swf '1:1: ' 'is not a number'
printf '%s\n' timestamp,duration,cluster 2017-10-09,5,x | rejects csv '1:' "the column 'num_gpus' is missing"
printf '%s\n' timestamp,duration,num_gpus,cluster now,5,1,x | rejects csv '2:1: ' 'timestamp is not a time'
printf '%s\n' timestamp,duration,num_gpus,cluster '2017-10-09 07:01:55,5,64,x' |
  rejects csv ' ' 'none of the 1 jobs can run on 8 GPUs'

# The size of the machine must be known, and hold some of the jobs.
printf '%s\n' "$good" >small.swf
queue --trace small.swf --policy easy
expect_code 2
expect_text err 'lepton-sim: small.swf: the header does not say how many processors'
queue --trace small.swf --procs 1 --rules r2 --policy easy
expect_code 2
expect_text err 'lepton-sim: small.swf: the rules leave none of the 1 records'
queue --trace small.swf --procs 1 --rules r1 --policy easy --starts -
expect_code 0
expect_text out '1,0,0,10,1'
queue --trace small.swf --procs 8 --load 0.5
expect_code 2
expect_text err 'give --load recorded'

queue --trace missing.swf
expect_code 2
expect_text err 'lepton-sim: missing.swf: cannot be read: '
queue --trace .
expect_code 2
gzip -c small.swf | head -c 40 >cut.swf.gz
queue --trace cut.swf.gz --procs 8
expect_code 2
expect_text err 'lepton-sim: cut.swf.gz'

# Bad records are named and left out, if asked for.
printf '%s\n' "$good" 'nonsense' "${good/#1/3}" >mixed.swf
queue --policy easy --trace mixed.swf --procs 8 --skip-bad --starts -
expect_code 0
expect_text err 'lepton-sim: mixed.swf: 1 bad record skipped, 2 used'
[ "$(wc -l <out)" = 3 ] || fail "not a line for each good record"

# What cannot be written is exit code 1, and files are told of before the work.
for option in --json --starts; do
  queue --policy easy --trace small.swf --procs 8 $option none/file
  expect_code 1
  expect_text err 'none/file: cannot be written'
done
echo here first >taken
queue --policy easy --trace small.swf --procs 8 --report taken/report
expect_code 1
expect_text err 'taken/report: the folder for the report cannot be created'

finish
