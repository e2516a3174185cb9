// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <lepton/detail/hash.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::balance {

/// The address of a client: IPv4, IPv6, or none (a local socket).
class client_address {
 public:
  enum class family : std::uint8_t { none, v4, v6 };

  constexpr client_address() noexcept = default;
  /// "192.0.2.1" is {192, 0, 2, 1}.
  constexpr explicit client_address(const std::array<std::uint8_t, 4>& bytes) noexcept
      : bytes_{bytes[0], bytes[1], bytes[2], bytes[3]}, family_(family::v4) {}
  /// In the order of the wire.
  constexpr explicit client_address(const std::array<std::uint8_t, 16>& bytes) noexcept
      : bytes_(bytes), family_(family::v6) {}

  /// Reads "192.0.2.1", "2001:db8::1" or "::ffff:192.0.2.1". Strict: four decimal numbers without
  /// leading zeros; groups of one to four hexadecimal digits, one "::" at most; no port, brackets,
  /// zone, prefix length or blanks.
  [[nodiscard]] static auto parse(std::string_view text) -> expected<client_address> {
    const bool is_v6 = text.find(':') != std::string_view::npos;
    client_address result;
    const char* wrong = text.empty() ? "it is empty"
                        : is_v6      ? result.read_v6(text)
                                     : read_v4(text, result.bytes_.data());
    if (wrong != nullptr) return bad(text, wrong);
    result.family_ = is_v6 ? family::v6 : family::v4;
    return result;
  }

  [[nodiscard]] constexpr auto kind() const noexcept -> family { return family_; }
  [[nodiscard]] constexpr auto is_v4() const noexcept -> bool { return family_ == family::v4; }
  [[nodiscard]] constexpr auto is_v6() const noexcept -> bool { return family_ == family::v6; }
  /// 4 bytes, 16, or none.
  [[nodiscard]] constexpr auto size() const noexcept -> std::size_t {
    return is_v4() ? 4U : is_v6() ? 16U : 0U;
  }
  /// In the order of the wire; those beyond `size()` are 0.
  [[nodiscard]] constexpr auto bytes() const noexcept -> const std::array<std::uint8_t, 16>& {
    return bytes_;
  }
  /// The k-th four bytes as a number, the first byte highest: `word(0)` of 192.0.2.1 is 0xc0000201.
  [[nodiscard]] constexpr auto word(std::size_t k) const noexcept -> std::uint32_t {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes_[4 * k + i];
    return value;
  }

  /// A hash for `context::hash`: every bit of the address changes half of its bits.
  [[nodiscard]] constexpr auto hash(std::uint64_t seed = 0) const noexcept -> std::uint64_t {
    using lepton::detail::mix;
    const auto high = std::uint64_t{word(0)} << 32 | word(1);
    const auto first = mix(mix(seed + size() + 1) ^ high);
    if (!is_v6()) return first;
    return mix(first ^ (std::uint64_t{word(2)} << 32 | word(3)));
  }

  /// The network it is in: all but the first `v4_bits` (`v6_bits`) bits are 0. Hosts of one network
  /// that shall share a backend have the same hash then.
  [[nodiscard]] constexpr auto network(unsigned v4_bits, unsigned v6_bits) const noexcept
      -> client_address {
    auto result = *this;
    const auto keep = is_v4() ? v4_bits : v6_bits;
    for (unsigned i = 0; i < size(); ++i) {
      const auto left = keep > 8 * i ? keep - 8 * i : 0;
      if (left < 8) result.bytes_[i] &= static_cast<std::uint8_t>(0xff00U >> left);
    }
    return result;
  }

  /// An IPv4 address that is mapped into IPv6 as IPv4 again, others as they are: the same client by
  /// both kinds of socket.
  [[nodiscard]] constexpr auto unmapped() const noexcept -> client_address {
    if (!is_v6() || word(0) != 0 || word(1) != 0 || word(2) != 0xffff) return *this;
    return client_address{
        std::array<std::uint8_t, 4>{bytes_[12], bytes_[13], bytes_[14], bytes_[15]}};
  }

