// SPDX-License-Identifier: Apache-2.0
#include "queue_report.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <lepton/simulate/queue_curves.hpp>
#include <lepton/simulate/queue_distribution.hpp>

#include "chart_js.hpp"
#include "queue_gantt.hpp"
#include "queue_measures.hpp"
#include "queue_summary.hpp"
#include "queue_timeline.hpp"
#include "report_assets.hpp"
#include "report_page.hpp"
#include "report_table.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
using lepton::time_point;
using nlohmann::ordered_json;
using simulate::queue_summary;

constexpr double seconds_of_day = 86'400;
constexpr std::size_t most_jobs_drawn = 4000;
constexpr double shortest_queue_drawn = 0.1;

auto seconds(lepton::duration d) -> double { return static_cast<double>(d.count()) / 1e9; }

/// All that the parts of the page are made of.
struct report_data {
  const queue_report_input& input;
  std::vector<queue_summary> summaries{};
  std::vector<std::string> names{};
  std::vector<std::size_t> order{};  ///< the best policy first
  std::vector<std::vector<simulate::curve_point>> busy{};
  std::vector<std::vector<simulate::curve_point>> waiting{};
  time_point begin{};
  time_point end{};
  time_window gantt{};

  [[nodiscard]] auto workload() const -> const simulate::queue_workload& {
    return input.about.workload;
  }
};

auto window_of(const report_data& d) -> time_window {
  const auto& o = d.input.options;
  const lepton::duration length{static_cast<std::int64_t>(o.gantt_hours * 3.6e12)};
  if (!o.gantt_from) return busiest_window(d.waiting[d.order[0]], d.busy[d.order[0]], length);
  const auto from = d.begin + lepton::duration{static_cast<std::int64_t>(*o.gantt_from * 3.6e12)};
  return {from, from + length};
}

auto data_of(const queue_report_input& input) -> report_data {
  report_data d{input};
  for (const auto& r : input.results) {
    d.summaries.push_back(r.summary);
    d.names.push_back(r.summary.policy);
    d.busy.push_back(simulate::busy_curve(d.workload(), r.run));
    d.waiting.push_back(simulate::waiting_curve(d.workload(), r.run));
  }
  d.order = queue_ranking(d.summaries);
  d.begin = d.workload().jobs.front().submitted;
  d.end = d.workload().jobs.back().submitted + std::chrono::seconds{1};
  for (const auto& curve : d.busy) {
    if (!curve.empty()) d.end = std::max(d.end, curve.back().when);
  }
  d.gantt = window_of(d);
  return d;
}

// --- words --------------------------------------------------------------------------------------

/// 93.0, 6,829.0: a slowdown.
auto slowdown_text(double x) -> std::string {
  if (x >= 1000) return grouped(x);
  return fmt::format("{:.{}f}", x, x < 10 ? 3 : x < 100 ? 2 : 1);
}
auto percent_text(double part) -> std::string { return fmt::format("{:.1f}", 100 * part); }
auto three_decimals(double x) -> std::string { return fmt::format("{:.3f}", x); }

auto finding(const report_data& d) -> std::string {
  const auto& best = d.summaries[d.order.front()];
  const auto& worst = d.summaries[d.order.back()];
  const double least = best.bounded_slowdown.mean;
  const double most = worst.bounded_slowdown.mean;
  if (d.names.size() < 2 || !(least > 0) || most / least < 1.005) return {};
  return fmt::format(
      "Mean bounded slowdown: {} with <b>{}</b>, {} with {}; mean wait: {} s and {} s.",
      slowdown_text(least), escape_html(best.policy), slowdown_text(most),
      escape_html(worst.policy), grouped(best.wait.mean), grouped(worst.wait.mean));
}

auto header(const report_data& d) -> std::string {
  const auto& o = d.input.options;
  const auto& w = d.workload();
  const double span = seconds(w.jobs.back().submitted - w.jobs.front().submitted);
  std::vector<page_fact> facts{
      {"Machine", fmt::format("{} {}{}", count_text(static_cast<std::size_t>(w.processors)),
                              d.input.about.unit, w.processors == 1 ? "" : "s")},
      {"Jobs", count_text(w.jobs.size())},
      {"Submissions", fmt::format("over {:.4g} days", span / seconds_of_day)},
      {"Load", fmt::format("{:.4g} %", 100 * d.input.about.load)},
      {"Policies", count_text(d.names.size())}};
  if (o.warm_up > 0 || o.cool_down > 0) {
    facts.emplace_back("Left out",
                       fmt::format("first {:.4g} %, last {:.4g} %", o.warm_up, o.cool_down));
  }
  facts.emplace_back("Ties", o.ties);
  return page_header("Queue report", escape_html(d.input.about.about), finding(d), facts);
}

