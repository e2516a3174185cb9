// SPDX-License-Identifier: Apache-2.0
// The hybrid layer under random abuse, and beside slow twins.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/predict/conformal.hpp>
#include <lepton/predict/direct_equations.hpp>
#include <lepton/predict/fusion.hpp>
#include <lepton/predict/histogram_member.hpp>
#include <lepton/predict/online_weights.hpp>
#include <lepton/predict/page_hinkley.hpp>
#include <lepton/predict/stacking.hpp>

#include "catch.hpp"

#ifndef LEPTON_PROPERTY_DECISIONS
#define LEPTON_PROPERTY_DECISIONS 100000
#endif

namespace {

using namespace lepton::predict;
using lepton::detail::pcg32;

constexpr std::size_t decisions = LEPTON_PROPERTY_DECISIONS;
const double missing = std::numeric_limits<double>::quiet_NaN();

auto uniform(pcg32& r) -> double { return lepton::predict::detail::open_uniform(r); }
auto normal(pcg32& r) -> double { return lepton::predict::detail::normal_number(r); }

// Numbers as no measurement should give them.
auto nasty(pcg32& r) -> double {
  switch (r.below(12)) {
    case 0:
      return missing;
    case 1:
      return std::numeric_limits<double>::infinity();
    case 2:
      return std::numeric_limits<double>::max();
    case 3:
      return std::numeric_limits<double>::denorm_min();
    case 4:
      return 0;
    case 5:
      return std::exp(600 * (uniform(r) - 0.5));
    default:
      return uniform(r);
  }
}

// Forecasts the mean of the last k values, give or take.
struct mean_of_last {
  static constexpr std::string_view model_name = "mean of last";
  std::size_t k = 3;
  std::vector<double> seen{};

  [[nodiscard]] auto fit(std::span<const double> y) -> fit_result {
    seen.clear();
    for (const double x : y) update(x);
    if (seen.empty()) return lepton::failure("mean of last: nothing there");
    return fit_report{};
  }
  void update(double x) noexcept {
    if (std::isfinite(x)) seen.push_back(x);
  }
  void forecast(std::size_t horizon, std::span<const double> q, std::span<double> out) noexcept {
    const std::size_t n = std::min(k, seen.size());
    double sum = 0;
    for (std::size_t i = seen.size() - n; i < seen.size(); ++i) sum += seen[i];
    for (std::size_t h = 0; h < horizon; ++h)
      for (std::size_t i = 0; i < q.size(); ++i)
        out[h * q.size() + i] =
            n == 0 ? missing
                   : sum / static_cast<double>(n) +
                         normal_quantile(q[i]) * std::sqrt(static_cast<double>(h + k));
  }
  [[nodiscard]] auto peak_quantile(std::size_t, double) noexcept -> double { return 0; }
  [[nodiscard]] auto ready() const noexcept -> bool { return !seen.empty(); }
  template <class A>
  void persist(A& a) {
    a(k, seen);
  }
};

// The fusion as one would write it with all of history at hand: keeps every forecast ever made and,
// to know the weights and offsets, goes through all that has come since the beginning.
class slow_fusion {
 public:
  slow_fusion(fusion_options o, std::vector<mean_of_last> members)
      : options_(o), members_(std::move(members)) {}

  void update(double value) {
    last_.update(value);
    histogram_.update(value);
    for (auto& m : members_) m.update(value);
    values_.push_back(value);
    learn();
    auto& made = made_.emplace_back();
    if (!last_.ready() || values_.size() % options_.score_every != 0) return;
    made = all(options_.horizon, levels);
    const std::size_t one = options_.horizon * levels.size();
    made.resize(made.size() + one);
    for (std::size_t h = 0; h < options_.horizon; ++h)
      for (std::size_t i = 0; i < levels.size(); ++i)
        made[count() * one + h * levels.size() + i] =
            mixed(made, one, h, h * levels.size() + i, levels[i]);
  }

  // Quantile `q`, h + 1 steps ahead, without the order that the fusion puts them into.
  auto raw(std::size_t h, double q) -> double {
    const auto of = all(h + 1, std::array<double, 1>{q});
    return mixed(of, h + 1, h, h, q);
  }

 private:
  static constexpr std::array<double, 9> levels{0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98};
  [[nodiscard]] auto count() const -> std::size_t { return members_.size() + 2; }