  friend constexpr auto operator==(const client_address&, const client_address&) noexcept
      -> bool = default;

 private:
  [[nodiscard]] LEPTON_COLD static auto bad(std::string_view text, const char* wrong)
      -> unexpected<error> {
    constexpr std::size_t most = 60;
    const bool cut = text.size() > most;
    return failure("not an IP address: \"" + std::string{text.substr(0, most)} +
                   (cut ? "...\": " : "\": ") + wrong);
  }

  /// Returns what is wrong, or null.
  static constexpr auto read_v4(std::string_view text, std::uint8_t* out) noexcept -> const char* {
    constexpr auto shape = "an IPv4 address is four numbers from 0 to 255 with dots between them";
    std::size_t at = 0;
    for (int k = 0; k < 4; ++k) {
      if (k > 0 && (at >= text.size() || text[at++] != '.')) return shape;
      unsigned value = 0;
      const auto start = at;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
        value = value * 10 + static_cast<unsigned>(text[at] - '0');
        if (value > 255) return "a number is above 255";
        if (at > start && text[start] == '0') return "a number has a leading zero";
      }
      if (at == start) return shape;
      out[k] = static_cast<std::uint8_t>(value);
    }
    if (at == text.size()) return nullptr;
    return text[at] == ':' ? "leave out the port" : shape;
  }

  constexpr auto read_v6(std::string_view text) noexcept -> const char* {
    if (text.front() == '[') return "leave out the brackets and the port";
    constexpr std::size_t none = 17;
    std::size_t filled = 0;
    std::size_t gap = none;
    std::size_t at = 0;
    if (text.substr(0, 2) == "::") {
      gap = 0;
      at = 2;
    }
    while (at < text.size()) {
      const auto start = at;
      unsigned value = 0;
      for (int digit = 0; at < text.size() && (digit = hex(text[at])) >= 0; ++at)
        value = value << 4 | static_cast<unsigned>(digit);
      if (at < text.size() && text[at] == '.') {
        if (start == 0) return "leave out the port";
        if (filled > 12) return "it has more than 16 bytes";
        if (const auto* wrong = read_v4(text.substr(start), bytes_.data() + filled)) return wrong;
        filled += 4;
        break;
      }
      if (at == start) return start < text.size() ? stray(text[start]) : "it ends in a colon";
      if (at - start > 4) return "a group has more than four digits";
      if (filled == 16) return "it has more than eight groups";
      bytes_[filled++] = static_cast<std::uint8_t>(value >> 8);
      bytes_[filled++] = static_cast<std::uint8_t>(value);
      if (at == text.size()) break;
      if (text[at] != ':') return stray(text[at]);
      if (++at == text.size()) return "it ends in a colon";
      if (text[at] != ':') continue;
      if (gap != none) return "it has more than one \"::\"";
      gap = filled;
      ++at;
    }
    if (gap == none) return filled == 16 ? nullptr : "it has fewer than eight groups and no \"::\"";
    if (filled == 16) return "its \"::\" stands for no group";
    for (std::size_t i = 1; i <= filled - gap; ++i) {
      bytes_[16 - i] = bytes_[filled - i];
      bytes_[filled - i] = 0;
    }
    return nullptr;
  }

  static constexpr auto stray(char c) noexcept -> const char* {
    if (c == '%') return "leave out the zone";
    if (c == '/') return "leave out the prefix length";
    if (c == ']') return "leave out the brackets and the port";
    return "it holds something that is neither a hexadecimal digit nor a colon";
  }

  static constexpr auto hex(char c) noexcept -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }

  std::array<std::uint8_t, 16> bytes_{};
  family family_ = family::none;
};

}  // namespace lepton::balance
