// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/batch.hpp>
#include <lepton/predict/exponential_smoothing.hpp>
#include <lepton/predict/last_value.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

/// Series of different lengths; number 3 has no value, number 5 only one.
auto some_series() -> std::vector<std::vector<double>> {
  std::vector<std::vector<double>> all;
  lepton::detail::pcg32 random{5};
  for (std::size_t i = 0; i < 40; ++i) {
    auto& one = all.emplace_back();
    double level = 10 + static_cast<double>(i);
    for (std::size_t t = 0; t < 30 + i; ++t) {
      level += detail::normal_number(random);
      one.push_back(level + detail::normal_number(random));
    }
  }
  all[3].assign(20, std::numeric_limits<double>::quiet_NaN());
  all[5].resize(1);
  return all;
}

}  // namespace

TEST_CASE("batch: many series are fitted as one by one, whatever the number of threads") {
  const auto all = some_series();
  const std::vector<std::span<const double>> series(all.begin(), all.end());
  std::vector<ets> alone(all.size(), simple_exponential_smoothing());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != 3) REQUIRE(alone[i].fit(all[i]));
  }
  for (const std::size_t threads : {1U, 3U}) {
    std::vector<ets> models(all.size(), simple_exponential_smoothing());
    const auto report = fit_all(std::span{models}, series, threads);
    REQUIRE(report);
    CHECK(report->failed == 1);
    CHECK(report->fallbacks == 1);
    CHECK(!report->results[3]);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(save(models[i]) == save(alone[i]));

    const auto again = refit_all(std::span{models}, series, threads);
    REQUIRE(again);
    CHECK(again->failed == 1);
    update_all(std::span{models}, std::vector<double>(models.size(), 30.0));
    std::vector<double> peaks(models.size());
    peak_quantiles(std::span{models}, 6, 0.9, peaks, threads);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(peaks[i] == models[i].peak_quantile(6, 0.9));
  }
}

TEST_CASE("batch: models and series must be as many") {
  std::vector<last_value> models(2);
  const std::vector<std::span<const double>> series(3);
  const auto report = fit_all(std::span{models}, series);
  REQUIRE(!report);
  CHECK(report.error().message.find("2 models and 3 series") != std::string::npos);
  CHECK(fit_all(std::span<last_value>{}, {})->results.empty());
}
