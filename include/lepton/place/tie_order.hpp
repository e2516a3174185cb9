// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <lepton/detail/hash.hpp>
#include <lepton/model/fwd.hpp>

namespace lepton::place {

/// Which of equally good nodes wins: the one that comes first in this order.
///
/// Without a seed the lowest index does. With one, the nodes stand in a random order, drawn once:
/// it depends on the seed and the node's index only, so nodes that join do not reshuffle the rest.
class tie_order {
 public:
  tie_order() = default;
  explicit tie_order(std::uint64_t seed) noexcept : seed_(seed) {}

  /// Says how many nodes there are. O(n log n) when that is news and there is a seed, else O(1).
  void resize(std::size_t nodes) {
    if (nodes == size_) return;
    size_ = nodes;
    if (!seed_) return;
    node_at_.resize(nodes);
    position_of_.resize(nodes);
    for (std::size_t i = 0; i < nodes; ++i) node_at_[i] = static_cast<node_index>(i);
    std::sort(node_at_.begin(), node_at_.end(),
              [this](node_index a, node_index b) { return rank(a) < rank(b); });
    for (std::size_t p = 0; p < nodes; ++p) position_of_[node_at_[p]] = static_cast<node_index>(p);
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] auto node_at(std::size_t position) const noexcept -> node_index {
    return seed_ ? node_at_[position] : static_cast<node_index>(position);
  }
  [[nodiscard]] auto position_of(node_index node) const noexcept -> std::size_t {
    return seed_ ? position_of_[node] : node;
  }

 private:
  /// Distinct for distinct nodes, since mixing is a bijection.
  [[nodiscard]] auto rank(node_index node) const noexcept -> std::uint64_t {
    return lepton::detail::mix(lepton::detail::mix(*seed_) + node);
  }

  std::optional<std::uint64_t> seed_;
  std::size_t size_ = 0;
  std::vector<node_index> node_at_;
  std::vector<node_index> position_of_;
};

}  // namespace lepton::place
