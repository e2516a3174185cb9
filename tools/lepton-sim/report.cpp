// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <lepton/config.hpp>
#include <lepton/simulate/write_file.hpp>
#include <lepton/version.hpp>

#include "chart_js.hpp"
#include "report_assets.hpp"
#include "report_cluster.hpp"
#include "report_summary.hpp"
#include "report_table.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

using lepton::simulate::placement_result;
using nlohmann::ordered_json;

// --- words --------------------------------------------------------------------------------------

auto count_text(std::size_t count) -> std::string { return grouped(static_cast<double>(count)); }

/// 12345 of a thousand each as "12.3"; whole numbers without the point.
auto thousandths(std::int64_t milli) -> std::string {
  const auto whole = grouped(static_cast<double>(milli / 1000));
  return milli % 1000 == 0 ? whole : fmt::format("{}.{}", whole, milli % 1000 / 100);
}

/// "10 (0–9)", "3 (1, 5, 42)", "40 (3, 7, … 999)".
auto seeds_text(std::span<const policy_summary> policies) -> std::string {
  std::vector<std::uint64_t> seeds;
  for (const auto& policy : policies)
    seeds.insert(seeds.end(), policy.seeds.begin(), policy.seeds.end());
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());

  if (seeds.size() == 1) return fmt::format("1 (seed {})", seeds.front());
  if (seeds.back() - seeds.front() == seeds.size() - 1) {
    return fmt::format("{} ({}–{})", seeds.size(), seeds.front(), seeds.back());
  }
  if (seeds.size() <= 6) return fmt::format("{} ({})", seeds.size(), fmt::join(seeds, ", "));
  return fmt::format("{} ({}, {}, … {})", seeds.size(), seeds[0], seeds[1], seeds.back());
}

auto tasks_text(std::span<const placement_result> results) -> std::string {
  const auto [fewest, most] =
      std::minmax_element(results.begin(), results.end(),
                          [](const auto& a, const auto& b) { return a.tasks < b.tasks; });
  if (fewest->tasks == most->tasks) return count_text(fewest->tasks);
  return fmt::format("{}–{}", count_text(fewest->tasks), count_text(most->tasks));
}

/// What the table says in one sentence; empty when there is nothing to compare.
auto finding(std::span<const policy_summary> policies) -> std::string {
  const auto order = ranking(policies);
  const auto& best = policies[order.front()];
  const auto& worst = policies[order.back()];
  if (policies.size() < 2 || worst.gpu.empty()) return {};
  const auto& most = best.gpu.back().value;
  const auto least = worst.gpu.back().value.mean;
  if (most.mean - least < 0.005) return {};
  return fmt::format(
      "At {} % load, <b>{}</b> has the most GPU capacity allocated: {:.2f} %, "
      "which is {:.2f} points more than {}.",
      best.gpu.back().load, escape_html(best.name), most.mean, most.mean - least,
      escape_html(worst.name));
}

// --- data for the scripts -----------------------------------------------------------------------

auto rounded(double value) -> double { return std::round(value * 1000) / 1000; }

/// The loads at which some policy has a point.
auto loads_of(std::span<const policy_summary> policies, curve policy_summary::*points)
    -> std::vector<int> {
  std::vector<int> loads;
  for (const auto& policy : policies) {
    for (const auto& point : policy.*points) loads.push_back(point.load);
  }
  std::sort(loads.begin(), loads.end());
  loads.erase(std::unique(loads.begin(), loads.end()), loads.end());
  return loads;
}

/// One number a load, null where the curve has no point: charts need the policies in step.
auto column_json(const curve& points, const std::vector<int>& loads, double seed_spread::*which)
    -> ordered_json {
  auto column = ordered_json::array();
  auto at = points.begin();
  for (const int load : loads) {
    const bool present = at != points.end() && at->load == load;
    column.push_back(present ? ordered_json(rounded(at->value.*which)) : ordered_json(nullptr));
    if (present) ++at;
  }
  return column;
}

auto figure_json(std::span<const policy_summary> policies, curve policy_summary::*points)
    -> ordered_json {
  const auto loads = loads_of(policies, points);
  ordered_json figure{{"loads", loads}, {"mean", ordered_json::array()}};
  for (const auto& policy : policies) {
    const auto column = [&](double seed_spread::*which) {
      return column_json(policy.*points, loads, which);
    };
    figure["mean"].push_back(column(&seed_spread::mean));
    const bool varies = policy.seeds.size() > 1;
    figure["low"].push_back(varies ? column(&seed_spread::low) : ordered_json(nullptr));
    figure["high"].push_back(varies ? column(&seed_spread::high) : ordered_json(nullptr));
  }
  return figure;
}

