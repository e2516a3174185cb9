// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/arima_search.hpp>

namespace lepton::predict::detail {

/// Points to start from, `most` at most: what is common in practice, and where there are many
/// coefficients, some at random.
[[nodiscard]] inline auto arima_starts(const arima_options& o, std::size_t most)
    -> std::vector<std::vector<double>> {
  std::vector<std::vector<double>> out;
  const auto add = [&](double ar, double ma, double sar, double sma) {
    std::vector<double> c(o.arma(), 0.0);
    if (o.p > 0) c[0] = ar;
    if (o.q > 0) c[o.p] = ma;
    if (o.P > 0) c[o.p + o.q] = sar;
    if (o.Q > 0) c[o.p + o.q + o.P] = sma;
    if (out.size() < most) out.push_back(std::move(c));
  };
  const bool mixed = o.p > 0 && o.q > 0;
  const bool seasonal = o.P > 0 && o.Q > 0;
  add(mixed ? 0.3 : 0.1, 0.1, seasonal ? 0.3 : 0.1, o.D > 0 ? -0.3 : 0.1);
  if (o.q + o.Q == 0) return out;
  add(0.8, o.d > 0 ? -0.9 : -0.5, 0.5, -0.6);
  if (o.arma() == 1) return out;
  add(-0.5, 0.7, 0.2, 0.3);
  if (o.q + o.Q == 1 && !mixed && !seasonal) return out;
  add(0.9, 0.5, 0.9, -0.9);
  lepton::detail::pcg32 random{o.p * 31 + o.q};
  const auto draw = [&] { return 1.9 * (static_cast<double>(random()) * 0x1p-32 - 0.5); };
  std::vector<double> partial;
  for (std::size_t i = 0; i < std::min<std::size_t>(o.arma() + 2, 8) && out.size() < most; ++i) {
    add(0, 0, 0, 0);
    std::size_t at = 0;
    for (const std::size_t terms : {o.p, o.q, o.P, o.Q}) {
      partial.resize(terms);
      for (auto& r : partial) r = draw();
      from_partial(partial, std::span{out.back()}.subspan(at, terms));
      at += terms;
    }
  }
  return out;
}

/// The optimum reached from several starts: all are first led to an optimum of the conditional
/// sum of squares, which is cheap; then the likelihood is climbed from the best of these points,
/// and roughly from the others, to the end where that leads to another optimum that might be
/// higher. Moving averages with a root on the unit circle, which conditional sums of squares do not
/// see, are starts as well. Where an evaluation is expensive (a long series tells the optima apart
/// better) there are few starts.
class arima_multistart {
 public:
  arima_multistart(const arima_options& options, arima_search& search, double work)
      : o_(options),
        search_(search),
        long_(work > 2e4),
        exact_(options.method != arima_method::css) {}

  /// Sets `best` to the coefficients; false if the search did not converge.
  auto find(std::vector<double>& best) -> bool {
    if (o_.arma() == 0) return true;
    struct candidate {
      double value;
      std::vector<double> at;
    };
    std::vector<candidate> all;
    const bool simple = o_.q <= 1 && o_.Q <= 1 && o_.p + o_.P == 0;
    for (auto& from : arima_starts(o_, long_ || simple ? 2 : 12)) {
      if (exact_ && ((!long_ && !simple) || o_.method == arima_method::ml))
        all.push_back({search_.evaluate_at(from, true), from});
      if (o_.method == arima_method::ml) continue;
      const double value = search_.climb(from, false, exact_ ? 1e-3 : arima_search::enough);
      if (!std::isfinite(value)) continue;
      search_.invert(from);
      all.push_back({exact_ ? search_.evaluate_at(from, true) : value, std::move(from)});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const candidate& a, const candidate& b) { return a.value < b.value; });
    if (!exact_) {
      if (all.empty()) return false;
      best = all.front().at;
      return true;
    }
    for (auto& one : all) visit(one.at, best);
    if (!std::isfinite(value_) || long_) return converged_;
    from_edge(o_.p, o_.q, best);
    from_edge(o_.p + o_.q + o_.P, o_.Q, best);
    return converged_;
  }

 private:
  [[nodiscard]] static auto apart(std::span<const double> a, std::span<const double> b) noexcept
      -> double {
    double most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::fabs(a[i] - b[i]));
    return most;
  }

  /// Moves the moving average of these coefficients to where it is almost not invertible.
  void from_edge(std::size_t at, std::size_t terms, std::vector<double>& best) {
    for (const double edge : {-0.98, 0.98}) {
      auto from = best;
      const auto part = std::span{from}.subspan(at, terms);
      if (terms == 0 || !to_partial(std::span<double>{part})) return;
      part[terms - 1] = edge;
      const std::vector<double> partial(part.begin(), part.end());
      from_partial(partial, part);
      if (search_.evaluate_at(from, true) < value_ + 10) visit(from, best);
    }
  }

  void visit(std::vector<double> at, std::vector<double>& best) {
    if (std::any_of(visited_.begin(), visited_.end(),
                    [&](const auto& v) { return apart(v, at) < 0.02; }))
      return;
    visited_.push_back(at);
    if (std::isfinite(value_)) {
      const double rough = search_.climb(at, true, 1e-2);
      auto mirrored = at;
      search_.invert(mirrored);
      const bool same = apart(mirrored, best) < 0.05 && rough > value_ - 1e-3;
      if (same || !(rough < value_ + 1)) return;
    }
    const double reached = search_.climb(at, true);
    if (!(reached < value_)) return;
    value_ = reached;
    best = std::move(at);
    search_.invert(best);
    converged_ = search_.converged();
  }

  arima_options o_;
  arima_search& search_;
  bool long_;
  bool exact_;
  bool converged_ = false;
  double value_ = std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> visited_;
};

}  // namespace lepton::predict::detail
