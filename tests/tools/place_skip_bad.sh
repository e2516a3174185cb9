#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --skip-bad: bad records are counted and named, the rest is used.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"
write_good_lists

cp nodes.csv bad-nodes.csv
printf '%s\n' node-1,1,1,0, node-6,-1,1,0, node-7,1,1,17,G2 >>bad-nodes.csv
cp pods.csv bad-pods.csv
printf '%s\n' p17,1,1,17,1000,,, 'torn,1,1' >>bad-pods.csv

place --nodes nodes.csv --tasks pods.csv --policy fgd --seed 1 --csv good.csv
expect_code 0
[ ! -s err ] || fail "$last: a message without a cause"
place --nodes bad-nodes.csv --tasks bad-pods.csv --policy fgd --seed 1 --csv skipped.csv --skip-bad
expect_code 0
expect_text err 'lepton-sim: bad-nodes.csv: 3 bad records skipped, 5 used'
expect_text err '  bad-nodes.csv:7:1: '
expect_text err '  bad-nodes.csv:8:8: '
expect_text err '  bad-nodes.csv:9:12: '
expect_text err 'lepton-sim: bad-pods.csv: 2 bad records skipped, 11 used'
expect_text err '  bad-pods.csv:13:9: '
expect_text err '  bad-pods.csv:14:9: '
[ "$(cut -d, -f1-10 good.csv)" = "$(cut -d, -f1-10 skipped.csv)" ] || fail "skipping changed the results"

# A file that is cut off is used up to its last whole line.
gzip -9 <pods.csv >whole.gz
head -c $(($(wc -c <whole.gz) - 20)) whole.gz >cut.gz
place --nodes nodes.csv --tasks cut.gz --policy fgd --seed 1 --skip-bad
expect_code 0
expect_text err 'lepton-sim: cut.gz: 1 bad record skipped, '
expect_text err 'the compressed file is cut off here'

# What is not about records still stops it.
for list in /dev/null header-only.csv no-column.csv all-bad.csv; do
  case $list in
    header-only.csv) echo sn,cpu_milli,memory_mib,gpu,model >$list ;;
    no-column.csv) printf '%s\n' sn,cpu_milli,memory_mib,gpu a,1,1,1 >$list ;;
    all-bad.csv) printf '%s\n' sn,cpu_milli,memory_mib,gpu,model a,x,1,1,G2 b,1,x,1,G2 >$list ;;
  esac
  place --nodes $list --tasks pods.csv --policy fgd --seed 1 --skip-bad
  expect_code 2
  grep -qE "^lepton-sim: $list:[0-9]+:[0-9]+: " err || { fail "$last: message"; cat err >&2; }
done

{
  echo sn,cpu_milli,memory_mib,gpu,model
  echo good,96000,393216,8,G2
  for i in $(seq 150); do echo "n$i,x,1,1,G2"; done
} >many-bad.csv
place --nodes many-bad.csv --tasks pods.csv --policy fgd --seed 1 --skip-bad
expect_code 0
expect_text err '150 bad records skipped, 1 used'
expect_text err '  and 50 more'

finish