  // Steps at which the fusion scores: 1, 2, 3, 4, 6, 8, 12 and so on, and the last.
  [[nodiscard]] auto steps() const -> std::vector<std::size_t> {
    std::vector<std::size_t> s;
    for (const std::size_t h : {1U, 2U, 3U, 4U, 6U, 8U, 12U, 16U})
      if (h < options_.horizon) s.push_back(h - 1);
    s.push_back(options_.horizon - 1);
    return s;
  }
  auto all(std::size_t horizon, std::span<const double> q) -> std::vector<double> {
    std::vector<double> out;
    std::vector<double> one(horizon * q.size());
    const auto add = [&](auto& m) {
      m.forecast(horizon, q, one);
      out.insert(out.end(), one.begin(), one.end());
    };
    add(last_);
    add(histogram_);
    for (auto& m : members_) add(m);
    return out;
  }
  // The weighted mean of the number at place `at` of each member's `stride` numbers.
  auto mixed(const std::vector<double>& of, std::size_t stride, std::size_t h, std::size_t at,
             double q) const -> double {
    const auto s = steps();
    std::size_t low = 0;
    while (low + 1 < s.size() && s[low + 1] <= h) ++low;
    const double part = low + 1 < s.size() ? static_cast<double>(h - s[low]) /
                                                 static_cast<double>(s[low + 1] - s[low])
                                           : 0;
    const std::size_t high = std::min(low + 1, s.size() - 1);
    const double level = std::clamp((q < 0.5 ? q - 0.1 : q - 0.5) / 0.4, 0.0, 1.0);
    const std::size_t g = q < 0.5 ? 0 : 1;
    double sum = 0;
    for (std::size_t m = 0; m < count(); ++m) {
      const auto w = [&](std::size_t step) {
        return (1 - level) * weights_.weights(step * 3 + g)[m] +
               level * weights_.weights(step * 3 + g + 1)[m];
      };
      sum += ((1 - part) * w(low) + part * w(high)) * of[m * stride + at];
    }
    return sum + (1 - part) * offsets_.offset_at(low, q) + part * offsets_.offset_at(high, q);
  }
  void learn() {
    const auto s = steps();
    const std::array<double, 8> corrected{0.02, 0.05, 0.1, 0.25, 0.75, 0.9, 0.95, 0.98};
    weights_ = online_weights{count(), s.size() * 3, options_.weights};
    offsets_ = conformal{corrected, s.size(), options_.conformal};
    for (std::size_t t = 0; t < values_.size(); ++t) {
      if (!std::isfinite(values_[t])) continue;
      for (std::size_t k = 0; k < s.size(); ++k) {
        // Forecasts made after value t - h - 1, that is at index t - h - 1 of made_.
        if (t < s[k] + 1) continue;
        const auto& made = made_[t - s[k] - 1];
        if (made.empty()) continue;
        const std::size_t one = options_.horizon * levels.size();
        const auto at = [&](std::size_t m, std::size_t i) {
          return made[m * one + s[k] * levels.size() + i];
        };
        for (std::size_t g = 0; g < 3; ++g) {
          const std::size_t i = 2 + 2 * g;
          std::vector<double> losses;
          for (std::size_t m = 0; m < count(); ++m)
            losses.push_back(pinball(values_[t], at(m, i), levels[i]));
          weights_.update(k * 3 + g, losses);
        }
        std::vector<double> quantiles;
        for (std::size_t i = 0; i < levels.size(); ++i)
          if (i != 4) quantiles.push_back(at(count(), i));
        offsets_.update(k, values_[t], at(count(), 4), quantiles);
      }
    }
  }

  fusion_options options_;
  last_value last_;
  histogram_member histogram_;
  std::vector<mean_of_last> members_;
  std::vector<double> values_;
  std::vector<std::vector<double>> made_;
  online_weights weights_;
  conformal offsets_;
};

}  // namespace

TEST_CASE("fusion: weights stay on the simplex whatever the losses are") {
  pcg32 r{1};
  for (std::size_t done = 0; done < decisions;) {
    const std::size_t k = 1 + r.below(6);
    online_weights_options o;
    o.half_life = r.below(4) == 0 ? std::numeric_limits<double>::infinity() : 1 + 50 * uniform(r);
    o.sharpness = 100 * uniform(r);
    o.share = r.below(2) == 0 ? 0 : uniform(r);
    online_weights w{k, 2, o};
    std::vector<double> losses(k);
    for (std::size_t i = 0; i < 50; ++i, ++done) {
      for (double& x : losses) x = nasty(r);
      w.update(r.below(2), losses);
      if (r.below(20) == 0) w.forget(10 * uniform(r));
      if (r.below(20) == 0) w.include(r.below(static_cast<std::uint32_t>(k)), r.below(2) == 0);
      for (const std::size_t g : {0U, 1U}) {
        double sum = 0;
        bool good = true;
        for (const double x : w.weights(g)) {
          good = good && x >= 0 && x <= 1;
          sum += x;
        }
        if (!good || !(std::fabs(sum - 1) < 1e-12)) FAIL("no weights: " << sum);
      }
    }
  }
}

