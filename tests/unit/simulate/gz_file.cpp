// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/gz_file.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

#include <zlib.h>

#include <lepton/detail/rng.hpp>

#include "catch.hpp"
#include "unit/simulate/scratch_folder.hpp"

using lepton::simulate::read_file;
using lepton::simulate::read_readable_part;

namespace {

auto gz(const std::string& text) -> std::string {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8,
                       Z_DEFAULT_STRATEGY) == Z_OK);
  std::string in = text;
  std::string out(deflateBound(&stream, static_cast<uLong>(in.size())) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.erase(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

/// Lines that do not compress to nothing.
auto many_lines() -> std::string {
  std::string text;
  for (unsigned i = 0; i < 20'000; ++i) text += std::to_string(i * 2654435761U) + ",x\n";
  return text;
}

struct scratch_file : lepton_test::scratch_folder {
  explicit scratch_file(const std::string& bytes) { lepton_test::write_raw(path, bytes); }
  std::string path = *this / "list.csv";
};

}  // namespace

TEST_CASE("read_file: plain and compressed files give the same text, whatever their name") {
  const auto text = many_lines();
  CHECK(read_file(scratch_file{text}.path).value() == text);
  CHECK(read_file(scratch_file{gz(text)}.path).value() == text);
  CHECK(read_file(scratch_file{""}.path).value().empty());
  CHECK(read_file(scratch_file{gz("")}.path).value().empty());
  CHECK(read_file(scratch_file{"\x1F"}.path).value() == "\x1F");
}

TEST_CASE("read_file: members are joined, padding is passed over") {
  const scratch_file file{gz("a\n") + gz("") + gz("b\n") + std::string(512, '\0')};
  CHECK(read_file(file.path).value() == "a\nb\n");
}

TEST_CASE("read_file: a compressed file cut off anywhere is an error with its place") {
  const auto text = many_lines();
  const auto whole = gz(text);
  for (std::size_t size = 2; size < whole.size();
       size += size < 40 || size + 40 > whole.size() ? 1 : 5003) {
    CAPTURE(size);
    const scratch_file file{whole.substr(0, size)};
    const auto read = read_file(file.path);
    REQUIRE_FALSE(read);
    CHECK(read.error().file == file.path);
    CHECK(read.error().line >= 1);
    CHECK(read.error().column >= 1);
    CHECK(read.error().message.find("cut off") != std::string::npos);

    const auto part = read_readable_part(file.path);
    REQUIRE(part);
    REQUIRE(part->damage);
    CHECK(text.compare(0, part->text.size(), part->text) == 0);
    CHECK((part->text.empty() || part->text.back() == '\n'));
  }
  const auto almost = read_readable_part(scratch_file{whole.substr(0, whole.size() - 1)}.path);
  CHECK(almost.value().text == text);  // only the check sum was cut
  CHECK(almost.value().damage.value().line == 20'001);
}

TEST_CASE("read_file: damage is found") {
  const auto whole = gz(many_lines());
  SECTION("in the data") {
    auto bytes = whole;
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    const auto read = read_file(scratch_file{bytes}.path);
    REQUIRE_FALSE(read);
    CHECK(read.error().line >= 1);
  }
  SECTION("in the check sum") {
    auto bytes = whole;
    bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);
    const auto read = read_readable_part(scratch_file{bytes}.path);
    REQUIRE_FALSE(read);
    CHECK(read.error().message.find("damaged") != std::string::npos);
  }
  SECTION("in the header") {
    const auto read = read_file(scratch_file{"\x1F\x8B\x63 no such method"}.path);
    REQUIRE_FALSE(read);
    CHECK(read.error().line == 1);
    CHECK(read.error().column == 1);
  }
  SECTION("behind the end") {
    const auto read = read_file(scratch_file{whole + "sn,cpu\n"}.path);
    REQUIRE_FALSE(read);
    CHECK(read.error().message.find("something other than compressed data follows") !=
          std::string::npos);
  }
}

TEST_CASE("gz_decoder: 5,000 random damages are taken calmly") {
  const std::string text = "name,cpu\n" + many_lines().substr(0, 3000);
  const auto whole = gz(text) + gz(text);
  const std::string path = "f.gz";
  lepton::detail::pcg32 random{5};
  std::size_t noticed = 0;
  for (auto i = 0; i < 5000; ++i) {
    auto bytes = whole;
    for (auto changes = 1 + random.below(3); changes != 0; --changes) {
      const auto at = random.below(static_cast<std::uint32_t>(bytes.size()));
      switch (random.below(3)) {
        case 0:
          bytes[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          bytes.erase(at, 1 + random.below(5));
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(random.below(256)));
      }
    }
    const auto read = lepton::simulate::gz_detail::gz_decoder{bytes, path, 1U << 20}.run();
    const auto* const cause = !read ? &read.error() : read->damage ? &*read->damage : nullptr;
    if (cause == nullptr) continue;  // of the header, only names and times were changed
    ++noticed;
    if (cause->message.empty() || cause->file != path) FAIL("damage " << i << " is not described");
  }
  CHECK(noticed > 4500);
}

TEST_CASE("read_file: what is missing, or no file, or too long") {
  const lepton_test::scratch_folder folder;
  const auto missing = read_file(folder / "none.csv");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().file == folder / "none.csv");
  CHECK(missing.error().message.find("cannot be read: ") == 0);
  CHECK_FALSE(read_file(folder.path().string()));

  const std::string long_text(1'000'000, 'x');
  const scratch_file plain{long_text};
  const scratch_file bomb{gz(long_text)};
  CHECK(read_file(plain.path, 1'000'000));
  CHECK(read_file(bomb.path, 1'000'000));
  CHECK(read_file(plain.path, 999'999).error().message.find("more than 999999 bytes") !=
        std::string::npos);
  CHECK(read_file(bomb.path, 999'999).error().message.find("more than 999999 bytes") !=
        std::string::npos);
}
