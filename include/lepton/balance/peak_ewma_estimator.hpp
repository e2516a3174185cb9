// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include <lepton/balance/elapsed.hpp>
#include <lepton/detail/decay.hpp>
#include <lepton/model/time.hpp>

namespace lepton::balance {

/// A moving average of latencies that jumps to a peak at once and forgets it slowly:
///
///   w = e^(-(now - last) / tau)
///   estimate = seconds                            if seconds > estimate
///              estimate * w + seconds * (1 - w)   otherwise
///
/// and between the latencies it fades, estimate * w, so that a backend that was slow is tried
/// again. Moments before the last count as the last.
///
/// Source: Finagle's `PeakEwma`, also in Linkerd and tower. There, reading moves `last`; here it
/// changes nothing, so an estimate does not depend on how often it was asked for.
class peak_ewma_estimator {
 public:
  /// @param tau  the time in which a peak fades to 1/e; less than 1 ns counts as 1 ns
  explicit peak_ewma_estimator(duration tau = std::chrono::seconds{10}) noexcept
      : rate_(1 / static_cast<double>(tau.count() < 1 ? 1 : tau.count())) {}

  void update(double seconds, time_point now) noexcept {
    if (seconds > estimate_) {
      estimate_ = seconds;
    } else {
      const auto w = weight(detail::elapsed(now, last_));
      estimate_ = estimate_ * w + seconds * (1 - w);
    }
    if (now > last_) last_ = now;
  }
  [[nodiscard]] auto estimate(time_point now) const noexcept -> double {
    return faded(estimate_, detail::elapsed(now, last_));
  }
  /// What becomes of an estimate in some time without a latency.
  [[nodiscard]] auto faded(double seconds, duration elapsed) const noexcept -> double {
    return seconds * weight(elapsed);
  }

 private:
  [[nodiscard]] auto weight(duration elapsed) const noexcept -> double {
    const auto ns = elapsed.count() < 0 ? 0 : elapsed.count();
    return lepton::detail::decay(static_cast<double>(ns) * rate_);
  }

  double rate_;  ///< 1 / tau, tau in ns
  double estimate_ = 0;
  time_point last_{};
};

}  // namespace lepton::balance
