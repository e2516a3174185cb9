// SPDX-License-Identifier: Apache-2.0
#include "queue_summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "text_table.hpp"

namespace lepton_sim {
namespace {

using lepton::simulate::figures_of;
using lepton::simulate::queue_figure;
using lepton::simulate::queue_summary;

constexpr std::size_t most_in_full = 4;  ///< policies of which a terminal can show all figures

/// The columns of the table of many policies.
constexpr std::array<std::string_view, 11> main_figures{"mean_wait",
                                                        "p50_wait",
                                                        "p95_wait",
                                                        "mean_bounded_slowdown",
                                                        "p95_bounded_slowdown",
                                                        "utilisation",
                                                        "makespan",
                                                        "mean_queue",
                                                        "backfilled",
                                                        "rejected",
                                                        "jain"};

auto with_unit(const queue_figure& of) -> std::string {
  return of.unit.empty() || of.unit == "jobs" ? of.name : of.name + ", " + of.unit;
}

/// Figures as rows: values of each policy, and the definition.
auto full_table(std::span<const queue_summary> summaries, const std::vector<std::size_t>& order)
    -> std::string {
  std::vector<std::vector<queue_figure>> columns;
  text_table table{{"figure"}};
  for (const auto i : order) {
    columns.push_back(figures_of(summaries[i]));
    table.front().push_back(summaries[i].policy);
  }
  for (std::size_t f = 0; f < columns.front().size(); ++f) {
    std::vector<std::string> row{with_unit(columns.front()[f])};
    for (const auto& column : columns) row.push_back(figure_text(column[f]));
    table.push_back(std::move(row));
  }
  std::vector<std::string> speed{"jobs_per_second"};
  for (const auto i : order) speed.push_back(three_digits(summaries[i].jobs_per_second));
  table.push_back(std::move(speed));

  // The definitions stand to the left, behind the numbers.
  std::string text;
  std::size_t row = 0;
  const auto lines = format_table(table);
  for (std::size_t at = 0; at < lines.size(); ++row) {
    const auto end = lines.find('\n', at);
    text += lines.substr(at, end - at);
    if (row == 0) {
      text += "  definition";
    } else if (row <= columns.front().size()) {
      text += "  " + columns.front()[row - 1].definition;
    } else {
      text += "  jobs of the log / real time of the simulation";
    }
    text += '\n';
    at = end + 1;
  }
  return text;
}

/// Policies as rows.
auto main_table(std::span<const queue_summary> summaries, const std::vector<std::size_t>& order)
    -> std::string {
  const auto is_shown = [&](const queue_figure& of) {
    if (std::find(main_figures.begin(), main_figures.end(), of.name) == main_figures.end())
      return false;
    return of.name != "rejected" || std::any_of(summaries.begin(), summaries.end(),
                                                [](const auto& s) { return s.rejected != 0; });
  };
  text_table table{{"policy"}};
  std::string meanings;
  for (const auto& f : figures_of(summaries.front())) {
    if (!is_shown(f)) continue;
    table.front().push_back(with_unit(f));
    meanings += fmt::format("  {:<22}  {}\n", f.name, f.definition);
  }
  table.front().emplace_back("jobs/s");
  meanings +=
      fmt::format("  {:<22}  {}\n", "jobs/s", "jobs of the log / real time of the simulation");
  for (const auto i : order) {
    std::vector<std::string> row{summaries[i].policy};
    for (const auto& f : figures_of(summaries[i])) {
      if (is_shown(f)) row.push_back(figure_text(f));
    }
    row.push_back(three_digits(summaries[i].jobs_per_second));
    table.push_back(std::move(row));
  }
  return format_table(table) + '\n' + meanings;
}

}  // namespace

auto queue_ranking(std::span<const queue_summary> summaries) -> std::vector<std::size_t> {
  std::vector<std::size_t> order(summaries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto rank = [&](std::size_t i) {
    return std::pair{summaries[i].bounded_slowdown.mean, summaries[i].wait.mean};
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
  return order;
}

auto figure_text(const queue_figure& of) -> std::string {
  const double x = of.value;
  if (of.unit == "jobs" && of.name != "mean_queue") return grouped(x);
  if (of.name == "tenants") return grouped(x);
  if (of.name == "utilisation" || of.name == "jain") return fmt::format("{:.4f}", x);
  if (of.unit == "s" && x == std::floor(x)) return grouped(x);
  const auto places = x < 100 ? 3 : x < 1000 ? 2 : x < 10'000 ? 1 : 0;
  if (places == 0) return grouped(x);
  auto text = fmt::format("{:.{}f}", x, places);
  if (x >= 1000) text.insert(text.find('.') - 3, ",");
  return text;
}

auto summarise(std::span<const queue_summary> summaries) -> std::string {
  const auto order = queue_ranking(summaries);
  return summaries.size() <= most_in_full ? full_table(summaries, order)
                                          : main_table(summaries, order);
}

}  // namespace lepton_sim
