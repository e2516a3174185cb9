// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <lepton/model/expected.hpp>

namespace lepton::predict::detail {

/// One more than the largest label; at most 65536, as room is set aside for each.
[[nodiscard]] inline auto count_classes(std::string_view model,
                                        std::span<const std::uint32_t> labels)
    -> expected<std::size_t> {
  std::size_t classes = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= 65536)
      return failure(std::string(model) + ": the class of row " + std::to_string(i) + " is " +
                     std::to_string(labels[i]) + "; number the classes from 0, to 65535 at most");
    classes = std::max(classes, std::size_t{labels[i]} + 1);
  }
  return classes;
}

/// The index of the largest number, the first of equals.
[[nodiscard]] inline auto largest(std::span<const double> numbers) noexcept -> std::uint32_t {
  return static_cast<std::uint32_t>(std::max_element(numbers.begin(), numbers.end()) -
                                    numbers.begin());
}

}  // namespace lepton::predict::detail
