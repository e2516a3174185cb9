// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/model/time.hpp>

namespace lepton::simulate {
namespace detail {

/// The nearest whole number of nanoseconds; not negative.
[[nodiscard]] inline auto whole_nanoseconds(double x) noexcept -> duration {
  constexpr double most = 9e17;  // 28 years: sums of some still fit
  return duration{static_cast<std::int64_t>(x < most ? x + 0.5 : most)};
}

}  // namespace detail

/// A request to be balanced.
struct request {
  time_point arrival{};
  duration work{};           ///< how long a server of speed 1 is busy with it
  std::uint64_t hash = 0;    ///< of its key
  std::uint64_t random = 0;  ///< bits for policies that draw
};

}  // namespace lepton::simulate
