// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/task_class.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton::schedule {

/// A type whose tasks are interchangeable for placement when their demand, devices, labels and
/// rules are equal, and `class_key(t)` (an integer; of `adapt` or a member) is.
template <class Task>
concept has_class_key = requires(const Task& t) {
  adapt<Task>::class_key(t);
}
|| requires(const Task& t) { t.class_key(); }
|| requires(const Task& t) { t.class_key; };

template <has_class_key Task>
[[nodiscard]] constexpr auto class_key_of(const Task& t) noexcept -> std::uint64_t {
  if constexpr (requires { adapt<Task>::class_key(t); }) {
    return static_cast<std::uint64_t>(adapt<Task>::class_key(t));
  } else if constexpr (requires { t.class_key(); }) {
    return static_cast<std::uint64_t>(t.class_key());
  } else {
    return static_cast<std::uint64_t>(t.class_key);
  }
}

/// The waiting tasks by class, and which classes are worth a try: if one task of a class found no
/// room, none of it will, until something happens that could help. A pass that finds no class
/// worth a try any more is over, however many tasks wait.
template <resource_vector R>
class task_classes {
 public:
  using index = std::uint32_t;

  /// What must happen before a class that was refused is worth another try.
  enum class refusal : std::uint8_t { none, no_room, quota };

  /// A task of a class waits. O(1) expected. `extra` separates classes further; a class that
  /// `minds_others` may be helped by what happens to other tasks anywhere, as are those with labels
  /// or rules about other tasks.
  template <class Task>
  [[nodiscard]] auto enter(const Task& t, std::uint64_t extra, bool minds_others = false) -> index {
    const auto hash = key::hash(t, extra);
    for (auto [at, end] = by_hash_.equal_range(hash); at != end; ++at) {
      auto& e = entries_[at->second];
      if (e.what.holds(t, extra)) {
        ++e.waiting;
        return at->second;
      }
    }
    const auto& rules = constraints_of(t);
    minds_others = minds_others || !labels_of(t).empty() || !rules.affinity.empty() ||
                   !rules.anti_affinity.empty() || !rules.spread.empty();
    mindful_ += std::size_t{minds_others};
    entry e{key{t, extra}, demand_of(t), devices_of(t), hash, priority_of(t), 1,
            refusal::none, minds_others};
    auto i = static_cast<index>(entries_.size());
    if (vacant_.empty()) {
      entries_.push_back(std::move(e));
    } else {
      i = vacant_.back();
      vacant_.pop_back();
      entries_[i] = std::move(e);
    }
    by_hash_.emplace(hash, i);
    ++worth_a_try_;
    return i;
  }

  /// A task of a class does not wait any more. O(1) expected.
  void leave(index i) {
    auto& e = entries_[i];
    if (--e.waiting != 0) return;
    if (e.refused == refusal::none) --worth_a_try_;
    mindful_ -= std::size_t{e.minds_others};
    for (auto [at, end] = by_hash_.equal_range(e.hash); at != end; ++at) {
      if (at->second != i) continue;
      by_hash_.erase(at);
      break;
    }
    vacant_.push_back(i);
  }

  [[nodiscard]] auto worth_a_try() const noexcept -> std::size_t { return worth_a_try_; }
  [[nodiscard]] auto worth_a_try(index i) const noexcept -> bool {
    return entries_[i].refused == refusal::none;
  }

  void refuse(index i, refusal why) noexcept {
    auto& e = entries_[i];
    if (e.refused == refusal::none) --worth_a_try_;
    e.refused = why;
  }
  /// Encourages the classes that mind other tasks. O(1) if there are none.
  void encourage_mindful() {
    if (mindful_ != 0) encourage_if([](const entry& e) { return e.minds_others; });
  }
  /// Encourages every refused class that `could(class)` holds of. O(classes).
  template <class Could>
  void encourage_if(Could could) {
    for (auto& e : entries_) {
      if (e.waiting == 0 || e.refused == refusal::none || !could(e)) continue;
      e.refused = refusal::none;
      ++worth_a_try_;
    }
  }

  using key = lepton::detail::task_class<R>;
  struct entry {
    key what;
    R demand;
    device_request request;
    std::uint64_t hash;
    std::int64_t priority;
    std::size_t waiting;
    refusal refused;
    bool minds_others;  ///< other tasks' ends may help it wherever they were
  };

 private:
  std::vector<entry> entries_;
  std::vector<index> vacant_;
  std::unordered_multimap<std::uint64_t, index> by_hash_;
  std::size_t worth_a_try_ = 0;
  std::size_t mindful_ = 0;
};

}  // namespace lepton::schedule
