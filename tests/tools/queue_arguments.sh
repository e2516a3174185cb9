#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lepton-sim queue: options out of their range are exit code 2 and one clear message; nothing is
# run.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

queue --help
expect_code 0
expect_text out 'Examples:'
expect_text out 'ORDER+BACKFILL'
expect_text out 'fair-share'
"$LEPTON_SIM" --help >out
expect_text out 'queue'

write_log 20 8 >log.swf
refuses() { # <part of the message> <argument>...
  local says=$1
  shift
  queue "$@"
  expect_code 2
  expect_text err "$says"
  expect_text err 'lepton-sim: '
  [ ! -s out ] || fail "$last: something was printed"
}
refuses "there is no policy 'eassy'; did you mean 'easy'? The policies are: fcfs, easy, sjbf" --policy fcfs,eassy
refuses "there is no policy 'wfp3+esay'; did you mean 'wfp3+easy'?" --policy wfp3+esay
refuses "there is no policy 'easy+easy'" --policy easy+easy
refuses "there is no policy ''" --policy ''
refuses 'ORDER+BACKFILL, with ORDER one of fcfs, lifo' --policy qwertyuiop
refuses 'See lepton-sim queue --help.' --no-such-option
refuses --procs --procs 0
refuses --procs --procs -5
refuses --procs --procs many
refuses --rules --rules r3
refuses --node-size --node-size 0
refuses 'fcfs+gangs places jobs on nodes of 8, and 100 are no number of whole nodes' --procs 100 --policy easy,fcfs+gangs
refuses --ties --ties m2
refuses --jobs --jobs 0
refuses "'0' is not a number above 0 and up to 10, nor 'recorded'" --load 0
refuses "'nan' is not a number above 0" --load nan
refuses "'0' is not a number above 0" --tau 0
refuses "'100' is not a number from 0 to 99" --warm-up 100
refuses "'-1' is not a number from 0 to 99" --cool-down=-1
refuses 'together they must be below 100' --warm-up 60 --cool-down 40
refuses "'-1' is not a whole number" --seed=-1
refuses --threads --threads 0
refuses 'share the standard output' --json - --starts -
refuses --generate --generate feitelson
refuses excludes --generate lublin --trace log.swf
refuses excludes --philly x.csv --trace log.swf
refuses 'requires --report' --gantt-from 5
refuses "'0' is not a number above 0" --report report --gantt-hours 0
expect_only 'log.swf '

finish
