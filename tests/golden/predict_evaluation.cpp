// SPDX-License-Identifier: Apache-2.0
// Rolling-origin errors of the last value on six series of real utilisation: the last-value column
// of the table "Forecasting real utilisation" of the data folder's README, which fixes the
// protocol for all other models:
// - the series is one column of the file, all rows (`alibaba2018` cpu_util_percent, `azure_v2`
//   cpu_usage, `google2019` avg_cpu, the NAB files value), none is missing;
// - the first value forecast has the index floor(0.75 n), the next origins are 12 values apart, as
//   long as 12 values are left (the window that ends with the last value is in);
// - MASE is the mean of all 12 · origins absolute errors divided by the mean absolute change from
//   value to value before the first origin.
// Turning red is legitimate only when that protocol changes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/predict/last_value.hpp>
#include <lepton/predict/rolling_origin.hpp>
#include <lepton/simulate/gz_file.hpp>

#include "catch.hpp"
#include "data.hpp"

namespace {

using namespace lepton::predict;

// One column of a CSV text with a header.
auto column(std::string_view text, std::string_view name) -> std::vector<double> {
  std::vector<double> values;
  std::size_t place = 0;
  bool header = true;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    for (std::size_t i = 0; !line.empty(); ++i) {
      const auto comma = std::min(line.find(','), line.size());
      const auto field = line.substr(0, comma);
      if (header && field == name) place = i;
      if (!header && i == place) values.push_back(std::strtod(std::string{field}.c_str(), nullptr));
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
    header = false;
  }
  return values;
}

struct known {
  const char* file;
  const char* column;
  std::size_t values;
  std::size_t origins;
  double mase;
};

constexpr known figures[] = {
    {"alibaba2018_machine_usage_days_1_to_8_grouped_300_seconds", "cpu_util_percent", 2243, 46,
     1.054},
    {"azure_v2_vm_cpu_readings_month_aggregated_cpu_mem", "cpu_usage", 8640, 180, 1.615},
    {"google2019_instance_usage_grouped_300_seconds_month", "avg_cpu", 8064, 168, 1.971},
    {"nab_ec2_cpu_utilization_5f5533", "value", 4032, 84, 0.204},
    {"nab_elb_request_count_8c0756", "value", 4032, 84, 1.110},
    {"nab_rds_cpu_utilization_cc0c53", "value", 4032, 84, 2.689},
};

}  // namespace

TEST_CASE("evaluation: the last value on real utilisation") {
  LEPTON_DATA_OR_SKIP(folder, "util");
  for (const auto& f : figures) {
    INFO(f.file);
    const auto text =
        lepton::simulate::read_file((folder / (std::string{f.file} + ".csv.gz")).string());
    REQUIRE(text);
    const auto values = column(*text, f.column);
    CHECK(values.size() == f.values);
    const auto r = rolling_origin(last_value{}, values);
    REQUIRE(r);
    CHECK(r->origins.size() == f.origins);
    CHECK(r->summary.used == 12 * f.origins);
    CHECK(std::abs(r->summary.mase - f.mase) < 6e-4);
    CHECK(r->summary.mae == Approx(r->summary.mase * r->scale));
  }
}
