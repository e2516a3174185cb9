// SPDX-License-Identifier: Apache-2.0
#include "report_assets.hpp"

namespace lepton_sim {

// Chart.js 3 and 4: where an option moved between them, both places are set.
const std::string_view report_script = R"js(
'use strict';

const report = JSON.parse(document.getElementById('report-data').textContent);

// --- the table sorts by its headings
(() => {
  const table = document.getElementById('comparison-table');
  const body = table.tBodies[0];
  const headings = Array.from(table.tHead.rows[1].cells);
  const other = {ascending: 'descending', descending: 'ascending'};

  function key(row, column) {
    const text = row.cells[column].dataset.value;
    return column === 0 || text === undefined ? text : Number(text);
  }

  function sort(column) {
    const heading = headings[column];
    const now = heading.getAttribute('aria-sort');
    const direction = now ? other[now] : heading.dataset.first;
    const sign = direction === 'ascending' ? 1 : -1;
    const rows = Array.from(body.rows).sort((a, b) => {
      const x = key(a, column), y = key(b, column);
      if (x === undefined || y === undefined) return (x === undefined) - (y === undefined);  // gaps last
      return sign * (column === 0 ? x.localeCompare(y) : x - y);
    });
    body.append(...rows);
    headings.forEach((h) => h.removeAttribute('aria-sort'));
    heading.setAttribute('aria-sort', direction);
  }

  headings.forEach((heading, column) => heading.firstElementChild.addEventListener('click', () => sort(column)));
  headings[report.sorted.column].setAttribute('aria-sort', report.sorted.direction);
})();

// --- the charts
(() => {
  const policies = report.policies;
  const hidden = new Set();
  let pointed = null;  // the policy whose line is brought out
  let colours = {};

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue('--' + name).trim();
    colours = {page: read('page'), ink: read('ink'), quiet: read('quiet'), rule: read('rule'),
               lines: policies.map((p) => read(p.plain ? 'ink' : 's' + p.colour))};
  }

  // A step of 1, 2 or 5 times a power of ten that divides the range in at most ten.
  function niceStep(range) {
    const rough = Math.max(range, 1e-6) / 10;
    const power = 10 ** Math.floor(Math.log10(rough));
    return power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999);
  }

  // The lowest and highest value of the lines that are shown, from a load on.
  function extent(figure, from) {
    let low = Infinity, high = -Infinity;
    figure.mean.forEach((values, i) => {
      if (hidden.has(i)) return;
      values.forEach((value, k) => {
        if (value === null || figure.x[k] < from) return;
        low = Math.min(low, value);
        high = Math.max(high, value);
      });
    });
    return low <= high ? [low, high] : [0, 100];
  }

  // Beneath the lines: the range of the policy pointed at (else of the one that the report names),
  // and where the pointer is.
  const underlay = (figure) => ({
    id: 'underlay',
    beforeDatasetsDraw(chart) {
      const {ctx, chartArea: area, scales: {x, y}} = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
      ctx.clip();
      const active = chart.getActiveElements();
      if (active.length) {
        ctx.strokeStyle = colours.rule;
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(active[0].element.x, area.top);
        ctx.lineTo(active[0].element.x, area.bottom);
        ctx.stroke();
      }
      const banded = pointed !== null ? pointed : report.banded;
      if (banded !== undefined && !hidden.has(banded) && figure.low[banded]) {
        const at = figure.x.map((_, k) => k).filter((k) => figure.low[banded][k] !== null);
        ctx.fillStyle = colours.lines[banded] + '33';
        ctx.beginPath();
        at.forEach((k) => ctx.lineTo(x.getPixelForValue(figure.x[k]), y.getPixelForValue(figure.high[banded][k])));
        at.reverse().forEach((k) => ctx.lineTo(x.getPixelForValue(figure.x[k]), y.getPixelForValue(figure.low[banded][k])));
        ctx.fill();
      }
      ctx.restore();
    },
  });

  // Beside the charts there is room to read the values in the legend; above them, a tooltip shows them.
  const narrow = matchMedia('(max-width: 820px)');
  const entries = Array.from(document.querySelectorAll('.legend [data-policy]'));
  const legendTitle = document.getElementById('legend-title');
  const legendName = legendTitle.textContent;

