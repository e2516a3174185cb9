// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include <lepton/collect/counter.hpp>
#include <lepton/collect/sample.hpp>

namespace lepton::collect {

/// Share of the last ten seconds in which some (all) tasks waited for a resource, from 0 to 1: the
/// kernel's pressure stall information. NaN where the kernel does not tell.
struct pressure {
  double some = missing;
  double full = missing;
};

/// What a machine, a process or a control group uses. NaN: not known, or not yet; rates are means
/// since the read before, so the first read has none.
struct usage {
  double cpu_cores = missing;  ///< cores in use
  double cpu_limit = missing;  ///< cores there are or it may use; infinite without limit
  double throttled = missing;  ///< periods in which the CPU limit stopped it, of all, from 0 to 1
  double memory_bytes = missing;    ///< memory in use
  double memory_limit = missing;    ///< bytes there are or it may use; infinite without limit
  double read_bytes = missing;      ///< from block devices, per second
  double written_bytes = missing;   ///< to block devices, per second
  double received_bytes = missing;  ///< from the network, per second
  double sent_bytes = missing;      ///< to the network, per second
  double load = missing;            ///< tasks that run or want to, mean of about a minute
  double out_of_memory = missing;   ///< tasks killed for want of memory, since the read before
  pressure cpu_pressure{};
  pressure memory_pressure{};
  pressure io_pressure{};
};

/// Rate of one of the kernel's counters. They never restart within an object's life; where one
/// goes back (some do, by a tick), the rate is missing once.
class usage_rate {
 public:
  /// The rate in units of `scale` per second; NaN without a value, or a read before.
  auto update(time_point now, std::optional<std::uint64_t> value, double scale = 1) noexcept
      -> double {
    if (!value) {
      counter_.forget();
      return missing;
    }
    return counter_.update(now, *value).rate * scale;
  }
  void forget() noexcept { counter_.forget(); }

 private:
  counter counter_{[] {
    counter_options options;
    options.on_reset = counter_reset::unknown;
    return options;
  }()};
};

/// How often something happened since the read before, of a counter of the kernel's.
class usage_events {
 public:
  auto update(std::optional<std::uint64_t> value) noexcept -> double {
    const auto known = value && last_ && *value >= *last_;
    const auto since = known ? static_cast<double>(*value - *last_) : missing;
    last_ = value;
    return since;
  }

 private:
  std::optional<std::uint64_t> last_;
};

}  // namespace lepton::collect
