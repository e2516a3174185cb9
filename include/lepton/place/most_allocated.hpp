// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include <lepton/place/concept.hpp>
#include <lepton/place/utilisation.hpp>

namespace lepton::place {

/// Kubernetes' MostAllocated: the fullest node after the task is on it. For each dimension
/// requested · 100 / capacity in integer arithmetic (requested at most the capacity), then the
/// weighted mean, rounded down; the same numbers as kube-scheduler's NodeResourcesFit plugin.
class most_allocated {
 public:
  static constexpr score_kind kind = score_kind::local;

  most_allocated() = default;
  constexpr explicit most_allocated(dimension_weights weights) noexcept : weights_(weights) {}

  /// Score of one dimension.
  [[nodiscard]] static constexpr auto of(amount requested, amount capacity) noexcept
      -> std::int64_t {
    return capacity == 0 ? 0 : std::min(requested, capacity) * 100 / capacity;
  }

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    return detail::weighted_mean(t, n, weights_, &of);
  }

 private:
  dimension_weights weights_{};
};

}  // namespace lepton::place
