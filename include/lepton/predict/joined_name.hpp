// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace lepton::predict::detail {

/// The names of models, ", " between them, as one that lasts.
template <class First, class... Rest>
struct joined_name {
  static constexpr std::size_t length = (std::string_view{First::model_name}.size() + ... +
                                         (std::string_view{Rest::model_name}.size() + 2));
  static constexpr std::array<char, length> text = [] {
    std::array<char, length> joined{};
    std::size_t at = 0;
    const auto put = [&](std::string_view part) {
      for (const char c : part) joined[at++] = c;
    };
    put(First::model_name);
    ((put(", "), put(Rest::model_name)), ...);
    return joined;
  }();
  static constexpr std::string_view value{text.data(), length};
};

}  // namespace lepton::predict::detail
