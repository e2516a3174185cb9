// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <lepton/config.hpp>

#include "chart_js.hpp"
#include "report_assets.hpp"
#include "report_cluster.hpp"
#include "report_page.hpp"
#include "report_summary.hpp"
#include "report_table.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

using lepton::simulate::placement_result;
using nlohmann::ordered_json;

// --- words --------------------------------------------------------------------------------------

/// 12345 of a thousand each as "12.3"; whole numbers without the point.
auto thousandths(std::int64_t milli) -> std::string {
  const auto whole = grouped(static_cast<double>(milli / 1000));
  return milli % 1000 == 0 ? whole : fmt::format("{}.{}", whole, milli % 1000 / 100);
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
  ordered_json figure{{"x", loads}, {"mean", ordered_json::array()}};
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

auto names_of(std::span<const policy_summary> policies) -> std::vector<std::string> {
  std::vector<std::string> names;
  for (const auto& policy : policies) names.push_back(policy.name);
  return names;
}

/// Loads at which the table tells the allocation.
auto table_loads(std::span<const policy_summary> policies) -> std::vector<int> {
  const int last = final_load(policies);
  return last > 100 ? std::vector{100, last} : std::vector{last};
}

auto data_json(std::span<const policy_summary> policies) -> ordered_json {
  auto figures = ordered_json::array();
  const auto figure = [&](const char* id, const char* axis, bool ideal, bool close_up) {
    figures.push_back({{"id", id},
                       {"kinds", {"load", "percent"}},
                       {"axes", {"Arrived load, % of GPU capacity", axis}},
                       {"ideal", ideal},
                       {"closeUp", close_up}});
  };
  figure("gpu", "Allocated GPU capacity, %", true, true);
  figure("cpu", "Allocated CPU capacity, %", false, false);
  figure("fragmentation", "Fragmented, % of GPUs", false, false);
  return {{"policies", policies_json(names_of(policies))},
          {"ranking", ranking(policies)},
          {"sorted", {{"column", table_loads(policies).size()}, {"direction", "descending"}}},
          {"figures", std::move(figures)},
          {"gpu", figure_json(policies, &policy_summary::gpu)},
          {"cpu", figure_json(policies, &policy_summary::cpu)},
          {"fragmentation", figure_json(policies, &policy_summary::fragmentation)},
          {"cluster", cluster_json(policies)}};
}

// --- the page -----------------------------------------------------------------------------------

auto header(const report_input& input, std::span<const policy_summary> policies) -> std::string {
  const auto& first = input.results.front();
  std::vector<std::uint64_t> seeds;
  for (const auto& policy : policies)
    seeds.insert(seeds.end(), policy.seeds.begin(), policy.seeds.end());
  const std::vector<page_fact> facts{
      {"Cluster",
       fmt::format("{} nodes, {} GPUs", count_text(first.nodes), thousandths(first.gpu_milli))},
      {"CPU and memory",
       fmt::format("{} cores, {}", thousandths(first.cpu_milli), memory_text(first.memory_mib))},
      {"Arrived load", fmt::format("{:.4g} % of GPU capacity", input.load * 100)},
      {"Tasks per run", tasks_text(input.results)},
      {"Policies", count_text(policies.size())},
      {"Seeds", seeds_text(std::move(seeds))}};
  const auto title =
      input.workload_name.empty() ? "Unnamed workload" : escape_html(input.workload_name);
  return page_header("Placement report", title, finding(policies), facts);
}

auto compare(std::span<const policy_summary> policies) -> comparison {
  comparison table;
  table.names = names_of(policies);
  table.order = ranking(policies);
  for (const auto& policy : policies) table.averaged.push_back(policy.seeds.size() > 1);
  const auto add = [&](table_column column, auto value) {
    for (const auto& policy : policies) column.values.push_back(value(policy));
    table.columns.push_back(std::move(column));
  };
  for (const int load : table_loads(policies)) {
    add({"GPU allocation, %",
         fmt::format("at {} % load", load),
         better::high,
         {},
         two_decimals,
         true,
         table.columns.empty()},
        [load](const policy_summary& p) { return value_at(p.gpu, load); });
  }
  std::vector<int> loads{50, 80, 100};
  const int last = final_load(policies);
  std::erase_if(loads, [&](int load) { return load > last; });
  if (loads.empty()) loads.push_back(last);
  for (const int load : loads) {
    add({"Fragmentation, % of GPUs",
         fmt::format("at {} %", load),
         better::low,
         {},
         two_decimals,
         false,
         load == loads.front()},
        [load](const policy_summary& p) { return value_at(p.fragmentation, load); });
  }
  add({"", "Unplaced tasks", better::low, {}, grouped},
      [](const policy_summary& p) { return std::optional{p.unplaced}; });
  add({"", "Decisions/s", better::high, {}, three_digits},
      [](const policy_summary& p) -> std::optional<seed_spread> {
        const double speed = p.decisions_per_second;
        if (speed <= 0) return std::nullopt;
        return seed_spread{speed, speed, speed};
      });
  return table;
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

auto charts(std::span<const policy_summary> policies) -> std::string {
  const bool averaged = std::any_of(policies.begin(), policies.end(),
                                    [](const auto& p) { return p.seeds.size() > 1; });
  const std::string mean = averaged ? ", mean over seeds. " : ". ";
  return chart_section(
      "As the load rises",
      chart_legend(names_of(policies), ranking(policies), {"Most GPU allocation first."}),
      chart_figure("gpu", "GPU allocation",
                   "Allocated GPU capacity" + mean +
                       "On the thin grey line everything that arrived is allocated.") +
          chart_figure("cpu", "CPU allocation", "Allocated CPU capacity" + mean) +
          chart_figure("fragmentation", "Fragmentation",
                       "Free GPU capacity that a typical task is expected not to be able to use" +
                           mean + "Lower is better."));
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
<div id="cluster-tip" class="tip" role="status" hidden></div>
</section>
)",
                     options);
}

}  // namespace

auto report_html(const report_input& input) -> std::string {
  LEPTON_ASSERT(!input.results.empty(), "report_html: needs at least one result");
  const auto policies = summarize(input.results);
  const auto title = input.workload_name.empty()
                         ? "Placement report"
                         : "Placement report: " + escape_html(input.workload_name);
  return whole_page(title,
                    header(input, policies) + comparison_section(compare(policies)) +
                        std::string{definitions} + charts(policies) + cluster(policies),
                    data_json(policies),
                    std::vector{chart_js, report_script, report_heat_map_script});
}

auto write_report(const std::filesystem::path& dir, const report_input& input) -> lepton::status {
  if (input.results.empty()) return lepton::failure("there are no results to report");
  return write_page(dir, report_html(input));
}

}  // namespace lepton_sim
