// SPDX-License-Identifier: Apache-2.0
#include "forecast_compare.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "text_table.hpp"

namespace lepton_sim {
namespace {

namespace predict = lepton::predict;

/// Time spent in calls of one kind.
struct call_times {
  std::size_t calls = 0;
  double total = 0;  ///< seconds
  double longest = 0;

  [[nodiscard]] auto mean() const -> double {
    return calls == 0 ? 0 : total / static_cast<double>(calls);
  }
};

/// Adds the time from its birth to its death.
class call_timer {
 public:
  explicit call_timer(call_times& into) noexcept : into_(into), began_(clock::now()) {}
  call_timer(const call_timer&) = delete;
  auto operator=(const call_timer&) -> call_timer& = delete;
  ~call_timer() {
    const double seconds = std::chrono::duration<double>(clock::now() - began_).count();
    ++into_.calls;
    into_.total += seconds;
    into_.longest = std::max(into_.longest, seconds);
  }

 private:
  using clock = std::chrono::steady_clock;
  call_times& into_;
  clock::time_point began_;
};

struct measured_calls {
  call_times fit{};
  call_times update{};
  call_times forecast{};
  std::size_t state_bytes = 0;
};

/// A predictor that keeps account of the time of its calls.
class measured {
 public:
  static constexpr std::string_view model_name = "measured";

  measured(predict::any_predictor model, measured_calls& into)
      : model_(std::move(model)), into_(&into) {}

  [[nodiscard]] auto fit(std::span<const double> values) -> predict::fit_result {
    const call_timer timer{into_->fit};
    auto fitted = model_.fit(values);
    into_->state_bytes = std::max(into_->state_bytes, predict::state_bytes(model_));
    return fitted;
  }
  [[nodiscard]] auto refit(std::span<const double> values) -> predict::fit_result {
    const call_timer timer{into_->fit};
    return model_.refit(values);
  }
  void update(double value) noexcept {
    const call_timer timer{into_->update};
    model_.update(value);
  }
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    const call_timer timer{into_->forecast};
    model_.forecast(horizon, quantiles, out);
  }
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return model_.peak_quantile(horizon, q);
  }
  [[nodiscard]] auto ready() const noexcept -> bool { return model_.ready(); }
  template <class Archive>
  void persist(Archive& a) {
    model_.persist(a);
  }

 private:
  predict::any_predictor model_;
  measured_calls* into_;
};

auto rank_of(const forecast_result& r) -> double {
  const auto& s = r.rolling.summary;
  const double error = std::isnan(s.mase) ? s.mae : s.mase;
  return std::isnan(error) ? HUGE_VAL : error;
}

auto figure(double x) -> std::string {
  if (std::isnan(x)) return "-";
  return std::fabs(x) >= 10'000 ? fmt::format("{:.4e}", x) : fmt::format("{:.4g}", x);
}

}  // namespace

auto evaluate(const forecast_model& model, const forecast_series& series,
              const forecast_compare_options& options) -> lepton::expected<forecast_result> {
  predict::rolling_options how;
  how.train = options.train / 100;
  how.step = options.step;
  how.horizon = options.horizon;
  how.refit_every = options.refit;
  how.season = options.series.season;
  how.interval = options.interval / 100;
  measured_calls calls;
  auto rolling = predict::rolling_origin(measured{model.make(options.series.season), calls},
                                         std::span<const double>{series.values}, how);
  if (!rolling)
    return lepton::failure(std::string{model.name} + ": " + rolling.error().to_string());
  forecast_result result;
  result.model = model.name;
  result.rolling = *std::move(rolling);
  result.fit_seconds = calls.fit.longest;
  result.update_microseconds = calls.update.mean() * 1e6;
  result.forecast_microseconds = calls.forecast.mean() * 1e6;
  result.state_bytes = calls.state_bytes;
  return result;
}

auto forecast_ranking(std::span<const forecast_result> results) -> std::vector<std::size_t> {
  std::vector<std::size_t> order(results.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return rank_of(results[a]) < rank_of(results[b]);
  });
  return order;
}

auto forecast_table(std::span<const forecast_result> results,
                    const forecast_compare_options& options) -> std::string {
  text_table table{{"model", "MASE", "MAE", "RMSE", "sMAPE %", "pinball", "CRPS",
                    fmt::format("covered % of {:.4g}", options.interval), "width", "fit s",
                    "update us", "forecast us", "state bytes"}};
  for (const auto i : forecast_ranking(results)) {
    const auto& r = results[i];
    const auto& s = r.rolling.summary;
    table.push_back({r.model, figure(s.mase), figure(s.mae), figure(s.rmse), figure(s.smape),
                     figure(s.pinball), figure(s.crps), fmt::format("{:.1f}", 100 * s.coverage),
                     figure(s.width), fmt::format("{:.3g}", r.fit_seconds),
                     fmt::format("{:.3g}", r.update_microseconds),
                     fmt::format("{:.3g}", r.forecast_microseconds),
                     grouped(static_cast<double>(r.state_bytes))});
  }
  return format_table(table) +
         "\n"
         "  MASE         mean absolute error of the median, in parts of that of the last value "
         "(of the season, if there is one) one step ahead before the first origin\n"
         "  sMAPE        mean of 200 |error| / (|value| + |forecast|)\n"
         "  pinball      mean quantile loss over the levels 5, 10, 20 ... 90, 95 %\n"
         "  CRPS         continuous ranked probability score, from these quantiles\n"
         "  covered      values within the central interval; width is its mean width\n"
         "  fit          the longest of the model's fits; update and forecast are means of a "
         "call\n";
}

auto forecast_json(const forecast_result& result) -> nlohmann::ordered_json {
  const auto& r = result.rolling;
  const auto& s = r.summary;
  const auto number = [](double x) {
    return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json(nullptr);
  };
  nlohmann::ordered_json object{{"model", result.model},
                                {"mase", number(s.mase)},
                                {"mae", number(s.mae)},
                                {"rmse", number(s.rmse)},
                                {"smape", number(s.smape)},
                                {"mape", number(s.mape)},
                                {"bias", number(s.bias)},
                                {"pinball", number(s.pinball)},
                                {"crps", number(s.crps)},
                                {"coverage", number(s.coverage)},
                                {"interval_score", number(s.interval_score)},
                                {"width", number(s.width)},
                                {"origins", r.origins.size()},
                                {"forecasts", s.used},
                                {"missing", s.missing},
                                {"scale", number(r.scale)},
                                {"fits", r.fits},
                                {"fallbacks", r.fallbacks},
                                {"unconverged", r.unconverged},
                                {"fit_seconds", result.fit_seconds},
                                {"update_microseconds", result.update_microseconds},
                                {"forecast_microseconds", result.forecast_microseconds},
                                {"state_bytes", result.state_bytes}};
  auto steps = nlohmann::ordered_json::array();
  for (std::size_t h = 0; h < r.by_step.size(); ++h) {
    steps.push_back({{"h", h + 1},
                     {"mae", number(r.by_step[h].mae)},
                     {"rmse", number(r.by_step[h].rmse)},
                     {"coverage", number(r.by_step[h].coverage)}});
  }
  object["steps"] = std::move(steps);
  return object;
}

}  // namespace lepton_sim
