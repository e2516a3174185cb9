// SPDX-License-Identifier: Apache-2.0
#include "report_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>

#include <fmt/format.h>

namespace lepton_sim {
namespace {

enum class better { high, low };

struct column {
  std::string group{};  ///< heading above several columns
  std::string title{};
  better best = better::high;
  std::function<std::optional<seed_spread>(const policy_summary&)> value{};
  auto (*format)(double) -> std::string = nullptr;
  bool range_shown = false;
  bool first_of_group = true;
};

auto two_decimals(double value) -> std::string { return fmt::format("{:.2f}", value); }

auto whole(double value) -> std::string {
  return grouped(static_cast<std::uint64_t>(std::llround(std::max(value, 0.0))));
}

/// Timings deserve three digits, not more.
auto three_digits(double value) -> std::string {
  const double unit = std::pow(10.0, std::max(0.0, std::floor(std::log10(std::max(value, 1.0))) - 2));
  return whole(std::round(value / unit) * unit);
}

auto columns_for(std::span<const policy_summary> policies) -> std::vector<column> {
  const int last = final_load(policies);
  std::vector<column> columns;

  for (const int load : last > 100 ? std::vector{100, last} : std::vector{last}) {
    columns.push_back({"GPU allocation, %", fmt::format("at {} % load", load), better::high,
                       [load](const policy_summary& p) { return value_at(p.gpu, load); }, two_decimals,
                       true, columns.empty()});
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
                     [](const policy_summary& p) { return std::optional{p.unplaced}; }, whole});
  columns.push_back({"", "Decisions/s", better::high,
                     [](const policy_summary& p) -> std::optional<seed_spread> {
                       const double speed = p.decisions_per_second;
                       if (speed <= 0) return std::nullopt;
                       return seed_spread{speed, speed, speed};
                     },
                     three_digits});
  return columns;
}

auto class_of(std::string_view first, std::string_view second) -> std::string {
  if (first.empty() && second.empty()) return {};
  return fmt::format(R"( class="{}{}{}")", first, first.empty() || second.empty() ? "" : " ", second);
}

auto heading(std::string_view title, std::string_view css_class, better best) -> std::string {
  return fmt::format("<th scope=\"col\"{} data-first=\"{}\"><button type=\"button\">{}</button></th>\n",
                     class_of(css_class, ""), best == better::high ? "descending" : "ascending", title);
}

auto table_head(const std::vector<column>& columns) -> std::string {
  std::string groups = "<td></td>";
  std::string titles = heading("Policy", "name", better::low);
  for (auto at = columns.begin(); at != columns.end(); ++at) {
    titles += heading(at->title, at->first_of_group ? "first" : "", at->best);
    if (!at->first_of_group) continue;
    const auto end = std::find_if(at + 1, columns.end(), [](const auto& c) { return c.first_of_group; });
    groups += at->group.empty() ? "<td></td>"
                                : fmt::format(R"(<th scope="colgroup" class="first" colspan="{}">{}</th>)",
                                              end - at, at->group);
  }
  return fmt::format("<thead>\n<tr class=\"groups\">{}</tr>\n<tr>\n{}</tr>\n</thead>\n", groups, titles);
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

auto cell(const column& of, const policy_summary& policy, const std::string& text, bool is_best) -> std::string {
  const auto value = of.value(policy);
  std::string html = fmt::format("<td{}", class_of(of.first_of_group ? "first" : "", is_best ? "best" : ""));
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
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default: safe += c;
    }
  }
  return safe;
}

auto grouped(std::uint64_t value) -> std::string {
  auto digits = std::to_string(value);
  for (auto at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
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
  return fmt::format(R"(<svg class="sample" viewBox="0 0 26 8" aria-hidden="true">)"
                     R"(<path d="M0 4H26" style="stroke:var(--s{})" stroke-dasharray="{}"/></svg>)",
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
    rows += fmt::format(R"(<tr><th scope="row" class="name" data-value="{0}">{1}{0}</th>)", name, line_sample(i));
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto& text = texts[c].values[i];
      rows += cell(columns[c], policies[i], text, text == texts[c].best);
    }
    rows += "</tr>\n";
  }
  return "<table id=\"comparison-table\">\n"
         "<caption>Mean over seeds, with the smallest and the largest value in grey. "
         "The best of each column is marked; select a heading to sort.</caption>\n" +
         table_head(columns) + "<tbody>\n" + rows + "</tbody>\n</table>\n";
}

}  // namespace lepton_sim
