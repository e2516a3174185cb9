// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>

namespace lepton::balance {

/// Names, meanings and defaults are Envoy's (`config.cluster.v3.OutlierDetection`), but for
/// `always_eject_one`.
struct outlier_options {
  /// How often success rates are looked at.
  duration interval = std::chrono::seconds{10};
  /// An ejection lasts so long times the number of ejections in a row ...
  duration base_ejection_time = std::chrono::seconds{30};
  /// ... but not longer than this. Nothing: 300 s, or the base if that is longer.
  std::optional<duration> max_ejection_time{};
  /// Up to so much is added to each ejection, so that not all come back at once.
  duration max_ejection_jitter{};
  /// At most so many of the members are ejected at a time ...
  double max_ejection_percent = 10;
  /// ... but one always may be.
  bool always_eject_one = true;

  /// Errors in a row that eject; 0 switches this test off.
  std::uint32_t consecutive_errors = 5;

  /// Eject who is more than `success_rate_stdev_factor` standard deviations below the mean of the
  /// success rates, if at least `success_rate_minimum_hosts` backends had at least
  /// `success_rate_request_volume` requests in the interval.
  bool eject_on_success_rate = true;
  double success_rate_stdev_factor = 1.9;
  std::uint32_t success_rate_minimum_hosts = 5;
  std::uint32_t success_rate_request_volume = 100;

  /// Eject who had at least this percentage of errors, under like conditions. Off, as in Envoy.
  bool eject_on_failure_percentage = false;
  double failure_percentage_threshold = 85;
  std::uint32_t failure_percentage_minimum_hosts = 5;
  std::uint32_t failure_percentage_request_volume = 50;

  /// Of the jitter.
  std::uint64_t seed = 0;

  [[nodiscard]] auto longest_ejection() const noexcept -> duration {
    return max_ejection_time.value_or(
        std::max<duration>(std::chrono::seconds{300}, base_ejection_time));
  }

  [[nodiscard]] auto check() const -> status {
    if (interval <= duration{0})
      return failure("outlier_ejection: the interval must be longer than 0");
    if (base_ejection_time <= duration{0})
      return failure("outlier_ejection: base_ejection_time must be longer than 0");
    if (longest_ejection() < base_ejection_time)
      return failure("outlier_ejection: max_ejection_time is shorter than base_ejection_time");
    if (max_ejection_jitter < duration{0})
      return failure("outlier_ejection: max_ejection_jitter is negative; 0 means none");
    if (!is_percentage(max_ejection_percent) || !is_percentage(failure_percentage_threshold)) {
      return failure(
          "outlier_ejection: max_ejection_percent and failure_percentage_threshold must be from 0 "
          "to 100");
    }
    if (!(success_rate_stdev_factor >= 0) || !std::isfinite(success_rate_stdev_factor))
      return failure("outlier_ejection: success_rate_stdev_factor must be a number of at least 0");
    return {};
  }

 private:
  [[nodiscard]] static auto is_percentage(double x) noexcept -> bool { return x >= 0 && x <= 100; }
};

}  // namespace lepton::balance
