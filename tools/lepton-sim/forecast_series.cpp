// SPDX-License-Identifier: Apache-2.0
#include "forecast_series.hpp"

#include <cmath>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <lepton/collect/csv_read.hpp>
#include <lepton/simulate/gz_file.hpp>

#include "text_table.hpp"

namespace lepton_sim {
namespace {

/// Takes logarithms in place; says which value has none.
auto take_logarithms(forecast_series& series, const forecast_series_options& options)
    -> lepton::status {
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    auto& x = series.values[i];
    if (x <= 0) {
      return lepton::failure(
          fmt::format("{}: value {} is {:.6g}, which has no logarithm; leave out --{}", series.name,
                      i + 1, x, options.log ? "log" : "log10"));
    }
    x = options.log ? std::log(x) : std::log10(x);
  }
  series.scale = options.log ? "log" : "log10";
  return {};
}

}  // namespace

auto load_series(const forecast_series_options& options) -> lepton::expected<forecast_series> {
  const auto text = lepton::simulate::read_file(options.file);
  if (!text) return lepton::unexpected{text.error()};
  lepton::collect::csv_options how;
  how.column = options.column;
  auto read = lepton::collect::read_series_text(*text, options.file, how);
  if (!read) return lepton::unexpected{read.error()};
  forecast_series series;
  series.name = std::filesystem::path{options.file}.filename().string();
  series.column = std::move(read->column);
  series.values = std::move(read->values);
  for (const double x : series.values) series.missing += std::isnan(x) ? 1U : 0U;
  if (options.log || options.log10) {
    if (const auto done = take_logarithms(series, options); !done)
      return lepton::unexpected{done.error()};
  }
  return series;
}

auto series_text(const forecast_series& series) -> std::string {
  auto text = series.name;
  if (!series.column.empty()) text += ", " + series.column;
  if (series.scale == "log") text += ", natural logarithm";
  if (series.scale == "log10") text += ", logarithm to the base 10";
  text += fmt::format(": {} values", grouped(static_cast<double>(series.values.size())));
  if (series.missing != 0)
    text += fmt::format(", {} of them missing", grouped(static_cast<double>(series.missing)));
  return text;
}

}  // namespace lepton_sim
