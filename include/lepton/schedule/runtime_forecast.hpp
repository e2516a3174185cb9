// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <lepton/detail/recent_table.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/runtime_bounds.hpp>
#include <lepton/schedule/runtime_keys.hpp>

namespace lepton::schedule {

/// A model of a series of numbers.
///
/// 1. `m.update(value)`: the next number of the series.
/// 2. `m.forecast(horizon, quantiles, out)` writes, for each of the next `horizon` numbers, the
///    quantiles asked for, step by step; NaN for what it cannot tell.
/// 3. It is a plain value: a copy goes its own way.
template <class M>
concept series_model = std::copyable<M> &&
    requires(M& m, double value, std::size_t horizon, std::span<const double> quantiles,
             std::span<double> out) {
  m.update(value);
  m.forecast(horizon, quantiles, out);
};

/// Guesses what a model of the series of run times forecasts (in seconds): each key has a model of
/// its own, a copy of the one given here. The estimate as long as fewer than `needed` tasks that
/// were alike have ended, or if the model cannot tell.
///
/// Remembers so many keys; when there are more, the one forgotten is that of which no task ended
/// for the longest time. Each call is O(1) and what the model takes.
template <series_model Model, class Key = same_tenant>
class runtime_forecast {
 public:
  struct options {
    double quantile = 0.5;   ///< larger ones expire less often
    std::size_t needed = 2;  ///< ended tasks before the model is asked
    std::size_t remembered = std::size_t{1} << 16;
  };

  explicit runtime_forecast(Model model = {}) : runtime_forecast(std::move(model), options{}) {}
  runtime_forecast(Model model, options o, Key key = {})
      : model_(std::move(model)), options_(o), key_(key), table_(o.remembered) {}

  template <class Task>
  [[nodiscard]] auto predict(const Task& t, time_point) noexcept -> duration {
    const auto estimate = estimate_of(t);
    const auto asked = detail::within_estimate(duration::max(), estimate);
    auto* own = table_.find(key_(t));
    if (own == nullptr || own->ended < options_.needed) return asked;
    const std::array<double, 1> quantiles{options_.quantile};
    std::array<double, 1> seconds{-1};
    own->model->forecast(1, std::span<const double>{quantiles}, std::span<double>{seconds});
    const double ns = seconds[0] * 1e9;
    if (!(ns < 9.2e18)) return asked;  // too long, or not a number
    return detail::within_estimate(duration{ns < 1 ? 1 : static_cast<duration::rep>(ns)}, estimate);
  }
  template <class Task>
  void observe(const Task& t, duration ran, time_point) {
    auto& own = table_.touch(key_(t));
    if (!own.model) own.model = model_;
    ++own.ended;
    own.model->update(std::chrono::duration<double>(ran).count());
  }
  template <class Task>
  [[nodiscard]] auto correct(const Task& t, duration ran, duration) const noexcept -> duration {
    return detail::within_rest(duration::max(), ran, estimate_of(t));
  }
  template <class Task>
  [[nodiscard]] auto knows(const Task& t) const noexcept -> bool {
    const auto* own = table_.find(key_(t));
    return own != nullptr && own->ended >= options_.needed;
  }

 private:
  struct series {
    std::optional<Model> model{};
    std::uint64_t ended = 0;
  };

  Model model_;
  options options_;
  [[no_unique_address]] Key key_;
  lepton::detail::recent_table<series> table_;
};

}  // namespace lepton::schedule
