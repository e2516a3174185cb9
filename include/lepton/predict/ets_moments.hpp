// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/ets_options.hpp>
#include <lepton/predict/ets_state.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/peak.hpp>

namespace lepton::predict::detail {

/// Deterministic forecasts from a state, one after the other.
class ets_points {
 public:
  ets_points(const ets_state& s, const double* ring) noexcept : s_(s), ring_(ring) {}
  auto next() noexcept -> double {
    const double season = s_.period == 0 ? 0 : ring_[s_.place];
    s_.skip();
    return s_.with_season(s_.level, season);
  }

 private:
  ets_state s_;
  const double* ring_;
};

/// How much of an error is left in the forecast j steps later:
/// alpha + beta (phi + ... + phi^j) + (gamma, if j is a number of whole seasons).
class ets_response {
 public:
  explicit ets_response(const ets_state& s) noexcept : s_(&s) {}
  auto next() noexcept -> double {
    power_ *= s_->p.phi;
    sum_ += power_;
    if (++place_ >= s_->period) place_ = 0;
    const double c = s_->p.alpha + (s_->trend == ets_trend::none ? 0 : s_->p.beta * sum_);
    return s_->period != 0 && place_ == 0 ? c + s_->p.gamma : c;
  }

 private:
  const ets_state* s_;
  double power_ = 1;
  double sum_ = 0;
  std::uint64_t place_ = 0;
};

/// A path of the future that starts at `s`; the values of the gap are drawn from a stream of its
/// own, for the path's number. `spare` has room for a season.
class ets_path {
 public:
  ets_path(const ets_state& s, const double* ring, double* spare, std::size_t gap,
           std::size_t number) noexcept
      : s_(s), ring_(spare) {
    std::copy(ring, ring + s.period, spare);
    lepton::detail::pcg32 random{0x676170U, number / 2};
    const double sign = number % 2 == 0 ? 1 : -1;
    for (std::size_t i = 0; i < gap; ++i) (*this)(sign * normal_number(random));
  }
  auto operator()(double shock) noexcept -> double { return s_.move(0, &shock, ring_); }

 private:
  ets_state s_;
  double* ring_;
};

/// Calls `f(h, mean, standard deviation)` for the `horizon` steps after the `gap` values that went
/// missing since `s` (h from 0). `room` is a place for one number a step, `stride` apart, that `f`
/// may overwrite at h.
///
/// Additive models (Hyndman et al. 2008, table 6.1): variance · (1 + sum of squared responses).
/// Multiplying errors with additive parts (class 2): the recursion of section 6.3. With a season
/// that multiplies as well (class 3): the level's and the season's second moments together, a value
/// of the last season being shared by both; exact for normal errors. Others by simulation: 2,048
/// seeded paths about the deterministic forecast. O(horizon), class 2 with a season
/// O(horizon²), class 3 beyond a season O(horizon²), simulation O(2048 · horizon).
class ets_moments {
 public:
  /// `ring`: the season; `spare`: room for another.
  ets_moments(const ets_state& s, const double* ring, double* spare, std::size_t gap) noexcept
      : s_(s), ring_(ring), spare_(spare), gap_(gap) {}

  template <class F>
  void each(std::size_t horizon, double* room, std::size_t stride, F&& f) const noexcept {
    if (s_.multiplies() ||
        (s_.error == ets_error::additive && s_.season == ets_season::multiplicative)) {
      simulated(horizon, f);
    } else if (s_.error == ets_error::additive) {
      linear(horizon, f);
    } else if (s_.season == ets_season::additive) {
      relative(horizon, room, stride, f);
    } else {
      products(horizon, f);
    }
  }

 private:
  template <class F>
  void linear(std::size_t horizon, F& f) const noexcept {
    ets_points points{s_, ring_};
    ets_response response{s_};
    double sum = 1;
    for (std::size_t h = 0; h < gap_ + horizon; ++h) {
      const double mean = points.next();
      if (h >= gap_) f(h - gap_, mean, std::sqrt(s_.variance * sum));
      const double c = response.next();
      sum += c * c;
    }
  }

  /// theta_h = mean_h² + variance · sum of c_j² theta_(h-j). For the steps of the gap theta is
  /// taken to be the square of the mean.
  template <class F>
  void relative(std::size_t horizon, double* room, std::size_t stride, F& f) const noexcept {
    ets_points points{s_, ring_};
    for (std::size_t i = 0; i < gap_; ++i) points.next();
    auto again = points;
    for (std::size_t h = 0; h < horizon; ++h) {
      const double mean = points.next();
      ets_response response{s_};
      double sum = 0;
      for (std::size_t j = h; j-- > 0;) {
        const double c = response.next();
        sum += c * c * room[j * stride];
      }
      // The gap's steps, latest first.
      if (gap_ > 0) sum += of_gap(response);
      room[h * stride] = mean * mean + s_.variance * sum;
    }
    for (std::size_t h = 0; h < horizon; ++h) {
      const double mean = again.next();
      const double v = (1 + s_.variance) * room[h * stride] - mean * mean;
      f(h, mean, std::sqrt(std::max(v, 0.0)));
    }
  }
  auto of_gap(ets_response response) const noexcept -> double {
    // Responses come latest first, points earliest first: blocks of a fixed size.
    std::array<double, 64> squares;
    double sum = 0;
    for (std::size_t last = gap_; last > 0;) {
      const std::size_t size = std::min<std::size_t>(last, squares.size());
      ets_points points{s_, ring_};
      for (std::size_t i = 0; i < last; ++i) {
        const double mean = points.next();
        if (i + size >= last) squares[i + size - last] = mean * mean;
      }
      for (std::size_t i = size; i-- > 0;) {
        const double c = response.next();
        sum += c * c * squares[i];
      }
      last -= size;
    }
    return sum;
  }

