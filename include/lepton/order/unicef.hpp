// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>

#include <lepton/detail/descending.hpp>
#include <lepton/detail/logarithm.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/measures.hpp>
#include <lepton/order/waited.hpp>

namespace lepton::order {

/// UNICEF (Tang, Lan, Desai and Buettner 2009; Argonne's Cobalt): the task with the largest
///
///     wait / (log2(size) · estimate)
///
/// is next: small and short tasks get a quick turn. Timed. The formula has a pole at size 1; there
/// the logarithm counts as 2^-49, so that such tasks go before all others that have waited at all
/// alike, and among themselves by wait / estimate. An estimate of nothing counts as a nanosecond.
///
/// @tparam Size  `size(task)`: a number, e.g. of processors; the first dimension by default
template <class Size = by_request>
class unicef {
 public:
  unicef() = default;
  constexpr explicit unicef(Size size) : size_(std::move(size)) {}

  template <class Task>
  [[nodiscard]] constexpr auto priority(const queued<Task>& q, time_point now) const -> double {
    const auto run = std::max(by_estimate{}(q.what), duration{1});
    const auto size = static_cast<double>(size_(q.what));
    const double spread = size > 1 ? lepton::detail::log2(size) : 1.0 / (1LL << 49);
    return static_cast<double>(waited(q, now).count()) /
           (spread * static_cast<double>(run.count()));
  }
  template <class Task>
  [[nodiscard]] constexpr auto rank(const queued<Task>& q, time_point now) const {
    return lepton::detail::descending{priority(q, now)};
  }

 private:
  Size size_{};
};

}  // namespace lepton::order
