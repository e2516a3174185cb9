// SPDX-License-Identifier: Apache-2.0
// Regressions beside slow twins on random data: least squares by long-double elimination, weighted
// least squares for the recursive ones, conditions of optimality for penalties, each row really
// left out; rolling statistics beside plain loops; forecasts of autoregressions beside a plain
// recursion.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/predict/autoregression.hpp>
#include <lepton/predict/fourier.hpp>
#include <lepton/predict/lasso.hpp>
#include <lepton/predict/linear_regression.hpp>
#include <lepton/predict/recursive_least_squares.hpp>
#include <lepton/predict/ridge.hpp>
#include <lepton/predict/rolling.hpp>
#include <lepton/predict/rolling_features.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

constexpr std::uint64_t budget = LEPTON_PROPERTY_DECISIONS;
const double missing = std::numeric_limits<double>::quiet_NaN();

struct source {
  lepton::detail::pcg32 random;
  explicit source(std::uint64_t seed) : random(seed) {}
  auto below(std::size_t n) -> std::size_t { return random.below(static_cast<std::uint32_t>(n)); }
  auto normal() -> double { return detail::normal_number(random); }
};

struct data {
  std::size_t n;
  std::size_t p;
  std::vector<double> x;
  std::vector<double> y;
  [[nodiscard]] auto view() const -> matrix_view { return {x, p}; }
  [[nodiscard]] auto complete(std::size_t i) const -> bool {
    double sum = y[i];
    for (std::size_t j = 0; j < p; ++j) sum += x[i * p + j];
    return !std::isnan(sum);
  }
};

auto some_data(source& s, std::size_t n, std::size_t p, bool gaps) -> data {
  data d{n, p, {}, {}};
  std::vector<double> unit(p);
  std::vector<double> shift(p);
  for (std::size_t j = 0; j < p; ++j) {
    unit[j] = std::exp(3 * s.normal());
    shift[j] = 5 * s.normal() * unit[j];
  }
  for (std::size_t i = 0; i < n; ++i) {
    double common = s.normal();
    double y = s.normal();
    for (std::size_t j = 0; j < p; ++j) {
      const double v = shift[j] + unit[j] * (s.normal() + common);
      d.x.push_back(gaps && s.below(40) == 0 ? missing : v);
      y += v / unit[j] * (j % 2 == 0 ? 1 : -0.5);
    }
    d.y.push_back(gaps && s.below(40) == 0 ? missing : y);
  }
  return d;
}

using wide = long double;

// Inverse of a symmetric positive definite matrix.
auto inverse(std::vector<std::vector<wide>> a) -> std::vector<std::vector<wide>> {
  const std::size_t n = a.size();
  std::vector<std::vector<wide>> b(n, std::vector<wide>(n, 0));
  for (std::size_t i = 0; i < n; ++i) b[i][i] = 1;
  for (std::size_t k = 0; k < n; ++k) {
    const wide d = a[k][k];
    for (std::size_t j = 0; j < n; ++j) {
      a[k][j] /= d;
      b[k][j] /= d;
    }
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const wide f = a[i][k];
      for (std::size_t j = 0; j < n; ++j) {
        a[i][j] -= f * a[k][j];
        b[i][j] -= f * b[k][j];
      }
    }
  }
  return b;
}

// Weighted least squares with an intercept first; `prior` is added to the diagonal.
struct slow_fit {
  std::vector<wide> b;
  std::vector<std::vector<wide>> covariance;
  wide rss = 0;
  std::size_t rows = 0;

