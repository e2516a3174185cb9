// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace lepton::predict::detail {

/// A number of about 32 digits, the sum of two: for the few places where ill-conditioned processes
/// would lose more than `double` holds (Dekker, "A floating-point technique for extending the
/// available precision", 1971).
class twofold {
 public:
  constexpr twofold() noexcept = default;
  constexpr twofold(double x) noexcept : high_(x) {}  // NOLINT: a double is one

  [[nodiscard]] constexpr auto value() const noexcept -> double { return high_ + low_; }

  friend auto operator+(twofold a, twofold b) noexcept -> twofold {
    const double s = a.high_ + b.high_;
    const double part = s - a.high_;
    const double rest = (a.high_ - (s - part)) + (b.high_ - part);
    return make(s, rest + a.low_ + b.low_);
  }
  friend auto operator-(twofold a) noexcept -> twofold {
    a.high_ = -a.high_;
    a.low_ = -a.low_;
    return a;
  }
  friend auto operator-(twofold a, twofold b) noexcept -> twofold { return a + (-b); }
  friend auto operator*(twofold a, twofold b) noexcept -> twofold {
    const double p = a.high_ * b.high_;
    return make(p, rest_of_product(a.high_, b.high_, p) + (a.high_ * b.low_ + a.low_ * b.high_));
  }
  friend auto operator/(twofold a, twofold b) noexcept -> twofold {
    const double first = a.high_ / b.high_;
    const twofold left = a - b * twofold{first};
    const double second = left.high_ / b.high_;
    const twofold last = left - b * twofold{second};
    return twofold{first} + twofold{second} + twofold{last.high_ / b.high_};
  }
  auto operator+=(twofold b) noexcept -> twofold& { return *this = *this + b; }
  auto operator-=(twofold b) noexcept -> twofold& { return *this = *this - b; }
  auto operator*=(twofold b) noexcept -> twofold& { return *this = *this * b; }
  auto operator/=(twofold b) noexcept -> twofold& { return *this = *this / b; }

  [[nodiscard]] static auto root(twofold a) noexcept -> twofold {
    if (!(a.high_ > 0)) return std::sqrt(a.high_);
    const twofold x = std::sqrt(a.high_);
    return x + (a - x * x) / (x + x);
  }

 private:
  [[nodiscard]] static auto make(double high, double low) noexcept -> twofold {
    twofold out;
    out.high_ = high + low;
    out.low_ = low - (out.high_ - high);
    return out;
  }
  [[nodiscard]] static auto rest_of_product(double a, double b, double product) noexcept -> double {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return std::fma(a, b, -product);  // a compiler that may fuse would spoil the splitting below
#else
    const double ah = upper_half(a);
    const double bh = upper_half(b);
    const double al = a - ah;
    const double bl = b - bh;
    return ((ah * bh - product) + ah * bl + al * bh) + al * bl;
#endif
  }
  [[nodiscard]] static auto upper_half(double x) noexcept -> double {
    const double t = 134217729.0 * x;  // 2^27 + 1
    return t - (t - x);
  }

  double high_ = 0;
  double low_ = 0;
};

[[nodiscard]] inline auto narrow(double x) noexcept -> double { return x; }
[[nodiscard]] inline auto narrow(twofold x) noexcept -> double { return x.value(); }
[[nodiscard]] inline auto root(double x) noexcept -> double { return std::sqrt(x); }
[[nodiscard]] inline auto root(twofold x) noexcept -> twofold { return twofold::root(x); }

}  // namespace lepton::predict::detail
