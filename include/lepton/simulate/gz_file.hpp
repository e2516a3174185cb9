// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <zlib.h>

#include <lepton/model/expected.hpp>

namespace lepton::simulate {

/// Largest text read unless asked otherwise: 4 GiB. It keeps a few compressed kilobytes from
/// filling the memory.
inline constexpr std::uint64_t default_text_limit = std::uint64_t{4} << 30;

/// A text, and what is wrong with its end if it could not be read to the end.
struct file_text {
  std::string text;
  std::optional<error> damage{};
};

namespace gz_detail {

[[nodiscard]] LEPTON_COLD inline auto cannot_read(const std::string& path, const std::string& why)
    -> unexpected<error> {
  return unexpected{error{"cannot be read: " + why, path, 0}};
}
[[nodiscard]] LEPTON_COLD inline auto too_long(const std::string& path, std::uint64_t limit)
    -> unexpected<error> {
  return cannot_read(path,
                     "it holds more than " + std::to_string(limit) + " bytes of text, the limit");
}

/// An error at the end of what could be decompressed.
[[nodiscard]] LEPTON_COLD inline auto damaged_after(std::string_view text, const std::string& path,
                                                    std::string message) -> error {
  const auto line = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const auto begin = text.rfind('\n') + 1;  // npos + 1 is 0
  return {std::move(message), path, line, text.size() - begin + 1};
}

[[nodiscard]] inline auto read_bytes(const std::string& path, std::uint64_t limit)
    -> expected<std::string> {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{
      std::fopen(path.c_str(), "rb"), [](std::FILE* f) { return std::fclose(f); }};
  if (!file) return cannot_read(path, std::generic_category().message(errno));
  std::string bytes;
  for (std::size_t used = 0;;) {
    bytes.resize(used + std::max<std::size_t>(used, 1U << 16));
    errno = 0;
    used += std::fread(bytes.data() + used, 1, bytes.size() - used, file.get());
    if (std::ferror(file.get()) != 0)
      return cannot_read(path, std::generic_category().message(errno));
    if (used > limit) return too_long(path, limit);
    if (used == bytes.size()) continue;
    bytes.resize(used);
    return bytes;
  }
}

[[nodiscard]] inline auto is_gz(std::string_view bytes) noexcept -> bool {
  return bytes.substr(0, 2) == "\x1F\x8B";
}

/// Decompresses members one after another.
class gz_decoder {
 public:
  gz_decoder(std::string_view bytes, const std::string& path, std::uint64_t limit)
      : rest_(bytes), path_(path), limit_(limit) {
    ready_ = inflateInit2(&stream_, MAX_WBITS + 16) == Z_OK;  // + 16: gzip only
  }
  gz_decoder(const gz_decoder&) = delete;
  auto operator=(const gz_decoder&) -> gz_decoder& = delete;
  ~gz_decoder() {
    if (ready_) inflateEnd(&stream_);
  }

  [[nodiscard]] auto run() && -> expected<file_text> {
    if (!ready_) return cannot_read(path_, "there is too little memory to decompress it");
    while (true) {
      const auto code = step();
      if (text_.size() > limit_) return too_long(path_, limit_);
      if (code == Z_STREAM_END) {
        if (rest_.find_first_not_of('\0') == std::string_view::npos)
          return file_text{std::move(text_)};  // padding
        if (!is_gz(rest_)) return corrupt("something other than compressed data follows");
        inflateReset(&stream_);
      } else if (code == Z_MEM_ERROR) {
        return cannot_read(path_, "there is too little memory to decompress it");
      } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return corrupt(stream_.msg != nullptr ? stream_.msg : "it is not in gzip format");
      } else if (rest_.empty() && stream_.avail_out != 0) {
        auto why =
            damaged_after(text_, path_, "the compressed file is cut off here; fetch it again");
        text_.resize(text_.rfind('\n') + 1);
        return file_text{std::move(text_), std::move(why)};
      }
    }
  }

 private:
  /// Decompresses one more piece.
  auto step() -> int {
    constexpr std::size_t largest = std::numeric_limits<uInt>::max();
    const auto old_size = text_.size();
    text_.resize(old_size + std::clamp<std::size_t>(old_size, 1U << 16, largest / 2));
    const auto offered = std::min(rest_.size(), largest);
    stream_.next_in =
        reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));  // zlib only reads it
    stream_.avail_in = static_cast<uInt>(offered);
    stream_.next_out = reinterpret_cast<Bytef*>(text_.data() + old_size);
    stream_.avail_out = static_cast<uInt>(text_.size() - old_size);
    const auto code = inflate(&stream_, Z_NO_FLUSH);
    rest_.remove_prefix(offered - stream_.avail_in);
    text_.erase(text_.size() - stream_.avail_out);
    return code;
  }
  [[nodiscard]] LEPTON_COLD auto corrupt(const std::string& why) const -> unexpected<error> {
    return unexpected{damaged_after(
        text_, path_, "the compressed file is damaged near here (" + why + "); fetch it again")};
  }

  std::string_view rest_;
  const std::string& path_;
  std::uint64_t limit_;
  std::string text_{};
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace gz_detail

/// Reads a file, plain or in gzip format (told by its first bytes, not its name; several members
/// are joined). If it is cut off, gives the whole lines before the cut, and the error as `damage`.
///
/// Fails when the file is missing, a directory, unreadable, damaged otherwise, or longer than
/// `limit` bytes, compressed or not. Errors about compressed data tell the line and column of the
/// text up to which it could be decompressed.
[[nodiscard]] inline auto read_readable_part(const std::string& path,
                                             std::uint64_t limit = default_text_limit)
    -> expected<file_text> {
  auto bytes = gz_detail::read_bytes(path, limit);
  if (!bytes) return unexpected{bytes.error()};
  if (!gz_detail::is_gz(*bytes)) return file_text{std::move(*bytes)};
  return gz_detail::gz_decoder{*bytes, path, limit}.run();
}

/// Reads a whole file, plain or in gzip format; fails also when it is cut off.
[[nodiscard]] inline auto read_file(const std::string& path,
                                    std::uint64_t limit = default_text_limit)
    -> expected<std::string> {
  auto part = read_readable_part(path, limit);
  if (!part) return unexpected{part.error()};
  if (part->damage) return unexpected{*std::move(part->damage)};
  return std::move(part->text);
}

}  // namespace lepton::simulate
