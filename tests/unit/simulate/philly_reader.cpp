// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/philly_reader.hpp>

#include "catch.hpp"
#include "data.hpp"

using namespace lepton;
using namespace lepton::simulate;
using namespace std::chrono_literals;

namespace {

const std::string philly_columns = "timestamp,duration,num_gpus,gpu_time,cluster\n";

auto philly_error(std::string_view records, std::int64_t gpus = 8) -> std::string {
  philly_log log;
  const auto read = read_philly(philly_columns + std::string{records}, "p.csv", gpus, log);
  REQUIRE_FALSE(read);
  CHECK(log.workload.jobs.empty());
  return read.error().to_string();
}

}  // namespace

TEST_CASE("philly_reader: sorted by time, tenants by first appearance") {
  philly_log log;
  const auto read = read_philly(philly_columns +
                                    "2017-10-09 07:01:55,66.0,1,66.0,bb\n"
                                    "2017-10-09 07:01:50,10.25,2,0,aa\n"
                                    "2017-10-09 07:01:49,5,9,0,cc\n"  // more than there are
                                    "2017-10-09 07:01:48,0,1,0,aa\n"  // no time
                                    "2017-10-09 07:01:47,5,0,0,aa\n"  // no GPU
                                    "2017-10-09 07:01:50,7,8,0,bb\r\n",
                                "p.csv", 8, log);
  REQUIRE(read);
  CHECK(read->records == 6);
  const auto& w = log.workload;
  CHECK(w.name == "p.csv");
  CHECK(w.processors == 8);
  CHECK(w.dropped == 3);
  REQUIRE(w.jobs.size() == 3);
  CHECK(log.tenant_names == std::vector<std::string>{"bb", "aa", "cc"});
  CHECK(w.jobs[0].number == 2);
  CHECK(w.jobs[0].submitted == at(0s));
  CHECK(w.jobs[0].run == 10'250ms);
  CHECK(w.jobs[0].estimate == 10'250ms);
  CHECK(w.jobs[0].demand[0] == 2);
  CHECK(w.jobs[0].tenant == 1);
  CHECK(w.jobs[1].number == 6);
  CHECK(w.jobs[1].submitted == at(0s));
  CHECK(w.jobs[1].id == 1);
  CHECK(w.jobs[2].number == 1);
  CHECK(w.jobs[2].submitted == at(5s));
  CHECK(w.jobs[2].tenant == 0);
}

TEST_CASE("philly_reader: what is wrong is named, and where it stands") {
  CHECK(philly_error("") ==
        "p.csv:2:1: there are column names but no records; the list must have "
        "at least one");
  CHECK(philly_error("yesterday,1,1,1,a\n") ==
        "p.csv:2:1: timestamp is not a time: 'yesterday'; write it as 2017-10-09 07:01:55");
  CHECK(philly_error("2017-10-09 07:01:55,-1,1,1,a\n").find("p.csv:2:21: duration is not") == 0);
  CHECK(philly_error("2017-10-09 07:01:55,1,1.5,1,a\n").find("p.csv:2:23: num_gpus is not") == 0);
  CHECK(philly_error("2017-10-09 07:01:55,1,1,1,\n") ==
        "p.csv:2:27: cluster is empty; name the virtual cluster");
  CHECK(philly_error("2017-10-09 07:01:55,1,9,1,a\n") ==
        "p.csv: none of the 1 jobs can run on 8 GPUs; give more");
  CHECK(philly_error("2017-10-09 07:01:55,1,1,1,a\n", 0) ==
        "p.csv: a machine of 0 GPUs; give at least 1");
  philly_log log;
  const auto skipped = read_philly(philly_columns + "x,1,1,1,a\n2017-10-09 07:01:55,1,1,1,b\n",
                                   "p.csv", 8, log, {true});
  REQUIRE(skipped);
  CHECK(skipped->skipped == 1);
  CHECK(log.workload.jobs[0].number == 2);
  CHECK(log.tenant_names == std::vector<std::string>{"b"});
}

TEST_CASE("philly_reader: the published jobs") {
  LEPTON_DATA_OR_SKIP(path, "philly/philly.csv.gz");
  const auto text = read_file(path.string());
  REQUIRE(text);
  philly_log log;
  REQUIRE(read_philly(*text, path.string(), 128, log));
  CHECK(log.workload.jobs.size() == 82'247);
  CHECK(log.workload.dropped == 0);
  CHECK(log.tenant_names.size() == 15);
  CHECK(log.tenant_names[0] == "11cb48");
  CHECK(log.workload.jobs.front().submitted == at(0s));
}
