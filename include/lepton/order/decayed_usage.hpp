// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/detail/decay.hpp>
#include <lepton/model/time.hpp>

namespace lepton::order {

/// How fast the past is forgotten: what was used counts half after each half-life. Not positive:
/// never forgotten.
class forgetting {
 public:
  forgetting() = default;
  explicit forgetting(duration half_life)
      : per_second_(half_life.count() > 0 ? ln_2 / (static_cast<double>(half_life.count()) * 1e-9)
                                          : 0) {}

  /// What is left of 1 after so many seconds: 2^(-seconds / half-life).
  [[nodiscard]] auto kept(double seconds) const noexcept -> double {
    return lepton::detail::decay(seconds * per_second_);
  }
  /// What is left of a steady use of 1 a second at the end of so many seconds.
  [[nodiscard]] auto gathered(double seconds) const noexcept -> double {
    const double x = seconds * per_second_;
    if (x < 1e-3) return seconds * (1 - x / 2 * (1 - x / 3 * (1 - x / 4)));
    return (1 - lepton::detail::decay(x)) / per_second_;
  }

  static constexpr double ln_2 = 0.69314718055994530942;

 private:
  double per_second_ = 0;
};

/// Usage that decays and goes on accruing, in units times seconds: the integral of the rate, older
/// parts of it counting less. Brought up to date only when it is read or its rate changes.
class decayed_usage {
 public:
  /// Its value at a moment that is not before the last change.
  [[nodiscard]] auto at(time_point now, const forgetting& f) const noexcept -> double {
    const auto seconds = static_cast<double>((now - since_).count()) * 1e-9;
    if (!(seconds > 0)) return value_;
    return value_ * f.kept(seconds) + static_cast<double>(rate_) * f.gathered(seconds);
  }
  /// Units in use.
  [[nodiscard]] auto rate() const noexcept -> std::int64_t { return rate_; }

  void change_rate(std::int64_t by, time_point now, const forgetting& f) noexcept {
    value_ = at(now, f);
    if (now > since_ || (rate_ == 0 && value_ == 0)) since_ = now;
    rate_ += by;
  }
  /// Adds usage that was not seen to accrue (of an earlier run of the program, say).
  void add(double units_times_seconds, time_point now, const forgetting& f) noexcept {
    change_rate(0, now, f);
    value_ += units_times_seconds;
  }

 private:
  double value_ = 0;
  std::int64_t rate_ = 0;
  time_point since_{};
};

}  // namespace lepton::order
