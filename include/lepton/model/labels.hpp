// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lepton {

/// Key-value labels of a task or a node, sorted by key; a key occurs once.
class labels {
 public:
  using entry = std::pair<std::string, std::string>;

  labels() = default;
  /// Later entries win over earlier ones with the same key.
  labels(std::initializer_list<entry> entries) {
    for (const auto& [key, value] : entries) set(key, value);
  }

  void set(std::string key, std::string value) {
    const auto at = position(key);
    if (at < entries_.size() && entries_[at].first == key) {
      entries_[at].second = std::move(value);
    } else {
      entries_.emplace(entries_.begin() + static_cast<std::ptrdiff_t>(at), std::move(key),
                       std::move(value));
    }
  }

  /// The value under `key`, or nullptr.
  [[nodiscard]] auto find(std::string_view key) const noexcept -> const std::string* {
    const auto at = position(key);
    return at < entries_.size() && entries_[at].first == key ? &entries_[at].second : nullptr;
  }

  [[nodiscard]] auto empty() const noexcept -> bool { return entries_.empty(); }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return entries_.size(); }
  [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }
  [[nodiscard]] auto end() const noexcept { return entries_.end(); }
  friend auto operator==(const labels&, const labels&) -> bool = default;

 private:
  [[nodiscard]] auto position(std::string_view key) const noexcept -> std::size_t {
    const auto it =
        std::lower_bound(entries_.begin(), entries_.end(), key,
                         [](const entry& e, std::string_view k) { return e.first < k; });
    return static_cast<std::size_t>(it - entries_.begin());
  }

  std::vector<entry> entries_;
};

}  // namespace lepton
