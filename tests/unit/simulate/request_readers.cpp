// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <lepton/simulate/azure_llm_reader.hpp>
#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/plain_number.hpp>
#include <lepton/simulate/request_trace.hpp>
#include <lepton/simulate/servers_reader.hpp>

#include "catch.hpp"
#include "data.hpp"

using namespace lepton;
using namespace lepton::simulate;
using namespace std::chrono_literals;

TEST_CASE("plain_number: digits and one point") {
  CHECK(plain_number::read("12")->value() == 12);
  CHECK(plain_number::read("0.5")->value() == 0.5);
  CHECK(plain_number::read(".25")->value() == 0.25);
  CHECK(plain_number::read("3.")->billionths() == 3'000'000'000);
  CHECK(plain_number::read("1.0000000019")->billionths() == 1'000'000'001);
  CHECK(plain_number::read("0.000000001")->billionths() == 1);
  CHECK(plain_number::read("000000000000.1")->value() == 0.1);
  CHECK(plain_number::read("999999999.999999999")->billionths() == 999'999'999'999'999'999);
  for (const auto* const bad :
       {"", ".", "1..2", "1.2.3", "-1", "+1", "1e3", " 1", "1 ", "x", "nan", "1000000000", "1,5"})
    CHECK_FALSE(plain_number::read(bad));
}

namespace {

auto trace_of(std::string_view text) -> expected<request_trace> {
  request_trace trace;
  auto read = read_request_trace(text, "t.csv", trace);
  if (!read) return unexpected{read.error()};
  return trace;
}
auto azure_of(std::string_view text) -> expected<request_trace> {
  request_trace trace;
  auto read = read_azure_llm(text, "a.csv", {1ms, 10ms}, trace);
  if (!read) return unexpected{read.error()};
  return trace;
}
auto servers_of(std::string_view text) -> expected<std::vector<server_spec>> {
  std::vector<server_spec> servers;
  auto read = read_servers(text, "s.csv", servers);
  if (!read) return unexpected{read.error()};
  return servers;
}
template <class T>
auto why(const expected<T>& result) -> std::string {
  REQUIRE_FALSE(result);
  return result.error().to_string();
}

}  // namespace

TEST_CASE("request_trace: times, work and keys, columns in any order") {
  const auto trace = trace_of("key,work,time\na,0.5,1\nb,0.25,2.5\na,1,2.5\n,1,3\n,1,3\n");
  REQUIRE(trace);
  const auto& r = trace->requests;
  REQUIRE(r.size() == 5);
  CHECK(r[0].arrival == at(1s));
  CHECK(r[1].arrival == at(2500ms));
  CHECK(r[1].work == 250ms);
  CHECK(r[0].hash == r[2].hash);
  CHECK(r[0].hash != r[1].hash);
  CHECK(r[3].hash != r[4].hash);
  CHECK(trace->offered() == Approx(3.75 / 2));
  CHECK(trace_of("time,work\n0,1\n0,1\n")->offered() == 0);
}

TEST_CASE("request_trace: what is wrong is named, and where it stands") {
  CHECK(why(trace_of("")) ==
        "t.csv:1:1: the file is empty; it must begin with a line of column names");
  CHECK(why(trace_of("time,work\n")).find("t.csv:2:1: there are column names but no records") == 0);
  CHECK(why(trace_of("time,key\n1,a\n")).find("t.csv:1:9: the column 'work' is missing") == 0);
  CHECK(why(trace_of("time,work\n1,-2\n")) ==
        "t.csv:2:3: work is not a number of seconds: '-2'; give digits with at most one point, "
        "from 0 to 999999999");
  CHECK(why(trace_of("time,work\n2,1\n1,1\n")) ==
        "t.csv:3:1: the request arrives before the one ahead of it; sort the list by time");
  request_trace kept;
  kept.requests.resize(3);
  CHECK_FALSE(read_request_trace("time,work\n1,1\nx,1\n", "t.csv", kept));
  CHECK(kept.requests.size() == 3);
  const auto skipped = read_request_trace("time,work\n1,1\nx,1\n2,1\n", "t.csv", kept, {true});
  REQUIRE(skipped);
  CHECK(skipped->skipped == 1);
  CHECK(kept.requests.size() == 5);
}

TEST_CASE("azure_llm_reader: tokens make work, the first arrives at 0") {
  const auto trace = azure_of(
      "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
      "2023-12-31 23:59:59.9799600,100,10\r\n"
      "2024-01-01 00:00:00.0000000,0,3\r\n"
      "2024-03-01 00:00:00,1,0");
  REQUIRE(trace);
  const auto& r = trace->requests;
  REQUIRE(r.size() == 3);
  CHECK(r[0].arrival == at(0s));
  CHECK(r[0].work == 200ms);
  CHECK(r[1].arrival == at(20'040us));
  CHECK(r[1].work == 30ms);
  CHECK(r[2].arrival - r[1].arrival == 60 * 24h);  // a leap year
  CHECK(r[0].hash != r[1].hash);
}

TEST_CASE("azure_llm_reader: what is wrong is named, and where it stands") {
  const std::string header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
  CHECK(why(azure_of(header + "yesterday,1,1\n")) ==
        "a.csv:2:1: TIMESTAMP is not a time: 'yesterday'; write it as 2023-11-16 18:17:03.979");
  for (const auto* const bad :
       {"2023-13-16 18:17:03", "2023-11-32 18:17:03", "2023-11-16 24:17:03", "2023-11-16 18:60:03",
        "2023-11-16 18:17:61", "2023-11-16 18:17", "2023/11/16 18:17:03", "2023-11-16 18:17:0x",
        "2023-11-16 .1:17:03", "9999-11-16 18:17:03"})
    CHECK(why(azure_of(header + bad + ",1,1\n")).find("a.csv:2:1: TIMESTAMP is not a time") == 0);
  CHECK(why(azure_of(header + "2023-11-16 18:17:03,x,1\n")).find("a.csv:2:21: ContextTokens is") ==
        0);
  CHECK(why(azure_of(header + "2023-11-16 18:17:03,1,1\n2023-11-16 18:17:02,1,1\n"))
            .find("a.csv:3:1: the request arrives before") == 0);
}

TEST_CASE("azure_llm_reader: the published logs") {
  LEPTON_DATA_OR_SKIP(path, "azure-llm/AzureLLMInferenceTrace_code.csv.gz");
  const auto text = read_file(path.string());
  REQUIRE(text);
  request_trace trace;
  REQUIRE(read_azure_llm(*text, path.string(), {}, trace));
  CHECK(trace.requests.size() == 8'819);
  CHECK(trace.requests.front().work == 4'808 * 250us + 10 * 30ms);
  CHECK(trace.requests[1].arrival == at(52ms));
}

TEST_CASE("servers_reader: what is left out has a meaning") {
  const auto servers = servers_of("name,speed,slots,weight,zone,priority\na,2,4,,z,1\nb,,,0.5,,\n");
  REQUIRE(servers);
  REQUIRE(servers->size() == 2);
  CHECK((*servers)[0].weight == 8);
  CHECK((*servers)[0].zone == "z");
  CHECK((*servers)[0].priority == 1);
  CHECK((*servers)[1].speed == 1);
  CHECK((*servers)[1].slots == 1);
  CHECK((*servers)[1].weight == 0.5);
  CHECK(capacity_of(*servers) == 9);
  CHECK(servers_of("name\nx\n")->front().weight == 1);
}

TEST_CASE("servers_reader: what is wrong is named, and where it stands") {
  CHECK(why(servers_of("weight\n1\n")).find("s.csv:1:7: the column 'name' is missing") == 0);
  CHECK(why(servers_of("name\na\na\n")) ==
        "s.csv:3:1: server 'a' is there already, on line 2; rename or remove one of the two");
  CHECK(why(servers_of("name,speed\na,0\n")) ==
        "s.csv:2:3: speed is not a number above 0 to 1000000: '0'");
  CHECK(why(servers_of("name,weight\na,-1\n")) ==
        "s.csv:2:3: weight is not a number from 0 to 1000000: '-1'");
  CHECK(why(servers_of("name,slots\na,0\n")) == "s.csv:2:3: slots is 0; a server needs at least 1");
}
