// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <lepton/place/concept.hpp>
#include <lepton/place/utilisation.hpp>

namespace lepton::place {

namespace detail {

/// Sum over two dimensions of 10^(free fraction), after the task is on the node.
[[nodiscard]] inline auto nomad_total(double free_fraction_0, double free_fraction_1) noexcept
    -> double {
  return std::pow(10.0, free_fraction_0) + std::pow(10.0, free_fraction_1);
}

template <class Task, class Node>
[[nodiscard]] auto nomad_total(const Task& t, const Node& n) noexcept -> double {
  const auto& demand = demand_of(t);
  const auto& free = free_of(n);
  const auto& capacity = capacity_of(n);
  static_assert(std::remove_cvref_t<decltype(demand)>::size() >= 2,
                "lepton: Nomad's scores look at the first two dimensions, CPU and memory");
  const auto fraction = [&](std::size_t i) {
    return capacity[i] == 0
               ? 0.0
               : static_cast<double>(free[i] - demand[i]) / static_cast<double>(capacity[i]);
  };
  return nomad_total(fraction(0), fraction(1));
}

}  // namespace detail

/// Nomad's bin packing (after Google's BestFit v3): 20 − 10^(free CPU fraction) − 10^(free memory
/// fraction), from 0 (empty) to 18 (full); the fullest node wins. Millionths when it ranks.
struct nomad_bin_pack {
  static constexpr score_kind kind = score_kind::local;

  /// The score for the fractions that stay free with the task placed.
  [[nodiscard]] static auto of(double free_cpu, double free_memory) noexcept -> double {
    return std::clamp(20.0 - detail::nomad_total(free_cpu, free_memory), 0.0, 18.0);
  }
  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    return static_cast<std::int32_t>(std::clamp(20.0 - detail::nomad_total(t, n), 0.0, 18.0) * 1e6);
  }
};

/// Nomad's spread: 10^(free CPU fraction) + 10^(free memory fraction) − 2, from 0 (full) to 18
/// (empty); the emptiest node wins. Millionths when it ranks.
struct nomad_spread {
  static constexpr score_kind kind = score_kind::local;

  /// The score for the fractions that stay free with the task placed.
  [[nodiscard]] static auto of(double free_cpu, double free_memory) noexcept -> double {
    return std::clamp(detail::nomad_total(free_cpu, free_memory) - 2.0, 0.0, 18.0);
  }
  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    return static_cast<std::int32_t>(std::clamp(detail::nomad_total(t, n) - 2.0, 0.0, 18.0) * 1e6);
  }
};

}  // namespace lepton::place
