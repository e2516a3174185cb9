#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page of lepton-sim place --report: one file that loads nothing from elsewhere, and shows names
# as they are. With LEPTON_BROWSER (chromium, say) its scripts must also run there without an error.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"
write_good_lists
nasty='<b>&"pods"<!--.csv'
mv pods.csv "$nasty"
sed -i 's/^node-1,/<i>node<!--\&1,/' nodes.csv

page=report/new/index.html
place --nodes nodes.csv --tasks "$nasty" --policy fgd,best-fit,random --seeds 3 --report report/new
expect_code 0
[ "$(find report -type f)" = "$page" ] || fail "not one file: $(find report -type f)"
[ "$(tail -n 1 $page)" = '</html>' ] || fail "the page has no end"

# All but Chart.js, whose licence names its site.
awk '/^<script>$/ { ++scripts } scripts != 1 { print } /<\/script>$/ && scripts == 1 { ++scripts }' $page >own.html
expect_text $page 'Chart.js v'
expect_no_text own.html 'Chart.js v'
expect_no_text own.html '://'
for reference in ' src=' 'srcset=' '@import' 'url(' '<iframe' '<img' 'fetch(' 'XMLHttpRequest'; do
  expect_no_text own.html "$reference"
done
expect_no_text $page 'sourceMappingURL='
[ "$(grep -o 'href=' own.html | wc -l)" = "$(grep -o 'href="data:' own.html | wc -l)" ] || fail "a link leaves the page"
expect_text $page "content=\"default-src 'none';"

# Names are text: neither a tag nor the end of a script.
expect_text $page '<h1>nodes.csv, &lt;b&gt;&amp;&quot;pods&quot;&lt;!--.csv</h1>'
expect_no_text own.html '<b>&'
expect_no_text $page '<!--'
expect_text $page '"\u003ci>node\u003c!--&1"'

# What it tells.
for heading in 'Comparison' 'How to read this' 'As the load rises' 'The cluster at the end'; do
  expect_text $page ">$heading</h2>"
done
[ "$(grep -o '<th scope="row"' $page | wc -l)" = 3 ] || fail "not a row for each policy"
[ "$(grep -c '^<option value' $page)" = 3 ] || fail "not every policy can be drawn"
expect_text $page '<dd>5 nodes, 34 GPUs</dd>'
expect_text $page '<dd>3 (0–2)</dd>'
expect_text $page 'at 130 % load'
if command -v python3 >/dev/null; then
  sed -n 's/.*<script type="application\/json" id="report-data">\(.*\)<\/script>$/\1/p' $page >data.json
  python3 - <<'PYTHON' || fail "the data of the page are not as they should be"
import json
data = json.load(open('data.json', encoding='utf-8'))
assert [p['name'] for p in data['policies']] == ['fgd', 'best-fit', 'random'], data['policies']
assert sorted(data['ranking']) == [0, 1, 2]
for figure in ('gpu', 'cpu', 'fragmentation'):
    loads, curves = data[figure]['x'], data[figure]
    assert loads == sorted(set(loads)) and loads[-1] == 130, loads
    for mean, low, high in zip(curves['mean'], curves['low'], curves['high']):
        assert len(mean) == len(low) == len(high) == len(loads)
        assert all(l <= m <= h for l, m, h in zip(low, mean, high))
layout, = data['cluster']['layouts']
assert layout['names'][0] == '<i>node<!--&1' and layout['devices'] == [8, 8, 8, 8, 2], layout
for state in data['cluster']['states']:
    assert len(state['used']) == 2 * 34 and len(state['cpu']) == len(state['memory']) == 2 * 5
PYTHON
fi
if command -v node >/dev/null; then
  awk '/^<\/?script>$/ { inside = !inside; next } inside' $page >scripts.js
  node --check scripts.js || fail "the scripts are no JavaScript"
fi

# A second run takes the place of the first; a load below 100 %, one policy, one seed.
place --nodes nodes.csv --tasks "$nasty" --policy best-fit --seed 4 --load 0.4 --report report/new
expect_code 0
[ "$(find report -type f)" = "$page" ] || fail "left over: $(find report -type f)"
expect_text $page 'at 40 % load'
expect_text $page '1 (seed 4)'
expect_no_text $page 'at 100 %'

# A folder that cannot be.
echo here first >taken
place --nodes nodes.csv --tasks "$nasty" --policy best-fit --seed 4 --load 0.4 --report taken/report
expect_code 1
expect_text err 'taken/report: the folder for the report cannot be created'
[ "$(cat taken)" = 'here first' ] || fail "a file was lost"

if [ -n "${LEPTON_BROWSER:-}" ]; then
  "$LEPTON_BROWSER" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$folder/profile" --enable-logging=stderr \
    --virtual-time-budget=5000 --dump-dom "file://$folder/$page" >dom.html 2>console.txt
  ! grep 'CONSOLE' console.txt || fail "the browser complains"
  grep -q '<li>.*fully used: ' dom.html || fail "the cluster was not drawn"
  grep -q '<button type="button" aria-pressed="true">Whole range' dom.html || fail "the charts were not drawn"
fi

finish