  // What the axes tell. Of logarithmic ones, the ticks are powers of ten.
  const digits = (value, count) => Number(value.toPrecision(count)).toLocaleString('en', {maximumFractionDigits: 9});
  const percentile = (x) => digits(100 - 100 / x, Math.max(2, Math.ceil(Math.log10(x) + 0.01))) + ' %';
  const xKinds = {
    load: {text: (x) => x + ' % load', tick: (x) => x},
    percentile: {text: percentile, tick: percentile, log: true, ticks: [1, 2]},
    seconds: {text: (x) => digits(x, 5) + ' s', tick: (x) => digits(x, 5)},
    days: {text: (x) => 'day ' + digits(x, 4), tick: (x) => digits(x, 4)},
    times: {text: (x) => digits(x, 3) + ' times', tick: (x) => digits(x, 3), log: true},
    index: {text: (x) => 'value ' + digits(x, 9), tick: (x) => digits(x, 9), free: true},
    steps: {text: (x) => x + ' ahead', tick: (x) => x, free: true},
  };
  const yKinds = {
    percent: {text: (y) => y.toFixed(2) + ' %', tick: (y) => y},
    part: {text: (y) => y.toFixed(1) + ' %', tick: (y) => y, top: 100},
    ms: {text: (y) => digits(y, 4) + ' ms', tick: (y) => digits(y, 3), log: true},
    count: {text: (y) => digits(y, 6), tick: (y) => digits(y, 6)},
    number: {text: (y) => digits(y, 3), tick: (y) => digits(y, 3), log: true},
    value: {text: (y) => digits(y, 5), tick: (y) => digits(y, 4), free: true},
  };
  const powersOfTen = (others) => (axis) => {
    const ticks = others.filter((x) => x >= axis.min).map((value) => ({value}));
    const wide = axis.max / axis.min >= 30;
    for (let power = 10 ** Math.floor(Math.log10(axis.min)); power <= axis.max; power *= 10) {
      (wide ? [1] : [1, 2, 5]).forEach((m) => { if (m * power >= axis.min * 0.999 && m * power <= axis.max) ticks.push({value: m * power}); });
    }
    axis.ticks = ticks;
  };
  const scaleOf = (kind, title) => ({type: kind.log ? 'logarithmic' : 'linear', title: {display: true, text: title},
                                     ...(kind.log ? {afterBuildTicks: powersOfTen(kind.ticks || [])} : {})});

  function readInLegend({chart, tooltip}) {
    const points = tooltip.opacity > 0 && !narrow.matches ? tooltip.dataPoints || [] : [];
    const {xKind, yKind} = chart.view;
    legendTitle.textContent = points.length ? 'At ' + xKind.text(points[0].parsed.x) : legendName;
    const values = new Map(points.map((point) => [point.datasetIndex, yKind.text(point.parsed.y)]));
    entries.forEach((entry) => { entry.lastElementChild.textContent = values.get(Number(entry.dataset.policy)) || ''; });
  }

