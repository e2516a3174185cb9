// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/csv_reader.hpp>

#include <string>
#include <vector>

#include "catch.hpp"

using lepton::simulate::csv_reader;

namespace {

auto texts(const csv_reader& reader) -> std::vector<std::string> {
  std::vector<std::string> all;
  for (const auto& field : reader.fields()) all.push_back(field.text);
  return all;
}

using fields = std::vector<std::string>;

}  // namespace

TEST_CASE("csv_reader: an empty text, and blank lines, hold no record") {
  for (const auto* text : {"", "\n", "\r\n", "\xEF\xBB\xBF", " \t\n\n  ", "\r\r"}) {
    CAPTURE(text);
    csv_reader reader{text};
    CHECK_FALSE(reader.next());
  }
}

TEST_CASE("csv_reader: lines end with LF, CR LF or CR, and the last one as it likes") {
  for (const auto* text : {"a,b\nc\n", "a,b\r\nc\r\n", "a,b\rc\r", "a,b\nc",
                           "\xEF\xBB\xBF"
                           "a,b\nc"}) {
    CAPTURE(text);
    csv_reader reader{text};
    REQUIRE(reader.next());
    CHECK(texts(reader) == fields{"a", "b"});
    CHECK(reader.line() == 1);
    REQUIRE(reader.next());
    CHECK(texts(reader) == fields{"c"});
    CHECK(reader.line() == 2);
    CHECK_FALSE(reader.next());
  }
}

TEST_CASE("csv_reader: blank lines count as lines") {
  csv_reader reader{"a\n\n  \r\nb\n"};
  REQUIRE(reader.next());
  REQUIRE(reader.next());
  CHECK(reader.line() == 4);
}

TEST_CASE("csv_reader: commas make fields, empty ones too, and blanks around them go") {
  csv_reader reader{",a, b c\t, ,\n"};
  REQUIRE(reader.next());
  CHECK(texts(reader) == fields{"", "a", "b c", "", ""});
  CHECK(reader.fields()[2].offset == 4);
  CHECK(reader.column(reader.fields()[2].offset) == 5);
  CHECK(reader.line_length() == 11);
}

TEST_CASE("csv_reader: quoted fields keep commas, blanks and doubled quotes") {
  csv_reader reader{R"( "a,b" ," c ","say ""hi""","")"
                    "\n"};
  REQUIRE(reader.next());
  CHECK(reader.fault() == nullptr);
  CHECK(texts(reader) == fields{"a,b", " c ", "say \"hi\"", ""});
}

TEST_CASE("csv_reader: a quote inside an unquoted field is a character") {
  csv_reader reader{"a\"b,c"};
  REQUIRE(reader.next());
  CHECK(reader.fault() == nullptr);
  CHECK(texts(reader) == fields{"a\"b", "c"});
}

TEST_CASE("csv_reader: faulty quotes spoil one line only") {
  csv_reader reader{"a,\"b\nc,\"d\"e,f\ng"};
  REQUIRE(reader.next());
  REQUIRE(reader.fault() != nullptr);
  CHECK(reader.fields().back().offset == 2);
  REQUIRE(reader.next());
  REQUIRE(reader.fault() != nullptr);
  CHECK(reader.fields().back().offset == 2);
  REQUIRE(reader.next());
  CHECK(reader.fault() == nullptr);
  CHECK(texts(reader) == fields{"g"});
}

TEST_CASE("csv_reader: columns count characters") {
  csv_reader reader{"\xC3\xA9\xE2\x82\xAC,x"};
  REQUIRE(reader.next());
  CHECK(reader.column(reader.fields()[1].offset) == 4);
}
