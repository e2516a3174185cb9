// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/arima_polynomial.hpp>

namespace lepton::predict::detail {

/// Where the recursions over a stationary ARMA process start: its variance, and the covariance
/// of the value now with what it adds to the next ones; in numbers of type T.
///
/// The state of the process at time t has the entries a_i = what w_{t+i-1} is made of that came
/// before t (or is e_t): sum over j >= i of phi_j w_{t+i-1-j}, plus sum over j >= i - 1 of
/// theta_j e_{t+i-1-j} (Harvey's form). The variance of the shocks is 1.
///
/// Autocovariances of the autoregression come from its partial autocorrelations, O(p²), and are
/// multiplied by the moving average's; nothing larger is solved.
template <class T>
class arima_start {
 public:
  T variance{1};
  std::vector<T> gain;  ///< covariance of w_t and a_i at t + 1, i = 1, ..., max(p, q)
  /// Variance of the autoregression alone. Digits are lost in proportion.
  [[nodiscard]] auto condition() const noexcept -> double { return narrow(pure_[0]); }

  /// False if the process is not stationary.
  [[nodiscard]] auto set(const arma_form& f) -> bool {
    const std::size_t p = f.phi.size();
    const std::size_t q = f.theta.size();
    gain.assign(std::max(p, q), T{0});
    if (!pure_autocovariances(f, p + q)) return false;
    moving_average_products(f);
    variance = autocovariance(0);
    if (!(narrow(variance) > 0) || !std::isfinite(narrow(variance))) return false;
    arma_.assign(std::max<std::size_t>(p, 1), T{0});
    for (std::size_t k = 0; k < arma_.size(); ++k) arma_[k] = autocovariance(k);
    psi_.assign(std::max<std::size_t>(q, 1), T{0});
    psi_[0] = T{1};
    for (std::size_t k = 1; k < q; ++k) {
      T sum{f.theta[k - 1]};
      for (const auto& t : f.ar)
        if (t.lag <= k) sum += T{t.value} * psi_[k - t.lag];
      psi_[k] = sum;
    }
    for (const auto& t : f.ar)
      for (std::size_t i = 0; i < t.lag; ++i) gain[i] += T{t.value} * arma_[t.lag - 1 - i];
    for (const auto& t : f.ma)
      for (std::size_t i = 0; i < t.lag; ++i) gain[i] += T{t.value} * psi_[t.lag - 1 - i];
    return true;
  }

  /// The covariance of the whole state, row by row, r = max(p, q + 1) or more. O(r²).
  void covariance(const arma_form& f, std::size_t r, std::vector<T>& out) const {
    const auto phi = [&](std::size_t i) { return i < f.phi.size() ? f.phi[i] : 0; };
    const auto shock = [&](std::size_t i) {
      return i == 0 ? 1 : i <= f.theta.size() ? f.theta[i - 1] : 0;
    };
    const auto first = [&](std::size_t i) {  // covariance of a_1 and a_{i+1}
      return i == 0 ? variance : (i - 1 < gain.size() ? gain[i - 1] - phi(i - 1) * variance : T{0});
    };
    out.assign(r * r, T{0});
    for (std::size_t i = r; i-- > 0;)
      for (std::size_t j = r; j-- > 0;) {
        const T next = i + 1 < r && j + 1 < r ? out[(i + 1) * r + j + 1] : T{0};
        out[i * r + j] = phi(i) * phi(j) * variance + phi(i) * first(j + 1) +
                         phi(j) * first(i + 1) + next + shock(i) * shock(j);
      }
  }

 private:
  /// Of the autoregression alone, at lags 0 to p + q.
  auto pure_autocovariances(const arma_form& f, std::size_t lags) -> bool {
    const std::size_t p = f.phi.size();
    pure_.assign(lags + 1, T{0});
    partial_.assign(f.phi.begin(), f.phi.end());
    if (!to_partial(std::span<T>{partial_})) return false;
    T v{1};
    for (const T r : partial_)
      if (narrow(r) != 0) v /= (T{1} - r) * (T{1} + r);
    pure_[0] = v;
    order_.assign(p, T{0});
    T* a = order_.data();
    for (std::size_t k = 0; k < p; ++k) {
      const T r = partial_[k];
      T sum = r * v;
      for (std::size_t i = 0; i < k; ++i) sum += a[i] * pure_[k - i];
      pure_[k + 1] = sum;
      v *= (T{1} - r) * (T{1} + r);
      for (std::size_t i = 0, j = k; i < (k + 1) / 2; ++i) {
        --j;
        const T x = a[i];
        const T y = a[j];
        a[i] = x - r * y;
        a[j] = y - r * x;
      }
      a[k] = r;
    }
    for (std::size_t k = p + 1; k <= lags; ++k) {
      T sum{0};
      for (const auto& t : f.ar) sum += T{t.value} * pure_[k - t.lag];
      pure_[k] = sum;
    }
    return true;
  }

  /// Autocovariances of the moving average, those that are not zero.
  void moving_average_products(const arma_form& f) {
    products_.assign(f.theta.size() + 1, T{0});
    products_[0] = T{1};
    for (std::size_t i = 0; i < f.ma.size(); ++i) {
      const T value{f.ma[i].value};
      products_[0] += value * value;
      products_[f.ma[i].lag] += value;
      for (std::size_t j = i + 1; j < f.ma.size(); ++j)
        products_[f.ma[i].lag - f.ma[j].lag] += value * T{f.ma[j].value};
    }
    lags_.clear();
    for (std::size_t i = 1; i < products_.size(); ++i)
      if (narrow(products_[i]) != 0) lags_.push_back(i);
  }

  [[nodiscard]] auto autocovariance(std::size_t k) const noexcept -> T {
    T sum = products_[0] * pure_[k];
    for (const std::size_t lag : lags_)
      sum += products_[lag] * (pure_[k > lag ? k - lag : lag - k] + pure_[k + lag]);
    return sum;
  }

  std::vector<T> pure_;
  std::vector<T> partial_;
  std::vector<T> order_;
  std::vector<T> products_;
  std::vector<std::size_t> lags_;
  std::vector<T> arma_;
  std::vector<T> psi_;
};

}  // namespace lepton::predict::detail
