// SPDX-License-Identifier: Apache-2.0
#include "balance_report.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "chart_js.hpp"
#include "ranked_table.hpp"
#include "report_assets.hpp"
#include "report_page.hpp"
#include "report_table.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

using lepton::simulate::balance_result;
using nlohmann::ordered_json;

constexpr std::size_t most_servers_drawn = 500;

/// The runs of one policy.
struct policy_runs {
  std::string name{};
  std::vector<const balance_result*> runs{};

  template <class Value>
  [[nodiscard]] auto spread(Value value) const -> seed_spread {
    std::vector<double> values;
    for (const auto* run : runs) values.push_back(static_cast<double>(value(*run)));
    return spread_of(values);
  }
};

auto group(std::span<const balance_result> results) -> std::vector<policy_runs> {
  std::vector<policy_runs> groups;
  for (const auto& r : results) {
    const auto known = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& g) { return g.name == r.policy; });
    if (known != groups.end()) {
      known->runs.push_back(&r);
    } else {
      groups.push_back({r.policy, {&r}});
    }
  }
  return groups;
}

auto p99_of(const policy_runs& p) -> double {
  return p.spread([](const auto& r) { return r.latency.p99; }).mean;
}

/// Indices of the policies, the lowest 99th percentile first.
auto ranking_of(const std::vector<policy_runs>& policies) -> std::vector<std::size_t> {
  std::vector<std::size_t> order(policies.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return p99_of(policies[a]) < p99_of(policies[b]);
  });
  return order;
}

auto names_of(const std::vector<policy_runs>& policies) -> std::vector<std::string> {
  std::vector<std::string> names;
  for (const auto& p : policies) names.push_back(p.name);
  return names;
}

// --- words --------------------------------------------------------------------------------------

auto times_text(double factor) -> std::string {
  return fmt::format("{:.{}f}", factor, factor < 10 ? 1 : 0);
}

/// What the table says in one sentence; empty when there is nothing to compare.
auto finding(const std::vector<policy_runs>& policies) -> std::string {
  const auto order = ranking_of(policies);
  const auto& best = policies[order.front()];
  const auto& worst = policies[order.back()];
  const double least = p99_of(best);
  const double most = p99_of(worst);
  if (policies.size() < 2 || least <= 0 || most / least < 1.005) return {};
  return fmt::format(
      "One request in a hundred takes longer than {} ms with <b>{}</b>, and longer than {} ms "
      "with {}: {} times as long.",
      latency_text(least), escape_html(best.name), latency_text(most), escape_html(worst.name),
      times_text(most / least));
}

auto header(const balance_report_input& input, const std::vector<policy_runs>& policies)
    -> std::string {
  std::vector<std::uint64_t> seeds;
  for (const auto& r : input.results) seeds.push_back(r.seed);
  const double time =
      policies.front().spread([](const auto& r) { return r.simulated_seconds; }).mean;
  std::uint64_t slots = 0;
  for (const auto& s : input.servers) slots += s.slots;
  const std::vector<page_fact> facts{
      {"Servers", fmt::format("{} with {} slot{}", count_text(input.servers.size()),
                              count_text(slots), slots == 1 ? "" : "s")},
      {"Load", fmt::format("{:.4g} %", input.load * 100)},
      {"Simulated time", fmt::format("{:.4g} s", time)},
      {"Policies", count_text(policies.size())},
      {"Seeds", seeds_text(std::move(seeds))}};
  return page_header("Balancing report", escape_html(input.about_requests), finding(policies),
                     facts);
}

constexpr std::string_view definitions = R"(<section aria-labelledby="reading-title">
<h2 id="reading-title">How to read this</h2>
<dl class="definitions">
<div><dt>Latency</dt><dd>From the arrival of a request to its end: waiting and service, and what a failed server had done for it before. The 99th percentile is exact: the smallest latency that 99 % of the requests do not exceed. The first requests are left out as warm-up.</dd></div>
<div><dt>Imbalance, Jain’s index</dt><dd>Of the servers’ numbers of requests for their weights: the largest over the mean, and (Σx)² / nΣx². Both are 1 if all have their share. Servers that were away for a time are left out.</dd></div>
<div><dt>Keys moved</dt><dd>For policies that go by the key: the part of the keys that a change of the servers sends elsewhere. Needless is what moves between servers that were there before and after. Without changes in the run: as if one server were taken away.</dd></div>
<div><dt>Requests/s</dt><dd>What the policy alone could deal with on one core: picks and what it does when a request begins and ends. The median over seeds.</dd></div>
</dl>
</section>
)";

