// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <lepton/model/time.hpp>

namespace lepton::schedule::detail {

/// When running tasks are expected to end, earliest first. What is no more true stays until it
/// comes to the top.
class expected_ends {
 public:
  struct entry {
    time_point end{};
    std::uint64_t sequence = 0;
    std::uint32_t slot = 0;
  };

  [[nodiscard]] auto empty() const noexcept -> bool { return heap_.empty(); }
  [[nodiscard]] auto top() const noexcept -> const entry& { return heap_.front(); }
  void push(const entry& e) {
    heap_.push_back(e);
    std::push_heap(heap_.begin(), heap_.end(), after);
  }
  void pop() noexcept {
    std::pop_heap(heap_.begin(), heap_.end(), after);
    heap_.pop_back();
  }

 private:
  static constexpr auto after = [](const entry& a, const entry& b) noexcept {
    return a.end != b.end ? a.end > b.end : a.sequence > b.sequence;
  };
  std::vector<entry> heap_;
};

}  // namespace lepton::schedule::detail
