// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report_summary.hpp"

namespace lepton_sim {

/// The text for HTML, in elements and in quoted attributes.
[[nodiscard]] auto escape_html(std::string_view text) -> std::string;

/// The load at which the experiment ended, in percent.
[[nodiscard]] auto final_load(std::span<const policy_summary> policies) -> int;

/// The policies' indices: most GPU capacity allocated in the end first.
[[nodiscard]] auto ranking(std::span<const policy_summary> policies) -> std::vector<std::size_t>;

/// SVG stroke dashes of the line of policy `i`; its colour is the CSS variable --s<i % 8>.
inline constexpr std::size_t line_colours = 8;
[[nodiscard]] auto line_dashes(std::size_t i) -> std::string_view;
/// A short piece of that line.
[[nodiscard]] auto line_sample(std::size_t i) -> std::string;

/// The comparison of the policies as a <table>, a row each, best in each column marked.
[[nodiscard]] auto comparison_table(std::span<const policy_summary> policies) -> std::string;

}  // namespace lepton_sim
