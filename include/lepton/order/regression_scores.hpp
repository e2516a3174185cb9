// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include <lepton/detail/logarithm.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/measures.hpp>

namespace lepton::order {

/// The four scores that Carastan-Santos and de Camargo (Obtaining dynamic scheduling policies with
/// simulation and machine learning, SC'17) found by regression on simulated schedules. With r the
/// estimate in seconds, n the size and s the submission in seconds, the task with the least
///
///     F1:  log10(r) · n + 870 · log10(s)
///     F2:  √r · n + 25,600 · log10(s)
///     F3:  r · n + 6,860,000 · log10(s)
///     F4:  r · √n + 530,000 · log10(s)
///
/// is next. None of them changes while a task waits: fixed orders. Submissions count from the
/// caller's epoch, as in the paper from the begin of the log: later in a long run they weigh less.
/// Estimates and submissions below one second count as one.
enum class regression_score { f1 = 1, f2, f3, f4 };

/// @tparam Size  `size(task)`: a number, e.g. of processors; the first dimension by default
template <regression_score Which, class Size = by_request>
class regressed {
 public:
  regressed() = default;
  constexpr explicit regressed(Size size) : size_(std::move(size)) {}

  template <class Task>
  [[nodiscard]] auto key(const queued<Task>& q) const -> double {
    const double r = seconds(by_estimate{}(q.what));
    const double s = seconds(q.submitted.time_since_epoch());
    const auto n = std::max(static_cast<double>(size_(q.what)), 0.0);
    if constexpr (Which == regression_score::f1)
      return lepton::detail::log10(r) * n + 870 * lepton::detail::log10(s);
    if constexpr (Which == regression_score::f2)
      return std::sqrt(r) * n + 25'600 * lepton::detail::log10(s);
    if constexpr (Which == regression_score::f3)
      return r * n + 6'860'000 * lepton::detail::log10(s);
    if constexpr (Which == regression_score::f4)
      return r * std::sqrt(n) + 530'000 * lepton::detail::log10(s);
  }
  template <class Task>
  [[nodiscard]] auto before(const queued<Task>& a, const queued<Task>& b) const -> bool {
    return key(a) < key(b);
  }

 private:
  [[nodiscard]] static constexpr auto seconds(duration d) noexcept -> double {
    return std::max(static_cast<double>(d.count()) / 1e9, 1.0);
  }

  Size size_{};
};

using f1 = regressed<regression_score::f1>;
using f2 = regressed<regression_score::f2>;
using f3 = regressed<regression_score::f3>;
using f4 = regressed<regression_score::f4>;

}  // namespace lepton::order
