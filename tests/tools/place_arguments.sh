#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Options out of their range are exit code 2 and one clear message; nothing is run.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

"$LEPTON_SIM" --version | grep -qE '^lepton-sim [0-9]+\.[0-9]+\.[0-9]+$' || fail "--version"
"$LEPTON_SIM" --help | grep -q place || fail "--help"
place --help
expect_code 0
expect_text out 'Examples:'
expect_text out 'gpu-packing'

refuses() { # <part of the message> <argument>...
  local says=$1
  shift
  place "$@"
  expect_code 2
  expect_text err "$says"
  expect_text err 'lepton-sim: '
  [ ! -s out ] || fail "$last: something was printed"
}
refuses "there is no policy 'bestfit'; did you mean 'best-fit'? The policies are: " --policy fgd,bestfit
refuses "there is no policy 'zzzzzzz'. The policies are: " --policy zzzzzzz
refuses "there is no policy ''" --policy ''
refuses "'0' is not a number above 0" --load 0
refuses "'-1' is not a number above 0" --load=-1
refuses "'11' is not a number above 0" --load 11
refuses "'nan' is not a number above 0" --load nan
refuses "'1.3x' is not a number above 0" --load 1.3x
refuses --seeds --seeds 0
refuses --seeds --seeds 99999999999999999999
refuses --seeds --seeds x
refuses "'-1' is not a whole number" --seed=-1
refuses "'18446744073709551616' is not a whole number" --seed 18446744073709551616
refuses excludes --seed 1 --seeds 2
refuses --threads --threads 0
refuses --threads --threads many
refuses 'share the standard output' --json - --csv -
refuses '--timed prints a table only' --timed --json x
refuses 'creation and deletion time' --timed
refuses 'not expected' --no-such-option
refuses 'no openb/' --data .

"$LEPTON_SIM" >out 2>err
[ $? = 2 ] || fail "no subcommand: exit code"
"$LEPTON_SIM" plaice >out 2>err
[ $? = 2 ] || fail "unknown subcommand: exit code"
expect_only ''

finish
