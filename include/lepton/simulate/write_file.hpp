// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include <lepton/model/expected.hpp>

namespace lepton::simulate {
namespace write_detail {

[[nodiscard]] LEPTON_COLD inline auto cannot_write(const std::string& path, const std::string& why)
    -> unexpected<error> {
  return unexpected{error{"cannot be written: " + why, path, 0}};
}

/// Writes to an open file and closes it unless it is a standard stream. The errno of what failed,
/// or 0.
[[nodiscard]] inline auto write_and_close(std::FILE* file, std::string_view text) -> int {
  errno = 0;
  auto good = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  good = std::fflush(file) == 0 && good;
  const auto first = errno;
  if (file != stdout) good = std::fclose(file) == 0 && good;
  return good ? 0 : first != 0 ? first : EIO;
}

/// A new file beside `target`; nullptr with errno when none can be made.
[[nodiscard]] inline auto open_beside(const std::filesystem::path& target,
                                      std::filesystem::path& name) -> std::FILE* {
  constexpr auto most_leftovers = 1000;
  for (auto i = 0; i < most_leftovers; ++i) {
    name = target;
    name += ".part" + std::to_string(i);
    if (auto* file = std::fopen(name.string().c_str(), "wbx"); file != nullptr || errno != EEXIST)
      return file;
  }
  return nullptr;
}

}  // namespace write_detail

/// Writes a text to a file as a whole or not at all: to a new file beside it, which then takes the
/// target's name. "-" means the standard output; what is no regular file (a pipe, a terminal, all
/// of /dev) is written to directly. A symbolic link is followed.
[[nodiscard]] inline auto write_file(const std::string& path, std::string_view text) -> status {
  namespace fs = std::filesystem;
  const auto why = [](int code) { return std::generic_category().message(code); };
  if (path == "-") {
    const auto code = write_detail::write_and_close(stdout, text);
    return code == 0 ? status{} : status{write_detail::cannot_write("standard output", why(code))};
  }
  std::error_code problem;
  const auto kind = fs::status(path, problem).type();
  if (kind == fs::file_type::directory) return write_detail::cannot_write(path, why(EISDIR));
  const auto is_stream = path.rfind("/dev/", 0) == 0 ||
                         (kind != fs::file_type::regular && kind != fs::file_type::not_found);
  if (is_stream) {
    auto* file = std::fopen(path.c_str(), "wb");
    const auto code = file == nullptr ? errno : write_detail::write_and_close(file, text);
    return code == 0 ? status{} : status{write_detail::cannot_write(path, why(code))};
  }

  auto target = fs::weakly_canonical(path, problem);
  if (problem) target = path;
  fs::path beside;
  auto* file = write_detail::open_beside(target, beside);
  if (file == nullptr) return write_detail::cannot_write(path, why(errno));
  const auto code = write_detail::write_and_close(file, text);
  problem = std::error_code{code, std::generic_category()};
  if (code == 0) fs::rename(beside, target, problem);
  if (!problem) return {};
  std::error_code ignored;
  fs::remove(beside, ignored);
  return write_detail::cannot_write(path, problem.message());
}

}  // namespace lepton::simulate