  slow_fit(const data& d, wide forgetting, wide prior, std::size_t end) {
    const std::size_t m = d.p + 1;
    std::vector<std::vector<wide>> a(m, std::vector<wide>(m, 0));
    std::vector<wide> c(m, 0);
    std::size_t count = 0;
    for (std::size_t i = 0; i < end; ++i) count += d.complete(i) ? 1U : 0U;
    std::size_t left = count;
    for (std::size_t i = 0; i < end; ++i) {
      if (!d.complete(i)) continue;
      const wide w = std::pow(forgetting, static_cast<wide>(--left));
      for (std::size_t j = 0; j < m; ++j) {
        const wide xj = j == 0 ? 1 : static_cast<wide>(d.x[i * d.p + j - 1]);
        for (std::size_t k = 0; k < m; ++k)
          a[j][k] += w * xj * (k == 0 ? 1 : static_cast<wide>(d.x[i * d.p + k - 1]));
        c[j] += w * xj * static_cast<wide>(d.y[i]);
      }
    }
    for (std::size_t j = 0; j < m; ++j) a[j][j] += prior;
    covariance = inverse(a);
    b.assign(m, 0);
    for (std::size_t j = 0; j < m; ++j)
      for (std::size_t k = 0; k < m; ++k) b[j] += covariance[j][k] * c[k];
    rows = count;
    left = count;
    for (std::size_t i = 0; i < end; ++i) {
      if (!d.complete(i)) continue;
      const wide w = std::pow(forgetting, static_cast<wide>(--left));
      wide e = static_cast<wide>(d.y[i]) - b[0];
      for (std::size_t j = 0; j < d.p; ++j) e -= b[j + 1] * static_cast<wide>(d.x[i * d.p + j]);
      rss += w * e * e;
    }
  }
};

}  // namespace

TEST_CASE("regression: least squares beside long-double elimination") {
  source s{1};
  for (std::uint64_t done = 0; done < budget / 2;) {
    const std::size_t p = 1 + s.below(6);
    const std::size_t n = p + 20 + s.below(s.below(8) == 0 ? 300 : 60);
    done += n;
    const auto d = some_data(s, n, p, true);
    const slow_fit slow(d, 1, 0, n);
    linear_regression m;
    REQUIRE(m.fit(d.view(), d.y));
    const auto free = static_cast<double>(slow.rows - p - 1);
    REQUIRE(m.freedom() == free);
    const double sigma = std::sqrt(static_cast<double>(slow.rss) / free);
    CHECK(m.sigma() == Approx(sigma).epsilon(1e-9));
    for (std::size_t j = 0; j < p; ++j) {
      const double error = sigma * std::sqrt(static_cast<double>(slow.covariance[j + 1][j + 1]));
      CHECK(std::fabs(m.coefficients()[j] - static_cast<double>(slow.b[j + 1])) < 1e-9 * error);
      CHECK(m.standard_error(j) == Approx(error).epsilon(1e-9));
    }
    CHECK(m.intercept_error() ==
          Approx(sigma * std::sqrt(static_cast<double>(slow.covariance[0][0]))).epsilon(1e-9));
    std::vector<double> row(p);
    std::vector<wide> whole{1};
    for (double& v : row) whole.push_back(static_cast<wide>(v = 3 * s.normal()));
    wide leverage = 0;
    wide mean = 0;
    for (std::size_t j = 0; j <= p; ++j) {
      mean += slow.b[j] * whole[j];
      for (std::size_t k = 0; k <= p; ++k) leverage += whole[j] * slow.covariance[j][k] * whole[k];
    }
    CHECK(m.leverage(row) == Approx(static_cast<double>(leverage)).epsilon(1e-8));
    CHECK(std::fabs(m.predict(row) - static_cast<double>(mean)) <
          1e-9 * sigma * std::sqrt(static_cast<double>(leverage) + 1));
  }
}

