// SPDX-License-Identifier: Apache-2.0
#include "report_assets.hpp"

namespace lepton_sim {

// Line colours --s0 to --s7 have at least 3:1 contrast to the page, and any two of them differ
// clearly (12 or more in OKLab x 100) to the eye with and without protan, deutan or tritan defects.
const std::string_view report_style = R"css(
:root {
  --page: #ffffff; --ink: #1c242d; --quiet: #5a6672; --rule: #d8dee4; --faint: #f4f6f8;
  --accent: #0a5a9c; --best: #dff0e6; --best-ink: #0d4f2b;
  --s0: #2397f4; --s1: #ce730a; --s2: #02746e; --s3: #73024d; --s4: #7e44b4; --s5: #b32d0f; --s6: #282301; --s7: #919598;
  --h0: #ffffff; --h1: #d3e3f2; --h2: #a3c5e4; --h3: #6fa3d0; --h4: #3f7db5; --h5: #1f4f80; --h-edge: #a9b4bf;
  --short: #d0630a;
}
@media screen and (prefers-color-scheme: dark) {
  :root:not(.light) {
    --page: #15181c; --ink: #e4e8ec; --quiet: #9aa5b1; --rule: #343b43; --faint: #1e2328;
    --accent: #7cb8f0; --best: #1b3a2b; --best-ink: #b5e6c9;
    --s0: #73a8f9; --s1: #fe9a40; --s2: #a0fff0; --s3: #ba86a6; --s4: #8d60d7; --s5: #cf4d2f; --s6: #fee287; --s7: #c0c2c3;
    --h0: #15181c; --h1: #1f3347; --h2: #27496b; --h3: #336595; --h4: #4e8cc4; --h5: #93c4ee; --h-edge: #4a545f;
    --short: #f0913f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
}
main, footer { max-width: 1120px; margin: 0 auto; padding: 0 28px; }
footer { padding-top: 20px; padding-bottom: 36px; color: var(--quiet); font-size: 13px; }
section { margin-top: 52px; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { margin: 2px 0 0; font-size: 27px; font-weight: 650; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { margin: 0 0 14px; font-size: 20px; font-weight: 650; letter-spacing: -0.008em; }
h3 { margin: 0; font-size: 15px; font-weight: 600; }
p { margin: 0 0 12px; max-width: 72ch; }
a { color: var(--accent); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.bar { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: baseline; justify-content: space-between; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }

header { padding-top: 44px; }
.kind { margin: 0; color: var(--quiet); font-size: 13px; font-weight: 600; letter-spacing: 0.02em; }
.finding { max-width: 90ch; margin: 12px 0 0; font-size: 17px; }
.facts { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 14px 28px; margin: 24px 0 0; padding: 14px 0; border: solid var(--rule); border-width: 1px 0; }
dt { color: var(--quiet); font-size: 13px; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.definitions { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: 18px 28px; margin: 0; }
.definitions dt { margin-bottom: 2px; color: var(--ink); font-weight: 600; font-size: 14px; }
.definitions dd { color: var(--quiet); font-size: 14px; }

.scroll { position: relative; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding: 0 0 10px; color: var(--quiet); font-size: 13px; text-align: left; caption-side: top; }
th, td { padding: 5px 8px; white-space: nowrap; text-align: right; font-weight: 400; }
.ranged { text-align: left; }
td.ranged > span:first-child { display: inline-block; min-width: 3em; text-align: right; }
td small { margin-left: 4px; color: var(--quiet); font-size: 12px; }
.first { padding-left: 22px; }
.name { position: sticky; left: 0; background: var(--page); text-align: left; }
tbody tr { border-top: 1px solid var(--rule); }
tbody tr:last-child { border-bottom: 1px solid var(--rule); }
tbody tr:hover > * { background: var(--faint); }
tbody th { font-weight: 500; }
.groups > * { padding-bottom: 0; color: var(--quiet); font-size: 13px; }
thead th { font-size: 13px; }
thead button { padding: 2px 0; border: 0; background: none; color: var(--quiet); font: inherit; cursor: pointer; }
thead button:hover { color: var(--ink); text-decoration: underline; text-underline-offset: 3px; }
thead button::after { display: inline-block; width: 1em; text-align: center; content: ""; }
thead th:not(.name) button::after { display: none; }
[aria-sort] button { color: var(--ink) !important; font-weight: 600 !important; }
[aria-sort="ascending"] button::after { content: "↑"; display: inline-block !important; }
[aria-sort="descending"] button::after { content: "↓"; display: inline-block !important; }
.best > span:first-child { border-radius: 4px; background: var(--best); box-shadow: 0 0 0 1px var(--best), 4px 0 0 1px var(--best), -4px 0 0 1px var(--best); color: var(--best-ink); font-weight: 600; }
.sample { width: 26px; height: 8px; margin-right: 10px; vertical-align: 1px; overflow: visible; }
.sample path { fill: none; stroke-width: 2.25; }

.charts { display: grid; grid-template-columns: minmax(0, 1fr) 226px; gap: 0 30px; align-items: start; }
.charts > :first-child { order: 2; }
figure { margin: 0 0 36px; }
.canvas { position: relative; height: 400px; margin-top: 8px; }
figcaption { margin-top: 6px; color: var(--quiet); font-size: 13px; }
.choice { display: flex; }
.choice button { padding: 1px 9px; border: 1px solid var(--rule); background: var(--page); color: var(--quiet); font: inherit; font-size: 13px; cursor: pointer; }
.choice button:first-child { border-radius: 5px 0 0 5px; }
.choice button:last-child { border-radius: 0 5px 5px 0; }
.choice button + button { border-left: 0; }
.choice button:hover { color: var(--ink); }
.choice [aria-pressed="true"] { background: var(--faint); color: var(--ink); font-weight: 600; }
.legend { position: sticky; top: 16px; }
.legend ul { margin: 8px 0 10px -6px; padding: 0; list-style: none; }
.legend li button { display: flex; align-items: center; width: 100%; padding: 2px 6px; border: 0; border-radius: 4px; background: none; color: var(--ink); font: inherit; font-size: 14px; text-align: left; cursor: pointer; overflow-wrap: anywhere; }
.legend li button:hover, .legend li button:focus-visible { background: var(--faint); }
.legend .sample { flex: none; }
.legend output { margin-left: auto; padding-left: 8px; white-space: nowrap; font-variant-numeric: tabular-nums; }
.legend [aria-pressed="false"] { color: var(--quiet); text-decoration: line-through; }
.legend [aria-pressed="false"] .sample { opacity: 0.25; }
.legend p { color: var(--quiet); font-size: 12.5px; line-height: 1.4; }

#cluster-about { margin-top: 4px; max-width: none; color: var(--quiet); font-size: 14px; }
select { padding: 3px 8px; border: 1px solid var(--rule); border-radius: 5px; background: var(--page); color: var(--ink); font: inherit; font-size: 14px; }
label { color: var(--quiet); font-size: 14px; }
.shades { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 18px; padding: 0; color: var(--quiet); font-size: 13px; list-style: none; font-variant-numeric: tabular-nums; }
.shades svg { width: 11px; height: 11px; margin-right: 6px; vertical-align: -1px; overflow: visible; }
#cluster-map { display: flex; flex-wrap: wrap; gap: 18px 32px; }
#cluster-map figure { margin: 0; }
#cluster-map figcaption { margin: 0 0 5px; line-height: 1.35; }
#cluster-map figcaption b { color: var(--ink); font-weight: 600; }
#cluster-map svg { display: block; max-width: 100%; height: auto; overflow: visible; border-radius: 2px; }
.l0 { fill: var(--h0); stroke: var(--h-edge); stroke-width: 0.8; }
.l1 { fill: var(--h1); } .l2 { fill: var(--h2); } .l3 { fill: var(--h3); } .l4 { fill: var(--h4); } .l5 { fill: var(--h5); }
.short { fill: var(--short); }
.focus { fill: none; stroke: var(--ink); stroke-width: 1.5; }
.tip { position: fixed; z-index: 2; max-width: min(420px, 92vw); padding: 7px 10px; border: 1px solid var(--rule); border-radius: 6px; background: var(--page); box-shadow: 0 3px 14px rgb(0 0 0 / 0.16); font-size: 13px; line-height: 1.45; font-variant-numeric: tabular-nums; pointer-events: none; }
.tip b { display: block; font-weight: 600; }
.tip span { display: block; color: var(--quiet); }

.gantt .canvas { height: 440px; }
#gantt-about { max-width: none; margin-bottom: 4px; color: var(--quiet); font-size: 14px; }
.gantt .canvas canvas { display: block; width: 100%; height: 100%; }
.gantt .shades { margin: 10px 0 0; }
.shades i { display: inline-block; width: 11px; height: 11px; margin-right: 6px; border-radius: 2px; vertical-align: -1px; }
.figures th, .figures td { vertical-align: top; }
.figures .name { min-width: 310px; }
.figures th small { display: block; color: var(--quiet); font-size: 12.5px; line-height: 1.35; white-space: normal; }
.figures td { padding-left: 18px; }
.figures thead th { color: var(--quiet); vertical-align: bottom; }

.quiet { color: var(--quiet); font-size: 14px; }
.bars { margin: 0; padding: 0; list-style: none; font-variant-numeric: tabular-nums; }
.bars li { display: grid; grid-template-columns: 11em minmax(0, 1fr) 6.5em; gap: 0 12px; align-items: center; padding: 3px 0; }
.bars .name { position: static; overflow-wrap: anywhere; }
.track { display: flex; height: 14px; border-radius: 2px; background: var(--faint); }
.track i { display: block; height: 100%; }
.need { background: var(--h4); }
.excess { background: var(--short); }
p > .need, p > .excess { display: inline-block; width: 11px; height: 11px; margin: 0 2px 0 4px; border-radius: 2px; vertical-align: -1px; }
.bars .figure { color: var(--quiet); font-size: 14px; text-align: right; }

@media (max-width: 820px) {
  .bars li { grid-template-columns: 8em minmax(0, 1fr) 5.5em; font-size: 14px; }
  main, footer { padding: 0 16px; }
  header { padding-top: 28px; }
  section { margin-top: 40px; }
  h1 { font-size: 22px; }
  .facts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .charts { display: block; }
  .legend { position: static; margin-bottom: 24px; }
  .legend ul { display: flex; flex-wrap: wrap; gap: 0 8px; }
  .legend output { display: none; }
  .canvas { height: 340px; }
}
@media print {
  body { font-size: 10.5pt; }
  main, footer { max-width: none; padding: 0; }
  section { margin-top: 24pt; }
  figure, tr, .definitions > div, .cluster { break-inside: avoid; }
  h2, h3, .bar { break-after: avoid; }
  .choice, .legend p, label { display: none; }
  .charts { display: block; }
  .legend { position: static; margin-bottom: 12pt; break-inside: avoid; }
  .legend ul { display: flex; flex-wrap: wrap; }
  .legend [aria-pressed="false"] { display: none; }
  .scroll { overflow: visible; }
  th, td { padding: 2pt 4pt; font-size: 8.5pt; }
  td small { font-size: 7.5pt; min-width: 0; }
  .canvas { height: auto; }
  .canvas canvas { max-width: 100% !important; height: auto !important; }
  .sample, .shades, #cluster-map, .best > span, .track, .need, .excess { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace lepton_sim
