// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lepton/config.hpp>
#include <lepton/model/time.hpp>

namespace lepton::collect {

/// What a decrease that is no overflow means.
enum class counter_reset : std::uint8_t {
  from_zero,  ///< the counter began anew at 0: its value is the increase (as Prometheus has it)
  unknown,    ///< the increase is not known: the rate is missing once
};

struct counter_options {
  /// Width after which the counter starts at 0 again: 32, 64, or 0 if it never does. A decrease
  /// of a narrower counter than 64 bits counts as overflow if the step over the end is less than
  /// a quarter of the range and the rate at most `highest_rate`; else as reset.
  int bits = 0;
  double highest_rate = std::numeric_limits<double>::infinity();  ///< per second
  counter_reset on_reset = counter_reset::from_zero;
};

struct counter_reading {
  double rate = std::numeric_limits<double>::quiet_NaN();  ///< per second; NaN if not known
  std::uint64_t increase = 0;
  bool reset = false;
  bool wrapped = false;
};

/// Turns readings of a counter that only grows (bytes sent, CPU time used) into rates.
///
/// A rate is the mean since the reading before, however long ago that is: readings left out make
/// it coarser, not wrong. The first reading, one not later than the one before it, and one whose
/// rate would be above `highest_rate` give no rate; the last kind still is the base of the next.
class counter {
 public:
  counter() noexcept = default;
  explicit counter(counter_options options) noexcept : options_(options) {
    LEPTON_ASSERT(options.bits >= 0 && options.bits <= 64,
                  "counter: a width is from 1 to 64 bits, or 0");
  }

  auto update(time_point now, std::uint64_t value) noexcept -> counter_reading {
    counter_reading reading;
    if (known_ && now <= time_) return reading;
    if (known_) {
      // Unsigned, as the time line is longer than the largest duration.
      const auto elapsed = static_cast<std::uint64_t>(now.time_since_epoch().count()) -
                           static_cast<std::uint64_t>(time_.time_since_epoch().count());
      reading = step(value, static_cast<double>(elapsed) * 1e-9);
    }
    known_ = true;
    time_ = now;
    value_ = value;
    return reading;
  }

  /// Forgets the last reading: the next one is the first again.
  void forget() noexcept { known_ = false; }

 private:
  [[nodiscard]] auto step(std::uint64_t value, double seconds) const noexcept -> counter_reading {
    counter_reading reading;
    reading.increase = value - value_;
    if (value < value_) {
      const auto over_end = options_.bits == 0 || options_.bits == 64
                                ? value - value_
                                : (value - value_) & ((std::uint64_t{1} << options_.bits) - 1);
      reading.wrapped = can_wrap(over_end, seconds);
      reading.reset = !reading.wrapped;
      reading.increase = reading.wrapped ? over_end : value;
      if (reading.reset && options_.on_reset == counter_reset::unknown) {
        reading.increase = 0;
        return reading;
      }
    }
    const auto rate = static_cast<double>(reading.increase) / seconds;
    if (rate <= options_.highest_rate) reading.rate = rate;
    return reading;
  }
  [[nodiscard]] auto can_wrap(std::uint64_t over_end, double seconds) const noexcept -> bool {
    if (options_.bits == 0) return false;
    if (options_.bits < 64 && value_ >> options_.bits != 0) return false;
    const auto quarter = std::uint64_t{1} << (options_.bits < 2 ? 0 : options_.bits - 2);
    return over_end <= quarter && static_cast<double>(over_end) <= options_.highest_rate * seconds;
  }

  counter_options options_{};
  time_point time_{};
  std::uint64_t value_ = 0;
  bool known_ = false;
};

/// Turns a regular series of counter readings (NaN: missing) into rates in place, value i becoming
/// the mean rate since the reading before it; the first reading, and all missing ones, are missing.
/// Whole numbers up to 2^53 are exact; negative and infinite readings count as missing.
/// Returns how many resets there were. O(n).
inline auto counter_rates(std::span<double> readings, duration interval,
                          counter_options options = counter_options()) -> std::size_t {
  LEPTON_ASSERT(interval.count() > 0, "counter_rates: the interval must be positive");
  counter c{options};
  std::size_t resets = 0;
  time_point now{};
  for (auto& value : readings) {
    counter_reading reading;
    if (value >= 0 && value < 18446744073709551616.0)
      reading = c.update(now, static_cast<std::uint64_t>(value));
    value = reading.rate;
    resets += reading.reset ? 1 : 0;
    now += interval;
  }
  return resets;
}

}  // namespace lepton::collect