  /// First and second moments of (level, slope), times the factor of the season that step h will
  /// read: errors a whole number of seasons before h act on both.
  struct joint {
    double l, b;        // means
    double ll, lb, bb;  // means of products
  };
  void advance(joint& x, bool shared) const noexcept {
    const double v = s_.variance;
    const double phi = s_.trend == ets_trend::none ? 0 : s_.p.phi;
    const double g = s_.p.alpha;
    const double k = s_.trend == ets_trend::none ? 0 : s_.p.beta;
    const double r = shared ? s_.p.gamma : 0;
    const double q = x.l + phi * x.b;
    const double b = phi * x.b;
    // Moments of q and phi b.
    const double qq = x.ll + 2 * phi * x.lb + phi * phi * x.bb;
    const double qb = phi * (x.lb + phi * x.bb);
    const double bb = phi * phi * x.bb;
    x.l = q * (1 + r * g * v);
    x.b = b + r * k * v * q;
    // E (1 + r e)², E e (1 + r e)², E e² (1 + r e)² for a normal e of variance v.
    const double m0 = 1 + r * r * v;
    const double m1 = 2 * r * v;
    const double m2 = v + 3 * r * r * v * v;
    x.ll = qq * (m0 + 2 * g * m1 + g * g * m2);
    x.lb = qb * (m0 + g * m1) + qq * (k * m1 + g * k * m2);
    x.bb = bb * m0 + 2 * k * qb * m1 + k * k * qq * m2;
  }
  [[nodiscard]] auto now() const noexcept -> joint {
    const double l = s_.level;
    const double b = s_.slope;
    return {l, b, l * l, l * b, b * b};
  }
  template <class F>
  void products(std::size_t horizon, F& f) const noexcept {
    const double phi = s_.trend == ets_trend::none ? 0 : s_.p.phi;
    const auto m = static_cast<std::size_t>(s_.period);
    joint plain = now();
    std::uint64_t place = s_.place;
    for (std::size_t h = 0; h < gap_ + horizon; ++h) {
      if (h >= gap_) {
        joint x = plain;
        if (m != 0 && h >= m) {
          x = now();
          for (std::size_t t = 0; t < h; ++t) advance(x, (h - t) % m == 0);
        }
        const double s = m == 0 ? 1 : ring_[place];
        const double mean = x.l + phi * x.b;
        const double square = x.ll + 2 * phi * x.lb + phi * phi * x.bb;
        const double v = (1 + s_.variance) * square - mean * mean;
        f(h - gap_, mean * s, std::fabs(s) * std::sqrt(std::max(v, 0.0)));
      }
      advance(plain, false);
      place = place + 1 >= m ? 0 : place + 1;
    }
  }

  template <class F>
  void simulated(std::size_t horizon, F& f) const noexcept;

  const ets_state& s_;
  const double* ring_;
  double* spare_;
  std::size_t gap_;
};

template <class F>
void ets_moments::simulated(std::size_t horizon, F& f) const noexcept {
  constexpr std::size_t block = 64;
  constexpr std::size_t paths = 2048;
  std::array<double, block> sums;
  std::array<double, block> squares;
  std::array<double, block> points;
  ets_points point{s_, ring_};
  for (std::size_t i = 0; i < gap_; ++i) point.next();
  // A block of steps at a time; the paths are drawn anew for each.
  for (std::size_t first = 0; first < horizon; first += block) {
    const std::size_t size = std::min(block, horizon - first);
    for (std::size_t i = 0; i < size; ++i) points[i] = point.next();
    sums.fill(0);
    squares.fill(0);
    for (std::size_t k = 0; k < paths; ++k) {
      lepton::detail::pcg32 random{0x657473U, k / 2};
      const double sign = k % 2 == 0 ? 1 : -1;
      ets_path path{s_, ring_, spare_, gap_, k};
      for (std::size_t h = 0; h < first + size; ++h) {
        const double value = path(sign * normal_number(random));
        if (h < first) continue;
        const double off = value - points[h - first];
        sums[h - first] += off;
        squares[h - first] += off * off;
      }
    }
    for (std::size_t i = 0; i < size; ++i) {
      const double mean = sums[i] / paths;
      const double v = squares[i] / paths - mean * mean;
      f(first + i, points[i], v > 0 ? std::sqrt(v) : 0.0);
    }
  }
}

}  // namespace lepton::predict::detail
