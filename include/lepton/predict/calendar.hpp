// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <lepton/config.hpp>
#include <lepton/predict/feature.hpp>

namespace lepton::predict {
namespace detail {

/// Which of `slots` equal parts of a period the value falls into, as 0s and a 1.
class slots_of_period {
 public:
  slots_of_period(std::uint64_t period, std::uint64_t slots, std::uint64_t offset)
      : period_(period), slots_(slots), offset_(offset) {
    LEPTON_ASSERT(period > 0 && slots > 0 && slots <= period,
                  "calendar: a period has samples, and no more slots than those");
  }
  [[nodiscard]] auto width() const noexcept -> std::size_t {
    return static_cast<std::size_t>(slots_);
  }
  [[nodiscard]] auto reach() const noexcept -> std::size_t { return 0; }
  [[nodiscard]] auto level(std::size_t) const noexcept -> bool { return false; }
  void write(std::span<const double>, std::uint64_t time, std::span<double> out) const noexcept {
    const std::uint64_t slot = (time + offset_) % period_ * slots_ / period_;
    for (std::size_t i = 0; i < width(); ++i) out[i] = i == slot ? 1 : 0;
  }
  template <class Archive>
  void persist(Archive& a) {
    a(period_, slots_, offset_);
    if constexpr (Archive::reads)
      if (period_ == 0 || period_ > longest_reach || slots_ == 0 || slots_ > period_ ||
          offset_ >= period_)
        a.reject();
  }

 protected:
  std::uint64_t period_;
  std::uint64_t slots_;
  std::uint64_t offset_;
};

}  // namespace detail

/// The part of the day, one of `slots` (24: the hour), as 0s and a 1. The first value of the series
/// was taken `offset` samples after midnight. With an intercept one of the slots is redundant,
/// which the regressions here bear.
class day_slots : public detail::slots_of_period {
 public:
  static constexpr std::string_view model_name = "day slots";

  explicit day_slots(std::uint64_t samples_per_day = 1, std::uint64_t slots = 1,
                     std::uint64_t offset = 0)
      : slots_of_period(samples_per_day, slots,
                        samples_per_day == 0 ? 0 : offset % samples_per_day) {}
  [[nodiscard]] auto name(std::size_t i) const -> std::string {
    return "part " + std::to_string(i) + " of the day";
  }
};

/// The day of the week as 0s and a 1; day 0 is the one that begins `offset` samples before the
/// first value of the series.
class weekdays : public detail::slots_of_period {
 public:
  static constexpr std::string_view model_name = "weekdays";

  explicit weekdays(std::uint64_t samples_per_day = 1, std::uint64_t offset = 0)
      : slots_of_period(7 * samples_per_day, 7,
                        samples_per_day == 0 ? 0 : offset % (7 * samples_per_day)) {}
  [[nodiscard]] auto name(std::size_t i) const -> std::string {
    return "day " + std::to_string(i) + " of the week";
  }
};

/// Where in the day, and where in the week, the value falls, each as sine and cosine: four numbers.
/// The first value of the series was taken `offset` samples after the start of a week.
class calendar {
 public:
  static constexpr std::string_view model_name = "calendar";

  explicit calendar(double samples_per_day = 1, double offset = 0)
      : samples_per_day_(samples_per_day), offset_(offset) {
    LEPTON_ASSERT(samples_per_day > 0, "calendar: a day has samples");
  }
  [[nodiscard]] auto width() const noexcept -> std::size_t { return 4; }
  [[nodiscard]] auto reach() const noexcept -> std::size_t { return 0; }
  [[nodiscard]] auto level(std::size_t) const noexcept -> bool { return false; }
  [[nodiscard]] auto name(std::size_t i) const -> std::string {
    return std::string(i % 2 == 0 ? "sine" : "cosine") + (i < 2 ? " of the day" : " of the week");
  }
  void write(std::span<const double>, std::uint64_t time, std::span<double> out) const noexcept {
    const double at = static_cast<double>(time) + offset_;
    for (std::size_t i = 0; i < 2; ++i) {
      const double period = i == 0 ? samples_per_day_ : 7 * samples_per_day_;
      const double angle = 6.283185307179586477 * (std::fmod(at, period) / period);
      out[2 * i] = std::sin(angle);
      out[2 * i + 1] = std::cos(angle);
    }
  }
  template <class Archive>
  void persist(Archive& a) {
    a(samples_per_day_, offset_);
    if constexpr (Archive::reads)
      if (!(samples_per_day_ > 0) || !std::isfinite(samples_per_day_) || !std::isfinite(offset_))
        a.reject();
  }

 private:
  double samples_per_day_;
  double offset_;
};

}  // namespace lepton::predict