auto definitions(double tau) -> std::string {
  return fmt::format(R"(<section aria-labelledby="reading-title">
<h2 id="reading-title">How to read this</h2>
<dl class="definitions">
<div><dt>Wait</dt><dd>From a job’s submission to its start. Percentiles are exact: the smallest wait that so many percent of the jobs do not exceed.</dd></div>
<div><dt>Bounded slowdown</dt><dd>The time from submission to end over the run time, where shorter runs count as τ = {:.4g} s; at least 1. A job that starts at once has 1.</dd></div>
<div><dt>In use</dt><dd>The part of all processor time that jobs have, from the first submission to the last end.</dd></div>
<div><dt>Backfilled, Jain’s index</dt><dd>Jobs that started while an earlier one of the order went on waiting. Jain’s index of the users’ mean bounded slowdowns is 1 if all fare alike.</dd></div>
</dl>
</section>
)",
                     tau);
}

// --- tables -------------------------------------------------------------------------------------

constexpr std::size_t ranked_column = 4;  ///< of the comparison; 0 is the name

auto compare(const report_data& d) -> comparison {
  comparison table;
  table.names = d.names;
  table.order = d.order;
  table.averaged.assign(d.names.size(), false);
  const auto add = [&](std::string group, const char* title, better best,
                       auto(*format)(double)->std::string, auto value) {
    const bool begins =
        group.empty() || table.columns.empty() || table.columns.back().group != group;
    table_column column{std::move(group), title, best, {}, format, false, begins};
    for (const auto& s : d.summaries) {
      const auto x = static_cast<double>(value(s));
      column.values.push_back(seed_spread{x, x, x});
    }
    table.columns.push_back(std::move(column));
  };
  const auto wait = [&](const char* title, auto value) {
    add("Wait, s", title, better::low, grouped, value);
  };
  wait("mean", [](const auto& s) { return s.wait.mean; });
  wait("95 %", [](const auto& s) { return s.wait.p95; });
  wait("max", [](const auto& s) { return s.wait.max; });
  const auto slowdown = [&](const char* title, auto value) {
    add("Bounded slowdown", title, better::low, slowdown_text, value);
  };
  slowdown("mean", [](const auto& s) { return s.bounded_slowdown.mean; });
  slowdown("95 %", [](const auto& s) { return s.bounded_slowdown.p95; });
  slowdown("99 %", [](const auto& s) { return s.bounded_slowdown.p99; });
  add("", "In use, %", better::high, percent_text, [](const auto& s) { return s.utilisation; });
  add("", "Backfilled", better::neither, grouped, [](const auto& s) { return s.backfilled; });
  add("", "Jain", better::high, three_decimals, [](const auto& s) { return s.jain; });
  const auto if_any = [&](const char* title, auto value) {
    if (std::any_of(d.summaries.begin(), d.summaries.end(),
                    [&](const auto& s) { return value(s) != 0; }))
      add("", title, better::low, grouped, value);
  };
  if_any("Killed", [](const auto& s) { return s.killed; });
  if_any("Rejected", [](const auto& s) { return s.rejected; });
  add("", "Jobs/s", better::high, three_digits, [](const auto& s) { return s.jobs_per_second; });
  return table;
}

