// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/arima_options.hpp>
#include <lepton/predict/arima_twofold.hpp>

namespace lepton::predict::detail {

/// A coefficient of a polynomial in the backshift operator that is not zero.
struct lag_term {
  std::size_t lag;
  double value;
};

/// Coefficients of an autoregression from its partial autocorrelations (Durbin and Levinson); all
/// of these within (-1, 1) means that it is stationary. O(p²).
inline void from_partial(std::span<const double> partial, std::span<double> out) noexcept {
  for (std::size_t k = 0; k < partial.size(); ++k) {
    const double r = partial[k];
    for (std::size_t i = 0, j = k; i < (k + 1) / 2; ++i) {
      --j;
      const double a = out[i];
      const double b = out[j];
      out[i] = a - r * b;
      out[j] = b - r * a;
    }
    out[k] = r;
  }
}

/// Partial autocorrelations of an autoregression, in place of its coefficients; false if it is not
/// stationary. O(p²).
template <class T>
[[nodiscard]] auto to_partial(std::span<T> phi) noexcept -> bool {
  for (std::size_t k = phi.size(); k-- > 0;) {
    const T r = phi[k];
    if (!(std::fabs(narrow(r)) < 1)) return false;
    if (narrow(r) == 0) continue;
    const T scale = T{1} / ((T{1} - r) * (T{1} + r));
    for (std::size_t i = 0, j = k; i < (k + 1) / 2; ++i) {
      --j;
      const T a = phi[i];
      const T b = phi[j];
      phi[i] = (a + r * b) * scale;
      phi[j] = (b + r * a) * scale;
    }
  }
  return true;
}

/// Sets `out` so that 1 + sign · sum out_i B^i is the product of such polynomials with the
/// coefficients `plain` (at lags 1, 2, ...) and `seasonal` (at lags s, 2s, ...).
inline void seasonal_product(std::span<const double> plain, std::span<const double> seasonal,
                             std::size_t s, double sign, std::vector<double>& out) {
  out.assign(plain.size() + s * seasonal.size(), 0.0);
  std::copy(plain.begin(), plain.end(), out.begin());
  for (std::size_t j = 0; j < seasonal.size(); ++j) {
    const std::size_t lag = s * (j + 1);
    out[lag - 1] += seasonal[j];
    for (std::size_t i = 0; i < plain.size(); ++i) out[lag + i] += sign * seasonal[j] * plain[i];
  }
}

/// The terms that are not zero, longest lag first.
inline void sparse_terms(std::span<const double> dense, std::vector<lag_term>& out) {
  out.clear();
  for (std::size_t i = dense.size(); i-- > 0;)
    if (dense[i] != 0) out.push_back({i + 1, dense[i]});
}

/// An ARMA process multiplied out: w_t = sum phi_i w_{t-i} + e_t + sum theta_i e_{t-i}.
struct arma_form {
  std::vector<double> phi;
  std::vector<double> theta;
  std::vector<lag_term> ar;
  std::vector<lag_term> ma;

  /// From coefficients in the order ar, ma, seasonal ar, seasonal ma.
  void set(const arima_options& o, std::span<const double> c) {
    seasonal_product(c.subspan(0, o.p), c.subspan(o.p + o.q, o.P), o.season, -1, phi);
    seasonal_product(c.subspan(o.p, o.q), c.subspan(o.p + o.q + o.P, o.Q), o.season, 1, theta);
    sparse_terms(phi, ar);
    sparse_terms(theta, ma);
  }
};

/// delta_i of the differences, (1 - B)^d (1 - B^s)^D = 1 - sum delta_i B^i.
[[nodiscard]] inline auto differencing_terms(const arima_options& o) -> std::vector<double> {
  std::vector<double> a(o.lost() + 1);
  a[0] = 1;
  const auto times = [&](std::size_t lag) {
    for (std::size_t i = a.size(); i-- > lag;) a[i] -= a[i - lag];
  };
  for (std::size_t i = 0; i < o.d; ++i) times(1);
  for (std::size_t i = 0; i < o.D; ++i) times(o.season);
  std::vector<double> delta(a.begin() + 1, a.end());
  for (auto& x : delta) x = x == 0 ? 0 : -x;
  return delta;
}

}  // namespace lepton::predict::detail
