// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace lepton::detail {

/// The books of a tree of quotas, as Kueue keeps them (its resource nodes): each node has a pool,
/// lends of it to its parent's pool, and what it uses beyond what it keeps its parent bears.
///
/// In each dimension: pool = own nominal amount + what the children lend; kept = pool - lend limit
/// (at least 0; nothing without a limit); lent = pool - kept. A use comes first out of what is
/// kept; the rest comes out of the parent's pool, and so on up. Beyond what it lent, a node may
/// borrow up to its borrow limit. Hard limits hold for all use below a node, whoever bears it.
///
/// @tparam Amounts  a resource vector; sums of pools and use stay within ±2^62
template <class Amounts>
class quota_ledger {
 public:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

  struct node {
    std::uint32_t parent = none;  ///< a node added before it; none: the root of a tree
    Amounts nominal{};
    Amounts limit = Amounts::filled(unlimited);
    Amounts borrow_limit = Amounts::filled(unlimited);
    Amounts lend_limit = Amounts::filled(unlimited);
    Amounts pool{};
    Amounts kept{};
    Amounts used{};   ///< what counts against the pool; above it: borrowed
    Amounts total{};  ///< all use below the node
  };
  /// How much more fits, and which node allows no more.
  struct room {
    std::int64_t amount = 0;
    std::uint32_t node = none;
  };

  [[nodiscard]] auto size() const noexcept -> std::size_t { return nodes_.size(); }
  [[nodiscard]] auto operator[](std::uint32_t i) const noexcept -> const node& { return nodes_[i]; }

  /// Adds a node that uses nothing. The pools of the nodes above it grow. O(depth).
  auto add(node n) -> std::uint32_t {
    n.used = n.total = n.pool = n.kept = Amounts{};
    nodes_.push_back(n);
    const auto i = static_cast<std::uint32_t>(nodes_.size() - 1);
    auto more = n.nominal;
    for (auto at = i; at != none; at = nodes_[at].parent) {
      auto& k = nodes_[at];
      const auto before = k.pool - k.kept;
      k.pool += more;
      for (std::size_t d = 0; d < Amounts::size(); ++d)
        k.kept[d] = k.pool[d] > k.lend_limit[d] ? k.pool[d] - k.lend_limit[d] : 0;
      more = k.pool - k.kept - before;
    }
    return i;
  }

  /// What the node may use more in a dimension, hard limits left aside. May be negative. O(depth).
  [[nodiscard]] auto available(std::uint32_t i, std::size_t d) const noexcept -> room {
    const auto& n = nodes_[i];
    if (n.parent == none) return {n.pool[d] - n.used[d], i};
    auto above = available(n.parent, d);
    if (n.borrow_limit[d] != unlimited) {
      const auto borne = n.used[d] > n.kept[d] ? n.used[d] - n.kept[d] : 0;
      const auto most = plus(n.pool[d] - n.kept[d] - borne, n.borrow_limit[d]);
      if (most < above.amount) above = {most, i};
    }
    if (n.kept[d] > n.used[d]) above.amount += n.kept[d] - n.used[d];
    return above;
  }
  /// The same if nothing were in use at all.
  [[nodiscard]] auto potential(std::uint32_t i, std::size_t d) const noexcept -> room {
    const auto& n = nodes_[i];
    if (n.parent == none) return {n.pool[d], i};
    auto most = potential(n.parent, d);
    most.amount += n.kept[d];
    const auto own = plus(n.pool[d], n.borrow_limit[d]);
    return own < most.amount ? room{own, i} : most;
  }
  /// What the hard limits above the node, and its own, allow more. O(depth).
  [[nodiscard]] auto under_limits(std::uint32_t i, std::size_t d) const noexcept -> room {
    room least{unlimited, i};
    for (; i != none; i = nodes_[i].parent) {
      const auto& n = nodes_[i];
      if (n.limit[d] != unlimited && n.limit[d] - n.total[d] < least.amount)
        least = {n.limit[d] - n.total[d], i};
    }
    return least;
  }

  /// Uses so much more, or (negative) less, at a leaf. O(depth).
  void use(std::uint32_t i, Amounts by) noexcept {
    for (auto at = i; at != none; at = nodes_[at].parent) nodes_[at].total += by;
    for (; i != none; i = nodes_[i].parent) {
      auto& n = nodes_[i];
      for (std::size_t d = 0; d < Amounts::size(); ++d) {
        const auto before = n.used[d] > n.kept[d] ? n.used[d] - n.kept[d] : 0;
        n.used[d] += by[d];
        by[d] = (n.used[d] > n.kept[d] ? n.used[d] - n.kept[d] : 0) - before;
      }
    }
  }

 private:
  [[nodiscard]] static constexpr auto plus(std::int64_t a, std::int64_t b) noexcept
      -> std::int64_t {
    return b > 0 && a > unlimited - b ? unlimited : a + b;
  }

  std::vector<node> nodes_;
};

}  // namespace lepton::detail
