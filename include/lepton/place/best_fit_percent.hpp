// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lepton/place/concept.hpp>
#include <lepton/place/percent_scale.hpp>
#include <lepton/place/ratio_sum.hpp>

namespace lepton::place {

/// Best fit as Kubernetes-style schedulers score it, in whole percent: 100 · (1 − mean over the
/// dimensions of (free − demand) / scale), rounded toward zero (Weng et al., USENIX ATC 2023, use
/// it with CPU and GPU). The rounding makes near nodes equal; `best_fit` does not round.
class best_fit_percent {
 public:
  static constexpr score_kind kind = score_kind::local;

  constexpr explicit best_fit_percent(const percent_scale& scale) noexcept
      : mean_({scale.resource[0], scale.resource[1], scale.resource[2], scale.resource[3],
               scale.resource[4], scale.resource[5], scale.resource[6], scale.resource[7],
               scale.devices}) {}

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    const auto& demand = demand_of(t);
    const auto& free = free_of(n);
    auto left = mean_.denominator();
    for (std::size_t i = 0; i < std::min<std::size_t>(demand.size(), 8); ++i)
      left -= mean_.part(i, free[i] - demand[i]);
    left -= mean_.part(8, devices_of(n).free_milli() - devices_of(t).total_milli());
    return static_cast<std::int32_t>(100 * left / mean_.denominator());
  }

 private:
  detail::ratio_mean mean_;
};

}  // namespace lepton::place
