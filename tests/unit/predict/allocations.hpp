// SPDX-License-Identifier: Apache-2.0
#pragma once

// Checks that a predictor or a regressor allocates nothing where its concept says so.
// allocations.cpp replaces operator new and delete of the whole program; they count only while
// `allocations_in` runs, and only on its thread. Under sanitizers, which bring their own, nothing
// is counted.

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/normal.hpp>

#include "catch.hpp"

#if defined(LEPTON_TEST_SANITIZED) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LEPTON_TEST_COUNTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define LEPTON_TEST_COUNTS 0
#endif
#endif
#ifndef LEPTON_TEST_COUNTS
#define LEPTON_TEST_COUNTS 1
#endif

namespace allocation_tests {

// Counts the allocations of this thread from now on; `counted` ends it and tells how many.
void count();
auto counted() -> std::size_t;

// Allocations of this thread while f runs.
template <class F>
auto allocations_in(F f) -> std::size_t {
  count();
  f();
  return counted();
}

// A season of 12, a trend, noise and a few gaps.
inline auto series(std::size_t n) -> std::vector<double> {
  lepton::detail::pcg32 random{7};
  std::vector<double> y(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto t = static_cast<double>(i);
    y[i] = 50 + 0.1 * t + 10 * std::sin(0.5235987755982988 * t) +
           lepton::predict::detail::normal_number(random);
  }
  for (const std::size_t gap : {n / 3, n / 3 + 1, n / 2})
    y[gap] = std::numeric_limits<double>::quiet_NaN();
  return y;
}

// Everything that a scheduler calls on every sample.
template <lepton::predict::predictor P>
void use(P& p, const std::vector<double>& values, bool& finite) {
  constexpr std::array<double, 3> levels{0.1, 0.5, 0.9};
  std::array<double, 3 * 24> out{};
  std::array<double, 24> mean{};
  std::array<double, 24> error{};
  for (const double x : values) {
    p.update(x);
    p.forecast(24, levels, out);
    p.forecast(1, levels, std::span{out}.first(3));
    if constexpr (lepton::predict::with_moments<P>) p.moments(mean, error);
    const double peak = p.peak_quantile(6, 0.95);
    if (p.ready()) finite = finite && std::isfinite(peak) && std::isfinite(out[71]);
  }
}

template <lepton::predict::predictor P>
void never_allocates(P p) {
  INFO(std::string{P::model_name});
  const auto all = series(240);
  const auto later = std::vector<double>(all.end() - 16, all.end());
  std::vector<double> some(later);
  some[3] = std::numeric_limits<double>::quiet_NaN();
  some[9] = std::numeric_limits<double>::infinity();
  bool finite = true;
  CHECK(allocations_in([&] { use(p, some, finite); }) == 0);
  CHECK(p.ready());
  if constexpr (lepton::predict::trainable<P>) {
    REQUIRE(p.fit(std::span{all}.first(224)));
    const auto bytes = lepton::predict::state_bytes(p);
    CHECK(allocations_in([&] { use(p, some, finite); }) == 0);
    CHECK(lepton::predict::state_bytes(p) == bytes);
    // Nor does a copy, or one that was saved and loaded.
    P copy = p;
    CHECK(allocations_in([&] { use(copy, later, finite); }) == 0);
    P loaded = p;
    REQUIRE(load(loaded, save(p)));
    CHECK(allocations_in([&] { use(loaded, later, finite); }) == 0);
  }
  CHECK(finite);
  std::vector<std::byte> room(lepton::predict::state_bytes(p));
  bool saved = false;
  CHECK(allocations_in([&] { saved = save(p, room).has_value(); }) == 0);
  CHECK(saved);
}

template <lepton::predict::regressor R>
void never_allocates_by_row(R r) {
  INFO(std::string{R::model_name});
  auto x = series(240);
  for (auto& value : x)
    if (std::isnan(value)) value = 50;
  const std::vector<double> y(x.begin(), x.begin() + 80);
  const auto rows = lepton::predict::matrix_view{x, 3};
  constexpr std::array<double, 2> levels{0.1, 0.9};
  std::array<double, 2> out{};
  double sum = 0;
  const auto use_rows = [&] {
    for (std::size_t i = 40; i < 60; ++i) {
      sum += r.predict(rows.row(i));
      if constexpr (lepton::predict::quantile_regressor<R>)
        r.predict_quantiles(rows.row(i), levels, out);
      if constexpr (lepton::predict::online_regressor<R>) r.update(rows.row(i), y[i]);
    }
  };
  const std::array<double, 3> zero{};
  CHECK(allocations_in([&] { sum = r.predict(zero); }) == 0);
  CHECK(std::isnan(sum));
  sum = 0;
  REQUIRE(r.fit(rows.slice(0, 70), std::span{y}.first(70)));
  CHECK(allocations_in(use_rows) == 0);
  CHECK(std::isfinite(sum));
}

}  // namespace allocation_tests
