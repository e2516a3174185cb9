// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <string>
#include <system_error>

#include <lepton/model/expected.hpp>

namespace lepton::collect {

/// Reads a small file whole into `text`, replacing what was there but keeping its memory. Files of
/// /proc have no size, so it is read until it ends; what is longer than `most` bytes is an error.
[[nodiscard]] inline auto read_text_file(const std::string& path, std::string& text,
                                         std::size_t most = std::size_t{1} << 26) -> status {
  const auto wrong = [&](const std::string& why) {
    return unexpected{error{"cannot be read: " + why, path, 0}};
  };
  text.clear();
  errno = 0;
  auto* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return wrong(std::generic_category().message(errno));
  std::array<char, 4096> piece;
  std::size_t got = 0;
  while (text.size() <= most && (got = std::fread(piece.data(), 1, piece.size(), file)) > 0)
    text.append(piece.data(), got);
  // A process that ends while its file is read makes the read fail.
  const auto code = std::ferror(file) != 0 ? (errno != 0 ? errno : EIO) : 0;
  static_cast<void>(std::fclose(file));
  if (code != 0) return wrong(std::generic_category().message(code));
  if (text.size() > most)
    return wrong("it is longer than " + std::to_string(most) + " bytes; is it the right file?");
  return {};
}

}  // namespace lepton::collect
