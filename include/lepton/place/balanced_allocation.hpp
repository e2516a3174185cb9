// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <lepton/place/concept.hpp>
#include <lepton/place/utilisation.hpp>

namespace lepton::place {

/// Kubernetes' NodeResourcesBalancedAllocation: the node whose dimensions are used most evenly
/// after the task is on it. (1 − standard deviation of the used fractions) · 100, rounded down, in
/// the plugin's own order of double operations; weights only choose the dimensions.
class balanced_allocation {
 public:
  static constexpr score_kind kind = score_kind::local;

  balanced_allocation() = default;
  constexpr explicit balanced_allocation(dimension_weights weights) noexcept : weights_(weights) {}

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    std::array<double, 9> fraction{};
    std::size_t count = 0;
    double total = 0;
    detail::for_each_dimension(
        t, n, weights_, [&](amount requested, amount capacity, std::int32_t) {
          if (count == fraction.size()) return;
          fraction[count] =
              std::min(static_cast<double>(requested) / static_cast<double>(capacity), 1.0);
          total += fraction[count++];
        });
    double deviation = 0;
    if (count == 2) {
      deviation = std::abs((fraction[0] - fraction[1]) / 2);
    } else if (count > 2) {
      const auto mean = total / static_cast<double>(count);
      double squares = 0;
      for (std::size_t i = 0; i < count; ++i) {
        // Stored first, so that no compiler fuses the product into the sum and changes its last
        // bit.
        const volatile double square = (fraction[i] - mean) * (fraction[i] - mean);
        squares += square;
      }
      deviation = std::sqrt(squares / static_cast<double>(count));
    }
    return static_cast<std::int32_t>((1 - deviation) * 100.0);
  }

 private:
  dimension_weights weights_{};
};

}  // namespace lepton::place