// --- the table ----------------------------------------------------------------------------------

auto three_decimals(double value) -> std::string { return fmt::format("{:.3f}", value); }

constexpr std::size_t p99_column = 4;  ///< of the table; 0 is the name

auto compare(const std::vector<policy_runs>& policies, std::vector<std::size_t> order)
    -> comparison {
  comparison table;
  table.names = names_of(policies);
  table.order = std::move(order);
  for (const auto& p : policies) table.averaged.push_back(p.runs.size() > 1);
  const auto add = [&](table_column column, auto value) {
    for (const auto& p : policies) column.values.push_back(p.spread(value));
    table.columns.push_back(std::move(column));
  };
  const auto latency = [&](const char* title, auto value) {
    add({"Latency, ms", title, better::low, {}, latency_text, false, table.columns.empty()}, value);
  };
  latency("mean", [](const auto& r) { return r.latency.mean; });
  latency("50 %", [](const auto& r) { return r.latency.p50; });
  latency("95 %", [](const auto& r) { return r.latency.p95; });
  latency("99 %", [](const auto& r) { return r.latency.p99; });
  latency("99.9 %", [](const auto& r) { return r.latency.p999; });
  latency("max", [](const auto& r) { return r.latency.max; });
  latency("waiting", [](const auto& r) { return r.mean_wait; });
  add({"Evenness", "imbalance", better::low, {}, three_decimals, false, true},
      [](const auto& r) { return r.imbalance; });
  add({"Evenness", "Jain", better::high, {}, three_decimals, false, false},
      [](const auto& r) { return r.jain; });

  const auto if_any = [&](const char* title, better best, auto value) {
    const auto any = std::any_of(policies.begin(), policies.end(),
                                 [&](const auto& p) { return p.spread(value).high > 0; });
    if (any) add({"", title, best, {}, grouped}, value);
  };
  if_any("Rejected", better::low, [](const auto& r) { return r.rejected; });
  if_any("Lost", better::low, [](const auto& r) { return r.lost; });
  if_any("Retried", better::neither, [](const auto& r) { return r.retried; });

  table_column speed{"", "Requests/s", better::high, {}, three_digits};
  for (const auto& p : policies) {
    std::vector<double> values;
    for (const auto* run : p.runs) values.push_back(run->picks_per_second);
    const double middle = median_of(std::move(values));
    speed.values.push_back(middle > 0 ? std::optional{seed_spread{middle, middle, middle}}
                                      : std::nullopt);
  }
  table.columns.push_back(std::move(speed));
  return table;
}

// --- data for the scripts -----------------------------------------------------------------------

/// The tail of the latencies: what one request in x exceeds, mean over the seeds. Without the
/// smallest of all.
auto tail_json(const std::vector<policy_runs>& policies) -> ordered_json {
  std::size_t points = 1;
  std::vector<double> x;
  for (const auto& p : policies) {
    for (const auto* run : p.runs) {
      if (run->tail.size() <= points) continue;
      for (; points < run->tail.size(); ++points) x.push_back(1 / run->tail[points].beyond);
    }
  }
  ordered_json figure{{"x", numbers_json(x)}, {"mean", ordered_json::array()}};
  for (const auto& p : policies) {
    std::vector<double> mean;
    std::vector<double> low;
    std::vector<double> high;
    for (std::size_t k = 1; k < points; ++k) {
      std::vector<double> values;
      for (const auto* run : p.runs) {
        if (k < run->tail.size()) values.push_back(std::max(run->tail[k].value, 1e-3));
      }
      if (values.empty()) break;
      const auto s = spread_of(values);
      mean.push_back(s.mean);
      low.push_back(s.low);
      high.push_back(s.high);
    }
    const auto column = [&](const std::vector<double>& values) {
      auto list = numbers_json(values);
      while (list.size() + 1 < points) list.push_back(nullptr);
      return list;
    };
    const bool varies = p.runs.size() > 1;
    figure["mean"].push_back(column(mean));
    figure["low"].push_back(varies ? column(low) : ordered_json(nullptr));
    figure["high"].push_back(varies ? column(high) : ordered_json(nullptr));
  }
  return figure;
}