/// All figures, with what they mean.
auto all_figures(const report_data& d) -> std::string {
  std::vector<std::vector<simulate::queue_figure>> columns;
  std::string head = "<th scope=\"col\" class=\"name\">Figure</th>";
  for (const auto i : d.order) {
    columns.push_back(simulate::figures_of(d.summaries[i]));
    head += fmt::format("<th scope=\"col\">{}</th>", escape_html(d.names[i]));
  }
  std::string rows;
  for (std::size_t f = 0; f < columns.front().size(); ++f) {
    const auto& figure = columns.front()[f];
    auto words = figure.name;
    std::replace(words.begin(), words.end(), '_', ' ');
    const auto unit = figure.unit.empty() || figure.unit == "jobs" ? "" : ", " + figure.unit;
    rows += fmt::format("<tr><th scope=\"row\" class=\"name\">{}{}<small>{}</small></th>",
                        escape_html(words), escape_html(unit), escape_html(figure.definition));
    for (const auto& column : columns) rows += fmt::format("<td>{}</td>", figure_text(column[f]));
    rows += "</tr>\n";
  }
  return fmt::format(R"(<section aria-labelledby="figures-title">
<h2 id="figures-title">All figures and what they mean</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="figures-title">
<table class="figures" aria-labelledby="figures-title">
<thead><tr>{}</tr></thead>
<tbody>
{}</tbody>
</table>
</div>
</section>
)",
                     head, rows);
}

// --- data for the scripts -----------------------------------------------------------------------

/// A figure without ranges, from a line for each policy.
auto lines_json(const std::vector<double>& x, const std::vector<std::vector<double>>& lines)
    -> ordered_json {
  ordered_json figure{{"x", numbers_json(x)}, {"mean", ordered_json::array()}};
  for (const auto& line : lines) {
    figure["mean"].push_back(numbers_json(line));
    figure["low"].push_back(nullptr);
    figure["high"].push_back(nullptr);
  }
  return figure;
}

/// Means over equal stretches of the time; nothing after the policy's last job has ended.
auto over_time(const report_data& d, const std::vector<std::vector<simulate::curve_point>>& curves,
               double scale, double least) -> ordered_json {
  constexpr std::size_t stretches = 120;
  const double width = seconds(d.end - d.begin) / stretches;
  std::vector<double> x;
  for (std::size_t k = 0; k < stretches; ++k)
    x.push_back((static_cast<double>(k) + 0.5) * width / seconds_of_day);
  std::vector<std::vector<double>> lines;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    auto line = means_over_time(curves[i], d.begin, d.end, stretches);
    for (auto& value : line) value = std::max(value * scale, least);
    const double end = d.busy[i].empty() ? 0 : seconds(d.busy[i].back().when - d.begin) / width;
    for (std::size_t k = 0; k < stretches; ++k) {
      if (static_cast<double>(k) >= end) line[k] = std::numeric_limits<double>::quiet_NaN();
    }
    lines.push_back(std::move(line));
  }
  return lines_json(x, lines);
}

auto slowdowns_json(const report_data& d) -> ordered_json {
  double highest = 10;
  for (const auto& s : d.summaries) highest = std::max(highest, s.bounded_slowdown.max);
  const auto x = simulate::logarithmic_points(highest);
  std::vector<std::vector<double>> lines;
  for (const auto& r : d.input.results) {
    lines.emplace_back();
    for (const auto& point :
         simulate::bounded_slowdown_shares(d.workload(), r.run, x, measures_of(d.input.options)))
      lines.back().push_back(100 * point.share);
  }
  return lines_json(x, lines);
}

/// Jobs of one policy in the window; times in seconds from its beginning.
auto picture_json(const report_data& d, const simulate::queue_run& run) -> ordered_json {
  const auto& w = d.workload();
  const auto blocks = gantt_blocks(w, run, d.gantt, most_jobs_drawn);
  auto jobs = ordered_json::array();
  auto places = ordered_json::array();
  const auto since = [&](time_point t) { return std::llround(seconds(t - d.gantt.from)); };
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    if (b == 0 || blocks[b].job != blocks[b - 1].job) {
      const auto& job = w.jobs[blocks[b].job];
      const auto& o = run.jobs[blocks[b].job];
      jobs.push_back({job.number, since(job.submitted), since(o.start), since(o.end),
                      std::llround(seconds(job.estimate)), job.demand[0], o.backfilled ? 1 : 0,
                      o.fate == simulate::job_fate::killed ? 1 : 0});
    }
    places.push_back({jobs.size() - 1, blocks[b].first, blocks[b].count});
  }
  const auto left = jobs_in(run, d.gantt) - jobs.size();
  return {{"jobs", std::move(jobs)}, {"blocks", std::move(places)}, {"left", left}};
}

