#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page of lepton-sim queue --report: one file that loads nothing from elsewhere, and shows names
# as they are. With LEPTON_BROWSER (chromium, say) its scripts must also run there without an error.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

nasty='<b>&"log"<!--.swf'
write_log 400 6 >"$nasty"
page=report/new/index.html
queue --trace "$nasty" --policy fcfs,easy,conservative --gantt-hours 2 --report report/new
expect_code 0
expect_text out "Report: $page"
[ "$(find report -type f)" = "$page" ] || fail "not one file: $(find report -type f)"
[ "$(tail -n 1 $page)" = '</html>' ] || fail "the page has no end"

# All but Chart.js, whose licence names its site.
awk '/^<script>$/ { ++scripts } scripts != 1 { print } /<\/script>$/ && scripts == 1 { ++scripts }' $page >own.html
expect_no_text own.html '://'
for reference in ' src=' 'srcset=' '@import' 'url(' '<iframe' '<img' 'fetch(' 'XMLHttpRequest'; do
  expect_no_text own.html "$reference"
done
expect_text $page "content=\"default-src 'none';"

# Names are text: neither a tag nor the end of a script.
expect_text $page '<h1>400 jobs of &lt;b&gt;&amp;&quot;log&quot;&lt;!--.swf'
expect_no_text own.html '<b>&'
expect_no_text $page '<!--'

for heading in 'Comparison' 'How to read this' 'Slowdowns, and the machine over time' 'Jobs on the machine' \
  'All figures and what they mean'; do
  expect_text $page ">$heading</h2>"
done
expect_text $page 'max(1, turnaround / max(run, 10 s))'
[ "$(grep -c '^<option value=' $page)" = 3 ] || fail "not a Gantt chart for each policy"
if command -v python3 >/dev/null; then
  sed -n 's/.*<script type="application\/json" id="report-data">\(.*\)<\/script>$/\1/p' $page >data.json
  python3 - <<'PYTHON' || fail "the data of the page are not as they should be"
import json
data = json.load(open('data.json', encoding='utf-8'))
assert [p['name'] for p in data['policies']] == ['fcfs', 'easy', 'conservative']
assert sorted(data['ranking']) == [0, 1, 2]
assert [f['id'] for f in data['figures']] == ['slowdowns', 'usage', 'queue']
for figure in ('slowdowns', 'usage', 'queue'):
    x, lines = data[figure]['x'], data[figure]['mean']
    assert x == sorted(set(x)) and len(x) > 15 and len(lines) == 3, x
    assert all(len(line) == len(x) for line in lines)
for line in data['slowdowns']['mean']:
    assert line == sorted(line) and line[-1] == 100, line
for line in data['usage']['mean']:
    assert all(y is None or 0 <= y <= 100.001 for y in line) and max(y or 0 for y in line) > 50
gantt = data['gantt']
assert gantt['seconds'] == 7200 and gantt['processors'] == 6
for picture in gantt['pictures']:
    jobs, blocks = picture['jobs'], picture['blocks']
    assert jobs and picture['left'] == 0
    size = [0] * len(jobs)
    cells = {}
    for job, first, count in blocks:
        size[job] += count
        assert 0 <= first and first + count <= 6
        for row in range(first, first + count):
            cells.setdefault(row, []).append(jobs[job][2:4])
    assert size == [job[5] for job in jobs]
    for spans in cells.values():  # no processor has two jobs at a time
        spans.sort()
        assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:])), spans
    for number, submit, start, end, estimate, size, backfilled, killed in jobs:
        assert submit <= start < end and start < 7200 and end > 0, number
PYTHON
fi
if command -v node >/dev/null; then
  awk '/^<\/?script>$/ { inside = !inside; next } inside' $page >scripts.js
  node --check scripts.js || fail "the scripts are no JavaScript"
fi

# One policy, a window of one's choice; a second run takes the place of the first.
queue --trace "$nasty" --policy easy --gantt-from 1 --gantt-hours 3 --warm-up 5 --report report/new
expect_code 0
[ "$(find report -type f)" = "$page" ] || fail "left over: $(find report -type f)"
expect_text $page '"gantt":{"from":3600,"seconds":10800.0,'
expect_text $page '<dd>first 5 %, last 0 %</dd>'
# A window in which nothing runs.
queue --trace "$nasty" --policy easy --gantt-from 5000 --report report/new
expect_code 0

if [ -n "${LEPTON_BROWSER:-}" ]; then
  queue --trace "$nasty" --policy fcfs,easy --report report/new
  "$LEPTON_BROWSER" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$folder/profile" --enable-logging=stderr \
    --virtual-time-budget=5000 --dump-dom "file://$folder/$page" >dom.html 2>console.txt
  ! grep 'CONSOLE' console.txt || fail "the browser complains"
  grep -q 'since the first submission: .* at work' dom.html || fail "the jobs were not drawn"
fi

finish
