// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

#include <lepton/model/expected.hpp>

namespace lepton::predict {

/// What came of fitting a model.
struct fit_report {
  bool converged = true;  ///< the search for the best parameters ended at an optimum
  /// Logarithm of the likelihood at the parameters found; NaN for models without one.
  double loglik = std::numeric_limits<double>::quiet_NaN();
  std::size_t parameters = 0;    ///< numbers that were estimated, a variance among them
  std::size_t observations = 0;  ///< values that were not missing, after differencing
  std::size_t iterations = 0;    ///< steps of the search
  /// Name of the simpler model that stands in, as there was too little history (or nothing to
  /// learn, as in a constant series) for the one that was asked for; empty when there is none.
  std::string_view fallback{};
};

/// What `fit` returns: a report, or the reason why the model could not be fitted at all. It is as
/// it was before in that case.
using fit_result = expected<fit_report>;

/// Akaike's information criterion, -2 loglik + 2 k.
[[nodiscard]] constexpr auto aic(const fit_report& r) noexcept -> double {
  return -2 * r.loglik + 2 * static_cast<double>(r.parameters);
}

/// AIC with the correction for small samples of Hurvich and Tsai (1989); infinite when there are
/// not at least two observations more than parameters.
[[nodiscard]] constexpr auto aicc(const fit_report& r) noexcept -> double {
  const auto k = static_cast<double>(r.parameters);
  const double rest = static_cast<double>(r.observations) - k - 1;
  if (rest <= 0) return std::numeric_limits<double>::infinity();
  return aic(r) + 2 * k * (k + 1) / rest;
}

}  // namespace lepton::predict
