// SPDX-License-Identifier: Apache-2.0
#include "report_assets.hpp"

namespace lepton_sim {

const std::string_view report_servers_script = R"js(
'use strict';

// --- the servers, a bar each
(() => {
  if (typeof Chart === 'undefined') return;
  const {names, share, utilisation} = report.servers;
  const select = document.getElementById('servers-policy');
  const title = document.getElementById('servers-what');
  const buttons = Array.from(document.querySelectorAll('[data-servers]'));
  const views = {
    share: {title: 'Requests, % of the fair share', values: share},
    utilisation: {title: 'Utilisation, %', values: utilisation},
  };
  let shown = 'share';
  let colours = {};

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue('--' + name).trim();
    colours = {page: read('page'), ink: read('ink'), quiet: read('quiet'), rule: read('rule'), bar: read('h4')};
  }

  // Where each has its fair share, or is busy all the time.
  const fullLine = {
    id: 'full-line',
    afterDatasetsDraw(chart) {
      const {ctx, chartArea: area, scales: {y}} = chart;
      const at = y.getPixelForValue(100);
      if (at < area.top || at > area.bottom) return;
      ctx.save();
      ctx.strokeStyle = colours.ink;
      ctx.lineWidth = 1;
      ctx.setLineDash([5, 4]);
      ctx.beginPath();
      ctx.moveTo(area.left, at);
      ctx.lineTo(area.right, at);
      ctx.stroke();
      ctx.restore();
    },
  };

  readColours();
  const chart = new Chart(document.getElementById('servers-chart'), {
    type: 'bar',
    data: {labels: names, datasets: [{data: [], backgroundColor: colours.bar, categoryPercentage: names.length > 100 ? 1 : 0.8, barPercentage: 0.95}]},
    plugins: [fullLine],
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: {mode: 'index', axis: 'x', intersect: false},
      plugins: {
        legend: {display: false},
        tooltip: {
          caretSize: 0, caretPadding: 10, padding: 9, cornerRadius: 6, borderWidth: 1, displayColors: false,
          callbacks: {label: (item) => item.parsed.y.toFixed(1) + ' %'},
        },
      },
      scales: {
        x: {grid: {display: false}, ticks: {maxRotation: 60, autoSkip: true}},
        y: {afterFit: (scale) => { scale.width = Math.max(scale.width, 56); }, beginAtZero: true, suggestedMax: 105,
            title: {display: true, text: ''}, grid: {tickLength: 0}},
      },
    },
  });

  // All policies on one scale, so that going from one to the next shows the difference.
  const top = (values) => Math.max(105, ...values.map((row) => Math.max(...row))) * 1.02;

  function paint() {
    const view = views[shown];
    const {options, data} = chart;
    const {x, y} = options.scales;
    title.textContent = view.title;
    data.datasets[0].data = view.values[Number(select.value)];
    data.datasets[0].backgroundColor = colours.bar;
    y.max = Math.ceil(top(view.values) / 10) * 10;
    y.title.text = view.title;
    [x, y].forEach((axis) => {
      axis.grid.color = colours.rule + '99';
      axis.grid.borderColor = colours.rule;            // Chart.js 3
      axis.border = {color: colours.rule};             // Chart.js 4
      axis.ticks.color = colours.quiet;
    });
    y.title.color = colours.quiet;
    const tip = options.plugins.tooltip;
    tip.backgroundColor = colours.page + 'f2';
    tip.borderColor = colours.rule;
    tip.titleColor = tip.bodyColor = colours.ink;
    chart.update();
  }
  const repaint = () => { readColours(); paint(); };

  select.addEventListener('change', paint);
  buttons.forEach((button) => button.addEventListener('click', () => {
    shown = button.dataset.servers;
    buttons.forEach((b) => b.setAttribute('aria-pressed', String(b === button)));
    paint();
  }));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  addEventListener('beforeprint', repaint);
  addEventListener('afterprint', repaint);
  paint();
})();
)js";

}  // namespace lepton_sim
