// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/predict/arima_polynomial.hpp>
#include <lepton/predict/peak.hpp>

namespace lepton::predict::detail {

/// An ARIMA process with known parameters, followed value by value.
///
/// Harvey's state of r = max(p + lost, q + 1) entries, differences included, kept in a ring that
/// turns by one place a step. Its covariance is that of the latest shock, and a rest of low rank,
/// kept as a sum of squares of columns: none once the past shocks are known, one more with each
/// missing value, and as many rotations with each value seen. A step costs O(terms of the
/// polynomials) as long as there is no rest, O(r · columns) otherwise. Up to r = 32 this is exact;
/// beyond, of more than 32 columns the smallest is dropped.
class arima_filter {
 public:
  static constexpr std::size_t most_columns = 32;

  /// `phi` and `shock` (which starts with 1) have r entries each; `covariance` has r² (in units of
  /// sigma²), or none for no uncertainty beyond the latest shock.
  void set(std::span<const double> phi, std::span<const double> shock,
           std::span<const double> state, std::span<const double> covariance, double sigma);

  void observe(double value) noexcept;
  void miss() noexcept;

  /// `take(h, mean, variance)` for each of the next `horizon` values.
  template <class Take>
  void look_ahead(std::size_t horizon, Take&& take) noexcept;

  /// `simulated_peak` of the paths; `adjust(h)` is added to step h.
  template <class Adjust>
  [[nodiscard]] auto peak(std::size_t horizon, double q, Adjust&& adjust) noexcept -> double;

  [[nodiscard]] auto size() const noexcept -> std::size_t { return phi_.size(); }
  [[nodiscard]] auto sigma() const noexcept -> double { return sigma_; }

  template <class Archive>
  void persist(Archive& a) {
    a(phi_, shock_, state_, columns_, head_, used_, sigma_);
    if constexpr (Archive::reads) {
      const std::size_t r = phi_.size();
      if (shock_.size() != r || state_.size() != r || columns_.size() != r * capacity(r) ||
          head_ >= std::max<std::size_t>(r, 1) || used_ > capacity(r) || !(sigma_ >= 0)) {
        a.reject();
      } else {
        prepare();
      }
    }
  }

 private:
  [[nodiscard]] static auto capacity(std::size_t r) noexcept -> std::size_t {
    return std::min(r, most_columns);
  }
  void prepare() {
    sparse_terms(phi_, ar_);
    ma_.clear();
    for (std::size_t i = 1; i < shock_.size(); ++i)
      if (shock_[i] != 0) ma_.push_back({i, shock_[i]});
    const std::size_t r = size();
    work_.assign((capacity(r) + 2) * r + r * r * (r <= most_columns ? 1 : 0), 0.0);
  }
  [[nodiscard]] auto column(std::size_t k) noexcept -> double* {
    return columns_.data() + k * size();
  }
  /// Place of entry i of the state after a turn from `head`.
  [[nodiscard]] auto place(std::size_t head, std::size_t i) const noexcept -> std::size_t {
    const std::size_t at = head + i;
    return at >= size() ? at - size() : at;
  }
  /// Entries move up by one; the first one acts on the others through the autoregression.
  void turn(double* x, std::size_t head, double value) const noexcept {
    x[head] = 0;
    for (const auto& t : ar_) x[place(head, t.lag)] += t.value * value;
  }
  void add_column(const double* x) noexcept;

