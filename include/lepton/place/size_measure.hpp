// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lepton/model/concepts.hpp>

namespace lepton::place {

/// How much each dimension counts; 0 leaves it out. Dimensions from 8 on count as the last named.
struct dimension_weights {
  std::array<std::int32_t, 8> resource{1, 1, 1, 1, 1, 1, 1, 1};  ///< each 0 to 1000
  std::int32_t devices = 1;  ///< the sum over a node's devices; 0 to 1000
};

/// Adds up amounts of different units: each in parts of the largest capacity of the view, times its
/// weight, in units of 2^−40. Linear with integer coefficients, so it is exact for comparisons as
/// long as the largest capacity is below 2^30; of larger ones, the first 30 bits count.
class size_measure {
 public:
  size_measure() = default;
  constexpr explicit size_measure(dimension_weights weights) noexcept : weights_(weights) {}

  /// Reads the largest capacities; returns whether sizes have changed. O(n).
  template <node_view View>
  auto prepare(const View& v) noexcept -> bool {
    std::array<amount, 8> largest{};
    amount most_devices = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(v.size()); ++i) {
      const auto& capacity = capacity_of(v[i]);
      for (std::size_t d = 0; d < capacity.size(); ++d) {
        auto& most = largest[std::min<std::size_t>(d, 7)];
        most = std::max(most, capacity[d]);
      }
      most_devices = std::max(most_devices, devices_of(v[i]).capacity_milli());
    }
    const auto before = *this;
    for (std::size_t d = 0; d < largest.size(); ++d) {
      const auto bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(largest[d])));
      shift_[d] = bits > 30 ? bits - 30 : 0;
      factor_[d] = factor(weights_.resource[d], largest[d] >> shift_[d]);
    }
    device_factor_ = factor(weights_.devices, most_devices);
    return factor_ != before.factor_ || shift_ != before.shift_ ||
           device_factor_ != before.device_factor_;
  }

  /// Size of what is free on a node. O(dimensions).
  template <node_like Node>
  [[nodiscard]] auto of_free(const Node& n) const noexcept -> std::int64_t {
    return sum(free_of(n)) + device_factor_ * devices_of(n).free_milli();
  }
  /// Size of what a task asks for.
  template <task_like Task>
  [[nodiscard]] auto of_demand(const Task& t) const noexcept -> std::int64_t {
    return sum(demand_of(t)) + device_factor_ * devices_of(t).total_milli();
  }

 private:
  [[nodiscard]] static constexpr auto factor(std::int32_t weight, amount largest) noexcept
      -> std::int64_t {
    return largest == 0 ? 0 : (std::int64_t{weight} << 40) / largest;
  }
  template <class R>
  [[nodiscard]] auto sum(const R& amounts) const noexcept -> std::int64_t {
    std::int64_t total = 0;
    for (std::size_t d = 0; d < amounts.size(); ++d) {
      const auto known = std::min<std::size_t>(d, 7);
      total += factor_[known] * (amounts[d] >> shift_[known]);
    }
    return total;
  }

  dimension_weights weights_{};
  std::array<std::int64_t, 8> factor_{};
  std::array<int, 8> shift_{};
  std::int64_t device_factor_ = 0;
};

}  // namespace lepton::place
