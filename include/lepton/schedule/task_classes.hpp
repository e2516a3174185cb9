// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
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

/// What a node must offer before it can help a waiting task, or any member of a waiting gang.
template <resource_vector R>
struct task_needs {
  R demand{};                 ///< at least
  device_request request{};   ///< likewise
  bool minds_starts = false;  ///< the start of another task, anywhere, may help
  bool minds_ends = false;    ///< the end of another task, anywhere, may help

  template <class Task>
  [[nodiscard]] static auto of(const Task& t) -> task_needs {
    const auto& rules = constraints_of(t);
    const auto near_others = !rules.affinity.empty() || !rules.spread.empty();
    return {demand_of(t), devices_of(t), near_others,
            near_others || !rules.anti_affinity.empty() || !labels_of(t).empty()};
  }
  /// Another member of the gang.
  template <class Task>
  void add(const Task& t) {
    const auto other = of(t);
    for (std::size_t d = 0; d < R::size(); ++d) demand[d] = std::min(demand[d], other.demand[d]);
    if (!(request == other.request)) request = {};
    minds_starts = minds_starts || other.minds_starts;
    minds_ends = minds_ends || other.minds_ends;
  }
};

/// The waiting tasks by class, and which classes are worth a try: if one task of a class found no
/// room, none of it will, until something happens that could help. A pass that finds no class
/// worth a try any more is over, however many tasks wait.
template <resource_vector R>
class task_classes {
 public:
  using index = std::uint32_t;
  using needs = task_needs<R>;

  /// What keeps a class that was refused from starting.
  enum class refusal : std::uint8_t { none, no_room, quota };

  /// What may help a class that was refused.
  enum class hope : std::uint8_t {
    none,
    anywhere,
    on_relieved  ///< if a node can take its tasks, it is one of those that gained room
  };

  struct entry {
    needs what;
    std::size_t waiting = 0;
    std::int64_t priority = 0;
    std::uint64_t on_relieved_in = 0;  ///< the pass for which it was encouraged by relieved nodes
    refusal refused = refusal::none;
  };

  /// A task of a class waits. O(1) expected. `extra` separates classes further.
  template <class Task>
  [[nodiscard]] auto enter(const Task& t, std::uint64_t extra) -> index {
    return enter(t, extra, [&] { return needs::of(t); });
  }
  /// The same for a gang, in its first task: `needs_of()` says what its members need at least.
  template <class Task, class NeedsOf>
  [[nodiscard]] auto enter(const Task& t, std::uint64_t extra, NeedsOf needs_of) -> index {
    const auto hash = key::hash(t, extra);
    for (auto [at, end] = by_hash_.equal_range(hash); at != end; ++at) {
      if (!keys_[at->second].what.holds(t, extra)) continue;
      ++entries_[at->second].waiting;
      return at->second;
    }
    auto i = static_cast<index>(entries_.size());
    if (vacant_.empty()) {
      entries_.push_back({needs_of(), 1, priority_of(t)});
      keys_.push_back({key{t, extra}, hash});
    } else {
      i = vacant_.back();
      vacant_.pop_back();
      entries_[i] = {needs_of(), 1, priority_of(t)};
      keys_[i] = {key{t, extra}, hash};
    }
    mindful_ += std::size_t{entries_[i].what.minds_starts};
    by_hash_.emplace(hash, i);
    ++worth_a_try_;
    return i;
  }

  /// A task of a class does not wait any more. O(1) expected.
  void leave(index i) {
    auto& e = entries_[i];
    if (--e.waiting != 0) return;
    if (e.refused == refusal::none) --worth_a_try_;
    mindful_ -= std::size_t{e.what.minds_starts};
    for (auto [at, end] = by_hash_.equal_range(keys_[i].hash); at != end; ++at) {
      if (at->second != i) continue;
      by_hash_.erase(at);
      break;
    }
    vacant_.push_back(i);
  }

  [[nodiscard]] auto operator[](index i) const noexcept -> const entry& { return entries_[i]; }
  /// Number of classes that are worth a try.
  [[nodiscard]] auto worth_a_try() const noexcept -> std::size_t { return worth_a_try_; }
  [[nodiscard]] auto worth_a_try(index i) const noexcept -> bool {
    return entries_[i].refused == refusal::none;
  }

  void refuse(index i, refusal why) noexcept {
    auto& e = entries_[i];
    if (e.refused == refusal::none) --worth_a_try_;
    e.refused = why;
  }
  /// A task starts: encourages the classes that this may help, and says whether there are any.
  /// O(1) if none has such rules, else O(classes).
  auto encourage_mindful() -> bool {
    if (mindful_ == 0) return false;
    const auto before = worth_a_try_;
    encourage([](const entry& e) { return e.what.minds_starts ? hope::anywhere : hope::none; }, 0);
    return worth_a_try_ != before;
  }
  /// Encourages the refused classes for which `hope_of(class)` has any, before a pass of that
  /// number. O(classes).
  template <class HopeOf>
  void encourage(HopeOf hope_of, std::uint64_t pass) {
    for (auto& e : entries_) {
      if (e.waiting == 0 || e.refused == refusal::none) continue;
      const auto found = hope_of(e);
      if (found == hope::none) continue;
      e.refused = refusal::none;
      e.on_relieved_in = found == hope::on_relieved ? pass : 0;
      ++worth_a_try_;
    }
  }

 private:
  using key = lepton::detail::task_class<R>;
  struct keyed {
    key what;
    std::uint64_t hash;
  };

  std::vector<entry> entries_;  ///< apart from the keys, since each event looks at all of them
  std::vector<keyed> keys_;
  std::vector<index> vacant_;
  std::unordered_multimap<std::uint64_t, index> by_hash_;
  std::size_t worth_a_try_ = 0;
  std::size_t mindful_ = 0;  ///< classes that mind starts
};

}  // namespace lepton::schedule