TEST_CASE("regression: of all solutions of dependent features the shortest") {
  source s{2};
  for (std::uint64_t done = 0; done < budget / 8;) {
    const std::size_t p = 1 + s.below(4);
    const std::size_t n = p + 2 + s.below(40);
    done += n;
    auto base = some_data(s, n, p, false);
    const std::size_t extra = 1 + s.below(3);
    std::vector<double> mix(extra * p);
    for (double& v : mix) v = static_cast<double>(s.below(5)) - 2;
    data d{n, p + extra, {}, base.y};
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = base.view().row(i);
      d.x.insert(d.x.end(), row.begin(), row.end());
      for (std::size_t k = 0; k < extra; ++k) {
        double v = 0;
        for (std::size_t j = 0; j < p; ++j) v += mix[k * p + j] * row[j];
        d.x.push_back(v);
      }
    }
    linear_regression small;
    linear_regression m;
    REQUIRE(small.fit(base.view(), base.y));
    const auto report = m.fit(d.view(), d.y);
    REQUIRE(report);
    REQUIRE(m.rank() == p + 1);
    CHECK(report->fallback == linear_regression::minimum_norm);
    // b is shortest if it is in the span of the rows (1, mix): the combinations that change nothing
    // are (mix_k, -e_k).
    double size = 1e-300;
    for (const double b : m.coefficients()) size = std::max(size, std::fabs(b));
    for (std::size_t k = 0; k < extra; ++k) {
      double along = -m.coefficients()[p + k];
      for (std::size_t j = 0; j < p; ++j) along += mix[k * p + j] * m.coefficients()[j];
      CHECK(std::fabs(along) < 1e-7 * size);
    }
    for (std::size_t i = 0; i < n; i += 7)
      CHECK(std::fabs(m.predict(d.view().row(i)) - small.predict(base.view().row(i))) < 1e-7);
    CHECK(m.residual_squares() == Approx(small.residual_squares()).epsilon(1e-7).margin(1e-12));
  }
}

TEST_CASE("regression: recursive least squares beside weighted least squares") {
  source s{3};
  for (std::uint64_t done = 0; done < budget / 4;) {
    const std::size_t p = 1 + s.below(5);
    const std::size_t n = 30 + s.below(150);
    done += 2 * n;
    auto d = some_data(s, n, p, true);
    const double forgetting = std::array<double, 3>{1, 0.99, 0.9}[s.below(3)];
    recursive_least_squares m{{forgetting, 1e-9, true}, p};
    for (std::size_t i = 0; i < n; ++i) {
      m.update(d.view().row(i), d.y[i]);
      if (i != n - 1 && (i < 25 || s.below(40) != 0)) continue;
      const slow_fit slow(d, static_cast<wide>(forgetting), 1e-9L, i + 1);
      for (std::size_t j = 0; j <= p; ++j) {
        const double b = static_cast<double>(slow.b[j]);
        const double got = j == 0 ? m.intercept() : m.coefficients()[j - 1];
        const double error = std::sqrt(static_cast<double>(slow.covariance[j][j]));
        CHECK(std::fabs(got - b) < 1e-3 * error + 1e-6 * std::fabs(b));
      }
    }
  }
}

TEST_CASE("regression: a covariance stays positive through very many updates") {
  source s{4};
  recursive_least_squares m{{0.95, 1e-6, true}, 3};
  for (std::uint64_t t = 0; t < 4 * budget; ++t) {
    // Long stretches without excitation, then scales of very different sizes.
    const std::uint64_t phase = t / 1000 % 4;
    const double a = phase == 1 ? 0 : s.normal();
    const std::array<double, 3> row{a, phase == 2 ? a : 1e4 * s.normal(), 1e-3};
    m.update(row, 1 + a + 2 * row[1] + (phase == 3 ? 0.1 * s.normal() : 0));
    if (t % 977 == 0) {
      const double h = m.leverage(row);
      CHECK((h >= 0 && h < 1e7));
      CHECK(std::isfinite(m.predict(row)));
    }
  }
  CHECK(m.coefficients()[1] == Approx(2).epsilon(1e-3));
}

TEST_CASE("regression: ridge solves its equations and leaves rows out as it says") {
  source s{5};
  for (std::uint64_t done = 0; done < budget / 4;) {
    const std::size_t p = 1 + s.below(5);
    const std::size_t n = 4 + s.below(20);  // sometimes fewer rows than features and intercept
    done += n * n;
    auto d = some_data(s, n, p, false);
    for (double& v : d.x) v = std::remainder(v, 3);  // of one size
    ridge_options o;
    o.standardise = s.below(2) == 0;
    o.choice = ridge_choice::leave_one_out;
    o.penalties = {std::exp(2 * s.normal())};
    ridge m{o};
    REQUIRE(m.fit(d.view(), d.y));
    std::vector<double> mean(p, 0.0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < p; ++j) mean[j] += d.x[i * p + j] / static_cast<double>(n);
    for (std::size_t j = 0; j < p; ++j) {
      double along = 0;
      double variance = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double c = d.x[i * p + j] - mean[j];
        along += c * (d.y[i] - m.predict(d.view().row(i)));
        variance += c * c / static_cast<double>(n);
      }
      const double weight = o.penalties[0] * (o.standardise ? variance : 1);
      CHECK(along == Approx(weight * m.coefficients()[j]).epsilon(1e-8).margin(1e-9));
    }
    if (o.standardise) continue;
    double squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
      auto less = d;
      less.y[i] = missing;
      ridge one{o};
      REQUIRE(one.fit(less.view(), less.y));
      const double e = d.y[i] - one.predict(d.view().row(i));
      squares += e * e / static_cast<double>(n);
    }
    CHECK(m.scores()[0] == Approx(squares).epsilon(1e-7));
  }
}