TEST_CASE("fusion: conformal offsets cover in the long run, whatever an adversary does") {
  pcg32 r{2};
  const std::size_t n = std::max<std::size_t>(decisions / 20, 500);
  for (std::uint32_t kind = 0; kind < 5; ++kind) {
    const std::array<double, 2> levels{0.1, 0.9};
    const conformal_options o{0.05, 1e12};  // the scale hardly moves
    const std::size_t late = kind == 4 ? 12 : 1;
    conformal c{levels, 1, o};
    c.update(0, 1, 0, std::array<double, 2>{missing, missing});  // the scale is 1
    std::vector<std::array<double, 2>> issued(n + late);
    std::array<double, 2> above{};
    for (std::size_t t = 0; t < n; ++t) {
      issued[t + late - 1] = {c.offset(0, 0), c.offset(0, 1)};  // base forecasts are 0
      const auto& q = issued[t];
      double y = 2 * uniform(r) - 1;
      if (kind == 1) y = q[1] < 0.9 ? q[1] + 0.01 : -0.5;  // just outside, when it can
      if (kind == 2) y = t / 500 % 2 == 0 ? 0.9 : -0.9;    // jumps
      if (kind == 3) y = std::clamp(normal(r) * (t > n / 2 ? 0.5 : 0.05), -1.0, 1.0);
      c.update(0, y, 0, q);
      for (std::size_t i = 0; i < 2; ++i) above[i] += y > q[i] ? 1 : 0;
    }
    // The offset never leaves [-1, 1] by more than the steps before a late number tells, and each
    // step is as large as the last.
    const double bound =
        (2 + 2 * o.rate * static_cast<double>(late)) / (0.999 * o.rate * static_cast<double>(n));
    INFO("kind " << kind << ", bound " << bound);
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(std::fabs(above[i] / static_cast<double>(n) - (1 - levels[i])) <= bound);
  }
}

TEST_CASE("fusion: it equals a twin that keeps all of history") {
  pcg32 r{3};
  for (std::size_t run = 0; run < std::max<std::size_t>(decisions / 10000, 3); ++run) {
    fusion_options o;
    o.horizon = 1 + r.below(13);
    o.score_every = 1 + r.below(4);
    o.drift.threshold = 1e300;  // the twin does not notice drift
    o.weights.sharpness = 30 * uniform(r);
    fusion<mean_of_last, mean_of_last> fast{o, {}, mean_of_last{2}, mean_of_last{9}};
    slow_fusion slow{o, {mean_of_last{2}, mean_of_last{9}}};
    double level = 0;
    for (std::size_t t = 0; t < 60; ++t) {
      level = 0.9 * level + normal(r) + (t == 30 ? 20 : 0);
      const double x = r.below(10) == 0 ? missing : level;
      fast.update(x);
      slow.update(x);
      if (!fast.ready()) continue;
      const std::size_t h = r.below(15);
      const double q = 0.01 + 0.98 * uniform(r);
      std::vector<double> out(h + 1);
      fast.forecast(h + 1, {&q, 1}, out);
      REQUIRE(out[h] == Approx(slow.raw(h, q)).epsilon(1e-9).margin(1e-9));
    }
  }
}

TEST_CASE("fusion: quantiles never cross and are never NaN, whatever comes") {
  pcg32 r{4};
  for (std::size_t done = 0; done < decisions / 10;) {
    fusion_options o;
    o.horizon = 1 + r.below(6);
    o.conformal.rate = uniform(r) * 3;
    o.forget_on_drift = r.below(2) == 0;
    histogram_options h;
    h.season = r.below(5);
    h.bins = 2 + r.below(30);
    fusion<> m{o, h};
    const double scale = std::exp(100 * (uniform(r) - 0.5));
    for (std::size_t t = 0; t < 100; ++t, ++done) {
      const double x = r.below(10) == 0 ? nasty(r) : scale * normal(r);
      m.update(std::fabs(x) > 1e150 ? missing : x);
      std::array<double, 4> q{uniform(r), uniform(r), uniform(r), uniform(r)};
      std::array<double, 12> out{};
      m.forecast(3, q, out);
      if (!m.ready()) continue;
      bool good = true;
      for (std::size_t i = 0; i < 12; i += 4)
        for (std::size_t a = 0; a < 4; ++a) {
          good = good && std::isfinite(out[i + a]);
          for (std::size_t b = 0; b < 4; ++b)
            good = good && !(q[a] < q[b] && out[i + a] > out[i + b]);
        }
      REQUIRE(good);
      if (t % 50 == 49) REQUIRE(std::isfinite(m.peak_quantile(2, 0.9)));
    }
  }
}

