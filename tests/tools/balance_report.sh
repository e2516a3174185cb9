#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The page of lepton-sim balance --report: one file that loads nothing from elsewhere, and shows
# names as they are. With LEPTON_BROWSER (chromium, say) its scripts must also run there without an
# error.
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

printf '%s\n' name,weight,speed '<i>a<!--&1,1,1' 'b"</script>,2,2' c,0,1 >servers.csv
nasty='<b>&"requests"<!--.csv'
{
  echo time,work,key
  for i in $(seq 2000); do echo "$((i / 10)).$((i % 10)),0.2,key-$((i % 77))"; done
} >"$nasty"

page=report/new/index.html
balance --servers-file servers.csv --trace "$nasty" --policy round-robin,maglev,least-connections --seeds 3 --report report/new
expect_code 0
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
expect_text $page '<h1>2,000 requests of &lt;b&gt;&amp;&quot;requests&quot;&lt;!--.csv'
expect_no_text own.html '<b>&'
expect_no_text $page '<!--'
expect_text $page '"\u003ci>a\u003c!--&1","b\"\u003c/script>"'

for heading in 'Comparison' 'How to read this' 'Latency and load' 'Keys that a change moves' 'The servers'; do
  expect_text $page ">$heading</h2>"
done
[ "$(grep -o '<th scope="row"' $page | wc -l)" = 3 ] || fail "not a row for each policy"
expect_text $page '<dd>3 (0–2)</dd>'
if command -v python3 >/dev/null; then
  sed -n 's/.*<script type="application\/json" id="report-data">\(.*\)<\/script>$/\1/p' $page >data.json
  python3 - <<'PYTHON' || fail "the data of the page are not as they should be"
import json
data = json.load(open('data.json', encoding='utf-8'))
assert [p['name'] for p in data['policies']] == ['round-robin', 'maglev', 'least-connections']
assert sorted(data['ranking']) == [0, 1, 2]
assert [f['id'] for f in data['figures']] == ['tail', 'flights']
for figure in ('tail', 'flights'):
    x, curves = data[figure]['x'], data[figure]
    assert x == sorted(set(x)) and len(x) > 40, x
    for mean, low, high in zip(curves['mean'], curves['low'], curves['high']):
        assert len(mean) == len(x)
        assert low is None or all(l <= m <= h for l, m, h in zip(low, mean, high))
assert data['servers']['names'][2] == 'c' and data['servers']['share'][1][2] == 0
for row in data['servers']['utilisation']:
    assert len(row) == 3 and all(0 <= u <= 100 for u in row)
PYTHON
fi
if command -v node >/dev/null; then
  awk '/^<\/?script>$/ { inside = !inside; next } inside' $page >scripts.js
  node --check scripts.js || fail "the scripts are no JavaScript"
fi

# One policy, one seed, no keys; a second run takes the place of the first.
balance --policy random --seed 4 --requests 3000 --report report/new
expect_code 0
[ "$(find report -type f)" = "$page" ] || fail "left over: $(find report -type f)"
expect_text $page '1 (seed 4)'
expect_no_text $page 'Keys that a change moves</h2>'

# A folder that cannot be.
echo here first >taken
balance --policy random --seed 4 --requests 3000 --report taken/report
expect_code 1
expect_text err 'taken/report: the folder for the report cannot be created'

if [ -n "${LEPTON_BROWSER:-}" ]; then
  "$LEPTON_BROWSER" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$folder/profile" --enable-logging=stderr \
    --virtual-time-budget=5000 --dump-dom "file://$folder/$page" >dom.html 2>console.txt
  ! grep 'CONSOLE' console.txt || fail "the browser complains"
  grep -q 'id="servers-what">Requests, % of the fair share' dom.html || fail "the servers were not drawn"
fi

finish
