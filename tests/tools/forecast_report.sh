#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page of lepton-sim forecast compare --report: one file that loads nothing from elsewhere. With
# LEPTON_BROWSER (chromium, say) its scripts must also run there without an error.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

nasty='<b>&"series"<!--.txt'
write_series 300 >"$nasty"
page=report/new/index.html
forecast compare --series "$nasty" --models last,ses,regression --report report/new
expect_code 0
expect_text out "Report: $page"
[ "$(find report -type f)" = "$page" ] || fail "not one file: $(find report -type f)"
[ "$(tail -n 1 $page)" = '</html>' ] || fail "the page has no end"
awk '/^<script>$/ { ++scripts } scripts != 1 { print } /<\/script>$/ && scripts == 1 { ++scripts }' $page >own.html
for reference in '://' ' src=' 'srcset=' '@import' 'url(' '<iframe' '<img' 'fetch('; do
  expect_no_text own.html "$reference"
done
expect_text $page '<h1>&lt;b&gt;&amp;&quot;series&quot;&lt;!--.txt: 300 values'
expect_no_text $page '<!--'
for heading in 'Comparison' 'How to read this' 'Forecasts, and how good they are'; do
  expect_text $page ">$heading</h2>"
done
if command -v python3 >/dev/null; then
  sed -n 's/.*<script type="application\/json" id="report-data">\(.*\)<\/script>$/\1/p' $page >data.json
  python3 - <<'PYTHON' || fail "the data of the page are not as they should be"
import json
data = json.load(open('data.json', encoding='utf-8'))
assert [p['name'] for p in data['policies']] == ['last', 'ses', 'regression', 'actual values']
assert sorted(data['ranking']) == [0, 1, 2] and data['banded'] == data['ranking'][0]
forecasts = data['forecasts']
assert forecasts['x'] == list(range(225, 297)), forecasts['x']
for i in range(3):
    for low, middle, high in zip(forecasts['low'][i], forecasts['mean'][i], forecasts['high'][i]):
        assert low <= middle <= high
assert all(30 < y < 70 for y in forecasts['mean'][3])
for figure in ('errors', 'coverage'):
    assert data[figure]['x'] == list(range(1, 13))
PYTHON
fi
if [ -n "${LEPTON_BROWSER:-}" ]; then
  "$LEPTON_BROWSER" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$folder/profile" --enable-logging=stderr \
    --virtual-time-budget=5000 --dump-dom "file://$folder/$page" >dom.html 2>console.txt
  ! grep 'CONSOLE' console.txt || fail "the browser complains"
  grep -q 'aria-sort="ascending"' dom.html || fail "the scripts did not run"
fi

finish