  function makeChart({id, kinds, axes, ideal = false, closeUp = false}) {
    const figure = report[id];
    const [xKind, yKind] = [xKinds[kinds[0]], yKinds[kinds[1]]];
    const loads = figure.x;
    const last = loads[loads.length - 1];
    const near = kinds[0] !== 'load' ? 0 : last > 90 ? 80 : Math.floor(last * 0.08) * 10;
    const lines = policies.map((policy, i) => ({
      label: policy.name,
      data: loads.map((load, k) => ({x: load, y: figure.mean[i][k]})),
      borderDash: policy.dashes ? policy.dashes.split(' ').map(Number) : [],
    }));
    if (ideal) {
      lines.push({label: 'ideal', ideal: true, borderWidth: 1, pointHoverRadius: 0, order: 1,
                  data: loads.map((load) => ({x: load, y: load <= 100 ? load : null}))});
    }
    const chart = new Chart(document.getElementById(id + '-chart'), {
      type: 'line',
      data: {datasets: lines},
      plugins: [underlay(figure)],
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        parsing: false,
        normalized: true,
        spanGaps: true,
        interaction: {mode: 'index', axis: 'x', intersect: false},
        elements: {point: {radius: 0, hoverRadius: 3}, line: {borderWidth: 1.75, tension: 0, borderJoinStyle: 'round'}},
        plugins: {
          legend: {display: false},
          tooltip: {
            enabled: narrow.matches, external: readInLegend,
            itemSort: (a, b) => b.parsed.y - a.parsed.y,
            filter: (item) => !item.dataset.ideal,
            caretSize: 0, caretPadding: 14, padding: 9, cornerRadius: 6, borderWidth: 1,
            boxWidth: 9, boxHeight: 9, boxPadding: 5, multiKeyBackground: 'transparent',
            titleFont: {size: 12}, bodyFont: {size: 12},
            callbacks: {
              title: (items) => items.length ? xKind.text(items[0].parsed.x) : '',
              label: (item) => yKind.text(item.parsed.y) + '  ' + item.dataset.label,
              labelColor: (item) => ({borderColor: colours.lines[item.datasetIndex], backgroundColor: colours.lines[item.datasetIndex],
                                      borderWidth: 1}),
            },
          },
        },
        scales: {
          x: {...scaleOf(xKind, axes[0]), max: kinds[0] === 'seconds' ? undefined : last, ticks: {maxRotation: 0, callback: xKind.tick}, grid: {tickLength: 5}},
          // The same width in all charts, so that their points stand one below the other.
          y: {...scaleOf(yKind, axes[1]), afterFit: (scale) => { scale.width = Math.max(scale.width, 56); },
              ticks: {maxTicksLimit: 12, callback: yKind.tick}, grid: {tickLength: 0}},
        },
      },
    });
    chart.view = {figure, near, closeUp, last, xKind, yKind};
    const choice = document.querySelector('#' + id + '-figure .choice');
    if (near > 0) {
      [['Whole range', false], ['From ' + near + ' % load', true]].forEach(([text, value]) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = text;
        button.setAttribute('aria-pressed', String(chart.view.closeUp === value));
        button.addEventListener('click', () => {
          chart.view.closeUp = value;
          Array.from(choice.children).forEach((b) => b.setAttribute('aria-pressed', String(b === button)));
          fitScales(chart);
          chart.update('none');
        });
        choice.append(button);
      });
    }
    return chart;
  }

  function fitScales(chart) {
    const {figure, near, closeUp, last, xKind, yKind} = chart.view;
    const {x, y} = chart.options.scales;
    x.min = xKind.log || xKind.free ? figure.x[0] : 0;
    if (yKind.log) return;
    const from = closeUp ? near : x.min;
    const [low, high] = extent(figure, from);
    const step = niceStep(closeUp || yKind.free ? high - low : high);
    x.min = xKind.free ? figure.x[0] : from;
    const span = last - x.min;
    x.ticks.stepSize = span > 300 || span <= 25 ? undefined : span > 60 ? 10 : 5;
    y.min = yKind.free ? Math.floor(low / step) * step : closeUp ? Math.max(0, Math.floor(low / step) * step) : 0;
    y.max = Math.min(yKind.top || Infinity, Math.ceil((high + step / 10) / step) * step);
    y.ticks.stepSize = step;
  }

  function paint(chart) {
    const {options, data} = chart;
    const {x, y} = options.scales;
    options.color = colours.quiet;
    [x, y].forEach((axis) => {
      axis.grid.color = colours.rule + '99';
      axis.grid.borderColor = colours.rule;            // Chart.js 3
      axis.border = {color: colours.rule};             // Chart.js 4
      axis.ticks.color = colours.quiet;
      axis.title.color = colours.quiet;
    });
    x.grid.color = 'transparent';
    x.grid.tickColor = colours.rule;
    const tip = options.plugins.tooltip;
    tip.backgroundColor = colours.page + 'f2';
    tip.borderColor = colours.rule;
    tip.titleColor = tip.bodyColor = colours.ink;
    data.datasets.forEach((line, i) => {
      if (line.ideal) {
        line.borderColor = colours.quiet + '99';
        return;
      }
      const dimmed = pointed !== null && pointed !== i;
      line.hidden = hidden.has(i);
      line.borderColor = colours.lines[i] + (dimmed ? '38' : '');
      line.pointHoverBackgroundColor = line.pointHoverBorderColor = colours.lines[i];
      line.borderWidth = pointed === i ? 2.75 : 1.75;
      line.order = pointed === i ? -1 : 0;
    });
    chart.update('none');
  }

  if (typeof Chart === 'undefined') {
    document.getElementById('no-charts').hidden = false;
    return;
  }
  readColours();
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  const charts = report.figures.flatMap((spec) => {
    if (report[spec.id].x.length) return [makeChart(spec)];
    document.getElementById(spec.id + '-figure').hidden = true;
    return [];
  });
  const paintAll = () => charts.forEach(paint);
  const fitAll = () => charts.forEach(fitScales);
  const repaint = () => { readColours(); paintAll(); };
  fitAll();
  paintAll();

  // The legend.
  function show(entry, shown) {
    hidden[shown ? 'delete' : 'add'](Number(entry.dataset.policy));
    entry.setAttribute('aria-pressed', String(shown));
  }
  function point(policy) {
    if (pointed === policy) return;
    pointed = policy;
    paintAll();
  }
  entries.forEach((entry) => {
    const policy = Number(entry.dataset.policy);
    entry.addEventListener('click', () => { show(entry, hidden.has(policy)); fitAll(); paintAll(); });
    entry.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') point(policy); });
    entry.addEventListener('pointerleave', () => point(null));
    entry.addEventListener('focus', () => { if (entry.matches(':focus-visible')) point(policy); });
    entry.addEventListener('blur', () => point(null));
  });
  document.querySelectorAll('.legend [data-show]').forEach((button) => button.addEventListener('click', () => {
    entries.forEach((entry) => show(entry, button.dataset.show === 'all'));
    fitAll();
    paintAll();
  }));

  narrow.addEventListener('change', () => {
    charts.forEach((chart) => { chart.options.plugins.tooltip.enabled = narrow.matches; });
    paintAll();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  addEventListener('beforeprint', () => { document.documentElement.classList.add('light'); repaint(); });
  addEventListener('afterprint', () => { document.documentElement.classList.remove('light'); repaint(); });
})();
)js";

}  // namespace lepton_sim
