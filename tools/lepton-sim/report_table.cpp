// SPDX-License-Identifier: Apache-2.0
#include "report_table.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "report_page.hpp"

namespace lepton_sim {
namespace {

/// The CSS classes of a column's cells, each with a space after it.
auto classes_of(const table_column& of) -> std::string {
  return fmt::format("{}{}", of.first_of_group ? "first " : "", of.range_shown ? "ranged " : "");
}

auto heading(std::string_view title, std::string_view classes, better best) -> std::string {
  return fmt::format(
      "<th scope=\"col\" class=\"{}\" data-first=\"{}\"><button type=\"button\">{}</button></th>\n",
      classes, best == better::high ? "descending" : "ascending", title);
}

auto table_head(const std::string& what, const std::vector<table_column>& columns) -> std::string {
  std::string groups = "<td></td>";
  std::string titles = heading(what, "name", better::low);
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

auto texts_of(const table_column& of) -> column_texts {
  column_texts texts;
  std::optional<double> best;
  for (const auto& value : of.values) {
    texts.values.push_back(value ? of.format(value->mean) : "–");
    if (!value || of.best == better::neither) continue;
    const double mean = value->mean;
    if (!best || (of.best == better::high ? mean > *best : mean < *best)) best = mean;
  }
  if (!best) return texts;
  texts.best = of.format(*best);
  const auto is_best = [&](const std::string& text) { return text == texts.best; };
  if (std::all_of(texts.values.begin(), texts.values.end(), is_best)) texts.best.clear();
  return texts;
}

auto caption(const comparison& of) -> std::string {
  std::string text;
  if (std::find(of.averaged.begin(), of.averaged.end(), true) != of.averaged.end()) {
    text += "Mean over seeds";
    text += std::any_of(of.columns.begin(), of.columns.end(),
                        [](const auto& c) { return c.range_shown; })
                ? ", with the smallest and the largest value in grey. "
                : ". ";
  }
  if (of.names.size() > 1) text += "The best of each column is marked; select a heading to sort.";
  return text;
}

auto cell(const table_column& of, std::size_t i, bool averaged, const std::string& text,
          bool is_best) -> std::string {
  const auto& value = of.values[i];
  std::string html = fmt::format(R"(<td class="{}{}")", classes_of(of), is_best ? "best" : "");
  if (value) html += fmt::format(R"( data-value="{:.6f}")", value->mean);
  html += fmt::format("><span>{}</span>", text);
  if (is_best) html += R"(<span class="unseen"> (best)</span>)";
  if (of.range_shown && value && averaged) {
    html += fmt::format(R"( <small>{}–{}</small>)", of.format(value->low), of.format(value->high));
  }
  return html + "</td>";
}

}  // namespace

auto two_decimals(double value) -> std::string { return fmt::format("{:.2f}", value); }

auto comparison_section(const comparison& of) -> std::string {
  std::vector<column_texts> texts;
  texts.reserve(of.columns.size());
  for (const auto& column : of.columns) texts.push_back(texts_of(column));

  std::string rows;
  for (const std::size_t i : of.order) {
    rows += fmt::format(R"(<tr><th scope="row" class="name" data-value="{0}">{1}{0}</th>)",
                        escape_html(of.names[i]), line_sample(i));
    for (std::size_t c = 0; c < of.columns.size(); ++c) {
      const auto& text = texts[c].values[i];
      rows += cell(of.columns[c], i, of.averaged[i], text, text == texts[c].best);
    }
    rows += "</tr>\n";
  }
  return "<section aria-labelledby=\"comparison-title\">\n"
         "<h2 id=\"comparison-title\">Comparison</h2>\n"
         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
         "aria-labelledby=\"comparison-title\">\n"
         "<table id=\"comparison-table\" aria-labelledby=\"comparison-title\">\n<caption>" +
         caption(of) + "</caption>\n" + table_head(of.what, of.columns) + "<tbody>\n" + rows +
         "</tbody>\n</table>\n</div>\n</section>\n";
}

}  // namespace lepton_sim
