// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include <lepton/predict/state.hpp>

namespace lepton::predict {

/// Numbers computed from the past of a series, for a regressor to forecast the number that comes
/// next.
///
/// 1. `f.write(past, time, out)` writes `f.width()` numbers about the value at index `time` of the
///    series. `past` are the values known, the newest last, in the plain case those before `time`;
///    for a forecast of several steps they end earlier. Only the last `f.reach()` matter; if
///    there are fewer, those further back count as missing. NaN is a missing value, and what cannot
///    be computed without it is NaN.
/// 2. `f.level(i)`: if all past values rise by c, number i rises by c (a lag or a mean does, a
///    difference or the time of day does not).
/// 3. `f.name(i)` says what number i is.
/// 4. It is a plain value that can be saved.
template <class F>
concept feature = persistent<F> &&
    requires(const F& f, std::span<const double> past, std::uint64_t time, std::span<double> out,
             std::size_t i) {
  { f.width() }
  noexcept->std::same_as<std::size_t>;
  { f.reach() }
  noexcept->std::same_as<std::size_t>;
  { f.level(i) }
  noexcept->std::same_as<bool>;
  { f.name(i) } -> std::same_as<std::string>;
  { f.write(past, time, out) }
  noexcept->std::same_as<void>;
};

namespace detail {

/// Longest reach that a saved state may claim.
inline constexpr std::uint64_t longest_reach = std::uint64_t{1} << 24;

/// The value `lag` steps back, NaN if the past is not that long.
[[nodiscard]] inline auto lagged(std::span<const double> past, std::size_t lag) noexcept -> double {
  return lag <= past.size() ? past[past.size() - lag] : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace detail
}  // namespace lepton::predict
