// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/vbp_reader.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"

using namespace lepton;
using namespace lepton::simulate;

namespace {

using two = resources<2>;

auto read(std::string_view text) { return read_vbp<two>(text, "t.vbp"); }
auto error_of(std::string_view text) -> std::string {
  const auto instance = read(text);
  REQUIRE_FALSE(instance);
  return instance.error().to_string();
}

}  // namespace

TEST_CASE("vbp_reader: dimensions, capacity, types with counts") {
  const auto instance = read("2\n10 20\n3\n1 2 2\n10 0 0\n0 20 1\n");
  REQUIRE(instance);
  CHECK(instance->capacity == two{10, 20});
  REQUIRE(instance->types.size() == 3);
  CHECK(instance->types[0].demand == two{1, 2});
  CHECK(instance->types[0].count == 2);
  CHECK(instance->items() == std::vector<two>{{1, 2}, {1, 2}, {0, 20}});
}

TEST_CASE("vbp_reader: blanks, blank lines, CR LF and a missing last line end") {
  const auto instance = read("\n2\r\n\t10  20 \r\n\r\n 1\r\n1 2 3");
  REQUIRE(instance);
  CHECK(instance->items() == std::vector<two>(3, two{1, 2}));
  CHECK(read("2\n10 20\n0\n")->items().empty());
}

TEST_CASE("vbp_reader: what is wrong is named, and where it stands") {
  CHECK(error_of("") == "t.vbp:1:1: the text ends here, and the number of dimensions is missing");
  CHECK(error_of("3\n1 2 3\n0\n") == "t.vbp:1:1: the items have 3 dimensions where 2 are expected");
  CHECK(
      error_of("two\n") ==
      "t.vbp:1:1: the number of dimensions is not a whole number: 'two'; it must be 1 to 1000000");
  CHECK(error_of("2\n10\n") == "t.vbp:2:3: the line ends here, and the capacity is missing");
  CHECK(error_of("2\n10 20 30\n") == "t.vbp:2:7: there is one number too many on this line: '30'");
  CHECK(error_of("2\n10 1.5\n") ==
        "t.vbp:2:4: the capacity is not a whole number: '1.5'; it must be 0 to 9007199254740991");
  CHECK(error_of("2\n10 99999999999999999999\n") ==
        "t.vbp:2:4: the capacity is out of range: '99999999999999999999'; it must be 0 to "
        "9007199254740991");
  CHECK(error_of("2\n10 20\n") ==
        "t.vbp:2:6: the text ends here, and the number of item types is missing");
  CHECK(error_of("2\n10 20\n2\n1 2 1\n") ==
        "t.vbp:4:6: the text ends here, and the line of another item type is missing");
  CHECK(error_of("2\n10 20\n1\n1 -2 1\n") ==
        "t.vbp:4:3: the demand is out of range: '-2'; it must be 0 to 20");
  CHECK(error_of("2\n10 20\n1\n11 2 1\n") ==
        "t.vbp:4:1: the demand is out of range: '11'; it must be 0 to 10");
  CHECK(error_of("2\n10 20\n1\n1 2\n") ==
        "t.vbp:4:4: the line ends here, and the count is missing");
  CHECK(error_of("2\n10 20\n1\n1 2 10000001\n") ==
        "t.vbp:4:5: the count is out of range: '10000001'; it must be 0 to 10000000");
  CHECK(error_of("2\n10 20\n2\n1 2 9999999\n1 2 2\n") ==
        "t.vbp:5:5: with these there are more than 10000000 items");
  CHECK(error_of("2\n10 20\n1\n1 2 1\n\n3 4 1\n") ==
        "t.vbp:6:1: all 1 item types came before this line");
}

TEST_CASE("vbp_reader: no cut and no stray byte is a crash or a guess") {
  const std::string good = "2\n10 20\n2\n1 2 2\n10 0 1\n";
  for (std::size_t cut = 0; cut + 3 < good.size(); ++cut) CHECK_FALSE(read(good.substr(0, cut)));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char stray : {'x', '+', '\0', '\xFF'}) {
      auto bad = good;
      bad[at] = stray;
      if (const auto instance = read(bad)) FAIL("byte " << at << " changed to " << int{stray});
    }
  }
}
