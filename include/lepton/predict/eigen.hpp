// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include <Eigen/Core>

#include <lepton/predict/matrix_view.hpp>

// For programs that keep their numbers in Eigen's types: views of them, without a copy.

namespace lepton::predict {

/// A table as `matrix_view` has it: row after row in memory.
using row_major_matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The rows of a matrix, which must outlive the view.
[[nodiscard]] inline auto rows_of(const row_major_matrix& m) noexcept -> matrix_view {
  return {std::span<const double>{m.data(), static_cast<std::size_t>(m.size())},
          static_cast<std::size_t>(m.cols())};
}
auto rows_of(row_major_matrix&&) -> matrix_view = delete;

/// The numbers of a vector, which must outlive the view.
[[nodiscard]] inline auto values_of(const Eigen::VectorXd& v) noexcept -> std::span<const double> {
  return {v.data(), static_cast<std::size_t>(v.size())};
}
auto values_of(Eigen::VectorXd&&) -> std::span<const double> = delete;

}  // namespace lepton::predict
