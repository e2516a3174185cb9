// SPDX-License-Identifier: Apache-2.0
#include "report_assets.hpp"

namespace lepton_sim {

// Every node is a column with a cell for each GPU. All cells of a shade are one SVG path, and the
// node under the pointer is found by arithmetic: thousands of nodes draw in milliseconds.
const std::string_view report_heat_map_script = R"js(
'use strict';

(() => {
  const select = document.getElementById('cluster-policy');
  if (!select) return;
  const map = document.getElementById('cluster-map');
  const tip = document.getElementById('cluster-tip');
  const shades = ['free', 'under 25 % used', '25 to 50 %', '50 to 75 %', '75 % and more', 'fully used'];
  const shadeOf = (milli) => milli === 0 ? 0 : milli >= 1000 ? 5 : 1 + Math.floor(milli / 250);
  const cpuShort = 950;  // per mille

  const count = (n) => n.toLocaleString('en-US');
  const of = (n, one) => count(n) + ' ' + one + (n === 1 ? '' : 's');
  const percent = (milli) => (milli / 10).toFixed(1).replace('.0', '') + ' %';

  function decode(text) {
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
    const numbers = new Uint16Array(text.length / 2);
    for (let i = 0; i < numbers.length; ++i) numbers[i] = 64 * digits.indexOf(text[2 * i]) + digits.indexOf(text[2 * i + 1]);
    return numbers;
  }

  // Nodes with the same type and number of GPUs; the type with most GPUs first.
  function groupsOf(layout) {
    if (layout.groups) return layout.groups;
    const groups = new Map();
    let first = 0;  // index of the node's first GPU
    layout.devices.forEach((devices, node) => {
      if (devices === 0) return;
      const type = layout.types[layout.type[node]] || 'GPU';
      const id = devices + ' ' + type;
      if (!groups.has(id)) groups.set(id, {type, devices, nodes: [], first: []});
      groups.get(id).nodes.push(node);
      groups.get(id).first.push(first);
      first += devices;
    });
    const gpus = (group) => group.devices * group.nodes.length;
    const ofType = {};
    groups.forEach((group) => { ofType[group.type] = (ofType[group.type] || 0) + gpus(group); });
    layout.groups = Array.from(groups.values()).sort((a, b) =>
      ofType[b.type] - ofType[a.type] || a.type.localeCompare(b.type) || gpus(b) - gpus(a));
    return layout.groups;
  }

  function cellSize(gpus) { return gpus > 20000 ? 4 : gpus > 2500 ? 6 : gpus > 800 ? 9 : gpus > 200 ? 12 : 16; }

  function draw() {
    const policy = Number(select.value);
    const state = report.cluster.states.find((s) => s.policy === policy);
    state.decoded = state.decoded || {used: decode(state.used), cpu: decode(state.cpu), memory: decode(state.memory)};
    const {used, cpu, memory} = state.decoded;
    const layout = report.cluster.layouts[state.layout];
    const width = map.clientWidth;
    const cell = cellSize(used.length);
    const pitch = cell + 1, across = cell + 3, totals = shades.map(() => 0);
    let short = 0;

    hideTip();
    map.replaceChildren(...groupsOf(layout).map((group) => {
      const {devices, nodes, first} = group;
      const columns = Math.max(1, Math.min(nodes.length, Math.floor((width + 2) / across)));
      const down = devices * pitch + Math.max(5, cell / 2 + 3);
      const rows = Math.ceil(nodes.length / columns);
      const w = columns * across - 2, h = rows * down - (down - devices * pitch) + 3;
      const paths = shades.map(() => ''), tall = Math.max(2, Math.round(cell / 4));
      let marks = '', sum = 0;
      nodes.forEach((node, k) => {
        const x = (k % columns) * across, y = Math.floor(k / columns) * down;
        for (let d = 0; d < devices; ++d) {
          const milli = used[first[k] + d], shade = shadeOf(milli);
          sum += milli;
          ++totals[shade];
          const in_ = shade === 0 ? 0.4 : 0, side = cell - 2 * in_;
          paths[shade] += 'M' + (x + in_) + ' ' + (y + d * pitch + in_) + 'h' + side + 'v' + side + 'h-' + side + 'z';
        }
        if (cpu[node] >= cpuShort) {
          ++short;
          marks += 'M' + x + ' ' + (y + devices * pitch) + 'h' + cell + 'v' + tall + 'h-' + cell + 'z';
        }
      });
      const label = of(nodes.length, 'node') + ' with ' + of(devices, 'GPU') + ', ' + percent(sum / nodes.length / devices) + ' used';
      const figure = document.createElement('figure');
      figure.innerHTML = '<figcaption><b></b> <span></span></figcaption>' +
        '<svg width="' + w + '" height="' + h + '" viewBox="0 0 ' + w + ' ' + h + '" role="img" tabindex="0">' +
        paths.map((path, shade) => '<path class="l' + shade + '" d="' + path + '"/>').join('') +
        '<path class="short" d="' + marks + '"/><rect class="focus" visibility="hidden" rx="1"/></svg>';
      figure.querySelector('b').textContent = group.type;
      figure.querySelector('span').textContent = label;
      const svg = figure.querySelector('svg'), focus = svg.querySelector('.focus');
      svg.setAttribute('aria-label', group.type + ', ' + label + '. Arrow keys go from node to node.');

      let current = -1;
      function select_(k) {
        current = k;
        const x = (k % columns) * across, y = Math.floor(k / columns) * down;
        const values = {x: x - 1.25, y: y - 1.25, width: cell + 2.5, height: devices * pitch + 1.5, visibility: 'visible'};
        Object.entries(values).forEach(([name, value]) => focus.setAttribute(name, value));
        const node = nodes[k], box = svg.getBoundingClientRect(), scale = box.width / w;
        const gpus = Array.from(used.subarray(first[k], first[k] + devices), (milli) => (milli / 10).toFixed(1).replace('.0', ''));
        showTip(layout.names[node], [
          group.type + ', % used of each GPU: ' + gpus.join(' '),
          'CPU ' + percent(cpu[node]) + ' used, memory ' + percent(memory[node]) + ' used',
        ], box.left + (x + cell) * scale, box.top + y * scale);
      }
      function leave() {
        focus.setAttribute('visibility', 'hidden');
        current = -1;
        hideTip();
      }
      svg.addEventListener('pointermove', (event) => {
        const box = svg.getBoundingClientRect(), scale = w / box.width;
        const column = Math.min(columns - 1, Math.max(0, Math.floor((event.clientX - box.left) * scale / across)));
        const row = Math.min(rows - 1, Math.max(0, Math.floor((event.clientY - box.top) * scale / down)));
        const k = row * columns + column;
        if (k >= nodes.length) leave();
        else if (k !== current) select_(k);
      });
      svg.addEventListener('pointerleave', leave);
      svg.addEventListener('blur', leave);
      svg.addEventListener('keydown', (event) => {
        const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns}[event.key];
        if (event.key === 'Escape') leave();
        if (step === undefined) return;
        event.preventDefault();
        const next = current < 0 ? 0 : current + step;
        if (next >= 0 && next < nodes.length) select_(next);
      });
      return figure;
    }));

    const without = layout.devices.filter((devices) => devices === 0).length;
    document.getElementById('cluster-about').textContent =
      'After the last arrival with ' + report.policies[policy].name + ', seed ' + state.seed +
      '. Each column is a node, each cell one of its GPUs' +
      (report.cluster.states.length > 1 ? '; nodes keep their place from policy to policy' : '') + '.' +
      (without ? ' ' + of(without, 'node') + ' without a GPU ' + (without === 1 ? 'is' : 'are') + ' not shown.' : '');
    const sample = (shape) => '<svg viewBox="0 0 11 11" aria-hidden="true">' + shape + '</svg>';
    document.getElementById('cluster-legend').innerHTML = shades.map((shade, i) =>
      '<li>' + sample('<rect class="l' + i + '" x="0.5" y="0.5" width="10" height="10"/>') + shade + ': ' + count(totals[i]) + '</li>').join('') +
      '<li>' + sample('<rect class="short" y="7" width="11" height="4"/>') + 'node with at least 95 % of its CPU used: ' + count(short) + '</li>';
  }

  function showTip(title, lines, x, y) {
    tip.replaceChildren(...[['b', title], ...lines.map((line) => ['span', line])].map(([tag, text]) => {
      const element = document.createElement(tag);
      element.textContent = text;
      return element;
    }));
    tip.hidden = false;
    const {width, height} = tip.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(x + 12, innerWidth - width - 8)) + 'px';
    tip.style.top = (y - height - 10 < 8 ? y + 30 : y - height - 10) + 'px';
  }
  function hideTip() { tip.hidden = true; }

  select.selectedIndex = 0;
  select.addEventListener('change', draw);
  let drawnWidth = map.clientWidth;
  new ResizeObserver(() => {
    if (map.clientWidth === drawnWidth) return;
    drawnWidth = map.clientWidth;
    requestAnimationFrame(draw);
  }).observe(map);
  addEventListener('scroll', hideTip, {passive: true});
  draw();
})();
)js";

}  // namespace lepton_sim
