// SPDX-License-Identifier: Apache-2.0
// Learners: forests, boosting and least squares on the Friedman-1 data (20,000 rows, 10 features),
// and an LSTM on 2,000 windows of 48 values; the peers in bench/peers/predict_learners.* (R,
// scikit-learn, PyTorch) do the same work, and scripts/bench.sh puts them side by side. The
// environment variable LEPTON_DATA_DIR says where `ml/` is.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include <lepton/collect/csv_read.hpp>
#include <lepton/predict/gradient_boosting.hpp>
#include <lepton/predict/linear_regression.hpp>
#include <lepton/predict/lstm.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/random_forest.hpp>
#include <lepton/simulate/gz_file.hpp>

namespace {

namespace predict = lepton::predict;

constexpr std::size_t features = 10;

/// Rows of numbers, the target first.
struct table {
  std::vector<double> x{};
  std::vector<double> y{};

  [[nodiscard]] auto rows() const -> predict::matrix_view {
    return {std::span<const double>{x}, features};
  }
};

/// The training part; empty if it is not there.
auto friedman() -> const table& {
  static const table data = [] {
    table t;
    const char* const folder = std::getenv("LEPTON_DATA_DIR");
    const auto path =
        std::string{folder == nullptr ? "../shared/data" : folder} + "/ml/friedman1_train.csv.gz";
    const auto text = lepton::simulate::read_file(path);
    if (!text) return t;
    const char* at = text->c_str();
    for (std::size_t i = 0; *at != '\0'; ++i) {
      char* end = nullptr;
      const double value = std::strtod(at, &end);
      if (end == at) break;
      (i % (features + 1) == 0 ? t.y : t.x).push_back(value);
      at = *end == ',' || *end == '\n' ? end + 1 : end;
    }
    return t;
  }();
  return data;
}

template <class Model>
void train(benchmark::State& state, const Model& model) {
  const auto& data = friedman();
  if (data.y.empty()) return state.SkipWithError("the data folder is missing");
  for (auto _ : state) {
    auto fresh = model;
    if (!fresh.fit(data.rows(), std::span<const double>{data.y}))
      return state.SkipWithError("the fit failed");
    benchmark::DoNotOptimize(fresh);
  }
}

template <class Model>
void predict_rows(benchmark::State& state, Model model) {
  const auto& data = friedman();
  if (data.y.empty()) return state.SkipWithError("the data folder is missing");
  if (!model.fit(data.rows(), std::span<const double>{data.y}))
    return state.SkipWithError("the fit failed");
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(model.predict(data.rows().row(i)));
    i = i + 1 == data.y.size() ? 0 : i + 1;
  }
}

auto forest(predict::split_method splits) -> predict::random_forest {
  predict::random_forest_options o;
  o.trees = 100;
  o.features = 3;
  o.splits = splits;
  o.quantiles = predict::forest_quantiles::none;
  return predict::random_forest{o};
}

auto boosting() -> predict::gradient_boosting {
  predict::gradient_boosting_options o;
  o.iterations = 100;
  o.patience = 0;
  o.learning_rate = 0.1;
  o.max_leaves = 31;
  return predict::gradient_boosting{o};
}

// --- LSTM ----------------------------------------------------------------------------------------

/// Two seasons, and noise.
auto two_seasons(std::size_t count) -> std::vector<double> {
  lepton::detail::pcg32 random{1};
  std::vector<double> values(count);
  for (std::size_t t = 0; t < count; ++t) {
    const auto turns = 2 * std::numbers::pi * static_cast<double>(t);
    values[t] =
        std::sin(turns / 24) + std::sin(turns / 168) + 0.1 * predict::detail::normal_number(random);
  }
  return values;
}

auto network(std::size_t epochs) -> predict::lstm {
  predict::lstm_options o;
  o.hidden = 32;
  o.window = 48;
  o.horizon = 1;
  o.batch = 32;
  o.windows = 2000;
  o.epochs = epochs;
  o.patience = epochs + 1;
  return predict::lstm{o};
}

/// An epoch, with its look at the validation part, as the difference of fits of four and of two.
void lstm_epoch(benchmark::State& state) {
  using clock = std::chrono::steady_clock;
  const auto values = two_seasons(2600);
  const auto seconds = [&](std::size_t epochs) {
    auto model = network(epochs);
    const auto began = clock::now();
    const auto report = model.fit(std::span<const double>{values});
    const auto ended = clock::now();
    if (!report) state.SkipWithError("the fit failed");
    return std::chrono::duration<double>(ended - began).count();
  };
  for (auto _ : state) state.SetIterationTime((seconds(4) - seconds(2)) / 2);
}

/// The forecast that follows a window of 48 values, from nothing.
void lstm_window(benchmark::State& state) {
  auto model = network(1);
  const auto values = two_seasons(2600);
  if (!model.fit(std::span<const double>{values})) return state.SkipWithError("the fit failed");
  for (auto _ : state) {
    for (std::size_t i = 0; i < 48; ++i) model.update(values[i]);
    benchmark::DoNotOptimize(model);
  }
}

void lstm_step(benchmark::State& state) {
  auto model = network(1);
  const auto values = two_seasons(2600);
  if (!model.fit(std::span<const double>{values})) return state.SkipWithError("the fit failed");
  std::size_t i = 0;
  for (auto _ : state) {
    model.update(values[i]);
    i = i + 1 == values.size() ? 0 : i + 1;
  }
}

void add_all() {
  using benchmark::RegisterBenchmark;
  RegisterBenchmark("forest_train/exact", [](benchmark::State& s) {
    train(s, forest(predict::split_method::exact));
  })->Unit(benchmark::kMillisecond);
  RegisterBenchmark("forest_train/histogram", [](benchmark::State& s) {
    train(s, forest(predict::split_method::histogram));
  })->Unit(benchmark::kMillisecond);
  RegisterBenchmark("forest_predict/row", [](benchmark::State& s) {
    predict_rows(s, forest(predict::split_method::exact));
  });
  RegisterBenchmark("boosting_train/friedman", [](benchmark::State& s) {
    train(s, boosting());
  })->Unit(benchmark::kMillisecond);
  RegisterBenchmark("boosting_predict/row",
                    [](benchmark::State& s) { predict_rows(s, boosting()); });
  RegisterBenchmark("regression_fit/friedman", [](benchmark::State& s) {
    train(s, predict::linear_regression{});
  })->Unit(benchmark::kMicrosecond);
  RegisterBenchmark("lstm_epoch/windows", lstm_epoch)
      ->UseManualTime()
      ->Iterations(3)
      ->Unit(benchmark::kMillisecond);
  RegisterBenchmark("lstm_window/48", lstm_window)->Unit(benchmark::kMicrosecond);
  RegisterBenchmark("lstm_step/1", lstm_step);
}

}  // namespace

auto main(int argc, char** argv) -> int {
  add_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
