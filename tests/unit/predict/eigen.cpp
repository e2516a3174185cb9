// SPDX-License-Identifier: Apache-2.0
#include <lepton/predict/eigen.hpp>
#include <lepton/predict/linear_regression.hpp>

#include "catch.hpp"

TEST_CASE("eigen: a regression on a program's own matrices") {
  lepton::predict::row_major_matrix x(5, 2);
  x << 1, 5, 2, 3, 3, 8, 4, 1, 5, 9;
  const Eigen::VectorXd y = (3 * x.col(0) - 2 * x.col(1)).array() + 7;
  const auto rows = lepton::predict::rows_of(x);
  REQUIRE(rows.rows() == 5);
  REQUIRE(rows.columns() == 2);
  CHECK(rows(2, 1) == 8);
  lepton::predict::linear_regression model;
  REQUIRE(model.fit(rows, lepton::predict::values_of(y)));
  CHECK(model.intercept() == Approx(7));
  CHECK(model.coefficients()[0] == Approx(3));
  CHECK(model.coefficients()[1] == Approx(-2));
}
