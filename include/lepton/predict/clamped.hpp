// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/joined_name.hpp>

namespace lepton::predict {

namespace detail {
struct clamped_name {
  static constexpr std::string_view model_name = "clamped";
};
}  // namespace detail

/// A predictor whose forecasts stay between limits: a use of resources is never negative, nor above
/// the capacity. The model itself sees the values as they are. Quantiles beyond a limit become the
/// limit, which is what they are if the number is cut off there.
template <class P>
class clamped {
  static_assert(predictor<P>,
                "lepton: clamped needs a predictor: update, forecast, peak_quantile, ready and "
                "persist, see predict/concept.hpp");

 public:
  static constexpr std::string_view model_name =
      detail::joined_name<detail::clamped_name, P>::value;

  clamped() = default;
  /// Forecasts stay in [0, capacity].
  explicit clamped(double capacity, P model = P{}) : clamped(0, capacity, std::move(model)) {}
  /// Forecasts stay in [lowest, highest]; neither is NaN, and lowest <= highest (contract).
  clamped(double lowest, double highest, P model)
      : model_(std::move(model)), lowest_(lowest), highest_(highest) {
    LEPTON_ASSERT(lowest <= highest, "clamped: the limits are in the wrong order");
  }

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result requires trainable<P> {
    return model_.fit(values);
  }
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result requires refittable<P> {
    return model_.refit(values);
  }
  void update(double value) noexcept { model_.update(value); }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    model_.forecast(horizon, quantiles, out);
    for (double& x : out) x = limited(x);
  }
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return limited(model_.peak_quantile(horizon, q));
  }
  [[nodiscard]] auto ready() const noexcept -> bool { return model_.ready(); }

  [[nodiscard]] auto model() const noexcept -> const P& { return model_; }
  [[nodiscard]] auto lowest() const noexcept -> double { return lowest_; }
  [[nodiscard]] auto highest() const noexcept -> double { return highest_; }

  template <class Archive>
  void persist(Archive& a) {
    a(lowest_, highest_, model_);
    if constexpr (Archive::reads)
      if (!(lowest_ <= highest_)) a.reject();
  }

 private:
  // NaN stays NaN.
  [[nodiscard]] auto limited(double x) const noexcept -> double {
    return x < lowest_ ? lowest_ : x > highest_ ? highest_ : x;
  }

  P model_{};
  double lowest_ = 0;
  double highest_ = std::numeric_limits<double>::infinity();
};

}  // namespace lepton::predict
