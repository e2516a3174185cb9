// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <lepton/predict/arima_kernels.hpp>
#include <lepton/predict/arima_start.hpp>

namespace lepton::predict::detail {

/// Sum of the logarithms of positive numbers, few of them taken.
class log_sum {
 public:
  void add(double x) noexcept {
    product_ *= x;
    if (product_ > 1e150 || product_ < 1e-150) {
      sum_ += std::log(product_);
      product_ = 1;
    }
  }
  [[nodiscard]] auto value() const noexcept -> double { return sum_ + std::log(product_); }

 private:
  double product_ = 1;
  double sum_ = 0;
};

/// Solves theta(B) v = u, with N terms, from number `i` on.
template <std::size_t N>
void moving_average_tail(const lag_term* terms, double* v, std::size_t i, std::size_t n) noexcept {
  double value[N];
  const double* lagged[N];
  for (std::size_t k = 0; k < N; ++k) {
    value[k] = terms[k].value;
    lagged[k] = v - terms[k].lag;
  }
  for (; i < n; ++i) {
    double x = v[i];
    for (std::size_t k = 0; k < N; ++k) x -= value[k] * lagged[k][i];
    v[i] = x;
  }
}

/// Solves theta(B) v = u in place for each of `count` columns, `stride` apart, of n numbers, of
/// which those before are zero.
inline void moving_average_inverse(const std::vector<lag_term>& ma, double* columns, std::size_t n,
                                   std::size_t count, std::size_t stride) noexcept {
  if (ma.empty() || n == 0) return;
  std::size_t c = 0;
  if (ma.size() == 1 && ma[0].lag == 1) {
    // Two at a time, as each waits for itself.
    for (; c + 2 <= count; c += 2) {
      double* __restrict u = columns + c * stride;
      double* __restrict v = u + stride;
      const double theta = ma[0].value;
      double x = u[0];
      double y = v[0];
      for (std::size_t i = 1; i < n; ++i) {
        u[i] = x = u[i] - theta * x;
        v[i] = y = v[i] - theta * y;
      }
    }
  }
  for (; c < count; ++c) {
    double* v = columns + c * stride;
    const std::size_t longest = std::min(n, ma.front().lag);
    for (std::size_t i = 0; i < longest; ++i)
      for (const auto& b : ma)
        if (b.lag <= i) v[i] -= b.value * v[i - b.lag];
    if (ma.size() == 1) {
      moving_average_tail<1>(ma.data(), v, longest, n);
    } else if (ma.size() == 2) {
      moving_average_tail<2>(ma.data(), v, longest, n);
    } else if (ma.size() == 3) {
      moving_average_tail<3>(ma.data(), v, longest, n);
    } else {
      for (std::size_t i = longest; i < n; ++i) {
        double x = v[i];
        for (const auto& b : ma) x -= b.value * v[i - b.lag];
        v[i] = x;
      }
    }
  }
}

/// Divides columns of numbers by the square root of the covariance matrix of a stationary ARMA
/// process (with shocks of variance 1): what is left of them is white, and the logarithm of the
/// matrix's determinant comes along.
///
/// The innovations follow from the recursions of Morf, Sidhu and Kailath (1974) for the gain of
/// the Kalman filter, in their square-root form: the change of the state's covariance from one
/// step to the next has rank one, and a hyperbolic rotation a step, with the process's next
/// partial autocorrelation, updates both. The autoregression is taken out of the gain, so that from
/// step p on the recursion is one over the moving average alone, and knows nothing of how close to
/// a unit root the autoregression may be; the first p steps are done in 32 digits where it is.
/// O(max(p, q)) a step at first, then O(q), and once the change has died away (below 1e-9 of the
/// innovation's standard error, so that what follows changes by 1e-17), O(1) a term.
class arima_whitener {
 public:
  /// `count` columns of `rows` numbers at `in`, one after another, into `out`. False if the
  /// process is not stationary.
  [[nodiscard]] auto run(const arma_form& f, const double* in, std::size_t rows, std::size_t count,
                         double* out, double& log_determinant) -> bool {
    if (!start_.set(f)) return false;
    in_ = in;
    out_ = out;
    rows_ = rows;
    count_ = count;
    const std::size_t q = f.theta.size();
    padded_ = (q + 3) / 4 * 4;
    reach_ = start_.gain.size();
    stride_ = rows + reach_ + padded_ + 4;
    gain_.assign(padded_, 0.0);
    change_.assign(rows + reach_ + padded_ + 4, 0.0);
    ahead_.assign(stride_ * count, 0.0);
    logs_ = log_sum{};
    autoregress(f);
    std::size_t t = std::min(rows, f.phi.size());
    if (start_.condition() > 100) {
      if (!wide_.set(f) || !begin(f, wide_, t)) return false;
    } else if (!begin(f, start_, t)) {
      return false;
    }
    if (!go_on(q, t)) return false;
    log_determinant = logs_.value();
    if (t < rows) {
      log_determinant += 2 * std::log(scale_) * static_cast<double>(rows - t);
      limit(f);
      settle(t);
    }
    return std::isfinite(log_determinant);
  }

 private:
  static constexpr double settled = 1e-9;

  /// What the autoregression leaves of the columns, as far as it reaches back.
  void autoregress(const arma_form& f) noexcept {
    for (std::size_t c = 0; c < count_; ++c) {
      const double* __restrict w = in_ + c * rows_;
      double* __restrict v = out_ + c * rows_;
      std::copy(w, w + rows_, v);
      for (const auto& a : f.ar)
        if (a.lag < rows_) add_multiple(v + a.lag, -a.value, w, rows_ - a.lag);
    }
  }

