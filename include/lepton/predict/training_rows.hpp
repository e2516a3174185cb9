// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/lagged_rows.hpp>

namespace lepton::predict::detail {

/// The training rows of an autoregression: row i belongs to value `first` + i of the series.
struct training_rows {
  std::size_t first = 0;
  std::size_t width = 0;
  std::vector<double> x;
  std::vector<double> y;

  /// Features from `known` (what may count as seen), targets from `values`.
  template <class Features>
  training_rows(const lagged_rows<Features>& rows, std::span<const double> known,
                std::span<const double> values, std::size_t start, std::size_t lead)
      : first(start),
        width(rows.features.width()),
        x((values.size() - start) * width),
        y(values.size() - start) {
    for (std::size_t t = start; t < values.size(); ++t) {
      const auto row = std::span{x}.subspan((t - start) * width, width);
      y[t - start] = values[t] - rows.write(known.first(t - lead), t, lead, row);
    }
  }

  [[nodiscard]] auto complete() const noexcept -> std::size_t {
    std::size_t count = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      double sum = y[i];
      for (std::size_t j = 0; j < width; ++j) sum += x[i * width + j];
      count += std::isnan(sum) ? 0U : 1U;
    }
    return count;
  }

  /// Fits on the rows outside [from, to) of the series.
  template <class Regressor>
  [[nodiscard]] auto fit(Regressor& r, std::size_t from, std::size_t to) const -> fit_result {
    if (from >= to) return r.fit(matrix_view{x, width}, y);
    const auto place = [this](std::size_t t) {
      return static_cast<std::ptrdiff_t>(std::clamp(t, first, first + y.size()) - first);
    };
    const auto w = static_cast<std::ptrdiff_t>(width);
    std::vector<double> some_x(x.begin(), x.begin() + place(from) * w);
    std::vector<double> some_y(y.begin(), y.begin() + place(from));
    some_x.insert(some_x.end(), x.begin() + place(to) * w, x.end());
    some_y.insert(some_y.end(), y.begin() + place(to), y.end());
    return r.fit(matrix_view{some_x, width}, some_y);
  }
};

/// Each missing value replaced by the one before it.
[[nodiscard]] inline auto carried_forward(std::span<const double> values) -> std::vector<double> {
  std::vector<double> filled(values.begin(), values.end());
  for (std::size_t t = 1; t < filled.size(); ++t)
    if (std::isnan(filled[t])) filled[t] = filled[t - 1];
  return filled;
}

}  // namespace lepton::predict::detail
