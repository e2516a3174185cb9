// SPDX-License-Identifier: Apache-2.0
#include "report_assets.hpp"

namespace lepton_sim {

// Thousands of jobs on one canvas; the job under the pointer is found by looking through them.
const std::string_view queue_gantt_script = R"js(
'use strict';

(() => {
  const select = document.getElementById('gantt-policy');
  if (!select) return;
  const {from, seconds, processors, pictures} = report.gantt;
  const canvas = document.getElementById('gantt-chart');
  const tip = document.getElementById('gantt-tip');
  const about = document.getElementById('gantt-about');
  const legend = document.getElementById('gantt-legend');
  const buttons = Array.from(document.querySelectorAll('[data-gantt]'));
  const margin = {left: 56, right: 12, top: 8, bottom: 40};
  let shown = 'turn';
  let pointed = -1;  // the job that is brought out
  let colours = {};

  const count = (n) => n.toLocaleString('en-US');
  const of = (n, one) => count(n) + ' ' + one + (n === 1 ? '' : 's');
  const digits = (x, n) => Number(x.toPrecision(n)).toLocaleString('en', {maximumFractionDigits: 2});
  function span(s) {
    const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
    const at = parts.findIndex(([unit]) => s >= unit);
    if (at < 0) return '0 s';
    const [unit, name] = parts[at], whole = Math.floor(s / unit);
    if (at === 3) return whole + ' ' + name;
    const rest = Math.floor((s - whole * unit) / parts[at + 1][0]);
    return whole + ' ' + name + (rest ? ' ' + rest + ' ' + parts[at + 1][1] : '');
  }
  // A moment of the window, in seconds since its beginning: day and time since the first submission.
  function moment(s, full) {
    const t = from + s, day = Math.floor(t / 86400), rest = t - day * 86400;
    const two = (x) => String(Math.floor(x)).padStart(2, '0');
    const clock = two(rest / 3600) + ':' + two(rest % 3600 / 60) + (full ? ':' + two(rest % 60) : '');
    return full || rest === 0 ? 'day ' + day + ', ' + clock : clock;
  }

  // A job of the data: number, submission, start, end, estimate, processors, backfilled, killed.
  const jobOf = ([number, submit, start, end, estimate, size, backfilled, killed]) => ({
    number, submit, start, end, estimate, size, backfilled, killed, wait: start - submit,
    slowdown: Math.max(1, (end - submit) / Math.max(end - start, report.tau)),
  });
  const views = {
    turn: {
      names: ['started in its turn', 'backfilled', 'stopped at its estimate'],
      shade: (job) => job.killed ? 2 : job.backfilled ? 1 : 0,
      fill: (i) => [colours.h4, colours.short + 'a6', colours.killed][i],
    },
    slowdown: {
      names: ['bounded slowdown 1', 'up to 2', 'up to 10', 'up to 100', 'more'],
      shade: (job) => job.slowdown <= 1 ? 0 : job.slowdown <= 2 ? 1 : job.slowdown <= 10 ? 2 : job.slowdown <= 100 ? 3 : 4,
      fill: (i) => [colours.h1, colours.h2, colours.h3, colours.h4, colours.h5][i],
    },
  };

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue('--' + name).trim();
    ['page', 'ink', 'quiet', 'rule', 'faint', 'short', 'h1', 'h2', 'h3', 'h4', 'h5'].forEach((name) => { colours[name] = read(name); });
    colours.killed = read('s3');
    colours.font = '12px ' + getComputedStyle(document.body).fontFamily;
  }

  function picture() {
    const p = pictures[Number(select.value)];
    p.read = p.read || p.jobs.map(jobOf);
    return p;
  }
  function area() {
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const inner = {x: margin.left, y: margin.top, w: width - margin.left - margin.right, h: height - margin.top - margin.bottom};
    return {...inner, width, height, xOf: (s) => inner.x + inner.w * Math.min(1, Math.max(0, s / seconds)),
            yOf: (row) => inner.y + inner.h * (1 - row / processors)};
  }

  function tickStep() {
    const hours = [1 / 60, 1 / 12, 0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168, 336];
    return 3600 * (hours.find((h) => seconds / (h * 3600) <= Math.max(3, canvas.clientWidth / 110)) || seconds / 36000);
  }
  function rowStep() {
    const power = 10 ** Math.floor(Math.log10(Math.max(processors, 1) / 4));
    return Math.max(1, [1, 2, 5, 10].map((m) => m * power).find((s) => processors / s <= 8) || processors);
  }

  function draw() {
    const {jobs, blocks, read} = {...picture()};
    const view = views[shown];
    const a = area(), ratio = devicePixelRatio || 1;
    canvas.width = Math.round(a.width * ratio);
    canvas.height = Math.round(a.height * ratio);
    const ctx = canvas.getContext('2d');
    ctx.scale(ratio, ratio);
    ctx.font = colours.font;
    ctx.fillStyle = colours.faint;
    ctx.fillRect(a.x, a.y, a.w, a.h);

    // The fills of a shade are one path; then the seams between jobs, where there is room for them.
    const paths = view.names.map(() => new Path2D()), seams = new Path2D();
    blocks.forEach(([k, first, size]) => {
      const job = read[k];
      const x0 = a.xOf(job.start), x1 = a.xOf(job.end), y1 = a.yOf(first), y0 = a.yOf(first + size);
      const w = Math.max(x1 - x0, 0.5), h = Math.max(y1 - y0, 0.5);
      paths[view.shade(job)].rect(x0, y0, w, h);
      if (w > 3 && h > 3) seams.rect(x0, y0, w, h);
    });
    paths.forEach((path, i) => { ctx.fillStyle = view.fill(i); ctx.fill(path); });
    ctx.strokeStyle = colours.page;
    ctx.lineWidth = 0.75;
    ctx.stroke(seams);
    if (pointed >= 0) {
      ctx.strokeStyle = colours.ink;
      ctx.lineWidth = 1.5;
      blocks.forEach(([k, first, size]) => {
        if (k !== pointed) return;
        const x0 = a.xOf(read[k].start), x1 = a.xOf(read[k].end);
        ctx.strokeRect(x0, a.yOf(first + size), Math.max(x1 - x0, 1), Math.max(a.yOf(first) - a.yOf(first + size), 1));
      });
    }

    // The axes.
    ctx.strokeStyle = colours.rule;
    ctx.lineWidth = 1;
    ctx.strokeRect(a.x, a.y, a.w, a.h);
    ctx.fillStyle = colours.quiet;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'right';
    for (let row = 0; row <= processors; row += rowStep()) ctx.fillText(count(row), a.x - 8, a.yOf(row));
    ctx.save();
    ctx.translate(12, a.y + a.h / 2);
    ctx.rotate(-Math.PI / 2);
    ctx.textAlign = 'center';
    ctx.fillText(document.getElementById('gantt-about').dataset.unit, 0, 0);
    ctx.restore();
    const step = tickStep();
    ctx.textBaseline = 'top';
    ctx.beginPath();
    for (let t = Math.ceil(from / step) * step - from; t <= seconds; t += step) {
      const x = a.xOf(t), text = moment(t, false), half = ctx.measureText(text).width / 2;
      ctx.moveTo(x, a.y + a.h);
      ctx.lineTo(x, a.y + a.h + 5);
      ctx.textAlign = 'center';
      ctx.fillText(text, Math.min(Math.max(x, half), a.width - half), a.y + a.h + 8);
    }
    ctx.stroke();

    const totals = view.names.map(() => 0);
    read.forEach((job) => { ++totals[view.shade(job)]; });
    legend.replaceChildren(...view.names.flatMap((name, i) => {
      if (!totals[i]) return [];
      const item = document.createElement('li'), sample = document.createElement('i');
      sample.style.background = view.fill(i);
      item.append(sample, name + ': ' + count(totals[i]));
      return [item];
    }));
    const {left} = picture();
    about.textContent = report.policies[Number(select.value)].name + ', ' + moment(0, true).slice(0, -3) + ' to ' +
      moment(seconds, true).slice(0, -3) + ' since the first submission: ' + of(read.length + left, 'job') + ' at work' +
      (left ? '; the first ' + count(read.length) + ' are drawn' : '') + '.';
  }

  function showTip(k, x, y) {
    const job = picture().read[k];
    const lines = [
      of(job.size, report.unit) + ', ' + span(job.end - job.start) + ' of ' + span(job.estimate) + ' asked for' + (job.killed ? ', stopped' : ''),
      'submitted ' + moment(job.submit, true) + ', waited ' + span(job.wait),
      'from ' + moment(job.start, true) + ' to ' + moment(job.end, true),
      (job.backfilled ? 'backfilled; ' : '') + 'bounded slowdown ' + digits(job.slowdown, 4),
    ];
    tip.replaceChildren(...[['b', 'Job ' + job.number], ...lines.map((line) => ['span', line])].map(([tag, text]) => {
      const element = document.createElement(tag);
      element.textContent = text;
      return element;
    }));
    tip.hidden = false;
    const {width, height} = tip.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(x + 14, innerWidth - width - 8)) + 'px';
    tip.style.top = (y - height - 12 < 8 ? y + 20 : y - height - 12) + 'px';
  }
  function leave() {
    tip.hidden = true;
    if (pointed < 0) return;
    pointed = -1;
    draw();
  }
  function point(k, x, y) {
    if (k < 0) return leave();
    if (k !== pointed) {
      pointed = k;
      draw();
    }
    showTip(k, x, y);
  }
  canvas.addEventListener('pointermove', (event) => {
    const {read, blocks} = picture(), a = area(), box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    if (x < a.x || x > a.x + a.w || y < a.y || y > a.y + a.h) return leave();
    const t = (x - a.x) / a.w * seconds, row = (1 - (y - a.y) / a.h) * processors, slack = 2 * seconds / a.w;
    const inside = (block, more) => row >= block[1] && row < block[1] + block[2] &&
      t >= read[block[0]].start - more && t < read[block[0]].end + more;
    const block = blocks.find((b) => inside(b, 0)) || blocks.find((b) => inside(b, slack));
    point(block ? block[0] : -1, event.clientX, event.clientY);
  });
  canvas.addEventListener('pointerleave', leave);
  canvas.addEventListener('blur', leave);
  canvas.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
    const step = {ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, ArrowUp: 1}[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const {read, blocks} = picture(), a = area(), box = canvas.getBoundingClientRect();
    const next = Math.min(read.length - 1, Math.max(0, pointed < 0 ? 0 : pointed + step));
    const block = blocks.find((b) => b[0] === next);
    if (block) point(next, box.left + a.xOf(read[next].start), box.top + a.yOf(block[1] + block[2]));
  });

  select.selectedIndex = 0;
  select.addEventListener('change', () => { leave(); draw(); });
  buttons.forEach((button) => button.addEventListener('click', () => {
    shown = button.dataset.gantt;
    buttons.forEach((b) => b.setAttribute('aria-pressed', String(b === button)));
    draw();
  }));
  const repaint = () => { readColours(); draw(); };
  let drawnWidth = canvas.clientWidth;
  new ResizeObserver(() => {
    if (canvas.clientWidth === drawnWidth) return;
    drawnWidth = canvas.clientWidth;
    requestAnimationFrame(draw);
  }).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  addEventListener('beforeprint', repaint);
  addEventListener('afterprint', repaint);
  addEventListener('scroll', () => { tip.hidden = true; }, {passive: true});
  repaint();
})();
)js";

}  // namespace lepton_sim
