// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/read_records.hpp>

#include <array>
#include <string>

#include "catch.hpp"

using namespace lepton::simulate;

namespace {

constexpr std::array columns{csv_column{"n"}};

auto sum_of(const std::string& text, read_options options, lepton::amount& sum)
    -> lepton::expected<read_summary> {
  auto table = csv_table::open(text, "t.csv", columns);
  REQUIRE(table);
  return read_records(*table, options, [&](csv_table& t) { sum += t.whole(0, 100); });
}

}  // namespace

TEST_CASE("read_records: stops at the first bad record, or skips it by name") {
  lepton::amount sum = 0;
  const auto stopped = sum_of("n\n1\nx\n2\n-3\n", {}, sum);
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().line == 3);

  sum = 0;
  const auto skipped = sum_of("n\n1\nx\n2\n-3\n", {true}, sum);
  REQUIRE(skipped);
  CHECK(sum == 3);
  CHECK(skipped->records == 2);
  CHECK(skipped->skipped == 2);
  REQUIRE(skipped->problems.size() == 2);
  CHECK(skipped->problems[0].line == 3);
  CHECK(skipped->problems[1].line == 5);
}

TEST_CASE(
    "read_records: a list without a usable record is an error even when bad ones are skipped") {
  lepton::amount sum = 0;
  CHECK(sum_of("n\n", {true}, sum).error().to_string() ==
        "t.csv:2:1: there are column names but no records; the list must have at least one");
  const auto none = sum_of("n\nx\ny\n", {true}, sum);
  REQUIRE_FALSE(none);
  CHECK(none.error().line == 2);
  CHECK(none.error().message.find(
            "none of the 2 records can be used; the first: n is not a whole number") == 0);
}

TEST_CASE("read_records: all bad records are counted, the first hundred kept") {
  std::string text = "n\n1\n";
  for (auto i = 0; i < 250; ++i) text += "bad\n";
  lepton::amount sum = 0;
  const auto read = sum_of(text, {true}, sum);
  REQUIRE(read);
  CHECK(read->skipped == 250);
  CHECK(read->problems.size() == read_summary::most_problems);
  CHECK(read->problems.back().line == 102);
}
