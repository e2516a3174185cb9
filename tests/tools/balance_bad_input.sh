#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lepton-sim balance with bad lists: exit code 2, a message with file, line and column, and no
# output file.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

# rejects <trace|servers> <line:column> <part of the message>, the list on the standard input
rejects() {
  local bad=bad-$1.csv option=--$1
  [ "$1" = servers ] && option=--servers-file
  cat >"$bad"
  balance --policy random --seed 1 --requests 10 "$option" "$bad" --json results.json \
    --csv results.csv --report report
  expect_code 2
  expect_text err "lepton-sim: $bad:$2: "
  expect_text err "$3"
  [ "$(wc -l <err)" = 1 ] || fail "$last: more than one line of message"
  [ ! -s out ] || fail "$last: something was printed"
  expect_only "$bad "
  rm "$bad"
}

rejects trace 1:1 'the file is empty' </dev/null
rejects servers 1:1 'the file is empty' </dev/null
printf '%s\n' time,work | rejects trace 2:1 'no records'
printf '%s\n' time,key 1,a | rejects trace 1:9 "the column 'work' is missing"
printf '%s\n' time,work 1,1 2,fast | rejects trace 3:3 'work is not a number of seconds'
printf '%s\n' time,work 1,1 2,-1 | rejects trace 3:3 'work is not a number of seconds'
printf '%s\n' time,work 2,1 1,1 | rejects trace 3:1 'sort the list by time'
printf '%s\n' time,work '"1,1' | rejects trace 2:1 'not closed'
printf '%s\n' TIMESTAMP,ContextTokens,GeneratedTokens now,1,1 | rejects trace 2:1 'TIMESTAMP is not a time'
printf '%s\n' TIMESTAMP,ContextTokens,GeneratedTokens '2023-11-16 18:17:03,1,-1' |
  rejects trace 2:23 'GeneratedTokens is negative'
printf '%s\n' name,speed a,0 | rejects servers 2:3 'speed is not a number above 0'
printf '%s\n' name,slots a,0 | rejects servers 2:3 'slots is 0'
printf '%s\n' name a a | rejects servers 3:1 "server 'a' is there already"
printf '%s\n' name,weight a,heavy | rejects servers 2:3 'weight is not a number'

# All at once: no load can be made of it, but it can be replayed.
printf '%s\n' time,work 0,1 0,1 >once.csv
balance --policy random --seed 1 --trace once.csv
expect_code 2
expect_text err 'give --load recorded'
balance --policy random --seed 1 --trace once.csv --load recorded
expect_code 0

balance --trace missing.csv
expect_code 2
expect_text err 'lepton-sim: missing.csv: cannot be read: '
balance --servers-file missing.csv
expect_code 2

# Bad records are named and left out, if asked for.
printf '%s\n' time,work 0,1 x,1 5,1 >mixed.csv
balance --policy random --seed 1 --trace mixed.csv --skip-bad --warm-up 0 --csv -
expect_code 0
expect_text err 'lepton-sim: mixed.csv: 1 bad record skipped, 2 used'
expect_text out 'random,1,10,2,'

# What cannot be written is exit code 1, and said before the work.
balance --policy random --seed 1 --json none/results.json
expect_code 1
expect_text err 'none/results.json: cannot be written'

finish
