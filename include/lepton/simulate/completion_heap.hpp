// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/time.hpp>

namespace lepton::simulate {

/// A request in service that will be done at a time.
struct completion {
  time_point when{};
  std::uint32_t order = 0;   ///< of beginning: the first begun is the first done at the same time
  std::uint32_t ticket = 0;  ///< which request

  friend auto operator<(const completion& a, const completion& b) noexcept -> bool {
    return a.when != b.when ? a.when < b.when : a.order < b.order;
  }
};

/// The requests in service, the first to be done on top: a heap with four children a node, whose
/// entries share a cache line. O(log n); no allocation once it has grown to the number of slots.
class completion_heap {
 public:
  [[nodiscard]] auto empty() const noexcept -> bool { return nodes_.empty(); }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return nodes_.size(); }
  [[nodiscard]] auto top() const noexcept -> const completion& {
    LEPTON_ASSERT(!nodes_.empty(), "completion_heap: it is empty");
    return nodes_.front();
  }
  [[nodiscard]] auto begin() const noexcept { return nodes_.begin(); }
  [[nodiscard]] auto end() const noexcept { return nodes_.end(); }

  void push(const completion& c) {
    nodes_.push_back(c);
    rise(nodes_.size() - 1, c);
  }
  void pop() noexcept {
    LEPTON_ASSERT(!nodes_.empty(), "completion_heap: it is empty");
    const auto last = nodes_.back();
    nodes_.pop_back();
    if (!nodes_.empty()) sink(0, last);
  }
  /// Puts another in the place of the top: one way down instead of two.
  void replace_top(const completion& c) noexcept { sink(0, c); }

  /// Takes out those for which `gone` is true, and calls it once for each. O(n log n).
  template <class Gone>
  void remove_if(Gone gone) {
    nodes_.erase(std::remove_if(nodes_.begin(), nodes_.end(), gone), nodes_.end());
    std::sort(nodes_.begin(), nodes_.end());  // a sorted array is a heap
  }

 private:
  static constexpr std::size_t arity = 4;

  void rise(std::size_t i, const completion& c) noexcept {
    while (i > 0) {
      const auto parent = (i - 1) / arity;
      if (!(c < nodes_[parent])) break;
      nodes_[i] = nodes_[parent];
      i = parent;
    }
    nodes_[i] = c;
  }
  void sink(std::size_t i, const completion& c) noexcept {
    const auto size = nodes_.size();
    for (auto child = arity * i + 1; child < size; child = arity * i + 1) {
      const auto end = std::min(child + arity, size);
      auto least = child;
      for (auto k = child + 1; k < end; ++k) {
        if (nodes_[k] < nodes_[least]) least = k;
      }
      if (!(nodes_[least] < c)) break;
      nodes_[i] = nodes_[least];
      i = least;
    }
    nodes_[i] = c;
  }

  std::vector<completion> nodes_;
};

}  // namespace lepton::simulate