/// Requests in flight over time, of the first run of each policy, at common times.
auto flights_json(const std::vector<policy_runs>& policies) -> ordered_json {
  constexpr std::size_t points = 240;
  double end = 0;
  for (const auto& p : policies) {
    const auto& flights = p.runs.front()->flights;
    if (!flights.empty()) end = std::max(end, flights.back().seconds);
  }
  std::vector<double> x;
  for (std::size_t k = 0; end > 0 && k <= points; ++k)
    x.push_back(end * static_cast<double>(k) / points);
  ordered_json figure{{"x", numbers_json(x)}, {"mean", ordered_json::array()}};
  for (const auto& p : policies) {
    const auto& flights = p.runs.front()->flights;
    std::vector<double> values;
    std::size_t at = 0;
    for (const double t : x) {
      if (flights.empty()) break;
      while (at + 1 < flights.size() && flights[at + 1].seconds <= t) ++at;
      values.push_back(static_cast<double>(flights[at].in_flight));
    }
    figure["mean"].push_back(numbers_json(values));
    figure["low"].push_back(nullptr);
    figure["high"].push_back(nullptr);
  }
  return figure;
}

/// What each server did, means over the seeds: its requests over its share of them, and the busy
/// part of its time.
auto servers_json(const balance_report_input& input, const std::vector<policy_runs>& policies)
    -> ordered_json {
  const auto count = std::min(input.servers.size(), most_servers_drawn);
  double weights = 0;
  for (const auto& s : input.servers) weights += s.weight;
  ordered_json names = ordered_json::array();
  for (std::size_t i = 0; i < count; ++i) names.push_back(input.servers[i].name);
  ordered_json share = ordered_json::array();
  ordered_json utilisation = ordered_json::array();
  for (const auto& p : policies) {
    std::vector<double> shares;
    std::vector<double> busy;
    for (std::size_t i = 0; i < count; ++i) {
      const double fair = input.servers[i].weight / weights;
      shares.push_back(100 * p.spread([&](const auto& r) {
                                const auto all = static_cast<double>(r.completed) * fair;
                                const auto own = static_cast<double>(r.per_server[i].requests);
                                return all > 0 ? own / all : 0;
                              }).mean);
      busy.push_back(100 *
                     p.spread([&](const auto& r) { return r.per_server[i].utilisation; }).mean);
    }
    share.push_back(numbers_json(shares));
    utilisation.push_back(numbers_json(busy));
  }
  return {{"names", std::move(names)},
          {"share", std::move(share)},
          {"utilisation", std::move(utilisation)}};
}

auto data_json(const balance_report_input& input, const std::vector<policy_runs>& policies,
               const std::vector<std::size_t>& order) -> ordered_json {
  const auto figure = [](const char* id, const char* x, const char* y, const char* x_title,
                         const char* y_title) {
    return ordered_json{{"id", id}, {"kinds", {x, y}}, {"axes", {x_title, y_title}}};
  };
  return {{"policies", policies_json(names_of(policies))},
          {"ranking", order},
          {"sorted", {{"column", p99_column}, {"direction", "ascending"}}},
          {"figures",
           {figure("tail", "percentile", "ms", "Percentile of the requests", "Latency, ms"),
            figure("flights", "seconds", "count", "Simulated time, s", "Requests in flight")}},
          {"tail", tail_json(policies)},
          {"flights", flights_json(policies)},
          {"servers", servers_json(input, policies)}};
}

// --- the page -----------------------------------------------------------------------------------

