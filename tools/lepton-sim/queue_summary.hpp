// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <lepton/simulate/queue_figures.hpp>
#include <lepton/simulate/queue_summary.hpp>

namespace lepton_sim {

/// The positions of the summaries: lowest mean bounded slowdown first, then lowest mean wait.
[[nodiscard]] auto queue_ranking(std::span<const lepton::simulate::queue_summary> summaries)
    -> std::vector<std::size_t>;

/// A figure's value with as many digits as it deserves.
[[nodiscard]] auto figure_text(const lepton::simulate::queue_figure& of) -> std::string;

/// The tables for people: all figures of a few policies, or the main ones of many; and what each
/// figure means.
[[nodiscard]] auto summarise(std::span<const lepton::simulate::queue_summary> summaries)
    -> std::string;

}  // namespace lepton_sim
