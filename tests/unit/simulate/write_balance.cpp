// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <lepton/simulate/write_balance_csv.hpp>
#include <lepton/simulate/write_balance_json.hpp>

#include "catch.hpp"

using namespace lepton::simulate;

namespace {

auto some_balance_result() -> balance_result {
  balance_result r;
  r.policy = "maglev, \"big\"";
  r.seed = 18446744073709551615U;
  r.servers = 2;
  r.requests = 10;
  r.completed = 7;
  r.rejected = 2;
  r.lost = 1;
  r.retried = 4;
  r.latency = {1.5, 1, 2, 3, 4.25, 1e-7};
  r.mean_wait = 0.1;
  r.imbalance = 1;
  r.jain = 0.5;
  r.utilisation = 0.75;
  r.moved = 0.1;
  r.moved_excess = 0;
  r.simulated_seconds = 12;
  r.per_server = {{"a", 7, 0.5, 2}, {"b", 0, 0, 0}};
  r.seconds = 0.5;
  r.picks_per_second = 1000;
  return r;
}

}  // namespace

TEST_CASE("write_balance_json: the text, byte for byte") {
  const std::vector results{some_balance_result()};
  CHECK(to_json_text(results) ==
        "[\n"
        R"({"policy":"maglev, \"big\"","seed":18446744073709551615,"servers":2,"requests":10,)"
        R"("mean":1.5,"p50":1.0,"p95":2.0,"p99":3.0,"p999":4.25,"max":1e-07,"mean_wait":0.1,)"
        R"("imbalance":1.0,"jain":0.5,"utilisation":0.75,"completed":7,"rejected":2,"lost":1,)"
        R"("retried":4,"moved":0.1,"moved_excess":0.0,"simulated_seconds":12.0,)"
        R"("per_server":[{"name":"a","requests":7,"utilisation":0.5,"mean":2.0},)"
        R"({"name":"b","requests":0,"utilisation":0.0,"mean":0.0}],)"
        R"("seconds":0.5,"picks_per_second":1000.0})"
        "\n]\n");
  CHECK(to_json_text(std::vector<balance_result>{}) == "[]\n");
}

TEST_CASE("write_balance_json: what was not measured is null, timings can be left out") {
  std::vector results{some_balance_result(), some_balance_result()};
  results[0].moved.reset();
  results[1].per_server[0].name = "caf\xE9";
  const auto read = nlohmann::json::parse(to_json_text(results, timings::leave_out));
  REQUIRE(read.size() == 2);
  CHECK(read[0]["moved"].is_null());
  CHECK_FALSE(read[0].contains("seconds"));
  CHECK_FALSE(read[0].contains("picks_per_second"));
  CHECK(read[1]["per_server"][0]["name"] == "caf\xEF\xBF\xBD");
}

TEST_CASE("write_balance_csv: the text, byte for byte") {
  std::vector results{some_balance_result()};
  const std::string header =
      "policy,seed,servers,requests,mean,p50,p95,p99,p999,max,mean_wait,imbalance,jain,"
      "utilisation,completed,rejected,lost,retried,moved,moved_excess,simulated_seconds";
  const std::string row =
      "\"maglev, \"\"big\"\"\",18446744073709551615,2,10,1.5,1,2,3,4.25,1e-07,0.1,1,0.5,0.75,7,2,1,"
      "4,0.1,0,12";
  CHECK(to_csv_text(results) == header + ",seconds,picks_per_second\n" + row + ",0.5,1000\n");
  CHECK(to_csv_text(results, timings::leave_out) == header + "\n" + row + "\n");
  results[0].moved.reset();
  results[0].moved_excess.reset();
  CHECK(to_csv_text(results, timings::leave_out).find(",4,,,12\n") != std::string::npos);
}
