// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/predict/feature.hpp>

namespace lepton::predict {
namespace detail {

/// A statistic of the last `window` values, those that are missing left out; NaN if all are.
class window_feature {
 public:
  explicit window_feature(std::uint64_t window) : window_(window) {
    LEPTON_ASSERT(window > 0, "rolling feature: the window holds at least one value");
  }
  [[nodiscard]] auto width() const noexcept -> std::size_t { return 1; }
  [[nodiscard]] auto reach() const noexcept -> std::size_t {
    return static_cast<std::size_t>(window_);
  }
  [[nodiscard]] auto level(std::size_t) const noexcept -> bool { return true; }
  template <class Archive>
  void persist(Archive& a) {
    a(window_);
    if constexpr (Archive::reads)
      if (window_ == 0 || window_ > longest_reach) a.reject();
  }

 protected:
  [[nodiscard]] auto window(std::span<const double> past) const noexcept
      -> std::span<const double> {
    return past.last(std::min(past.size(), reach()));
  }
  [[nodiscard]] auto named(std::string_view what) const -> std::string {
    return std::string(what) + " of " + std::to_string(window_);
  }
  /// Number and mean of the values that are there.
  struct centre {
    double count = 0;
    double mean = std::numeric_limits<double>::quiet_NaN();
  };
  [[nodiscard]] static auto centre_of(std::span<const double> values) noexcept -> centre {
    double sum = 0;
    double count = 0;
    for (const double v : values) {
      const bool there = v == v;
      sum += there ? v : 0;
      count += there ? 1 : 0;
    }
    return count == 0 ? centre{} : centre{count, sum / count};
  }

  std::uint64_t window_;
};

/// The largest of `sign` times the values.
[[nodiscard]] inline auto extreme(std::span<const double> values, double sign) noexcept -> double {
  double best = -std::numeric_limits<double>::infinity();
  for (const double v : values) best = sign * v > best ? sign * v : best;
  return std::isinf(best) ? std::numeric_limits<double>::quiet_NaN() : sign * best;
}

}  // namespace detail

/// Mean of the last `window` values. Writing it is O(window); see `rolling_moments` for a stream.
class rolling_mean : public detail::window_feature {
 public:
  static constexpr std::string_view model_name = "rolling mean";
  explicit rolling_mean(std::uint64_t window = 1) : window_feature(window) {}
  [[nodiscard]] auto name(std::size_t) const -> std::string { return named("mean"); }
  void write(std::span<const double> past, std::uint64_t, std::span<double> out) const noexcept {
    out[0] = centre_of(window(past)).mean;
  }
};

/// Standard deviation (of a sample) of the last `window` values; NaN for fewer than two.
class rolling_sd : public detail::window_feature {
 public:
  static constexpr std::string_view model_name = "rolling sd";
  explicit rolling_sd(std::uint64_t window = 2) : window_feature(window) {}
  [[nodiscard]] auto level(std::size_t) const noexcept -> bool { return false; }
  [[nodiscard]] auto name(std::size_t) const -> std::string { return named("sd"); }
  void write(std::span<const double> past, std::uint64_t, std::span<double> out) const noexcept {
    const auto values = window(past);
    const auto c = centre_of(values);
    double squares = 0;
    for (const double v : values) squares += v == v ? (v - c.mean) * (v - c.mean) : 0;
    out[0] =
        c.count < 2 ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(squares / (c.count - 1));
  }
};

/// The least of the last `window` values.
class rolling_least : public detail::window_feature {
 public:
  static constexpr std::string_view model_name = "rolling least";
  explicit rolling_least(std::uint64_t window = 1) : window_feature(window) {}
  [[nodiscard]] auto name(std::size_t) const -> std::string { return named("least"); }
  void write(std::span<const double> past, std::uint64_t, std::span<double> out) const noexcept {
    out[0] = detail::extreme(window(past), -1);
  }
};

/// The largest of the last `window` values.
class rolling_largest : public detail::window_feature {
 public:
  static constexpr std::string_view model_name = "rolling largest";
  explicit rolling_largest(std::uint64_t window = 1) : window_feature(window) {}
  [[nodiscard]] auto name(std::size_t) const -> std::string { return named("largest"); }
  void write(std::span<const double> past, std::uint64_t, std::span<double> out) const noexcept {
    out[0] = detail::extreme(window(past), 1);
  }
};

/// The median of the last `window` values, robust against single outliers. Uses room of its own,
/// so one object serves one thread.
class rolling_middle : public detail::window_feature {
 public:
  static constexpr std::string_view model_name = "rolling middle";
  explicit rolling_middle(std::uint64_t window = 1)
      : window_feature(window), scratch_(static_cast<std::size_t>(window)) {}
  [[nodiscard]] auto name(std::size_t) const -> std::string { return named("median"); }
  void write(std::span<const double> past, std::uint64_t, std::span<double> out) const noexcept {
    auto end = scratch_.begin();
    for (const double v : window(past))
      if (v == v) *end++ = v;
    const auto count = end - scratch_.begin();
    out[0] = std::numeric_limits<double>::quiet_NaN();
    if (count == 0) return;
    const auto middle = scratch_.begin() + count / 2;
    std::nth_element(scratch_.begin(), middle, end);
    out[0] =
        count % 2 == 1 ? *middle : *std::max_element(scratch_.begin(), middle) / 2 + *middle / 2;
  }
  template <class Archive>
  void persist(Archive& a) {
    window_feature::persist(a);
    if constexpr (Archive::reads)
      if (window_ <= detail::longest_reach) scratch_.assign(static_cast<std::size_t>(window_), 0.0);
  }

 private:
  mutable std::vector<double> scratch_;
};

}  // namespace lepton::predict
