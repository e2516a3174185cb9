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
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/ordered_columns.hpp>
#include <lepton/predict/parallel_for.hpp>

namespace lepton::predict::detail {

/// Rows to learn from, checked: those whose target is missing or whose weight is 0 are left out.
class training_table {
 public:
  /// Weights are empty (all 1) or one a row; `missing(i)` tells rows without a target.
  template <class Missing>
  [[nodiscard]] static auto check(std::string_view model, matrix_view x, std::size_t targets,
                                  std::span<const double> weights, Missing missing)
      -> expected<training_table> {
    const auto wrong = [&](const std::string& what) {
      return failure(std::string(model) + ": " + what);
    };
    const auto n = x.rows();
    if (targets != n)
      return wrong("there are " + std::to_string(n) + " rows of features and " +
                   std::to_string(targets) + " numbers to learn; there must be as many");
    if (!weights.empty() && weights.size() != n)
      return wrong("there are " + std::to_string(n) + " rows and " +
                   std::to_string(weights.size()) + " weights; give one a row, or none");
    if (n >= (std::size_t{1} << 31) || x.columns() >= (std::size_t{1} << 31))
      return wrong("more than 2147483647 rows or features");
    for (std::size_t k = 0; k < x.values().size(); ++k)
      if (std::isinf(x.values()[k]))
        return wrong("feature " + std::to_string(k % x.columns()) + " of row " +
                     std::to_string(k / x.columns()) +
                     " is infinite; leave the row out or mark it missing (NaN)");
    training_table table;
    for (std::size_t i = 0; i < n; ++i) {
      const double w = weights.empty() ? 1 : weights[i];
      if (!(w >= 0) || std::isinf(w))
        return wrong("the weight of row " + std::to_string(i) +
                     " is negative, infinite or no number");
      if (w > 0 && !missing(i)) table.rows_.push_back(static_cast<std::uint32_t>(i));
    }
    if (table.rows_.empty()) return wrong("no row has a number to learn and a weight above 0");
    table.x_ = x;
    if (table.rows_.size() < n) {
      for (const auto i : table.rows_)
        table.copy_.insert(table.copy_.end(), x.row(i).begin(), x.row(i).end());
    }
    return table;
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return rows_.size(); }
  /// Number, in the table given, of each row kept.
  [[nodiscard]] auto rows() const noexcept -> const std::vector<std::uint32_t>& { return rows_; }
  /// The rows kept.
  [[nodiscard]] auto features() const noexcept -> matrix_view {
    return copy_.empty() ? x_ : matrix_view{copy_, x_.columns()};
  }
  /// Each feature in order; `bins` as in `order_column`.
  [[nodiscard]] auto columns(std::size_t bins, std::size_t threads) const
      -> std::vector<ordered_column> {
    std::vector<ordered_column> columns(x_.columns());
    parallel_for(
        columns.size(), threads_for(threads, columns.size()),
        [&](std::size_t f, std::size_t) { columns[f] = order_column(features(), f, bins); });
    return columns;
  }

 private:
  matrix_view x_;
  std::vector<std::uint32_t> rows_;
  std::vector<double> copy_;
};

[[nodiscard]] inline auto finite_targets(std::string_view model, std::span<const double> y)
    -> status {
  for (std::size_t i = 0; i < y.size(); ++i)
    if (std::isinf(y[i]))
      return failure(std::string(model) + ": the number of row " + std::to_string(i) +
                     " is infinite; leave it out or mark it missing (NaN)");
  return {};
}

/// Moves numbers to about 0 and divides them by a power of two, so that sums of squares keep
/// their digits and do not overflow. Whole numbers within a moderate range stay exact.
struct target_scale {
  double center = 0;
  double factor = 1;

  [[nodiscard]] static auto of(std::span<const double> y,
                               const std::vector<std::uint32_t>& rows) noexcept -> target_scale {
    double low = y[rows[0]];
    double high = low;
    for (const auto i : rows) {
      low = std::min(low, y[i]);
      high = std::max(high, y[i]);
    }
    const double half = high / 2 - low / 2;
    if (!(half > 0)) return {low, 1};
    int exponent = 0;
    static_cast<void>(std::frexp(half, &exponent));
    double sum = 0;
    for (const auto i : rows) sum += (y[i] / 2 - low / 2) / half;
    const double middle = low + sum / static_cast<double>(rows.size()) * half * 2;
    const double step = std::ldexp(1.0, std::max(exponent - 8, -1000));
    const double whole = std::nearbyint(middle / step) * step;
    return {std::isfinite(whole) ? whole : middle, std::ldexp(1.0, std::max(exponent, -1000))};
  }
  [[nodiscard]] auto down(double y) const noexcept -> double {
    return y / factor - center / factor;
  }
  /// What turns a squared number into a square of what `down` gives; never 0 or infinite.
  [[nodiscard]] auto unit() const noexcept -> double {
    return std::clamp(1 / factor / factor, std::numeric_limits<double>::min(),
                      std::numeric_limits<double>::max());
  }
  [[nodiscard]] auto up(double v) const noexcept -> double { return center + v * factor; }
};

}  // namespace lepton::predict::detail
