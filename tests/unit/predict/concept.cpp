// SPDX-License-Identifier: Apache-2.0
// What a predictor is, shown on the simplest one.
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/last_value.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

static_assert(trainable<last_value>);
static_assert(with_moments<last_value>);
static_assert(!with_inputs<last_value>);
static_assert(!regressor<last_value>);

// Near misses.
struct throws : last_value {
  void update(double) {}
};
static_assert(!predictor<throws>);
struct no_fit {
  static constexpr std::string_view model_name = "no fit";
  void update(double) noexcept {}
  void forecast(std::size_t, std::span<const double>, std::span<double>) noexcept {}
  auto peak_quantile(std::size_t, double) noexcept -> double { return 0; }
  [[nodiscard]] auto ready() const noexcept -> bool { return true; }
  template <class A>
  void persist(A&) {}
};
static_assert(predictor<no_fit>);
static_assert(!trainable<no_fit>);
struct other : last_value {
  static constexpr std::string_view model_name = "other";
};

const double missing = std::numeric_limits<double>::quiet_NaN();

struct never_works : no_fit {
  static constexpr std::string_view model_name = "never works";
  void forecast(std::size_t, std::span<const double>, std::span<double> out) noexcept {
    for (auto& x : out) x = missing;
  }
};

/// Writes what it likes as the state of a last value.
struct forger {
  static constexpr std::string_view model_name = "last value";
  double last = 1;
  double squares = std::numeric_limits<double>::infinity();
  std::uint64_t steps = 1;
  std::uint64_t gap = 0;
  void persist(state_writer& a) { a(last, squares, steps, gap); }
  void persist(state_reader& a) { a(last, squares, steps, gap); }
};

}  // namespace

TEST_CASE("predict: the last value with a variance that grows by the step") {
  last_value m;
  CHECK(!m.ready());
  CHECK(std::isnan(m.peak_quantile(3, 0.9)));
  for (const double x : {1.0, 3.0, 2.0}) m.update(x);
  std::array<double, 2> mean{};
  std::array<double, 2> error{};
  m.moments(mean, error);
  CHECK(mean[1] == 2);
  CHECK(error[0] == Approx(std::sqrt(2.5)));
  CHECK(error[1] == Approx(std::sqrt(5.0)));
  const std::array<double, 3> q{0.1, 0.5, 0.9};
  std::array<double, 6> out{};
  m.forecast(2, q, out);
  CHECK(out[1] == 2);
  CHECK(out[2] == Approx(2 + 1.2815515655446004 * error[0]));
  CHECK(out[3] == Approx(2 - 1.2815515655446004 * error[1]));
  m.update(missing);
  m.moments(mean, error);
  CHECK(error[0] == Approx(std::sqrt(5.0)));
}

TEST_CASE("predict: the peak of a window is above the peak of its last step") {
  last_value m;
  for (const double x : {0.0, 1.0, 0.0, 1.0, 0.0}) m.update(x);
  // Reflection: P(max > x) is close to twice P(end > x) for a random walk.
  CHECK(m.peak_quantile(400, 0.9) == Approx(20 * normal_quantile(0.95)).epsilon(0.08));
  CHECK(m.peak_quantile(1, 0.9) == Approx(normal_quantile(0.9)).epsilon(0.08));
}

TEST_CASE("predict: a series that cannot be fitted leaves the model alone") {
  last_value m;
  m.update(7);
  CHECK(!m.fit(std::vector<double>{missing, missing}));
  CHECK(!m.fit({}));
  const auto infinite = m.fit(std::vector<double>{1, std::numeric_limits<double>::infinity()});
  REQUIRE(!infinite);
  CHECK(infinite.error().message.find("value 1") != std::string::npos);
  std::array<double, 1> mean{};
  std::array<double, 1> error{};
  m.moments(mean, error);
  CHECK(mean[0] == 7);
}

TEST_CASE("predict: a saved state comes back to the last byte, a damaged one never") {
  last_value m;
  for (const double x : {1.0, 3.5, missing}) m.update(x);
  const auto bytes = save(m);
  CHECK(bytes.size() == state_bytes(m));
  last_value back;
  REQUIRE(load(back, bytes));
  CHECK(save(back) == bytes);
  back.update(4);
  const auto before = save(back);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{0x10};
    CHECK(!load(back, damaged));
    CHECK(!load(back, std::span{bytes}.first(i)));
  }
  CHECK(save(back) == before);
  other wrong;
  const auto result = load(wrong, bytes);
  REQUIRE(!result);
  CHECK(result.error().message.find("another kind") != std::string::npos);
  CHECK(!save(m, std::span<std::byte>{}));
}

TEST_CASE("predict: numbers beyond what can be squared leave forecasts finite") {
  last_value m;
  for (const double x : {1e300, -1e300, 5.0, 6.0}) m.update(x);
  std::array<double, 2> out{};
  m.forecast(2, std::array{0.9}, out);
  CHECK(std::isfinite(out[0]));
  CHECK(std::isfinite(m.peak_quantile(3, 0.9)));
}

TEST_CASE("predict: a state whose forecasts would be no numbers is not loaded") {
  // The right checksum does not help: these are not the numbers of a working model.
  last_value m;
  m.update(3);
  CHECK(!load(m, save(forger{})));
  never_works broken;
  const auto refused = load(broken, save(broken));
  REQUIRE(!refused);
  CHECK(refused.error().message.find("working model") != std::string::npos);
  CHECK(m.ready());
}

TEST_CASE("predict: quantiles of the normal distribution") {
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
  CHECK(normal_quantile(1e-10) == Approx(-6.361340902404056).epsilon(1e-14));
  CHECK(std::isnan(normal_quantile(missing)));
  CHECK(std::isnan(normal_quantile(-0.1)));
  for (double p = 0.001; p < 1; p += 0.001)
    CHECK(normal_cdf(normal_quantile(p)) == Approx(p).epsilon(1e-14));
}
