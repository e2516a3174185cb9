// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/labels.hpp>

namespace lepton {

/// How a requirement compares a label with its values (the operators of Kubernetes' selectors).
enum class label_operator : std::uint8_t {
  in,            ///< the key is there and its value is one of the values
  not_in,        ///< the key is not there, or its value is none of the values
  exists,        ///< the key is there
  absent,        ///< the key is not there
  greater_than,  ///< the value, read as an integer, is above the first of the values
  less_than      ///< the value, read as an integer, is below the first of the values
};

/// One test of one label.
struct label_requirement {
  std::string key;
  label_operator op = label_operator::exists;
  std::vector<std::string> values{};

  [[nodiscard]] auto matches(const labels& set) const noexcept -> bool {
    const auto* value = set.find(key);
    switch (op) {
      case label_operator::in:
        return value != nullptr && listed(*value);
      case label_operator::not_in:
        return value == nullptr || !listed(*value);
      case label_operator::exists:
        return value != nullptr;
      case label_operator::absent:
        return value == nullptr;
      case label_operator::greater_than:
        return compare(value, [](auto a, auto b) { return a > b; });
      case label_operator::less_than:
        return compare(value, [](auto a, auto b) { return a < b; });
    }
    return false;
  }

  friend auto operator==(const label_requirement&, const label_requirement&) -> bool = default;

 private:
  [[nodiscard]] auto listed(const std::string& value) const noexcept -> bool {
    return std::find(values.begin(), values.end(), value) != values.end();
  }
  [[nodiscard]] static auto integer(std::string_view text) noexcept -> std::optional<std::int64_t> {
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
  }
  template <class Compare>
  [[nodiscard]] auto compare(const std::string* value, Compare holds) const noexcept -> bool {
    if (value == nullptr || values.empty()) return false;
    const auto have = integer(*value);
    const auto bound = integer(values.front());
    return have && bound && holds(*have, *bound);
  }
};

/// Requirements that must all hold; an empty selector matches everything.
struct label_selector {
  std::vector<label_requirement> requirements{};

  label_selector() = default;
  label_selector(std::initializer_list<label_requirement> all) : requirements(all) {}

  /// Shorthand: the label `key` has this value.
  [[nodiscard]] static auto equals(std::string key, std::string value) -> label_selector {
    return {label_requirement{std::move(key), label_operator::in, {std::move(value)}}};
  }
  [[nodiscard]] auto matches(const labels& set) const noexcept -> bool {
    return std::all_of(requirements.begin(), requirements.end(),
                       [&](const auto& r) { return r.matches(set); });
  }
  friend auto operator==(const label_selector&, const label_selector&) -> bool = default;
};

}  // namespace lepton
