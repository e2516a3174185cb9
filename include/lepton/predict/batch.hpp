// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/parallel_for.hpp>

// One predictor for each of many series: those of all nodes, or all services.

namespace lepton::predict {

/// What came of fitting many models.
struct batch_report {
  std::vector<fit_result> results{};  ///< of each model
  std::size_t failed = 0;             ///< models that could not be fitted, and are as they were
  std::size_t fallbacks = 0;          ///< models for which a simpler one stands in
  std::size_t unconverged = 0;        ///< models whose search did not end at an optimum
};

namespace detail {

template <class P, class Fit>
[[nodiscard]] auto fit_each(std::span<P> models, std::span<const std::span<const double>> series,
                            std::size_t threads, Fit fit) -> expected<batch_report> {
  if (models.size() != series.size())
    return failure("batch: there are " + std::to_string(models.size()) + " models and " +
                   std::to_string(series.size()) + " series; each model needs one");
  batch_report report;
  report.results.assign(models.size(), fit_result{fit_report{}});
  parallel_for(models.size(), threads_for(threads, models.size()),
               [&](std::size_t i, std::size_t) { report.results[i] = fit(models[i], series[i]); });
  for (const auto& result : report.results) {
    if (!result) {
      ++report.failed;
      continue;
    }
    report.fallbacks += result->fallback.empty() ? 0U : 1U;
    report.unconverged += result->converged ? 0U : 1U;
  }
  return report;
}

}  // namespace detail

/// Fits model i to series i, on so many threads (0: one a processor). A series that cannot be
/// fitted does not keep the others from it. The result is the same for any number of threads.
template <trainable P>
[[nodiscard]] auto fit_all(std::span<P> models, std::span<const std::span<const double>> series,
                           std::size_t threads = 0) -> expected<batch_report> {
  return detail::fit_each(models, series, threads,
                          [](P& m, std::span<const double> values) { return m.fit(values); });
}
/// The same from the parameters that the models have.
template <refittable P>
[[nodiscard]] auto refit_all(std::span<P> models, std::span<const std::span<const double>> series,
                             std::size_t threads = 0) -> expected<batch_report> {
  return detail::fit_each(models, series, threads,
                          [](P& m, std::span<const double> values) { return m.refit(values); });
}

/// The next value of each series, on this thread.
template <predictor P>
void update_all(std::span<P> models, std::span<const double> values) noexcept {
  LEPTON_ASSERT(models.size() == values.size(), "update_all: each model needs a value");
  for (std::size_t i = 0; i < models.size(); ++i) models[i].update(values[i]);
}

/// The quantile q of the largest of the next `horizon` values of each series, on so many threads.
template <predictor P>
void peak_quantiles(std::span<P> models, std::size_t horizon, double q, std::span<double> out,
                    std::size_t threads = 1) {
  LEPTON_ASSERT(models.size() == out.size(), "peak_quantiles: out holds a number for each model");
  detail::parallel_for(
      models.size(), detail::threads_for(threads, models.size()),
      [&](std::size_t i, std::size_t) { out[i] = models[i].peak_quantile(horizon, q); });
}

}  // namespace lepton::predict
