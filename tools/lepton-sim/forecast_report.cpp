// SPDX-License-Identifier: Apache-2.0
#include "forecast_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "chart_js.hpp"
#include "report_assets.hpp"
#include "report_page.hpp"
#include "report_table.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_values_drawn = 1200;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// All that the parts of the page are made of.
struct report_data {
  const forecast_report_input& input;
  std::vector<std::string> names{};  ///< of the models, and "actual values" behind them
  std::vector<std::size_t> order{};  ///< of the models, the best first

  [[nodiscard]] auto models() const -> std::size_t { return input.results.size(); }
  [[nodiscard]] auto best() const -> const forecast_result& { return input.results[order.front()]; }
};

auto data_of(const forecast_report_input& input) -> report_data {
  report_data d{input};
  for (const auto& r : input.results) d.names.push_back(r.model);
  d.names.emplace_back("actual values");
  d.order = forecast_ranking(input.results);
  return d;
}

// --- words --------------------------------------------------------------------------------------

auto four_digits(double x) -> std::string {
  return std::fabs(x) >= 10'000 ? grouped(x) : fmt::format("{:.4g}", x);
}
auto three_decimals(double x) -> std::string { return fmt::format("{:.3f}", x); }
auto percent_text(double part) -> std::string { return fmt::format("{:.1f}", 100 * part); }

auto finding(const report_data& d) -> std::string {
  const auto& best = d.best();
  const auto& s = best.rolling.summary;
  auto text = std::isnan(s.mase) ? fmt::format("<b>{}</b> has the smallest mean absolute error, {}",
                                               escape_html(best.model), four_digits(s.mae))
                                 : fmt::format("<b>{}</b> has the smallest MASE, {}",
                                               escape_html(best.model), three_decimals(s.mase));
  return text + fmt::format("; its {:.4g} % interval covers {} % of the values.",
                            d.input.options.interval, percent_text(s.coverage));
}

auto header(const report_data& d) -> std::string {
  const auto& o = d.input.options;
  const auto& series = d.input.series;
  std::vector<page_fact> facts{
      {"Values", count_text(series.values.size())},
      {"First origin", fmt::format("after {:.4g} %", o.train)},
      {"Origins", count_text(d.best().rolling.origins.size())},
      {"Horizon", count_text(o.horizon)},
      {"Models", count_text(d.models())},
      {"Fits", o.refit == 0 ? "once, then updates" : fmt::format("every {} origins", o.refit)}};
  if (o.series.season > 1) facts.emplace_back("Season", count_text(o.series.season));
  if (series.missing != 0) facts.emplace_back("Missing", count_text(series.missing));
  return page_header("Forecast report", escape_html(series_text(series)), finding(d), facts);
}

auto definitions(const report_data& d) -> std::string {
  return fmt::format(R"(<section aria-labelledby="reading-title">
<h2 id="reading-title">How to read this</h2>
<dl class="definitions">
<div><dt>Origins</dt><dd>Each model stands at one place of the series after the other, every {} values, and forecasts the next {} from what came before.</dd></div>
<div><dt>MASE</dt><dd>Mean absolute error of the medians, divided by that of repeating the last value{} before the first origin. Below 1 is better than that.</dd></div>
<div><dt>Pinball, CRPS</dt><dd>How good the quantiles are: the mean quantile loss over eleven levels, and the continuous ranked probability score made from them. Lower is better.</dd></div>
<div><dt>Covered</dt><dd>The part of the values within the model’s central {:.4g} % interval: the closer to that the more honest; the width says what it costs.</dd></div>
</dl>
</section>
)",
                     d.input.options.step, d.input.options.horizon,
                     d.input.options.series.season > 1 ? " of the season" : "",
                     d.input.options.interval);
}

// --- table --------------------------------------------------------------------------------------

auto compare(const report_data& d) -> comparison {
  comparison table;
  table.what = "Model";
  table.names.assign(d.names.begin(), d.names.end() - 1);
  table.order = d.order;
  table.averaged.assign(d.models(), false);
  const auto add = [&](std::string group, const char* title, better best,
                       auto(*format)(double)->std::string, auto value) {
    const bool begins =
        group.empty() || table.columns.empty() || table.columns.back().group != group;
    table_column column{std::move(group), title, best, {}, format, false, begins};
    for (const auto& r : d.input.results) {
      const auto x = static_cast<double>(value(r));
      if (std::isfinite(x)) {
        column.values.push_back(seed_spread{x, x, x});
      } else {
        column.values.emplace_back();
      }
    }
    table.columns.push_back(std::move(column));
  };
  const auto score = [&](const char* group, const char* title, better best, auto format,
                         double lepton::predict::forecast_scores::*which) {
    add(group, title, best, format, [which](const auto& r) { return r.rolling.summary.*which; });
  };
  using scores = lepton::predict::forecast_scores;
  score("Error of the median", "MASE", better::low, three_decimals, &scores::mase);
  score("Error of the median", "MAE", better::low, four_digits, &scores::mae);
  score("Error of the median", "RMSE", better::low, four_digits, &scores::rmse);
  score("Error of the median", "sMAPE, %", better::low, four_digits, &scores::smape);
  score("Quantiles", "pinball", better::low, four_digits, &scores::pinball);
  score("Quantiles", "CRPS", better::low, four_digits, &scores::crps);
  score("Interval", "covered, %", better::neither, percent_text, &scores::coverage);
  score("Interval", "width", better::neither, four_digits, &scores::width);
  add("Time", "fit, s", better::low, four_digits, [](const auto& r) { return r.fit_seconds; });
  add("Time", "update, µs", better::low, four_digits,
      [](const auto& r) { return r.update_microseconds; });
  add("Time", "forecast, µs", better::low, four_digits,
      [](const auto& r) { return r.forecast_microseconds; });
  add("", "State, bytes", better::low, grouped, [](const auto& r) { return r.state_bytes; });
  return table;
}

