// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/write_csv.hpp>

#include <vector>

#include "catch.hpp"
#include "unit/simulate/some_results.hpp"

using namespace lepton::simulate;

TEST_CASE("write_csv: one line for each load, with empty fields for what was not measured") {
  const std::vector results{lepton_test::some_result()};
  CHECK(to_csv_text(results) ==
        "policy,seed,nodes,tasks,load,gpu_percent,cpu_percent,fragmentation_percent,unplaced,"
        "decisions,seconds,decisions_per_second\n"
        "best-fit,18446744073709551615,2,9,0,0,0,,3,9,0.5,18\n"
        "best-fit,18446744073709551615,2,9,1,0.1,12.345678901234567,100,3,9,0.5,18\n"
        "best-fit,18446744073709551615,2,9,2,,,1e-07,3,9,0.5,18\n");
}

TEST_CASE("write_csv: without timings, equal results give equal bytes") {
  std::vector results{lepton_test::some_result(), lepton_test::some_result()};
  const auto text = to_csv_text(results, timings::leave_out);
  CHECK(text.find("seconds") == std::string::npos);
  results[0].seconds = 99;
  CHECK(to_csv_text(results, timings::leave_out) == text);
}

TEST_CASE("write_csv: odd names are quoted, and no results give no lines") {
  std::vector results{lepton_test::some_result()};
  results[0].policy = "a,\"b\"";
  CHECK(to_csv_text(results).find("\n\"a,\"\"b\"\"\",18446744073709551615,") != std::string::npos);
  CHECK(to_csv_text({}, timings::leave_out) ==
        "policy,seed,nodes,tasks,load,gpu_percent,cpu_percent,fragmentation_percent,unplaced,"
        "decisions\n");
}
