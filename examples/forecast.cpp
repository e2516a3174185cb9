// SPDX-License-Identifier: Apache-2.0
// From raw samples to a forecast: a counter that somebody reads at odd times becomes a regular
// series, a model is fitted to it and updated as more comes in.

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include <lepton/collect/series.hpp>
#include <lepton/predict/exponential_smoothing.hpp>

using namespace std::chrono_literals;
namespace collect = lepton::collect;
namespace predict = lepton::predict;

int main() {
  // Load of a service, read about once a minute; a value for each five minutes, at most two days.
  collect::series load{576, 5min};
  for (int second = 0; second < 2 * 86'400; second += 57) {
    const double hour = second / 3600.0;
    load.add({lepton::at(std::chrono::seconds{second}), 40 + 15 * std::sin(hour * 0.2618)});
  }

  predict::ets model = predict::damped_holt();  // a level, and a trend that fades
  const auto report = model.fit(load.values());
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().to_string().c_str());
    return 1;
  }
  model.update(std::nan(""));  // a value was lost: time goes on

  constexpr std::array<double, 3> levels{0.1, 0.5, 0.9};
  std::array<double, 3 * 3> next{};
  model.forecast(3, levels, next);
  for (std::size_t h = 0; h < 3; ++h) {
    std::printf("in %zu minutes: %.1f, between %.1f and %.1f with probability 0.8\n", 5 * (h + 1),
                next[3 * h + 1], next[3 * h], next[3 * h + 2]);
  }
  const double needed = model.peak_quantile(12, 0.95);
  std::printf("enough for the next hour with probability 0.95: %.1f\n", needed);
  return needed > next[1] ? 0 : 1;
}