auto data_json(const report_data& d) -> ordered_json {
  const auto figure = [](const char* id, const char* x, const char* y, const char* x_title,
                         const char* y_title) {
    return ordered_json{{"id", id}, {"kinds", {x, y}}, {"axes", {x_title, y_title}}};
  };
  auto pictures = ordered_json::array();
  for (const auto& r : d.input.results) pictures.push_back(picture_json(d, r.run));
  constexpr const char* time = "Days since the first submission";
  return {{"policies", policies_json(d.names)},
          {"ranking", d.order},
          {"sorted", {{"column", ranked_column}, {"direction", "ascending"}}},
          {"figures",
           {figure("slowdowns", "times", "part", "Bounded slowdown", "Jobs up to there, %"),
            figure("usage", "days", "part", time, "Processors in use, %"),
            figure("queue", "days", "number", time, "Jobs waiting")}},
          {"slowdowns", slowdowns_json(d)},
          {"usage", over_time(d, d.busy, 100.0 / static_cast<double>(d.workload().processors), 0)},
          {"queue", over_time(d, d.waiting, 1, shortest_queue_drawn)},
          {"tau", d.input.options.tau},
          {"unit", d.input.about.unit},
          {"gantt",
           {{"from", std::llround(seconds(d.gantt.from - d.begin))},
            {"seconds", seconds(d.gantt.to - d.gantt.from)},
            {"processors", d.workload().processors},
            {"pictures", std::move(pictures)}}}};
}

// --- the page -----------------------------------------------------------------------------------

auto charts(const report_data& d) -> std::string {
  return chart_section(
      "Slowdowns, and the machine over time",
      chart_legend(d.names, d.order, {"Lowest mean bounded slowdown first.", "its line"}),
      chart_figure("slowdowns", "Distribution of bounded slowdowns",
                   "The part of the jobs whose bounded slowdown is at most that. The axis is "
                   "logarithmic; higher is better.") +
          chart_figure("usage", "Utilisation", "Means over 120 equal stretches of the time.") +
          chart_figure("queue", "Queue length",
                       "Jobs that are submitted and have not started; means over the same "
                       "stretches. The axis is logarithmic; means below 0.1 are drawn as 0.1."));
}

auto gantt(const report_data& d) -> std::string {
  std::string options;
  for (const auto i : d.order)
    options += fmt::format("<option value=\"{}\">{}</option>\n", i, escape_html(d.names[i]));
  const auto why = d.input.options.gantt_from
                       ? std::string{}
                       : fmt::format(" These are the {:.4g} hours in which most jobs wait with {}.",
                                     d.input.options.gantt_hours, escape_html(d.names[d.order[0]]));
  const auto unit = d.input.about.unit == "GPU" ? "GPUs" : "Processors";
  return fmt::format(R"(<section class="gantt" aria-labelledby="gantt-title">
<div class="bar"><h2 id="gantt-title">Jobs on the machine</h2>
<label>Policy <select id="gantt-policy" autocomplete="off">
{}</select></label></div>
<figure>
<div class="bar"><p id="gantt-about" data-unit="{}"></p><div class="choice" role="group" aria-label="Colours"><button type="button" data-gantt="turn" aria-pressed="true">How it started</button><button type="button" data-gantt="slowdown" aria-pressed="false">Slowdown</button></div></div>
<div class="canvas"><canvas id="gantt-chart" tabindex="0" role="img" aria-label="Jobs on processors over time. Arrow keys go from job to job."></canvas></div>
<ul id="gantt-legend" class="shades"></ul>
<figcaption>A rectangle is a job: its processors, from its start to its end. Which processors it has is drawn, not simulated: the lowest ones that are free, together where possible.{}</figcaption>
</figure>
<div id="gantt-tip" class="tip" role="status" hidden></div>
</section>
)",
                     options, unit, why);
}

}  // namespace

auto write_queue_report(const std::filesystem::path& dir, const queue_report_input& input)
    -> lepton::status {
  if (input.results.empty() || input.about.workload.jobs.empty())
    return lepton::failure("there are no results to report");
  const auto d = data_of(input);
  return write_page(
      dir, whole_page("Queue report: " + escape_html(input.about.about),
                      header(d) + comparison_section(compare(d)) + definitions(input.options.tau) +
                          charts(d) + gantt(d) + all_figures(d),
                      data_json(d), std::vector{chart_js, report_script, queue_gantt_script}));
}

}  // namespace lepton_sim
