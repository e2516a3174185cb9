// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/ordered_columns.hpp>
#include <lepton/predict/parallel_for.hpp>

namespace lepton::predict {

/// A table whose features were divided into at most 255 bins of about as many rows each (one a
/// value, if there are fewer values): a byte a number, feature after feature.
class binned_matrix {
 public:
  static constexpr std::uint8_t missing = detail::ordered_column::missing_code;

  binned_matrix() = default;
  /// O(features * rows * log rows). `bins` is 2 to 255 (contract).
  binned_matrix(matrix_view x, std::size_t bins, std::size_t threads = 1) : rows_(x.rows()) {
    LEPTON_ASSERT(bins >= 2 && bins <= missing, "binned_matrix: 2 to 255 bins");
    columns_.resize(x.columns());
    detail::parallel_for(columns_.size(), detail::threads_for(threads, columns_.size()),
                         [&](std::size_t f, std::size_t) {
                           auto c = detail::order_column(x, f, bins);
                           columns_[f].code = std::move(c.code);
                           columns_[f].low = std::move(c.low);
                           columns_[f].high = std::move(c.high);
                         });
  }

  [[nodiscard]] auto rows() const noexcept -> std::size_t { return rows_; }
  [[nodiscard]] auto columns() const noexcept -> std::size_t { return columns_.size(); }
  /// Bins of a feature, in ascending order of its values; 0 if it is always missing.
  [[nodiscard]] auto bins(std::size_t column) const noexcept -> std::size_t {
    return columns_[column].groups();
  }
  /// Bin of each row, or `missing`.
  [[nodiscard]] auto codes(std::size_t column) const noexcept -> std::span<const std::uint8_t> {
    return columns_[column].code;
  }
  /// The middle between what is in bin a and in the later bin b.
  [[nodiscard]] auto between(std::size_t column, std::size_t a, std::size_t b) const noexcept
      -> double {
    return columns_[column].between(static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b));
  }

 private:
  std::size_t rows_ = 0;
  std::vector<detail::ordered_column> columns_;
};

}  // namespace lepton::predict