TEST_CASE("regression: lasso and elastic net meet the conditions of optimality") {
  source s{6};
  for (std::uint64_t done = 0; done < budget / 4;) {
    const std::size_t p = 1 + s.below(12);
    const std::size_t n = 5 + s.below(60);
    done += n;
    const auto d = some_data(s, n, p, false);
    lasso_options o;
    o.mixing = std::array<double, 3>{1, 0.5, 0.1}[s.below(3)];
    o.penalty = std::exp(2 * s.normal() - 2);
    o.tolerance = 1e-10;
    lasso m{o};
    const auto report = m.fit(d.view(), d.y);
    REQUIRE(report);
    CHECK(report->converged);
    const auto count = static_cast<double>(n);
    double largest = 0;
    std::vector<double> sd(p);
    std::vector<double> along(p);
    for (std::size_t j = 0; j < p; ++j) {
      double mean = 0;
      double mean_y = 0;
      for (std::size_t i = 0; i < n; ++i) {
        mean += d.x[i * p + j] / count;
        mean_y += d.y[i] / count;
      }
      double xy = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const double c = d.x[i * p + j] - mean;
        sd[j] += c * c / count;
        along[j] += c * (d.y[i] - m.predict(d.view().row(i))) / count;
        xy += c * (d.y[i] - mean_y) / count;
      }
      sd[j] = std::sqrt(sd[j]);
      along[j] /= sd[j];
      largest = std::max(largest, std::fabs(xy / sd[j]));
    }
    for (std::size_t j = 0; j < p; ++j) {
      const double b = m.coefficients()[j] * sd[j];
      const double g = along[j] - o.penalty * (1 - o.mixing) * b;
      const double l1 = o.penalty * o.mixing;
      if (b == 0) {
        CHECK(std::fabs(g) <= l1 + 1e-8 * largest);
      } else {
        CHECK(std::fabs(g - (b > 0 ? l1 : -l1)) <= 1e-8 * largest);
      }
    }
  }
}

TEST_CASE("regression: rolling statistics beside plain loops") {
  source s{7};
  for (std::uint64_t done = 0; done < budget / 10;) {
    const std::size_t w = 1 + s.below(s.below(4) == 0 ? 60 : 6);
    const bool ties = s.below(2) == 0;
    rolling_moments moments{w};
    rolling_max largest{w};
    rolling_median median{w};
    std::vector<double> all;
    const double level = ties ? 0 : 1e6 * s.normal();
    for (std::size_t t = 0; t < 300; ++t, ++done) {
      const double v = s.below(5) == 0 ? missing
                       : ties          ? static_cast<double>(s.below(4))
                                       : level + s.normal();
      all.push_back(v);
      moments.push(v);
      largest.push(v);
      median.push(v);
      std::vector<double> there;
      for (std::size_t i = all.size() - std::min(w, all.size()); i < all.size(); ++i)
        if (!std::isnan(all[i])) there.push_back(all[i]);
      std::sort(there.begin(), there.end());
      REQUIRE(moments.count() == there.size());
      std::array<double, 1> written{};
      const auto same = [&](double fast, double slow, const auto& feature, double within) {
        feature.write(all, 0, written);
        REQUIRE(std::isnan(fast) == std::isnan(slow));
        REQUIRE(std::isnan(written[0]) == std::isnan(slow));
        if (std::isnan(slow)) return;
        CHECK(std::fabs(fast - slow) <= within);
        CHECK(std::fabs(written[0] - slow) <= within);
      };
      const std::size_t n = there.size();
      double mean = 0;
      for (const double x : there) mean += x / static_cast<double>(n);
      double squares = 0;
      for (const double x : there) squares += (x - mean) * (x - mean);
      const double rounding = 1e-12 * (1 + std::fabs(level));
      same(moments.mean(), n == 0 ? missing : mean, rolling_mean{w}, rounding);
      same(moments.sd(), n < 2 ? missing : std::sqrt(squares / static_cast<double>(n - 1)),
           rolling_sd{w}, n < 2 || squares > 1e-9 ? 1e-6 : 1e-4);
      same(largest.value(), n == 0 ? missing : there.back(), rolling_largest{w}, 0);
      same(median.value(),
           n == 0       ? missing
           : n % 2 == 1 ? there[n / 2]
                        : there[n / 2 - 1] / 2 + there[n / 2] / 2,
           rolling_middle{w}, 0);
    }
  }
}

