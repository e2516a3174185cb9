// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/csv_table.hpp>

#include <array>
#include <optional>
#include <string>

#include "catch.hpp"

using namespace lepton::simulate;

namespace {

constexpr std::array columns{csv_column{"id"}, csv_column{"size"}, csv_column{"end", false}};
enum : std::size_t { id, size, end };

auto open(std::string_view text) { return csv_table::open(text, "t.csv", columns); }

/// The first record's number in `size`, or what is wrong with it.
auto size_of_first(const std::string& digits, lepton::amount highest = 1000) -> std::string {
  const auto text = "id,size\nx," + digits + "\n";
  auto table = open(text);
  REQUIRE(table);
  REQUIRE(table->next());
  const auto value = table->whole(size, highest);
  if (!table->problem()) return std::to_string(value);
  CHECK(value == 0);
  return table->problem()->to_string();
}

}  // namespace

TEST_CASE("csv_table: columns are found by name, in any order, and others are ignored") {
  auto table = open("size,note,id\n7,hello,x\n");
  REQUIRE(table);
  REQUIRE(table->next());
  CHECK(table->text(id) == "x");
  CHECK(table->whole(size, 10) == 7);
  CHECK(table->text(end).empty());
  CHECK(table->optional_whole(end, 10) == std::nullopt);
  CHECK_FALSE(table->problem());
  CHECK_FALSE(table->next());
}

TEST_CASE("csv_table: a header must name each required column once") {
  CHECK(open("").error().to_string() ==
        "t.csv:1:1: the file is empty; it must begin with a line of column names");
  CHECK(open("\n\n").error().line == 1);
  CHECK(open("id,end\n").error().to_string() ==
        "t.csv:1:7: the column 'size' is missing; the header must name id, size in any order");
  CHECK(open("id,size,x,id\n").error().to_string() ==
        "t.csv:1:11: the column 'id' occurs twice; rename one");
  CHECK(open("id,\"size\n").error().column == 4);
  CHECK(open("x,x,id,size\n"));
}

TEST_CASE("csv_table: a record has as many fields as the header") {
  auto table = open("id,size\nx\nx,1,2\n\"x,1\ny,2\n");
  REQUIRE(table);
  REQUIRE(table->next());
  REQUIRE(table->problem());
  CHECK(table->problem()->to_string() ==
        "t.csv:2:2: the record has 1 fields where the header has 2; mend the commas of this line");
  REQUIRE(table->next());
  REQUIRE(table->problem());
  CHECK(table->problem()->column == 5);
  REQUIRE(table->next());
  REQUIRE(table->problem());
  CHECK(table->problem()->line == 4);
  REQUIRE(table->next());
  CHECK_FALSE(table->problem());
  CHECK(table->whole(size, 10) == 2);
}

TEST_CASE("csv_table: whole numbers are checked to the last digit") {
  CHECK(size_of_first("0") == "0");
  CHECK(size_of_first("1000") == "1000");
  CHECK(size_of_first("0007") == "7");
  CHECK(size_of_first("\"7\"") == "7");
  CHECK(size_of_first("1001") ==
        "t.csv:2:3: size is too large: '1001'; give a whole number from 0 to 1000");
  CHECK(size_of_first("99999999999999999999") ==
        "t.csv:2:3: size is too large: '99999999999999999999'; give a whole number from 0 to 1000");
  CHECK(size_of_first("-1") ==
        "t.csv:2:3: size is negative: '-1'; give a whole number from 0 to 1000");
  CHECK(size_of_first("-99999999999999999999").find("negative") != std::string::npos);
  CHECK(size_of_first("").find("size is empty") != std::string::npos);
  for (const auto* bad :
       {"1.5", "1e3", "+1", "0x10", "1 2", "NaN", "inf", "--1", "-", "1-", "\xEF\xBC\x91"}) {
    CHECK(size_of_first(bad).find("not a whole number") != std::string::npos);
  }
}

TEST_CASE("csv_table: the first problem of a record is kept, and forgotten with it") {
  auto table = open("id,size,end\nx,a,b\ny,1,\n");
  REQUIRE(table);
  REQUIRE(table->next());
  CHECK(table->whole(size, 10) == 0);
  CHECK(table->optional_whole(end, 10) == 0);
  table->reject(id, "a later one");
  REQUIRE(table->problem());
  CHECK(table->problem()->column == 3);
  REQUIRE(table->next());
  CHECK_FALSE(table->problem());
}

TEST_CASE("shown: texts in messages are short and printable") {
  CHECK(shown("a\nb\x7F") == "'a?b?'");
  CHECK(shown(std::string(50, 'x')) == "'" + std::string(40, 'x') + "...'");
}
