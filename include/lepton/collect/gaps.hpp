// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::collect {

/// What to put in place of missing values (NaN). The default keeps them: the predictors deal with
/// them, and most of them better than with invented numbers.
enum class gap_filling : std::uint8_t {
  keep,
  hold,             ///< the last value before
  linear,           ///< on the straight line between the neighbours
  season_before,    ///< the value a season (or, that failing, more) before; else after
  season_mean,      ///< the mean of the values nearest in time of the same phase, before and after
  season_adjusted,  ///< linear, after the mean of each phase was taken off (and added again)
};

struct gap_options {
  gap_filling how = gap_filling::keep;
  /// Gaps longer than this stay as they are, but that `hold` fills their first `limit` values.
  std::size_t limit = std::numeric_limits<std::size_t>::max();
  /// Length of the season, for the seasonal ways.
  std::size_t season = 1;
};

namespace gap_detail {

/// Calls `fill(first, last)` for each run of missing values of at most `limit`.
template <class Fill>
void for_gaps(std::span<const double> values, std::size_t limit, Fill&& fill) {
  for (std::size_t i = 0; i < values.size();) {
    if (!std::isnan(values[i])) {
      ++i;
      continue;
    }
    const auto first = i;
    while (i < values.size() && std::isnan(values[i])) ++i;
    if (i - first <= limit) fill(first, i);
  }
}

/// On the line between the neighbours; nothing where there is only one.
inline auto draw_line(std::span<double> values, std::size_t first, std::size_t last)
    -> std::size_t {
  if (first == 0 || last == values.size()) return 0;
  const auto from = values[first - 1];
  const auto length = static_cast<double>(last - first + 1);
  const auto to = values[last];
  for (auto i = first; i < last; ++i) {
    const auto part = static_cast<double>(i - first + 1) / length;
    values[i] = from * (1 - part) + to * part;
  }
  return last - first;
}

/// The next value of the same phase that is known, `season` apart each; NaN if there is none.
inline auto same_phase(std::span<const double> known, std::size_t i, std::size_t season,
                       bool forward) -> double {
  while (forward ? known.size() - i > season : i >= season) {
    i = forward ? i + season : i - season;
    if (!std::isnan(known[i])) return known[i];
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// The mean of each phase; NaN for one without values.
inline auto phase_means(std::span<const double> values, std::size_t season) -> std::vector<double> {
  std::vector<double> means(std::min(season, values.size()), 0);
  for (std::size_t phase = 0; phase < means.size(); ++phase) {
    double count = 0;
    for (auto i = phase; i < values.size(); i += season) {
      if (std::isnan(values[i])) continue;
      ++count;
      means[phase] += (values[i] - means[phase]) / count;
    }
    if (count == 0) means[phase] = std::numeric_limits<double>::quiet_NaN();
  }
  return means;
}

/// The value of the same phase before (after, where there is none), or the mean of both.
inline auto fill_from_seasons(std::span<double> values, const gap_options& options) -> std::size_t {
  const std::vector<double> known(values.begin(), values.end());
  std::size_t filled = 0;
  for_gaps(values, options.limit, [&](std::size_t first, std::size_t last) {
    for (auto i = first; i < last; ++i) {
      const auto before = same_phase(known, i, options.season, false);
      const auto use_after = options.how == gap_filling::season_mean || std::isnan(before);
      const auto after = use_after ? same_phase(known, i, options.season, true) : before;
      values[i] = std::isnan(before)  ? after
                  : std::isnan(after) ? before
                                      : before + (after - before) / 2;
      filled += std::isnan(values[i]) ? 0 : 1;
    }
  });
  return filled;
}

inline auto fill_adjusted(std::span<double> values, const gap_options& options) -> std::size_t {
  const auto means = phase_means(values, options.season);
  std::size_t filled = 0;
  for_gaps(values, options.limit, [&](std::size_t first, std::size_t last) {
    const auto level = [&](std::size_t i) { return values[i] - means[i % options.season]; };
    if (first == 0 && last == values.size()) return;
    // The level on each side of the gap; at an end of the series, that of the one neighbour.
    const auto after = last < values.size() ? level(last) : level(first - 1);
    const auto before = first > 0 ? level(first - 1) : after;
    const auto length = static_cast<double>(last - first + 1);
    for (auto i = first; i < last; ++i) {
      const auto part = static_cast<double>(i - first + 1) / length;
      values[i] = means[i % options.season] + before * (1 - part) + after * part;
      filled += std::isnan(values[i]) ? 0 : 1;
    }
  });
  return filled;
}

}  // namespace gap_detail

/// Fills the gaps of a regular series in place and returns how many values were filled. What has
/// nothing to be filled from stays missing: before the first value (`hold`, `linear`), after the
/// last one (`linear`), a phase without values (the seasonal ways).
///
/// Filled values are never the source of others. O(n); for `season_before` and `season_mean`, a gap
/// of g values adds O(g²/season). Only the seasonal ways allocate (a copy of the series).
inline auto fill_gaps(std::span<double> values, const gap_options& options) -> std::size_t {
  LEPTON_ASSERT(options.season > 0, "fill_gaps: the season must be positive");
  std::size_t filled = 0;
  switch (options.how) {
    case gap_filling::keep:
      break;
    case gap_filling::hold:
      gap_detail::for_gaps(values, values.size(), [&](std::size_t first, std::size_t last) {
        if (first == 0) return;
        const auto count = std::min(options.limit, last - first);
        std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(first), count, values[first - 1]);
        filled += count;
      });
      break;
    case gap_filling::linear:
      gap_detail::for_gaps(values, options.limit, [&](std::size_t first, std::size_t last) {
        filled += gap_detail::draw_line(values, first, last);
      });
      break;
    case gap_filling::season_before:
    case gap_filling::season_mean:
      return gap_detail::fill_from_seasons(values, options);
    case gap_filling::season_adjusted:
      return gap_detail::fill_adjusted(values, options);
  }
  return filled;
}

}  // namespace lepton::collect