TEST_CASE("fusion: the histogram's quantiles are within a bin of the sorted past") {
  pcg32 r{5};
  for (std::size_t done = 0; done < decisions;) {
    histogram_options o;
    o.half_life = std::numeric_limits<double>::infinity();
    o.bins = 2 + r.below(200);
    histogram_member m{o};
    std::vector<double> sorted;
    const std::size_t n = 1 + r.below(200);
    for (std::size_t i = 0; i < n; ++i, ++done) {
      sorted.push_back(std::exp(2 * normal(r)) - 1);
      m.update(sorted.back());
    }
    std::sort(sorted.begin(), sorted.end());
    // Widening by two at a time: the bins cover at most about four times the range.
    const double bin = 4.1 * (sorted.back() - sorted.front()) / static_cast<double>(o.bins);
    const double q = uniform(r);
    std::array<double, 1> out{};
    m.forecast(1, {&q, 1}, out);
    const double at = q * static_cast<double>(n);
    const auto low = static_cast<std::size_t>(std::max(at - 1, 0.0));
    const auto high = std::min(static_cast<std::size_t>(at + 1), n - 1);
    REQUIRE(out[0] >= sorted[low] - bin);
    REQUIRE(out[0] <= sorted[high] + bin);
  }
}

TEST_CASE("fusion: no weights on the simplex stack better than those found") {
  pcg32 r{6};
  for (std::size_t done = 0; done < decisions / 100; ++done) {
    const std::size_t k = 1 + r.below(6);
    const std::size_t n = 1 + r.below(30);
    std::vector<double> f(n * k);
    std::vector<double> y(n);
    for (double& x : f) x = r.below(3) == 0 ? std::floor(3 * normal(r)) : normal(r);
    for (double& x : y) x = normal(r);
    const auto w = stacking_weights({f, k}, y);
    REQUIRE(w);
    const auto squares = [&](std::span<const double> weights) {
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) {
        double e = -y[i];
        for (std::size_t j = 0; j < k; ++j) e += weights[j] * f[i * k + j];
        sum += e * e;
      }
      return sum;
    };
    double total = 0;
    for (const double x : *w) {
      REQUIRE(x >= 0);
      total += x;
    }
    REQUIRE(total == Approx(1));
    const double found = squares(*w);
    for (int tries = 0; tries < 20; ++tries) {
      std::vector<double> other(k);
      double sum = 0;
      for (double& x : other) sum += x = -std::log(uniform(r));
      // Near the solution, where a better one would be.
      const double part = std::pow(uniform(r), 4);
      for (std::size_t j = 0; j < k; ++j) other[j] = (1 - part) * (*w)[j] + part * other[j] / sum;
      REQUIRE(squares(other) >= found - 1e-7 * (1 + found));
    }
  }
}

TEST_CASE("fusion: false alarms of drift are rare, and its delay is short") {
  pcg32 r{7};
  std::uint64_t alarms = 0;
  double delay = 0;
  const std::size_t n = std::max<std::size_t>(decisions / 1000, 10);
  for (std::size_t run = 0; run < n; ++run) {
    page_hinkley d;
    for (int i = 0; i < 1000; ++i) alarms += d.update(std::fabs(normal(r))) ? 1 : 0;
    int waited = 0;
    while (!d.update(5 * std::fabs(normal(r))) && waited < 500) ++waited;
    delay += waited;
  }
  CHECK(static_cast<double>(alarms) <= 0.02 * static_cast<double>(n));
  CHECK(delay / static_cast<double>(n) < 15);
}

TEST_CASE("fusion: equations learnt row by row are those of ridge regression") {
  pcg32 r{8};
  for (std::size_t run = 0; run < decisions / 1000 + 3; ++run) {
    const std::size_t d = 1 + r.below(5);
    const std::size_t n = 5 + r.below(40);
    const double ridge = 0.1 + uniform(r);
    lepton::predict::detail::direct_equations e{d, 2, ridge};
    std::vector<double> x(n * d);
    std::vector<double> y(n * 2);
    for (double& v : x) v = normal(r);
    for (double& v : y) v = 10 * normal(r);
    std::array<double, 2> out{};
    for (std::size_t i = 0; i < n; ++i) {
      e.predict(&x[i * d], out.data());
      const std::array<double, 2> errors{y[2 * i] - out[0], y[2 * i + 1] - out[1]};
      REQUIRE(e.learn(&x[i * d], errors.data(), 1));
    }
    // The normal equations: X'(Y - XW) = ridge W.
    for (std::size_t k = 0; k < d; ++k) {
      std::vector<double> unit(d, 0.0);
      unit[k] = 1;
      std::array<double, 2> w{};
      e.predict(unit.data(), w.data());
      for (std::size_t t = 0; t < 2; ++t) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i) {
          e.predict(&x[i * d], out.data());
          sum += x[i * d + k] * (y[2 * i + t] - out[t]);
        }
        REQUIRE(sum == Approx(ridge * w[t]).epsilon(1e-7).margin(1e-7));
      }
    }
  }
}
