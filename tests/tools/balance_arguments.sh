#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# lepton-sim balance: options out of their range are exit code 2 and one clear message; nothing is
# run.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

balance --help
expect_code 0
expect_text out 'Examples:'
expect_text out 'power-of-two'
balance picks --help
expect_code 0
expect_text out '--backends'

refuses() { # <part of the message> <argument>...
  local says=$1
  shift
  balance "$@"
  expect_code 2
  expect_text err "$says"
  expect_text err 'lepton-sim: '
  [ ! -s out ] || fail "$last: something was printed"
}
refuses "there is no policy 'maglevv'; did you mean 'maglev'? The policies are: " --policy random,maglevv
refuses "there is no policy ''" --policy ''
refuses 'See lepton-sim balance --help.' --no-such-option
refuses "'0' is not a number above 0 and up to 10, nor 'recorded'" --load 0
refuses "'nan' is not a number above 0" --load nan
refuses "'11' is not a number above 0" --load 11
refuses '--load recorded needs a trace' --load recorded
refuses --servers --servers 0
refuses --servers --servers 100001
refuses "'0' is not a number above 0" --speeds 1,0
refuses "'x' is not a number above 0" --speeds x
refuses --slots --slots 0
refuses --requests --requests 0
refuses --arrivals --arrivals sometimes
refuses "'0.5' is not a number from 1" --burst-ratio 0.5
refuses "'1' is not a number above 0 and up to 0.999" --burst-share 1
refuses --service --service slow
refuses "'0' is not a number from 0.001" --service-time 0
refuses "'1' is not a number above 1" --shape 1
refuses "'0' is not a number above 0" --variation 0
refuses --keys --keys 0
refuses "'-1' is not a number from 0 to 10" --zipf=-1
refuses "'100' is not a number from 0 to 99" --warm-up 100
refuses --seeds --seeds 0
refuses "'-1' is not a whole number" --seed=-1
refuses excludes --seed 1 --seeds 2
refuses --threads --threads 0
refuses 'share the standard output' --json - --csv -
refuses 'needs --trace FILE' --arrivals trace
refuses '--arrivals azure-code needs --data DIR' --arrivals azure-code
refuses 'there is no file ./azure-llm/AzureLLMInferenceTrace_conv.csv.gz' --arrivals azure-conv --data .
refuses 'leave out --arrivals bursts' --arrivals bursts --trace x.csv
refuses 'exclude each other' --arrivals azure-code --data . --trace x.csv
refuses 'less than 20 nanoseconds apart' --service-time 0.001 --servers 100 --load 1
refuses 'is no change' --changes fail
refuses 'is neither fail, leave nor join' --changes break:server-1@2
refuses 'names no server' --changes fail:server-11@2
refuses 'has no time' --changes fail:server-1@soon
refuses 'has no time' --changes fail:server-1@-1
refuses 'excludes' --servers-file x.csv --servers 3
refuses 'jump-hash: jump_hash takes no weights' --policy jump-hash --speeds 1,2

refuses '--policy is required' picks --backends a,b
refuses 'See lepton-sim balance picks --help.' picks --backends a,b
refuses '--backends is required' picks --policy random
refuses "there is no policy 'maglevv'; did you mean 'maglev'?" picks --policy maglevv --backends a
refuses 'name one policy' picks --policy all --backends a
refuses "has no number as its weight" picks --policy random --backends a=b
refuses "has no name" picks --policy random --backends =1
refuses 'has the key of backend 0' picks --policy random --backends a,a
refuses 'takes no weights' picks --policy jump-hash --backends a=1,b=2
refuses --count picks --policy random --backends a --count 0
expect_only ''

finish
