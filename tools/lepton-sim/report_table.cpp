// SPDX-License-Identifier: Apache-2.0
#include "report_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "text_table.hpp"

namespace lepton_sim {
namespace {

enum class better { high, low };

struct column {
  std::string group{};  ///< heading above several columns
  std::string title{};
  better best = better::high;
  std::function<std::optional<seed_spread>(const policy_summary&)> value{};
  auto(*format)(double) -> std::string = nullptr;
  bool range_shown = false;
  bool first_of_group = true;
};

auto two_decimals(double value) -> std::string { return fmt::format("{:.2f}", value); }

/// Timings deserve three digits, not more.
auto three_digits(double value) -> std::string {
  const double unit =
      std::pow(10.0, std::max(0.0, std::floor(std::log10(std::max(value, 1.0))) - 2));
  return grouped(std::round(value / unit) * unit);
}

auto columns_for(std::span<const policy_summary> policies) -> std::vector<column> {
  const int last = final_load(policies);
  std::vector<column> columns;

  for (const int load : last > 100 ? std::vector{100, last} : std::vector{last}) {
    columns.push_back({"GPU allocation, %", fmt::format("at {} % load", load), better::high,
                       [load](const policy_summary& p) { return value_at(p.gpu, load); },
                       two_decimals, true, columns.empty()});
  }

  std::vector<int> loads{50, 80, 100};
  std::erase_if(loads, [&](int load) { return load > last; });
  if (loads.empty()) loads.push_back(last);
  for (const int load : loads) {
    columns.push_back({"Fragmentation, % of GPUs", fmt::format("at {} %", load), better::low,
                       [load](const policy_summary& p) { return value_at(p.fragmentation, load); },
                       two_decimals, false, load == loads.front()});
  }

  columns.push_back({"", "Unplaced tasks", better::low,
                     [](const policy_summary& p) { return std::optional{p.unplaced}; }, grouped});
  columns.push_back({"", "Decisions/s", better::high,
                     [](const policy_summary& p) -> std::optional<seed_spread> {
                       const double speed = p.decisions_per_second;
                       if (speed <= 0) return std::nullopt;
                       return seed_spread{speed, speed, speed};
                     },
                     three_digits});
  return columns;
}

/// The CSS classes of a column's cells, each with a space after it.
auto classes_of(const column& of) -> std::string {
  return fmt::format("{}{}", of.first_of_group ? "first " : "", of.range_shown ? "ranged " : "");
}

auto heading(std::string_view title, std::string_view classes, better best) -> std::string {
  return fmt::format(
      "<th scope=\"col\" class=\"{}\" data-first=\"{}\"><button type=\"button\">{}</button></th>\n",
      classes, best == better::high ? "descending" : "ascending", title);
}

auto table_head(const std::vector<column>& columns) -> std::string {
  std::string groups = "<td></td>";
  std::string titles = heading("Policy", "name", better::low);
  for (auto at = columns.begin(); at != columns.end(); ++at) {
    titles += heading(at->title, classes_of(*at), at->best);
    if (!at->first_of_group) continue;
    const auto end =
        std::find_if(at + 1, columns.end(), [](const auto& c) { return c.first_of_group; });
    groups += at->group.empty()
                  ? "<td></td>"
                  : fmt::format(R"(<th scope="colgroup" class="{}" colspan="{}">{}</th>)",
                                classes_of(*at), end - at, at->group);
  }
  return fmt::format("<thead>\n<tr class=\"groups\">{}</tr>\n<tr>\n{}</tr>\n</thead>\n", groups,
                     titles);
}

/// The text of each policy's value in the column, and which of them is the best.
struct column_texts {
  std::vector<std::string> values{};
  std::string best{};  ///< empty where there is nothing to choose
};

auto texts_of(const column& of, std::span<const policy_summary> policies) -> column_texts {
  column_texts texts;
  std::optional<double> best;
  for (const auto& policy : policies) {
    const auto value = of.value(policy);
    texts.values.push_back(value ? of.format(value->mean) : "–");
    if (!value) continue;
    const double mean = value->mean;
    if (!best || (of.best == better::high ? mean > *best : mean < *best)) best = mean;
  }
  if (!best) return texts;
  texts.best = of.format(*best);
  const auto is_best = [&](const std::string& text) { return text == texts.best; };
  if (std::all_of(texts.values.begin(), texts.values.end(), is_best)) texts.best.clear();
  return texts;
}

auto caption(std::span<const policy_summary> policies) -> std::string {
  const bool ranges = std::any_of(policies.begin(), policies.end(),
                                  [](const auto& p) { return p.seeds.size() > 1; });
  std::string text;
  if (ranges) text += "Mean over seeds, with the smallest and the largest value in grey. ";
  if (policies.size() > 1) text += "The best of each column is marked; select a heading to sort.";
  return text;
}

auto cell(const column& of, const policy_summary& policy, const std::string& text, bool is_best)
    -> std::string {
  const auto value = of.value(policy);
  std::string html = fmt::format(R"(<td class="{}{}")", classes_of(of), is_best ? "best" : "");
  if (value) html += fmt::format(R"( data-value="{:.6f}")", value->mean);
  html += fmt::format("><span>{}</span>", text);
  if (is_best) html += R"(<span class="unseen"> (best)</span>)";
  if (of.range_shown && value && policy.seeds.size() > 1) {
    html += fmt::format(R"( <small>{}–{}</small>)", of.format(value->low), of.format(value->high));
  }
  return html + "</td>";
}

}  // namespace

auto escape_html(std::string_view text) -> std::string {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

auto final_load(std::span<const policy_summary> policies) -> int {
  int last = 0;
  for (const auto& policy : policies) {
    if (!policy.gpu.empty()) last = std::max(last, policy.gpu.back().load);
  }
  return last;
}

auto ranking(std::span<const policy_summary> policies) -> std::vector<std::size_t> {
  const auto in_the_end = [&](std::size_t i) {
    const auto& gpu = policies[i].gpu;
    return gpu.empty() ? -1.0 : gpu.back().value.mean;
  };
  std::vector<std::size_t> order(policies.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return in_the_end(a) > in_the_end(b); });
  return order;
}

auto line_dashes(std::size_t i) -> std::string_view {
  constexpr std::array<std::string_view, 4> dashes{"", "7 3", "2 2.5", "9 3 2 3"};
  return dashes[i / line_colours % dashes.size()];
}

auto line_sample(std::size_t i) -> std::string {
  return fmt::format(
      R"html(<svg class="sample" viewBox="0 0 26 8" aria-hidden="true">)html"
      R"html(<path d="M0 4H26" style="stroke:var(--s{})" stroke-dasharray="{}"/></svg>)html",
      i % line_colours, line_dashes(i));
}

auto comparison_table(std::span<const policy_summary> policies) -> std::string {
  const auto columns = columns_for(policies);
  std::vector<column_texts> texts;
  texts.reserve(columns.size());
  for (const auto& column : columns) texts.push_back(texts_of(column, policies));

  std::string rows;
  for (const std::size_t i : ranking(policies)) {
    const auto name = escape_html(policies[i].name);
    rows += fmt::format(R"(<tr><th scope="row" class="name" data-value="{0}">{1}{0}</th>)", name,
                        line_sample(i));
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto& text = texts[c].values[i];
      rows += cell(columns[c], policies[i], text, text == texts[c].best);
    }
    rows += "</tr>\n";
  }
  return "<table id=\"comparison-table\" aria-labelledby=\"comparison-title\">\n<caption>" +
         caption(policies) + "</caption>\n" + table_head(columns) + "<tbody>\n" + rows +
         "</tbody>\n</table>\n";
}

}  // namespace lepton_sim
