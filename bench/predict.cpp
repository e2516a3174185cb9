// SPDX-License-Identifier: Apache-2.0
// Models of series: fitting, updating and forecasting, on the series that the peers in
// bench/peers/predict.* (R, statsmodels) work on too; scripts/bench.sh puts them side by side. The
// environment variable LEPTON_DATA_DIR says where `series/` and `util/` are.

#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include <lepton/collect/csv_read.hpp>
#include <lepton/predict/arima.hpp>
#include <lepton/predict/auto_arima.hpp>
#include <lepton/predict/auto_ets.hpp>
#include <lepton/predict/ets.hpp>
#include <lepton/simulate/gz_file.hpp>

namespace {

namespace predict = lepton::predict;

auto data_folder() -> std::string {
  const char* const folder = std::getenv("LEPTON_DATA_DIR");
  return folder == nullptr ? "../shared/data" : folder;
}

/// A series of the data folder; empty if it is not there.
auto read(const std::string& file, bool logarithm = false) -> std::vector<double> {
  const auto path = data_folder() + "/" + file;
  const auto text = lepton::simulate::read_file(path);
  if (!text) return {};
  auto series = lepton::collect::read_series_text(*text, path);
  if (!series) return {};
  if (logarithm) {
    for (auto& x : series->values) x = std::log(x);
  }
  return series->values;
}

template <class Model>
void fit(benchmark::State& state, const Model& model, const std::vector<double>& values) {
  if (values.empty()) return state.SkipWithError("the data folder is missing");
  for (auto _ : state) {
    auto fresh = model;
    auto report = fresh.fit(std::span<const double>{values});
    if (!report || !report->converged) return state.SkipWithError("the fit failed");
    benchmark::DoNotOptimize(report->loglik);
  }
}

template <class Model>
void update(benchmark::State& state, Model model, const std::vector<double>& values) {
  if (values.empty()) return state.SkipWithError("the data folder is missing");
  if (!model.fit(std::span<const double>{values})) return state.SkipWithError("the fit failed");
  std::size_t i = 0;
  for (auto _ : state) {
    model.update(values[i]);
    i = i + 1 == values.size() ? 0 : i + 1;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}

template <class Model>
void forecast(benchmark::State& state, Model model, const std::vector<double>& values) {
  if (values.empty()) return state.SkipWithError("the data folder is missing");
  if (!model.fit(std::span<const double>{values})) return state.SkipWithError("the fit failed");
  constexpr std::array<double, 2> levels{0.1, 0.9};
  std::array<double, 24> out{};
  for (auto _ : state) {
    model.forecast(12, levels, out);
    benchmark::DoNotOptimize(out);
  }
}

auto arima(std::array<std::size_t, 3> order, std::array<std::size_t, 4> seasonal = {0, 0, 0, 1})
    -> predict::arima {
  predict::arima_options o;
  o.p = order[0];
  o.d = order[1];
  o.q = order[2];
  o.P = seasonal[0];
  o.D = seasonal[1];
  o.Q = seasonal[2];
  o.season = seasonal[3];
  return predict::arima{o};
}
auto airline_model() -> predict::arima { return arima({0, 1, 1}, {0, 1, 1, 12}); }

auto ets(predict::ets_error error, predict::ets_trend trend, predict::ets_season season)
    -> predict::ets {
  predict::ets_options o;
  o.error = error;
  o.trend = trend;
  o.season = season;
  o.period = 12;
  return predict::ets{o};
}

const std::string passengers_file = "series/AirPassengers.txt";
const std::string azure_file =
    "util/azure_v2_vm_cpu_readings_month_aggregated_cpu_mem.csv.gz";  // 8,640 values

void add_all() {
  using benchmark::RegisterBenchmark;
  const auto airline = read(passengers_file, true);
  const auto passengers = read(passengers_file);
  const auto arma = read("series/arma2000.txt");
  const auto presidents = read("series/presidents.txt");
  const auto seas = read("series/seas2016.txt");
  const auto azure = read(azure_file);
  const auto add = [](const char* name, auto work) {
    return RegisterBenchmark(name, [work](benchmark::State& s) { work(s); });
  };

  add("arima_fit/airline", [=](auto& s) {
    fit(s, airline_model(), airline);
  })->Unit(benchmark::kMicrosecond);
  add("arima_fit/arma2000", [=](auto& s) {
    fit(s, arima({2, 0, 1}), arma);
  })->Unit(benchmark::kMicrosecond);
  add("arima_fit/presidents", [=](auto& s) {
    fit(s, arima({3, 0, 0}), presidents);
  })->Unit(benchmark::kMicrosecond);
  add("arima_fit/seas2016", [=](auto& s) {
    fit(s, arima({1, 0, 1}, {0, 1, 1, 24}), seas);
  })->Unit(benchmark::kMillisecond);
  add("arima_fit/season288", [=](auto& s) {
    fit(s, arima({1, 0, 1}, {0, 1, 1, 288}), azure);
  })->Unit(benchmark::kMillisecond);
  predict::auto_arima_options search;
  search.season = 12;
  add("arima_select/airline", [=](auto& s) {
    fit(s, predict::auto_arima{search}, airline);
  })->Unit(benchmark::kMillisecond);
  add("arima_update/arma2000", [=](auto& s) { update(s, arima({2, 0, 1}), arma); });
  add("arima_update/airline", [=](auto& s) { update(s, airline_model(), airline); });
  add("arima_forecast/airline", [=](auto& s) { forecast(s, airline_model(), airline); });

  const auto mam = ets(predict::ets_error::multiplicative, predict::ets_trend::additive,
                       predict::ets_season::multiplicative);
  const auto aan =
      ets(predict::ets_error::additive, predict::ets_trend::additive, predict::ets_season::none);
  add("ets_fit/airline_MAM", [=](auto& s) {
    fit(s, mam, passengers);
  })->Unit(benchmark::kMicrosecond);
  predict::auto_ets_options family;
  family.period = 12;
  add("ets_select/airline", [=](auto& s) {
    fit(s, predict::auto_ets{family}, passengers);
  })->Unit(benchmark::kMillisecond);
  add("ets_update/airline_MAM", [=](auto& s) { update(s, mam, passengers); });
  add("ets_update/azure_AAN", [=](auto& s) { update(s, aan, azure); });
  add("ets_forecast/azure_AAN", [=](auto& s) { forecast(s, aan, azure); });
}

}  // namespace

auto main(int argc, char** argv) -> int {
  add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