TEST_CASE("regression: forecasts of an autoregression beside a plain recursion") {
  source s{8};
  for (std::uint64_t done = 0; done < budget / 20; done += 400) {
    std::vector<double> values;
    for (std::size_t t = 0; t < 400; ++t)
      values.push_back((t == 0 ? 0 : 0.8 * values[t - 1]) + s.normal() +
                       3 * std::sin(static_cast<double>(t) / 2));
    autoregression_options o;
    o.direct = 1 + s.below(4);
    o.difference = s.below(3) * (1 + s.below(6));
    o.horizon = 1 + s.below(10);
    o.origins = 20;
    autoregression m{
        feature_set{lags{1, 2 + s.below(9)}, rolling_mean{1 + s.below(6)}, fourier{12.566, 2}}, o};
    REQUIRE(m.fit(std::span{values}.first(300)));
    REQUIRE(m.fitted());
    for (std::size_t t = 300; t < 400; ++t) {
      std::array<double, 15> mean{};
      std::array<double, 15> error{};
      m.moments(mean, error);
      if (s.below(10) == 0) {
        std::vector<double> known(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(t));
        for (std::size_t h = 0; h < mean.size(); ++h) {
          const std::size_t lead = std::min<std::size_t>(h, o.direct - 1);
          const auto past = std::span<const double>{known}.first(known.size() - lead);
          std::vector<double> row(m.features().width());
          m.features().write(past, t + h, row);
          double base = 0;
          if (o.difference > 0)
            base = o.difference > lead ? known[t + h - o.difference] : past.back();
          for (std::size_t j = 0; j < row.size(); ++j)
            if (m.features().level(j)) row[j] -= base;
          const double slow = base + m.regressor_for(lead).predict(row);
          REQUIRE(std::fabs(mean[h] - slow) < 1e-9);
          known.push_back(slow);
        }
      }
      m.update(values[t]);
    }
  }
}

TEST_CASE("regression: learning on is as good as fitting anew") {
  source s{9};
  for (std::uint64_t done = 0; done < budget / 50; done += 400) {
    std::vector<double> values;
    for (std::size_t t = 0; t < 400; ++t)
      values.push_back((t == 0 ? 0 : 0.8 * values[t - 1]) + s.normal());
    autoregression_options o;
    o.direct = 1 + s.below(4);
    o.difference = s.below(4);
    o.origins = 10;
    autoregression<recursive_least_squares> part{lags{1, 2, 5}, o};
    auto whole = part;
    REQUIRE(part.fit(std::span{values}.first(300)));
    REQUIRE(whole.fit(values));
    for (std::size_t t = 300; t < 400; ++t) part.update(values[t]);
    std::array<double, 10> mean{};
    std::array<double, 10> same{};
    std::array<double, 10> error{};
    part.moments(mean, error);
    whole.moments(same, error);
    for (std::size_t h = 0; h < 10; ++h) CHECK(mean[h] == Approx(same[h]).margin(1e-6));
  }
}
