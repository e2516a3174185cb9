// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/fwd.hpp>

namespace lepton::detail {

/// The latest changes of a collection of nodes, oldest first, in bounded memory: at least the last
/// 2·n + 1024 of them for n nodes.
class change_log {
 public:
  [[nodiscard]] auto revision() const noexcept -> std::uint64_t { return start_ + entries_.size(); }

  /// Notes a change of `node` in a collection of `nodes`; returns the new revision.
  auto append(node_index node, std::size_t nodes) -> std::uint64_t {
    const auto keep = 2 * nodes + 1024;
    if (entries_.size() >= 2 * keep) forget_all_but(keep);
    entries_.push_back(node);
    return revision();
  }

  [[nodiscard]] auto since(std::uint64_t revision) const noexcept
      -> std::optional<std::span<const node_index>> {
    if (revision < start_ || revision > this->revision()) return std::nullopt;
    return std::span<const node_index>{entries_}.subspan(
        static_cast<std::size_t>(revision - start_));
  }

 private:
  LEPTON_COLD void forget_all_but(std::size_t keep) {
    const auto surplus = entries_.size() - keep;
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(surplus));
    start_ += surplus;
  }

  std::vector<node_index> entries_;
  std::uint64_t start_ = 0;
};

/// A number that no other object of this process ever had; a copy gets one of its own.
class unique_identity {
 public:
  unique_identity() noexcept : value_(next()) {}
  unique_identity(const unique_identity&) noexcept : value_(next()) {}
  auto operator=(const unique_identity&) noexcept -> unique_identity& {
    value_ = next();
    return *this;
  }
  /// What is moved from is not what it was either.
  unique_identity(unique_identity&& other) noexcept : value_(next()) { other.value_ = next(); }
  auto operator=(unique_identity&& other) noexcept -> unique_identity& {
    value_ = next();
    other.value_ = next();
    return *this;
  }
  ~unique_identity() = default;
  [[nodiscard]] auto value() const noexcept -> std::uint64_t { return value_; }

 private:
  [[nodiscard]] static auto next() noexcept -> std::uint64_t {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
  }
  std::uint64_t value_;
};

}  // namespace lepton::detail
