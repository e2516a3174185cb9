// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/boosted_ensemble.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/gradient_boosting_options.hpp>
#include <lepton/predict/training_table.hpp>

namespace lepton::predict {

/// A sum of small trees, each grown to take a step down the loss of those before (Friedman 2001),
/// on features in bins.
///
/// Quantiles: those in `options.levels` have trees of their own, fitted by pinball loss; between
/// them is a straight line, and crossing ones are put into order. Beyond them, and where there are
/// none, the distribution of the errors on the rows held out is moved to the prediction (of the
/// nearest level): the same width everywhere.
///
/// Features may be missing (NaN); each split has learned where such rows go. `fit` takes
/// O(trees * depth * features * rows); the number of threads does not change the result.
class gradient_boosting {
 public:
  static constexpr std::string_view model_name = "gradient boosting";

  gradient_boosting() = default;
  explicit gradient_boosting(gradient_boosting_options options) : options_(std::move(options)) {
    make_room();
  }

  /// Learns from rows of features and their numbers; rows without a number (NaN) are left out.
  /// The last rows serve as validation: keep a series in the order of time.
  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y) -> fit_result {
    return fit(x, y, {});
  }
  /// The same with a weight, not negative, for each row.
  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y, std::span<const double> weights)
      -> fit_result;

  /// What the loss makes one expect: the mean, median or quantile. The row has `features()` numbers
  /// (contract). NaN if never fitted.
  [[nodiscard]] auto predict(std::span<const double> row) const noexcept -> double {
    if (ensembles_.empty()) return std::numeric_limits<double>::quiet_NaN();
    LEPTON_ASSERT(row.size() == features_, "gradient_boosting: another number of features");
    const double sum = ensembles_[0].sum(row);
    return options_.loss == boosting_loss::poisson ? std::exp(std::min(sum, 700.0)) : scaled(sum);
  }
  /// Quantiles (0 < q < 1) of the number for these features, in the order asked for. NaN if never
  /// fitted.
  void predict_quantiles(std::span<const double> row, std::span<const double> quantiles,
                         std::span<double> out) noexcept {
    LEPTON_ASSERT(quantiles.size() == out.size(), "predict_quantiles: a place for each quantile");
    const double center = predict(row);
    const auto& levels = options_.levels;
    if (!ensembles_.empty()) {
      for (std::size_t k = 0; k < levels.size(); ++k) room_[k] = scaled(ensembles_[k + 1].sum(row));
      std::sort(room_.begin(), room_.end());
    }
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const double q = quantiles[i];
      if (ensembles_.empty() || levels.empty()) {
        out[i] = center + error_quantile(q);
      } else if (q <= levels.front()) {
        out[i] = room_.front() + error_quantile(q) - error_quantile(levels.front());
      } else if (q >= levels.back()) {
        out[i] = room_.back() + error_quantile(q) - error_quantile(levels.back());
      } else {
        const auto k = static_cast<std::size_t>(std::upper_bound(levels.begin(), levels.end(), q) -
                                                levels.begin());
        const double t = (q - levels[k - 1]) / (levels[k] - levels[k - 1]);
        out[i] = room_[k - 1] + t * (room_[k] - room_[k - 1]);
      }
      if (options_.loss == boosting_loss::poisson) out[i] = std::max(out[i], 0.0);
    }
  }

  [[nodiscard]] auto options() const noexcept -> const gradient_boosting_options& {
    return options_;
  }
  [[nodiscard]] auto features() const noexcept -> std::size_t { return features_; }
  /// Trees that make up the prediction.
  [[nodiscard]] auto trees() const noexcept -> std::span<const tree_nodes> {
    return ensembles_.empty() ? std::span<const tree_nodes>{} : ensembles_[0].trees();
  }

  template <class Archive>
  void persist(Archive& a) {
    a(options_, features_, center_, factor_, ensembles_, errors_);
    if constexpr (Archive::reads) {
      make_room();
      bool good = ensembles_.empty() ||
                  (ensembles_.size() == 1 + options_.levels.size() && !errors_.empty());
      good = good && std::isfinite(center_) && factor_ > 0 && std::isfinite(factor_);
      for (const auto& e : ensembles_) good = good && e.valid(features_);
      for (std::size_t i = 0; i < errors_.size(); ++i)
        good = good && std::isfinite(errors_[i]) && (i == 0 || errors_[i] >= errors_[i - 1]);
      if (!good) a.reject();
    }
  }

 private:
  [[nodiscard]] auto scaled(double sum) const noexcept -> double { return center_ + factor_ * sum; }
  [[nodiscard]] auto error_quantile(double q) const noexcept -> double {
    if (errors_.empty()) return std::numeric_limits<double>::quiet_NaN();
    const auto n = errors_.size();
    const double at = std::clamp(q, 0.0, 1.0) * static_cast<double>(n + 1) - 1;
    if (at <= 0) return errors_.front();
    const auto k = static_cast<std::size_t>(at);
    if (k + 1 >= n) return errors_.back();
    return errors_[k] + (at - static_cast<double>(k)) * (errors_[k + 1] - errors_[k]);
  }
  void make_room() { room_.resize(options_.levels.size()); }

  gradient_boosting_options options_{};
  std::size_t features_ = 0;
  double center_ = 0;
  double factor_ = 1;
  std::vector<detail::boosted_ensemble> ensembles_;  ///< the prediction's, then the levels'
  std::vector<double> errors_;                       ///< of the rows held out, ascending
  std::vector<double> room_;
};

