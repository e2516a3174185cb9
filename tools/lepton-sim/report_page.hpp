// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <lepton/model/expected.hpp>

// The parts that reports have in common: one HTML page that loads nothing from elsewhere.

namespace lepton_sim {

/// The text for HTML, in elements and in quoted attributes.
[[nodiscard]] auto escape_html(std::string_view text) -> std::string;

/// 12,345 of 12345.
[[nodiscard]] auto count_text(std::size_t count) -> std::string;
/// "10 (0–9)", "3 (1, 5, 42)", "40 (3, 7, … 999)"; sorts the seeds.
[[nodiscard]] auto seeds_text(std::vector<std::uint64_t> seeds) -> std::string;

/// SVG stroke dashes of the line of policy `i`; its colour is the CSS variable --s<i % 8>.
inline constexpr std::size_t line_colours = 8;
[[nodiscard]] auto line_dashes(std::size_t i) -> std::string_view;
/// A short piece of that line.
[[nodiscard]] auto line_sample(std::size_t i) -> std::string;
/// Of a line that is no policy's, in the colour of the text.
[[nodiscard]] auto plain_line_sample() -> std::string;

/// A name and a value, both HTML.
using page_fact = std::pair<std::string_view, std::string>;

/// The top of the page: what it is, its title, what it found (or nothing), and facts.
[[nodiscard]] auto page_header(std::string_view kind, std::string_view title,
                               std::string_view finding, std::span<const page_fact> facts)
    -> std::string;

/// What a legend says of its lines.
struct legend_words {
  std::string_view note{};
  /// What pointing at a name brings out.
  std::string_view brings_out = "its line and its range over seeds";
  std::string_view title = "Policies";
  std::size_t plain = static_cast<std::size_t>(-1);  ///< the line that is no policy's
};
/// The names of the policies, in an order; for the charts' script.
[[nodiscard]] auto chart_legend(std::span<const std::string> names,
                                std::span<const std::size_t> order, const legend_words& words)
    -> std::string;
/// Where the script puts a chart of the figure `id`.
[[nodiscard]] auto chart_figure(std::string_view id, std::string_view title,
                                std::string_view caption) -> std::string;
/// Charts and their legend under a heading.
[[nodiscard]] auto chart_section(std::string_view title, std::string_view legend,
                                 std::string_view figures) -> std::string;

/// The policies for the charts' script: `name`, `colour`, `dashes`.
[[nodiscard]] auto policies_json(std::span<const std::string> names) -> nlohmann::ordered_json;

/// Numbers of five digits; null where one is none.
[[nodiscard]] auto numbers_json(std::span<const double> values) -> nlohmann::ordered_json;

/// The whole page: `body` with the data and the scripts behind it.
[[nodiscard]] auto whole_page(std::string_view title, std::string_view body,
                              const nlohmann::ordered_json& data,
                              std::span<const std::string_view> scripts) -> std::string;

/// Writes the page to `dir`/index.html and creates `dir`. An older page stays until the new one is
/// complete.
[[nodiscard]] auto write_page(const std::filesystem::path& dir, std::string_view page)
    -> lepton::status;

}  // namespace lepton_sim
