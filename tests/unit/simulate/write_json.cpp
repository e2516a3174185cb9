// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/write_json.hpp>

#include <vector>

#include "catch.hpp"
#include "unit/simulate/some_results.hpp"

using namespace lepton::simulate;

TEST_CASE("write_json: the text, byte for byte") {
  const std::vector results{lepton_test::some_result()};
  CHECK(
      to_json_text(results) ==
      "[\n"
      R"({"policy":"best-fit","seed":18446744073709551615,"nodes":2,"tasks":9,)"
      R"("capacity":{"cpu_milli":96000,"memory_mib":1048576,"gpu_milli":16000},)"
      R"("allocation":[{"load":0,"gpu_percent":0.0,"cpu_percent":0.0},)"
      R"({"load":1,"gpu_percent":0.1,"cpu_percent":12.345678901234567}],)"
      R"("fragmentation":[{"load":1,"percent_of_cluster":100.0},{"load":2,"percent_of_cluster":1e-07}],)"
      R"("unplaced":3,"decisions":9,"seconds":0.5,"decisions_per_second":18.0})"
      "\n]\n");
}

TEST_CASE("write_json: without timings, equal results give equal bytes") {
  std::vector results{lepton_test::some_result(), lepton_test::some_result()};
  const auto text = to_json_text(results, timings::leave_out);
  CHECK(text.find("second") == std::string::npos);
  results[0].seconds = 99;
  CHECK(to_json_text(results, timings::leave_out) == text);
}

TEST_CASE("write_json: it reads back as an array with one object for each result") {
  const std::vector results{lepton_test::some_result(), lepton_test::some_result()};
  const auto read = nlohmann::json::parse(to_json_text(results));
  REQUIRE(read.is_array());
  REQUIRE(read.size() == 2);
  CHECK(read[1]["allocation"][1]["cpu_percent"].get<double>() == 12.345678901234567);
  CHECK(read[1]["seed"].get<std::uint64_t>() == 18446744073709551615U);
  CHECK(nlohmann::json::parse(to_json_text({})) == nlohmann::json::array());
}

TEST_CASE("write_json: names that are no UTF-8 do no harm") {
  std::vector results{lepton_test::some_result()};
  results[0].policy = "caf\xE9 \"x\"";
  CHECK(nlohmann::json::parse(to_json_text(results))[0]["policy"] == "caf\xEF\xBF\xBD \"x\"");
}
