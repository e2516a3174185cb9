// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/detail/saturate.hpp>
#include <lepton/order/queued.hpp>

namespace lepton::order {

/// How long a task has waited; nothing before its submission.
template <class Task>
[[nodiscard]] constexpr auto waited(const queued<Task>& q, time_point now) noexcept -> duration {
  if (now <= q.submitted) return duration::zero();
  return duration{lepton::detail::subtract_saturating(now.time_since_epoch().count(),
                                                      q.submitted.time_since_epoch().count())};
}

}  // namespace lepton::order