auto charts(const balance_report_input& input, const std::vector<policy_runs>& policies,
            const std::vector<std::size_t>& order) -> std::string {
  const bool averaged = policies.front().runs.size() > 1;
  return chart_section(
      "Latency and load",
      chart_legend(names_of(policies), order, {"Lowest 99th percentile first."}),
      chart_figure("tail", "Latency by percentile",
                   std::string{"At 99 %: the latency that one request in a hundred exceeds"} +
                       (averaged ? ", mean over seeds. " : ". ") + "Both axes are logarithmic.") +
          chart_figure("flights", "Requests in flight",
                       fmt::format("At all servers together, waiting or in service; seed {}.",
                                   input.results.front().seed)));
}

auto moves(const std::vector<policy_runs>& policies, const std::vector<std::size_t>& order)
    -> std::string {
  std::vector<std::pair<double, std::string>> rows;
  for (const auto i : order) {
    const auto& p = policies[i];
    if (!p.runs.front()->moved) continue;
    const double moved = 100 * p.spread([](const auto& r) { return r.moved.value_or(0); }).mean;
    const double excess =
        100 * p.spread([](const auto& r) { return r.moved_excess.value_or(0); }).mean;
    rows.emplace_back(
        moved,
        fmt::format(
            R"(<li><span class="name">{0}</span><span class="track"><i class="need" style="width:{1:.3f}%"></i><i class="excess" style="width:{2:.3f}%"></i></span><span class="figure">{1:.1f}{3}</span></li>
)",
            escape_html(p.name), moved - excess, excess,
            excess >= 0.05 ? fmt::format(" + {:.1f}", excess) : ""));
  }
  if (rows.empty()) return {};
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string list;
  for (const auto& row : rows) list += row.second;
  return fmt::format(R"(<section aria-labelledby="moves-title">
<h2 id="moves-title">Keys that a change moves</h2>
<p class="quiet">In percent of all keys: <i class="need"></i> those that had to move, and <i class="excess"></i> needless ones, between servers that stayed.</p>
<ul class="bars">
{}</ul>
</section>
)",
                     list);
}

auto servers(const balance_report_input& input, const std::vector<policy_runs>& policies,
             const std::vector<std::size_t>& order) -> std::string {
  std::string options;
  for (const auto i : order)
    options += fmt::format("<option value=\"{}\">{}</option>\n", i, escape_html(policies[i].name));
  const auto note = input.servers.size() > most_servers_drawn
                        ? fmt::format(" The first {} servers are drawn.", most_servers_drawn)
                        : std::string{};
  return fmt::format(R"(<section class="cluster" aria-labelledby="servers-title">
<div class="bar"><h2 id="servers-title">The servers</h2>
<label>Policy <select id="servers-policy" autocomplete="off">
{}</select></label></div>
<figure class="chart">
<div class="bar"><h3 id="servers-what">Requests, % of the fair share</h3><div class="choice" role="group" aria-label="Show"><button type="button" data-servers="share" aria-pressed="true">Requests</button><button type="button" data-servers="utilisation" aria-pressed="false">Utilisation</button></div></div>
<div class="canvas"><canvas id="servers-chart" role="img" aria-label="Bar chart: what each server did."></canvas></div>
<figcaption>The fair share goes by the weights; the line is at 100 %. Utilisation is the busy part of the time of a server’s slots.{}</figcaption>
</figure>
</section>
)",
                     options, note);
}

}  // namespace

auto write_balance_report(const std::filesystem::path& dir, const balance_report_input& input)
    -> lepton::status {
  if (input.results.empty()) return lepton::failure("there are no results to report");
  const auto policies = group(input.results);
  const auto order = ranking_of(policies);
  return write_page(
      dir, whole_page("Balancing report: " + escape_html(input.about_requests),
                      header(input, policies) + comparison_section(compare(policies, order)) +
                          std::string{definitions} + charts(input, policies, order) +
                          moves(policies, order) + servers(input, policies, order),
                      data_json(input, policies, order),
                      std::vector{chart_js, report_script, report_servers_script}));
}

}  // namespace lepton_sim