auto data_json(std::span<const policy_summary> policies) -> ordered_json {
  auto list = ordered_json::array();
  for (std::size_t i = 0; i < policies.size(); ++i) {
    list.push_back(
        {{"name", policies[i].name}, {"colour", i % line_colours}, {"dashes", line_dashes(i)}});
  }
  return {{"policies", std::move(list)},
          {"ranking", ranking(policies)},
          {"gpu", figure_json(policies, &policy_summary::gpu)},
          {"cpu", figure_json(policies, &policy_summary::cpu)},
          {"fragmentation", figure_json(policies, &policy_summary::fragmentation)},
          {"cluster", cluster_json(policies)}};
}

auto replace_all(std::string text, std::string_view what, std::string_view with) -> std::string {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// JSON that may stand in a script element: nothing in it can end the element.
auto embedded_json(const ordered_json& data) -> std::string {
  return replace_all(data.dump(-1, ' ', false, ordered_json::error_handler_t::replace), "<",
                     "\\u003c");
}

/// A script that may stand in a script element and looks for no source map. In a script, `</script`
/// and `<!--` occur in string and regular expression literals, where the backslash changes nothing.
auto embedded_script(std::string_view script) -> std::string {
  auto safe =
      replace_all(replace_all(std::string(script), "</script", "<\\/script"), "<!--", "<\\!--");
  return replace_all(std::move(safe), "//# sourceMappingURL=", "// source map: ");
}

// --- the page -----------------------------------------------------------------------------------

auto head(std::string_view title) -> std::string {
  return fmt::format(R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="generator" content="lepton-sim {}">
<link rel="icon" href="data:,">
<title>{}</title>
<style>
{}</style>
</head>
)",
                     LEPTON_VERSION_STRING, title, report_style);
}

auto header(const report_input& input, std::span<const policy_summary> policies) -> std::string {
  const auto& first = input.results.front();
  const auto title =
      input.workload_name.empty() ? "Unnamed workload" : escape_html(input.workload_name);
  const auto summary = finding(policies);
  std::string facts;
  const auto fact = [&](std::string_view name, std::string_view value) {
    facts += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
  };
  fact("Cluster",
       fmt::format("{} nodes, {} GPUs", count_text(first.nodes), thousandths(first.gpu_milli)));
  fact("CPU and memory",
       fmt::format("{} cores, {}", thousandths(first.cpu_milli), memory_text(first.memory_mib)));
  fact("Arrived load", fmt::format("{:.4g} % of GPU capacity", input.load * 100));
  fact("Tasks per run", tasks_text(input.results));
  fact("Policies", count_text(policies.size()));
  fact("Seeds", seeds_text(policies));
  return fmt::format(
      "<header>\n<p class=\"kind\">Placement report</p>\n<h1>{}</h1>\n{}<dl "
      "class=\"facts\">\n{}</dl>\n</header>\n",
      title, summary.empty() ? "" : fmt::format("<p class=\"finding\">{}</p>\n", summary), facts);
}

constexpr std::string_view definitions = R"(<section aria-labelledby="reading-title">
<h2 id="reading-title">How to read this</h2>
<dl class="definitions">
<div><dt>Load</dt><dd>The GPU demand of all tasks that have arrived so far, placed or not, in percent of the cluster’s GPU capacity. Tasks arrive one by one in an order drawn by the seed, and none leaves. Above 100 % there is more demand than capacity.</dd></div>
<div><dt>Allocation</dt><dd>The capacity held by placed tasks, in percent of the cluster’s. An ideal policy allocates all that arrives until the cluster is full; what is missing below 100 % is free, but no arriving task fits there.</dd></div>
<div><dt>Fragmentation</dt><dd>The free GPU capacity that a typical task of this workload is expected not to be able to use, for want of CPU, of the right GPU type, or of enough left on one GPU; in percent of all GPUs (Weng et al., USENIX ATC ’23). Lower is better.</dd></div>
<div><dt>Unplaced tasks, decisions/s</dt><dd>Tasks that found no node when they arrived. Placement decisions per second on one core, counting only the time spent deciding; the median over seeds.</dd></div>
</dl>
</section>
)";

auto figure(std::string_view id, std::string_view title, std::string_view caption) -> std::string {
  return fmt::format(R"(<figure id="{0}-figure" class="chart">
<div class="bar"><h3>{1}</h3><div class="choice" role="group" aria-label="Range of {1}"></div></div>
<div class="canvas"><canvas id="{0}-chart" role="img" aria-label="Line chart: {1}. The comparison table holds its figures."></canvas></div>
<figcaption>{2}</figcaption>
</figure>
)",
                     id, title, caption);
}

