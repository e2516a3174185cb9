// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <vector>

#include <lepton/predict/any_predictor.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/mean_value.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

static_assert(refittable<any_predictor> && with_moments<any_predictor>);

}  // namespace

TEST_CASE("any_predictor: does what the model that it holds does") {
  const std::vector<double> values{1, 4, 2, 8, 5};
  last_value plain;
  REQUIRE(plain.fit(values));
  any_predictor any{last_value{}};
  CHECK(any.name() == "last value");
  CHECK(!any.ready());
  REQUIRE(any.fit(values));
  CHECK(any.ready());
  auto copy = any;
  copy.update(100);
  const std::array<double, 2> levels{0.1, 0.9};
  std::array<double, 6> a{};
  std::array<double, 6> b{};
  plain.forecast(3, levels, a);
  any.forecast(3, levels, b);
  CHECK(a == b);
  CHECK(any.peak_quantile(4, 0.9) == plain.peak_quantile(4, 0.9));
  REQUIRE(any.get_if<last_value>() != nullptr);
  CHECK(any.get_if<mean_value>() == nullptr);
}

TEST_CASE("any_predictor: an empty one says so") {
  any_predictor none;
  CHECK(!none.ready());
  CHECK(none.name().empty());
  none.update(1);
  const auto fitted = none.fit(std::vector<double>{1, 2});
  REQUIRE(!fitted);
  CHECK(fitted.error().message.find("holds no model") != std::string::npos);
  CHECK(std::isnan(none.peak_quantile(1, 0.5)));
}

TEST_CASE("any_predictor: the saved state of one kind of model is not another's") {
  any_predictor any{last_value{}};
  any.update(3);
  any.update(5);
  const auto bytes = save(any);
  any_predictor same{last_value{}};
  REQUIRE(load(same, bytes));
  CHECK(save(same) == bytes);
  any_predictor other{mean_value{}};
  CHECK(!load(other, bytes));
  any_predictor none;
  CHECK(!load(none, bytes));
  REQUIRE(load(none, save(none)));
}
