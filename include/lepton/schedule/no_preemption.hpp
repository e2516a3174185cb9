// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <lepton/schedule/preemption_plan.hpp>
#include <lepton/schedule/running_task.hpp>

namespace lepton::schedule {

/// Nobody is ever evicted.
struct no_preemption {
  static constexpr bool enabled = false;

  template <class Task, class Transaction, class Fits, class May>
  [[nodiscard]] constexpr auto plan(const Task&, Transaction&, Fits&, std::span<const running_task>,
                                    std::span<const std::int64_t>, May) const noexcept
      -> std::optional<preemption_plan> {
    return std::nullopt;
  }
};

}  // namespace lepton::schedule