// --- data for the scripts -----------------------------------------------------------------------

/// Values that no line is drawn for.
auto nothing(std::size_t count) -> ordered_json {
  return numbers_json(std::vector<double>(count, missing));
}

/// Medians and intervals beside what came, over the last origins.
auto forecasts_json(const report_data& d) -> ordered_json {
  const auto& first = d.best().rolling;
  const auto& values = d.input.series.values;
  const auto drawn = std::min(d.input.options.step, d.input.options.horizon);
  const auto most = std::max<std::size_t>(1, most_values_drawn / d.input.options.step);
  const auto from = first.origins.size() - std::min(first.origins.size(), most);
  std::vector<double> x;
  std::vector<double> actual;
  for (auto o = from; o < first.origins.size(); ++o) {
    for (std::size_t h = 0; h < d.input.options.step; ++h) {
      const auto at = first.origins[o] + h;
      if (at >= values.size()) break;
      x.push_back(static_cast<double>(at));
      actual.push_back(values[at]);
    }
  }
  ordered_json figure{{"x", numbers_json(x)},
                      {"mean", ordered_json::array()},
                      {"low", ordered_json::array()},
                      {"high", ordered_json::array()}};
  for (const auto& result : d.input.results) {
    const auto& r = result.rolling;
    std::vector<double> median(x.size(), missing);
    auto low = median;
    auto high = median;
    std::size_t k = 0;
    for (auto o = from; o < r.origins.size(); ++o) {
      for (std::size_t h = 0; h < d.input.options.step && k < x.size(); ++h, ++k) {
        if (h >= drawn) continue;
        median[k] = r.at(o, h, r.median);
        low[k] = r.at(o, h, r.lower);
        high[k] = r.at(o, h, r.upper);
      }
    }
    figure["mean"].push_back(numbers_json(median));
    figure["low"].push_back(numbers_json(low));
    figure["high"].push_back(numbers_json(high));
  }
  figure["mean"].push_back(numbers_json(actual));
  figure["low"].push_back(nullptr);
  figure["high"].push_back(nullptr);
  return figure;
}

/// A figure of each model at each step ahead.
auto by_step_json(const report_data& d, double lepton::predict::forecast_scores::*which,
                  double factor) -> ordered_json {
  const auto steps = d.input.options.horizon;
  std::vector<double> x;
  for (std::size_t h = 1; h <= steps; ++h) x.push_back(static_cast<double>(h));
  ordered_json figure{{"x", numbers_json(x)},
                      {"mean", ordered_json::array()},
                      {"low", ordered_json::array()},
                      {"high", ordered_json::array()}};
  for (const auto& r : d.input.results) {
    std::vector<double> line;
    for (const auto& s : r.rolling.by_step) line.push_back(factor * (s.*which));
    figure["mean"].push_back(numbers_json(line));
  }
  figure["mean"].push_back(nothing(x.size()));
  for (std::size_t i = 0; i < d.names.size(); ++i) {
    figure["low"].push_back(nullptr);
    figure["high"].push_back(nullptr);
  }
  return figure;
}

auto data_json(const report_data& d) -> ordered_json {
  using scores = lepton::predict::forecast_scores;
  const auto figure = [](const char* id, const char* x, const char* y, const char* x_title,
                         const char* y_title) {
    return ordered_json{{"id", id}, {"kinds", {x, y}}, {"axes", {x_title, y_title}}};
  };
  auto lines = policies_json(d.names);
  lines.back()["plain"] = true;
  return {{"policies", std::move(lines)},
          {"ranking", d.order},
          {"sorted", {{"column", 1}, {"direction", "ascending"}}},
          {"banded", d.order.front()},
          {"figures",
           {figure("forecasts", "index", "value", "Number of the value", "Value"),
            figure("errors", "steps", "count", "Steps ahead", "Mean absolute error"),
            figure("coverage", "steps", "part", "Steps ahead", "Covered, %")}},
          {"forecasts", forecasts_json(d)},
          {"errors", by_step_json(d, &scores::mae, 1)},
          {"coverage", by_step_json(d, &scores::coverage, 100)}};
}

// --- the page -----------------------------------------------------------------------------------

auto charts(const report_data& d) -> std::string {
  auto order = d.order;
  order.push_back(d.models());
  return chart_section(
      "Forecasts, and how good they are",
      chart_legend(d.names, order,
                   {"Smallest error first.", "its line and its interval", "Models", d.models()}),
      chart_figure("forecasts", "Forecasts",
                   fmt::format("Medians of the forecasts from each origin, one after the other; "
                               "shaded is the {:.4g} % interval of the model that is brought out, "
                               "else of {}.",
                               d.input.options.interval, escape_html(d.best().model))) +
          chart_figure("errors", "Error by step",
                       "Mean absolute error of the medians, by the number of steps ahead.") +
          chart_figure(
              "coverage", "Coverage by step",
              fmt::format("Values within the {:.4g} % interval.", d.input.options.interval)));
}

}  // namespace

auto write_forecast_report(const std::filesystem::path& dir, const forecast_report_input& input)
    -> lepton::status {
  if (input.results.empty()) return lepton::failure("there are no results to report");
  const auto d = data_of(input);
  return write_page(
      dir, whole_page("Forecast report: " + escape_html(input.series.name),
                      header(d) + comparison_section(compare(d)) + definitions(d) + charts(d),
                      data_json(d), std::vector{chart_js, report_script}));
}

}  // namespace lepton_sim