  std::vector<double> phi_;
  std::vector<double> shock_;
  std::vector<double> state_;
  std::vector<double> columns_;
  std::uint64_t head_ = 0;
  std::uint64_t used_ = 0;
  double sigma_ = 0;
  std::vector<lag_term> ar_;
  std::vector<lag_term> ma_;
  std::vector<double> work_;
};

inline void arima_filter::set(std::span<const double> phi, std::span<const double> shock,
                              std::span<const double> state, std::span<const double> covariance,
                              double sigma) {
  const std::size_t r = phi.size();
  phi_.assign(phi.begin(), phi.end());
  shock_.assign(shock.begin(), shock.end());
  state_.assign(state.begin(), state.end());
  columns_.assign(r * capacity(r), 0.0);
  head_ = used_ = 0;
  sigma_ = sigma;
  prepare();
  if (covariance.empty()) return;
  // Cholesky's method with pivots, on what is left beside the latest shock.
  std::vector<double> rest(covariance.begin(), covariance.end());
  double size = 0;
  for (std::size_t i = 0; i < r; ++i) {
    size = std::max(size, std::fabs(rest[i * r + i]));
    for (std::size_t j = 0; j < r; ++j) rest[i * r + j] -= shock[i] * shock[j];
  }
  while (used_ < capacity(r)) {
    std::size_t pivot = 0;
    for (std::size_t i = 1; i < r; ++i)
      if (rest[i * r + i] > rest[pivot * r + pivot]) pivot = i;
    const double d = rest[pivot * r + pivot];
    if (!(d > 1e-14 * size)) break;
    double* c = column(used_++);
    for (std::size_t i = 0; i < r; ++i) c[i] = rest[i * r + pivot] / std::sqrt(d);
    for (std::size_t i = 0; i < r; ++i)
      for (std::size_t j = 0; j < r; ++j) rest[i * r + j] -= c[i] * c[j];
  }
}

inline void arima_filter::observe(double value) noexcept {
  const std::size_t r = size();
  const std::size_t head = head_;
  double error = value - state_[head];
  if (used_ == 0) {
    for (const auto& t : ma_) state_[place(head, t.lag)] += t.value * error;
  } else {
    double* __restrict gain = work_.data();
    for (std::size_t i = 0; i < r; ++i) gain[place(head, i)] = shock_[i];
    for (std::size_t k = 0; k < used_;) {
      double* __restrict c = column(k);
      const double length = std::sqrt(gain[head] * gain[head] + c[head] * c[head]);
      const double cosine = gain[head] / length;
      const double sine = c[head] / length;
      double left = 0;
      for (std::size_t i = 0; i < r; ++i) {
        const double g = gain[i];
        gain[i] = cosine * g + sine * c[i];
        c[i] = cosine * c[i] - sine * g;
      }
      c[head] = 0;
      for (std::size_t i = 0; i < r; ++i) left += c[i] * c[i];
      if (left < 1e-20) {
        const double* last = column(--used_);
        if (last != c) std::copy(last, last + r, c);
      } else {
        ++k;
      }
    }
    error /= gain[head];
    for (std::size_t i = 0; i < r; ++i) state_[i] += gain[i] * error;
  }
  turn(state_.data(), head, value);
  head_ = place(head, 1);
}

inline void arima_filter::miss() noexcept {
  const std::size_t r = size();
  const std::size_t head = head_;
  turn(state_.data(), head, state_[head]);
  for (std::size_t k = 0; k < used_; ++k) turn(column(k), head, column(k)[head]);
  double* latest = work_.data();
  for (std::size_t i = 0; i < r; ++i) latest[place(head, i)] = shock_[i];
  turn(latest, head, 1);
  add_column(latest);
  head_ = place(head, 1);
}

inline void arima_filter::add_column(const double* x) noexcept {
  const std::size_t r = size();
  const std::size_t most = capacity(r);
  if (used_ < most) {
    std::copy(x, x + r, column(used_++));
    return;
  }
  if (most < r) {
    std::size_t smallest = most;
    double least = 0;
    for (std::size_t i = 0; i < r; ++i) least += x[i] * x[i];
    for (std::size_t k = 0; k < most; ++k) {
      double sum = 0;
      for (std::size_t i = 0; i < r; ++i) sum += column(k)[i] * column(k)[i];
      if (sum < least) {
        least = sum;
        smallest = k;
      }
    }
    if (smallest < most) std::copy(x, x + r, column(smallest));
    return;
  }
  // As many columns as entries, and one more: their covariance factored anew.
  double* __restrict s = work_.data() + (most + 2) * r;
  for (std::size_t i = 0; i < r; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = x[i] * x[j];
      for (std::size_t k = 0; k < used_; ++k) sum += column(k)[i] * column(k)[j];
      s[i * r + j] = sum;
    }
  for (std::size_t j = 0; j < r; ++j) {
    double* c = column(j);
    std::fill(c, c + j, 0.0);
    double d = s[j * r + j];
    for (std::size_t k = 0; k < j; ++k) d -= column(k)[j] * column(k)[j];
    if (!(d > 1e-15 * s[j * r + j])) {
      std::fill(c + j, c + r, 0.0);
      continue;
    }
    c[j] = std::sqrt(d);
    for (std::size_t i = j + 1; i < r; ++i) {
      double sum = s[i * r + j];
      for (std::size_t k = 0; k < j; ++k) sum -= column(k)[i] * column(k)[j];
      c[i] = sum / c[j];
    }
  }
}

template <class Take>
void arima_filter::look_ahead(std::size_t horizon, Take&& take) noexcept {
  const std::size_t r = size();
  double* state = work_.data();
  double* shock = state + r;
  double* columns = shock + r;
  std::copy(state_.begin(), state_.end(), state);
  for (std::size_t i = 0; i < r; ++i) shock[place(head_, i)] = shock_[i];
  std::copy(columns_.begin(), columns_.begin() + static_cast<std::ptrdiff_t>(used_ * r), columns);
  double shocks = 0;
  for (std::size_t h = 0, head = head_; h < horizon; ++h, head = place(head, 1)) {
    shocks += shock[head] * shock[head];
    double variance = shocks;
    for (std::size_t k = 0; k < used_; ++k) {
      double* c = columns + k * r;
      variance += c[head] * c[head];
      turn(c, head, c[head]);
    }
    take(h, state[head], sigma_ * sigma_ * variance);
    turn(state, head, state[head]);
    turn(shock, head, shock[head]);
  }
}

template <class Adjust>
auto arima_filter::peak(std::size_t horizon, double q, Adjust&& adjust) noexcept -> double {
  std::uint64_t paths = 0;
  const auto start = [&] {
    const std::size_t r = size();
    double* state = work_.data();
    std::copy(state_.begin(), state_.end(), state);
    lepton::detail::pcg32 random{0x6172696d61U, paths / 2};
    const double sign = paths % 2 == 0 ? sigma_ : -sigma_;
    ++paths;
    for (std::size_t k = 0; k < used_; ++k) {
      const double z = sign * normal_number(random);
      const double* c = column(k);
      for (std::size_t i = 0; i < r; ++i) state[i] += z * c[i];
    }
    return [this, state, head = static_cast<std::size_t>(head_), h = std::size_t{0},
            &adjust](double shock) mutable {
      const double e = sigma_ * shock;
      const double value = state[head] + e;
      for (const auto& t : ma_) state[place(head, t.lag)] += t.value * e;
      turn(state, head, value);
      head = place(head, 1);
      return value + adjust(h++);
    };
  };
  return simulated_peak(start, horizon, q);
}

}  // namespace lepton::predict::detail
