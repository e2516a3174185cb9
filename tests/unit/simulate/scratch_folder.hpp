// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

namespace lepton_test {

// A new empty folder, removed at the end with all that is in it.
class scratch_folder {
 public:
  scratch_folder() {
    std::random_device seed;
    do {
      path_ = std::filesystem::temp_directory_path() / ("lepton-test-" + std::to_string(seed()));
    } while (!std::filesystem::create_directory(path_));
  }
  scratch_folder(const scratch_folder&) = delete;
  auto operator=(const scratch_folder&) -> scratch_folder& = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] auto path() const -> const std::filesystem::path& { return path_; }
  [[nodiscard]] auto operator/(std::string_view name) const -> std::string {
    return (path_ / name).string();
  }
  [[nodiscard]] auto file_count() const -> std::ptrdiff_t {
    return std::distance(std::filesystem::directory_iterator{path_},
                         std::filesystem::directory_iterator{});
  }

 private:
  std::filesystem::path path_;
};

inline auto read_raw(const std::string& path) -> std::string {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}
inline void write_raw(const std::string& path, std::string_view bytes) {
  std::ofstream out{path, std::ios::binary};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace lepton_test
