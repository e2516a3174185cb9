// SPDX-License-Identifier: Apache-2.0
#include "report_page.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <system_error>

#include <fmt/format.h>

#include <lepton/simulate/write_file.hpp>
#include <lepton/version.hpp>

#include "report_assets.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

using nlohmann::ordered_json;

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

auto count_text(std::size_t count) -> std::string { return grouped(static_cast<double>(count)); }

auto seeds_text(std::vector<std::uint64_t> seeds) -> std::string {
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());

  if (seeds.size() == 1) return fmt::format("1 (seed {})", seeds.front());
  if (seeds.back() - seeds.front() == seeds.size() - 1) {
    return fmt::format("{} ({}–{})", seeds.size(), seeds.front(), seeds.back());
  }
  if (seeds.size() <= 6) return fmt::format("{} ({})", seeds.size(), fmt::join(seeds, ", "));
  return fmt::format("{} ({}, {}, … {})", seeds.size(), seeds[0], seeds[1], seeds.back());
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

auto plain_line_sample() -> std::string {
  return R"html(<svg class="sample" viewBox="0 0 26 8" aria-hidden="true"><path d="M0 4H26" style="stroke:var(--ink)"/></svg>)html";
}

auto page_header(std::string_view kind, std::string_view title, std::string_view finding,
                 std::span<const page_fact> facts) -> std::string {
  std::string list;
  for (const auto& [name, value] : facts)
    list += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, value);
  return fmt::format(
      "<header>\n<p class=\"kind\">{}</p>\n<h1>{}</h1>\n{}<dl "
      "class=\"facts\">\n{}</dl>\n</header>\n",
      kind, title, finding.empty() ? "" : fmt::format("<p class=\"finding\">{}</p>\n", finding),
      list);
}

auto chart_figure(std::string_view id, std::string_view title, std::string_view caption)
    -> std::string {
  return fmt::format(R"(<figure id="{0}-figure" class="chart">
<div class="bar"><h3>{1}</h3><div class="choice" role="group" aria-label="Range of {1}"></div></div>
<div class="canvas"><canvas id="{0}-chart" role="img" aria-label="Line chart: {1}. The comparison table holds its figures."></canvas></div>
<figcaption>{2}</figcaption>
</figure>
)",
                     id, title, caption);
}

auto chart_legend(std::span<const std::string> names, std::span<const std::size_t> order,
                  const legend_words& words) -> std::string {
  std::string items;
  for (const std::size_t i : order) {
    items += fmt::format(
        "<li><button type=\"button\" aria-pressed=\"true\" "
        "data-policy=\"{}\">{}<span>{}</span><output></output></button></li>\n",
        i, i == words.plain ? plain_line_sample() : line_sample(i), escape_html(names[i]));
  }
  return fmt::format(R"(<div class="legend" role="group" aria-label="{0} in the charts">
<div class="bar"><h3 id="legend-title">{0}</h3><div class="choice" role="group" aria-label="Show"><button type="button" data-show="all">All</button><button type="button" data-show="none">None</button></div></div>
<ul>
{1}</ul>
<p>{2} Point at a chart to read its values; point at a name to bring out {3}; select it to hide or show the line.</p>
</div>
)",
                     words.title, items, words.note, words.brings_out);
}

auto chart_section(std::string_view title, std::string_view legend, std::string_view figures)
    -> std::string {
  return fmt::format(R"(<section aria-labelledby="charts-title">
<h2 id="charts-title">{}</h2>
<noscript><p>The charts need JavaScript.</p></noscript>
<p id="no-charts" hidden>The charts could not be drawn.</p>
<div class="charts">
{}<div>
{}</div>
</div>
</section>
)",
                     title, legend, figures);
}

auto policies_json(std::span<const std::string> names) -> ordered_json {
  auto list = ordered_json::array();
  for (std::size_t i = 0; i < names.size(); ++i) {
    list.push_back({{"name", names[i]}, {"colour", i % line_colours}, {"dashes", line_dashes(i)}});
  }
  return list;
}

auto numbers_json(std::span<const double> values) -> ordered_json {
  auto list = ordered_json::array();
  for (const double x : values) {
    list.push_back(std::isfinite(x) ? ordered_json::parse(fmt::format("{:.5g}", x))
                                    : ordered_json(nullptr));
  }
  return list;
}

auto whole_page(std::string_view title, std::string_view body, const ordered_json& data,
                std::span<const std::string_view> scripts) -> std::string {
  std::string page = head(title);
  page += "<body>\n<main>\n";
  page += body;
  page += "</main>\n<footer>Written by lepton-sim " LEPTON_VERSION_STRING
          ". This file is complete: it loads nothing from elsewhere.</footer>\n";
  page +=
      "<script type=\"application/json\" id=\"report-data\">" + embedded_json(data) + "</script>\n";
  for (const auto script : scripts) page += "<script>\n" + embedded_script(script) + "</script>\n";
  page += "</body>\n</html>\n";
  return page;
}

auto write_page(const std::filesystem::path& dir, std::string_view page) -> lepton::status {
  std::error_code problem;
  std::filesystem::create_directories(dir, problem);
  if (problem) {
    return lepton::unexpected{lepton::error{
        "the folder for the report cannot be created: " + problem.message(), dir.string(), 0}};
  }
  return lepton::simulate::write_file((dir / "index.html").string(), page);
}

}  // namespace lepton_sim
