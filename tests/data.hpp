// SPDX-License-Identifier: Apache-2.0
#pragma once

// Where the recorded traces are. Tests that use them skip where they are missing:
//
//   TEST_CASE("openb nodes are read") {
//     LEPTON_DATA_OR_SKIP(nodes, "openb/openb_node_list.csv");  // a std::filesystem::path
//     ...
//   }

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "catch.hpp"

namespace lepton_test {

// The environment variable LEPTON_DATA_DIR (set but empty: no data), else the CMake variable of
// the same name; nothing if that is not a folder.
inline std::optional<std::filesystem::path> data_dir() {
  const char* from_environment = std::getenv("LEPTON_DATA_DIR");
  std::filesystem::path folder =
      from_environment != nullptr ? from_environment : LEPTON_TEST_DATA_DIR;
  std::error_code ignored;
  if (folder.empty() || !std::filesystem::is_directory(folder, ignored)) return std::nullopt;
  return folder;
}

// A file or folder of the data folder, if it is there.
inline std::optional<std::filesystem::path> data_file(std::string_view relative) {
  auto path = data_dir();
  if (!path) return std::nullopt;
  *path /= relative;
  std::error_code ignored;
  if (!std::filesystem::exists(*path, ignored)) return std::nullopt;
  return path;
}

inline std::string no_data_message(std::string_view relative) {
  std::string message = "no ";
  message += relative;
  if (const auto folder = data_dir()) {
    message += " in the data folder ";
    message += folder->string();
  } else {
    message += ": there is no data folder";
  }
  message += " (LEPTON_DATA_DIR says where it is)";
  return message;
}

}  // namespace lepton_test

#define LEPTON_DATA_OR_SKIP(variable, relative)                                    \
  const auto variable##_if_there = ::lepton_test::data_file(relative);             \
  if (!variable##_if_there) LEPTON_SKIP(::lepton_test::no_data_message(relative)); \
  const std::filesystem::path& variable = *variable##_if_there