  /// The first `steps` = min(p, rows) of them; gain and change go on in `gain_` and `change_`.
  template <class T>
  auto begin(const arma_form& f, const arima_start<T>& start, std::size_t steps) -> bool {
    const std::size_t m = start.gain.size();
    T scale = root(start.variance);
    std::vector<T> change(m + 1, T{0});
    std::vector<T> gain(m, T{0});
    for (std::size_t i = 0; i < m; ++i) {
      change[i] = start.gain[i] / scale;
      gain[i] = i < f.phi.size() ? change[i] - T{f.phi[i]} * scale : change[i];
    }
    for (std::size_t t = 0; t < steps; ++t) {
      take(t, narrow(scale));
      for (std::size_t c = 0; c < count_; ++c) {
        const double v = out_[c * rows_ + t];
        double* a = ahead_.data() + c * stride_ + t + 1;
        if (v == 0) continue;
        for (std::size_t i = 0; i < m; ++i) a[i] += narrow(gain[i]) * v;
      }
      const T r = change[0] / scale;
      const T s = root((T{1} - r) * (T{1} + r));
      if (!(narrow(s) > 0)) return false;
      const T inverse = T{1} / s;
      for (std::size_t i = 0; i < m; ++i) {
        gain[i] = (gain[i] - r * change[i + 1]) * inverse;
        change[i] = s * change[i + 1] - r * gain[i];
      }
      scale *= s;
    }
    scale_ = narrow(scale);
    for (std::size_t i = 0; i < f.theta.size(); ++i) {
      gain_[i] = narrow(gain[i]);
      change_[steps + 1 + i] = narrow(change[i]);
    }
    return true;
  }

  /// From there until the change has died away; moves t to that step.
  [[nodiscard]] auto go_on(std::size_t q, std::size_t& t) noexcept -> bool {
    const std::size_t from = t;
    // change_[t + i] is entry i of the change at time t, ahead_[t + i] what is known of w_{t+i}.
    for (; t < rows_; ++t) {
      if (t == from) {
        if (q == 0) return true;
      } else {
        const double first = change_[t];
        if (std::fabs(first) < settled * scale_ && (q <= 8 || (t & 3U) == 0) && died_away(t, q))
          return true;
        const double r = first / scale_;
        const double s = std::sqrt((1 - r) * (1 + r));
        if (!(s > 0)) return false;
        rotate(gain_.data(), change_.data() + t + 1, padded_, r, s, 1 / s);
        scale_ *= s;
      }
      take(t, scale_);
      for (std::size_t c = 0; c < count_; ++c)
        if (const double v = out_[c * rows_ + t]; v != 0)
          add_multiple(ahead_.data() + c * stride_ + t + 1, v, gain_.data(), padded_);
    }
    return true;
  }

  void take(std::size_t t, double scale) noexcept {
    logs_.add(scale * scale);
    const double inverse = 1 / scale;
    for (std::size_t c = 0; c < count_; ++c) {
      double& v = out_[c * rows_ + t];
      v = (v - ahead_[c * stride_ + t]) * inverse;
    }
  }
  static void rotate(double* __restrict gain, double* __restrict change, std::size_t n, double r,
                     double s, double inverse) noexcept {
    for (std::size_t i = 0; i < n; i += 4)
      for (std::size_t j = i; j < i + 4; ++j) {
        const double g = (gain[j] - r * change[j]) * inverse;
        change[j] = s * change[j] - r * g;
        gain[j] = g;
      }
  }
  [[nodiscard]] auto died_away(std::size_t t, std::size_t q) const noexcept -> bool {
    for (std::size_t i = 0; i < q; ++i)
      if (!(std::fabs(change_[t + i]) < settled * scale_)) return false;
    return true;
  }

  /// The moving average that the gain has settled to: the given one, if it is invertible.
  void limit(const arma_form& f) {
    const std::size_t q = f.theta.size();
    limit_.resize(q);
    double off = q == 0 ? 0 : std::fabs(scale_ - 1);
    for (std::size_t i = 0; i < q; ++i) {
      limit_[i] = gain_[i] / scale_;
      off = std::max(off, std::fabs(limit_[i] - f.theta[i]));
    }
    if (off < 1e-10) {
      scale_ = 1;
      ma_ = f.ma;
      return;
    }
    for (auto& x : limit_)
      if (std::fabs(x) < 1e-15) x = 0;
    sparse_terms(limit_, ma_);
  }

  /// From t on: v = u - sum theta v over what came since t, less what was known then.
  void settle(std::size_t t) const noexcept {
    const std::size_t n = rows_ - t;
    for (std::size_t c = 0; c < count_; ++c) {
      const double* __restrict ahead = ahead_.data() + c * stride_ + t;
      double* __restrict v = out_ + c * rows_ + t;
      for (std::size_t i = 0; i < n && i < padded_ + reach_; ++i) v[i] -= ahead[i];
    }
    moving_average_inverse(ma_, out_ + t, n, count_, rows_);
    if (scale_ == 1) return;
    for (std::size_t c = 0; c < count_; ++c)
      for (std::size_t i = t; i < rows_; ++i) out_[c * rows_ + i] /= scale_;
  }

  const double* in_ = nullptr;
  double* out_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t count_ = 0;
  std::size_t padded_ = 0;
  std::size_t stride_ = 0;
  std::size_t reach_ = 0;
  double scale_ = 1;
  log_sum logs_;
  arima_start<double> start_;
  arima_start<twofold> wide_;
  std::vector<double> gain_;
  std::vector<double> change_;
  std::vector<double> ahead_;
  std::vector<double> limit_;
  std::vector<lag_term> ma_;
};

}  // namespace lepton::predict::detail
