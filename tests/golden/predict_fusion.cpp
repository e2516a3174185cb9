// SPDX-License-Identifier: Apache-2.0
// The hybrid predictor on six recorded series of utilisation, with nothing set but the length of
// the day: not more than 2 % worse than the best of its members on any of them, or than the best
// of the models in the table below; and 80 % intervals that hold 75 to 85 % of the values.
//
// Protocol: fitted once to the first 75 % of a series, then only updated; at every 12th value the
// next 12 are forecast. MASE is scaled by the training part's mean absolute change.
//
// The table: mean absolute scaled errors of other forecasters under the same protocol (last value,
// exponential smoothing, auto-ARIMA, regression on the last 24 values); the least is given.
//
// Turning red is legitimate if a member has changed for the better or worse; then look whether the
// weights still follow, and never raise the two limits.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <lepton/predict/hybrid.hpp>
#include <lepton/predict/rolling_origin.hpp>
#include <lepton/simulate/gz_file.hpp>

#include "catch.hpp"
#include "data.hpp"
#include "sanitized.hpp"

namespace {

using namespace lepton::predict;

struct recorded {
  const char* name;
  const char* file;
  std::size_t column;
  double least;  // MASE of the best in the table
};

constexpr recorded series[] = {
    {"Alibaba 2018", "alibaba2018_machine_usage_days_1_to_8_grouped_300_seconds.csv.gz", 0, 0.966},
    {"Azure v2", "azure_v2_vm_cpu_readings_month_aggregated_cpu_mem.csv.gz", 1, 1.148},
    {"Google 2019", "google2019_instance_usage_grouped_300_seconds_month.csv.gz", 0, 1.779},
    {"NAB ec2 5f5533", "nab_ec2_cpu_utilization_5f5533.csv.gz", 1, 0.167},
    {"NAB elb 8c0756", "nab_elb_request_count_8c0756.csv.gz", 1, 0.814},
    {"NAB rds cc0c53", "nab_rds_cpu_utilization_cc0c53.csv.gz", 1, 2.494},
};

auto column_of(std::string_view text, std::size_t column) -> std::vector<double> {
  std::vector<double> values;
  bool header = true;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!header && !line.empty()) {
      for (std::size_t c = 0; c < column; ++c) line.remove_prefix(line.find(',') + 1);
      values.push_back(std::strtod(std::string(line.substr(0, line.find(','))).c_str(), nullptr));
    }
    header = false;
  }
  return values;
}

}  // namespace

TEST_CASE("fusion: the hybrid is as good as its best member on six recorded series") {
  LEPTON_SKIP_SANITIZED();
  LEPTON_DATA_OR_SKIP(folder, "util");
  for (const recorded& r : series) {
    const auto text = lepton::simulate::read_file((folder / r.file).string());
    REQUIRE(text);
    const auto values = column_of(*text, r.column);
    REQUIRE(values.size() > 2000);
    const hybrid model{288};
    const auto result = rolling_origin(model, values);
    REQUIRE(result);
    double best = r.least;
    const auto compare = [&](const auto& member) {
      const auto alone = rolling_origin(member, values);
      REQUIRE(alone);
      best = std::min(best, alone->summary.mase);
    };
    std::apply([&](const auto&... member) { (compare(member), ...); },
               model.combination().members());
    INFO(r.name << ": MASE " << result->summary.mase << ", best " << best << ", coverage "
                << result->summary.coverage);
    CHECK(result->summary.mase <= 1.02 * best);
    CHECK(result->summary.coverage >= 0.75);
    CHECK(result->summary.coverage <= 0.85);
  }
}
