// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/predict/matrix_view.hpp>

namespace lepton::predict::detail {

/// Rows of features and their numbers, looked through and made ready for a linear model: rows
/// with a missing number are left out, the features are centred and brought to a length of about 1
/// (by powers of two, which rounds nothing).
struct regression_data {
  matrix_view x;
  std::span<const double> y;
  std::vector<std::size_t> rows;  ///< those that are complete
  std::vector<double> centre;     ///< subtracted from each feature; 0 without an intercept
  std::vector<double> scale;      ///< by which the centred feature is divided; 0: constant
  std::vector<double> spread;     ///< root mean square of the centred feature
  double y_centre = 0;
  double total = 0;     ///< sum of the squares of the centred numbers
  double rounding = 1;  ///< largest ratio of a feature's length to its centred one

  [[nodiscard]] auto centred(std::size_t i, std::size_t j) const noexcept -> double {
    return scale[j] == 0 ? 0 : (x.values()[rows[i] * x.columns() + j] - centre[j]) / scale[j];
  }
};

/// `model` is named in the errors.
[[nodiscard]] inline auto prepare_regression(std::string_view model, matrix_view x,
                                             std::span<const double> y, bool intercept)
    -> expected<regression_data> {
  const auto wrong = [&](std::string what) { return failure(std::string(model) + ": " + what); };
  const std::size_t p = x.columns();
  if (p == 0 && !y.empty()) return wrong("there are no features; give at least one column");
  if (x.rows() != y.size())
    return wrong("there are " + std::to_string(x.rows()) + " rows of features but " +
                 std::to_string(y.size()) + " numbers to explain");
  regression_data d;
  d.x = x;
  d.y = y;
  d.rows.reserve(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto row = x.row(i);
    // A sum is NaN or infinite if a part is; the parts are looked at only then.
    double sum = y[i];
    for (const double v : row) sum += v;
    if (std::isfinite(sum)) {
      d.rows.push_back(i);
      continue;
    }
    bool missing = std::isnan(y[i]);
    if (std::isinf(y[i])) return wrong("number " + std::to_string(i) + " to explain is infinite");
    for (std::size_t j = 0; j < p; ++j) {
      if (std::isinf(row[j]))
        return wrong("feature " + std::to_string(j) + " of row " + std::to_string(i) +
                     " is infinite; leave the row out or mark it missing (NaN)");
      missing = missing || std::isnan(row[j]);
    }
    if (!missing) return wrong("the numbers of row " + std::to_string(i) + " are too large");
  }
  if (d.rows.empty()) return wrong("no row is complete; every one has a missing number");
  const auto n = static_cast<double>(d.rows.size());
  d.centre.assign(p, 0.0);
  d.scale.assign(p, 0.0);
  d.spread.assign(p, 0.0);
  std::vector<double> raw(p, 0.0);
  const std::size_t first = d.rows[0];
  if (intercept) {
    // Relative to the first row, so that a constant feature becomes exactly zero.
    for (const std::size_t i : d.rows) {
      const auto row = x.row(i);
      for (std::size_t j = 0; j < p; ++j) d.centre[j] += row[j] - x(first, j);
      d.y_centre += y[i] - y[first];
    }
    for (std::size_t j = 0; j < p; ++j) d.centre[j] = x(first, j) + d.centre[j] / n;
    d.y_centre = y[first] + d.y_centre / n;
  }
  for (const std::size_t i : d.rows) {
    const auto row = x.row(i);
    for (std::size_t j = 0; j < p; ++j) {
      const double c = row[j] - d.centre[j];
      d.spread[j] += c * c;
      raw[j] += row[j] * row[j];
    }
    d.total += (y[i] - d.y_centre) * (y[i] - d.y_centre);
  }
  for (std::size_t j = 0; j < p; ++j) {
    if (!std::isfinite(raw[j]) || !std::isfinite(d.total))
      return wrong("the squares of feature " + std::to_string(j) +
                   " or of the numbers to explain are too large; scale them down");
    constexpr double epsilon = std::numeric_limits<double>::epsilon();
    if (d.spread[j] > 16 * epsilon * epsilon * raw[j] && d.spread[j] > 1e-290) {
      d.scale[j] = std::exp2(std::round(std::log2(std::sqrt(d.spread[j]))));
      d.rounding = std::fmax(d.rounding, std::sqrt(raw[j] / d.spread[j]));
    }
    d.spread[j] = std::sqrt(d.spread[j] / n);
  }
  return d;
}

}  // namespace lepton::predict::detail