inline auto gradient_boosting::fit(matrix_view x, std::span<const double> y,
                                   std::span<const double> weights) -> fit_result {
  if (const auto good = options_.check(model_name); !good) return unexpected{good.error()};
  if (const auto good = detail::finite_targets(model_name, y); !good)
    return unexpected{good.error()};
  const bool counts = options_.loss == boosting_loss::poisson;
  for (std::size_t i = 0; counts && i < y.size(); ++i)
    if (y[i] < 0)
      return failure("gradient boosting: the number of row " + std::to_string(i) +
                     " is negative, which the Poisson loss cannot be of");
  const auto table = detail::training_table::check(model_name, x, y.size(), weights,
                                                   [&](std::size_t i) { return std::isnan(y[i]); });
  if (!table) return unexpected{table.error()};
  const auto& rows = table->rows();
  const auto n = rows.size();
  const auto scale = detail::target_scale::of(y, rows);
  gradient_boosting fitted{options_};
  fitted.features_ = x.columns();
  fitted.center_ = scale.center;
  fitted.factor_ = scale.factor;
  std::vector<double> numbers(n);
  std::vector<double> shares(n, 1);
  std::vector<double> raw(n);
  for (std::size_t i = 0; i < n; ++i) {
    raw[i] = y[rows[i]];
    numbers[i] = scale.down(raw[i]);
    if (!weights.empty()) shares[i] = weights[rows[i]];
  }
  const auto held = n < 40 ? 0.0 : std::floor(options_.validation * static_cast<double>(n));
  const auto train = n - static_cast<std::size_t>(held);
  const auto features = table->features();
  const binned_matrix bins{features.slice(0, train), options_.bins, options_.threads};
  fitted.ensembles_.resize(1 + options_.levels.size());
  detail::parallel_for(
      fitted.ensembles_.size(), detail::threads_for(options_.threads, fitted.ensembles_.size()),
      [&](std::size_t e, std::size_t) {
        detail::loss_function loss{options_.loss, options_.loss_quantile};
        if (loss.kind == boosting_loss::absolute) loss.level = 0.5;
        if (e > 0) loss = {boosting_loss::quantile, options_.levels[e - 1]};
        const bool as_is = loss.kind == boosting_loss::poisson;
        fitted.ensembles_[e].fit({features, &bins, as_is ? raw : numbers, shares, train}, options_,
                                 loss);
      });
  for (auto i = train == n ? 0 : train; i < n; ++i)
    fitted.errors_.push_back(raw[i] - fitted.predict(features.row(i)));
  std::sort(fitted.errors_.begin(), fitted.errors_.end());
  fit_report report;
  report.observations = n;
  report.iterations = fitted.trees().size();
  for (const auto& t : fitted.trees()) report.parameters += t.leaves();
  if (report.parameters == report.iterations) report.fallback = "mean value";
  *this = std::move(fitted);
  return report;
}

}  // namespace lepton::predict
