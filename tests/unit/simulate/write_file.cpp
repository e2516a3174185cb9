// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/write_file.hpp>

#include <filesystem>
#include <string>

#include "catch.hpp"
#include "unit/simulate/scratch_folder.hpp"

using lepton::simulate::write_file;
using lepton_test::read_raw;
using lepton_test::write_raw;

TEST_CASE("write_file: makes a file, replaces one, and leaves nothing else") {
  const lepton_test::scratch_folder folder;
  const auto path = folder / "out.json";
  REQUIRE(write_file(path, "one\n"));
  CHECK(read_raw(path) == "one\n");
  REQUIRE(write_file(path, ""));
  CHECK(read_raw(path).empty());
  CHECK(folder.file_count() == 1);
}

TEST_CASE("write_file: keeps clear of files that have the temporary's name") {
  const lepton_test::scratch_folder folder;
  write_raw(folder / "out.csv.part0", "somebody's");
  REQUIRE(write_file(folder / "out.csv", "mine"));
  CHECK(read_raw(folder / "out.csv") == "mine");
  CHECK(read_raw(folder / "out.csv.part0") == "somebody's");
  CHECK(folder.file_count() == 2);
}

TEST_CASE("write_file: follows a symbolic link") {
  const lepton_test::scratch_folder folder;
  write_raw(folder / "file", "old");
  std::error_code no_links_here;
  std::filesystem::create_symlink("file", folder / "link", no_links_here);
  if (no_links_here) return;
  REQUIRE(write_file(folder / "link", "new"));
  CHECK(read_raw(folder / "file") == "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
}

TEST_CASE("write_file: a failure says why and leaves nothing") {
  const lepton_test::scratch_folder folder;
  const auto no_folder = write_file(folder / "none/out.json", "x");
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().file == folder / "none/out.json");
  CHECK(no_folder.error().message.find("cannot be written: ") == 0);
  CHECK_FALSE(write_file(folder.path().string(), "x"));
  CHECK_FALSE(write_file("", "x"));
  CHECK(folder.file_count() == 0);
}

#if defined(__linux__)
TEST_CASE("write_file: a full device is noticed") {
  if (!std::filesystem::exists("/dev/full")) return;
  CHECK_FALSE(write_file("/dev/full", "x"));
  CHECK(write_file("/dev/null", "x"));
}
#endif