auto legend(std::span<const policy_summary> policies) -> std::string {
  std::string items;
  for (const std::size_t i : ranking(policies)) {
    items += fmt::format(
        "<li><button type=\"button\" aria-pressed=\"true\" "
        "data-policy=\"{}\">{}<span>{}</span><output></output></button></li>\n",
        i, line_sample(i), escape_html(policies[i].name));
  }
  return fmt::format(R"(<div class="legend" role="group" aria-label="Policies in the charts">
<div class="bar"><h3 id="legend-title">Policies</h3><div class="choice" role="group" aria-label="Show"><button type="button" data-show="all">All</button><button type="button" data-show="none">None</button></div></div>
<ul>
{}</ul>
<p>Most GPU allocation first. Point at a chart to read its values; point at a name to bring out its line and its range over seeds; select it to hide or show the line.</p>
</div>
)",
                     items);
}

auto charts(std::span<const policy_summary> policies) -> std::string {
  const bool averaged = std::any_of(policies.begin(), policies.end(),
                                    [](const auto& p) { return p.seeds.size() > 1; });
  const std::string mean = averaged ? ", mean over seeds. " : ". ";
  return "<section aria-labelledby=\"charts-title\">\n<h2 id=\"charts-title\">As the load "
         "rises</h2>\n"
         "<noscript><p>The charts need JavaScript.</p></noscript>\n"
         "<p id=\"no-charts\" hidden>The charts could not be drawn.</p>\n<div class=\"charts\">\n" +
         legend(policies) + "<div>\n" +
         figure("gpu", "GPU allocation",
                "Allocated GPU capacity" + mean +
                    "On the thin grey line everything that arrived is allocated.") +
         figure("cpu", "CPU allocation", "Allocated CPU capacity" + mean) +
         figure("fragmentation", "Fragmentation",
                "Free GPU capacity that a typical task is expected not to be able to use" + mean +
                    "Lower is better.") +
         "</div>\n</div>\n</section>\n";
}

auto cluster(std::span<const policy_summary> policies) -> std::string {
  std::string options;
  for (const std::size_t i : ranking(policies)) {
    if (policies[i].last_state == nullptr) continue;
    options += fmt::format("<option value=\"{}\">{}</option>\n", i, escape_html(policies[i].name));
  }
  if (options.empty()) return {};
  return fmt::format(R"(<section class="cluster" aria-labelledby="cluster-title">
<div class="bar"><h2 id="cluster-title">The cluster at the end</h2>
<label>Policy <select id="cluster-policy" autocomplete="off">
{}</select></label></div>
<p id="cluster-about"></p>
<ul id="cluster-legend" class="shades"></ul>
<div id="cluster-map"></div>
<div id="cluster-tip" role="status" hidden></div>
</section>
)",
                     options);
}

}  // namespace

auto report_html(const report_input& input) -> std::string {
  LEPTON_ASSERT(!input.results.empty(), "report_html: needs at least one result");
  const auto policies = summarize(input.results);
  std::string page =
      head(input.workload_name.empty() ? "Placement report"
                                       : "Placement report: " + escape_html(input.workload_name));
  page += "<body>\n<main>\n";
  page += header(input, policies);
  page +=
      "<section aria-labelledby=\"comparison-title\">\n<h2 "
      "id=\"comparison-title\">Comparison</h2>\n"
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-labelledby=\"comparison-title\">\n";
  page += comparison_table(policies);
  page += "</div>\n</section>\n";
  page += definitions;
  page += charts(policies);
  page += cluster(policies);
  page += "</main>\n<footer>Written by lepton-sim " LEPTON_VERSION_STRING
          ". This file is complete: it loads nothing from elsewhere.</footer>\n";
  page += "<script type=\"application/json\" id=\"report-data\">" +
          embedded_json(data_json(policies)) + "</script>\n";
  for (const auto script : {chart_js, report_script, report_heat_map_script}) {
    page += "<script>\n" + embedded_script(script) + "</script>\n";
  }
  page += "</body>\n</html>\n";
  return page;
}

auto write_report(const std::filesystem::path& dir, const report_input& input) -> lepton::status {
  if (input.results.empty()) return lepton::failure("there are no results to report");
  const auto page = report_html(input);
  std::error_code problem;
  std::filesystem::create_directories(dir, problem);
  if (problem) {
    return lepton::unexpected{lepton::error{
        "the folder for the report cannot be created: " + problem.message(), dir.string(), 0}};
  }
  return lepton::simulate::write_file((dir / "index.html").string(), page);
}

}  // namespace lepton_sim
