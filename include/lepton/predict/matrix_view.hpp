// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include <lepton/config.hpp>

namespace lepton::predict {

/// A table of numbers that somebody else owns: rows are observations, columns are features; row
/// after row in memory. NaN is a missing number.
class matrix_view {
 public:
  constexpr matrix_view() noexcept = default;

  /// `values` holds whole rows of `columns` numbers each.
  constexpr matrix_view(std::span<const double> values, std::size_t columns) noexcept
      : values_(values), columns_(columns) {
    LEPTON_ASSERT(columns == 0 ? values.empty() : values.size() % columns == 0,
                  "matrix_view: the values are no whole number of rows");
  }

  [[nodiscard]] constexpr auto rows() const noexcept -> std::size_t {
    return columns_ == 0 ? 0 : values_.size() / columns_;
  }
  [[nodiscard]] constexpr auto columns() const noexcept -> std::size_t { return columns_; }
  [[nodiscard]] constexpr auto empty() const noexcept -> bool { return values_.empty(); }

  [[nodiscard]] constexpr auto operator()(std::size_t row, std::size_t column) const noexcept
      -> double {
    LEPTON_ASSERT(row < rows() && column < columns_, "matrix_view: no such row or column");
    return values_[row * columns_ + column];
  }
  [[nodiscard]] constexpr auto row(std::size_t i) const noexcept -> std::span<const double> {
    LEPTON_ASSERT(i < rows(), "matrix_view: no such row");
    return values_.subspan(i * columns_, columns_);
  }
  /// Rows [first, first + count).
  [[nodiscard]] constexpr auto slice(std::size_t first, std::size_t count) const noexcept
      -> matrix_view {
    LEPTON_ASSERT(first + count <= rows(), "matrix_view: no such rows");
    return {values_.subspan(first * columns_, count * columns_), columns_};
  }
  /// All numbers, row after row.
  [[nodiscard]] constexpr auto values() const noexcept -> std::span<const double> {
    return values_;
  }

 private:
  std::span<const double> values_{};
  std::size_t columns_ = 0;
};

}  // namespace lepton::predict
