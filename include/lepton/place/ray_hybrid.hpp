// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lepton/config.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/place/size_measure.hpp>

namespace lepton::place {

/// Ray's hybrid policy: pack until a node's critical utilisation (the largest over the dimensions,
/// before the task) reaches a threshold, then spread. Nodes below the threshold are equal, so the
/// first in the order of ties fills up first; the others follow by rising utilisation.
///
/// Assumes that an idle machine is worth keeping idle up to the threshold (Ray: 50 %). Ray draws
/// one of the best few nodes; `random_of_best{ray_hybrid{}, k, seed}` does that. Use it as
/// `greedy{ray_hybrid{}}`. O(log n + misses) on a cluster.
class ray_hybrid {
 public:
  static constexpr score_kind kind = score_kind::ordered;

  /// @param threshold_percent  0 (always spread) to 100 (pack until full)
  /// @param considered         weight 0 leaves a dimension out; other weights are alike
  constexpr explicit ray_hybrid(std::int32_t threshold_percent = 50,
                                dimension_weights considered = {}) noexcept
      : threshold_(std::int64_t{threshold_percent} * 10'000), considered_(considered) {
    LEPTON_ASSERT(threshold_percent >= 0 && threshold_percent <= 100,
                  "ray_hybrid: the threshold is 0 to 100 percent");
  }

  /// The critical utilisation in millionths, or 0 below the threshold.
  template <class Node>
  [[nodiscard]] auto order_key(const Node& n) const noexcept -> std::int64_t {
    std::int64_t critical = 0;
    const auto& free = free_of(n);
    const auto& capacity = capacity_of(n);
    for (std::size_t i = 0; i < free.size(); ++i) {
      if (considered_.resource[std::min<std::size_t>(i, 7)] == 0 || capacity[i] == 0) continue;
      critical = std::max(critical, millionths(capacity[i] - free[i], capacity[i]));
    }
    const auto& devices = devices_of(n);
    if (considered_.devices != 0 && devices.count() != 0) {
      critical = std::max(critical, millionths(devices.capacity_milli() - devices.free_milli(),
                                               devices.capacity_milli()));
    }
    return critical < threshold_ ? 0 : critical;
  }
  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task&, const Node& n) const noexcept -> std::int32_t {
    return -static_cast<std::int32_t>(order_key(n));
  }

 private:
  [[nodiscard]] static constexpr auto millionths(amount used, amount capacity) noexcept
      -> std::int64_t {
    // Amounts go up to 2^53: divide the large ones first.
    return capacity < (amount{1} << 40) ? used * 1'000'000 / capacity
                                        : used / (capacity / 1'000'000);
  }

  std::int64_t threshold_;
  dimension_weights considered_;
};

}  // namespace lepton::place
