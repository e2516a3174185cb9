// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/task_class.hpp>

namespace lepton::place::detail {

/// What an index knows of each class of tasks: a hash table of bounded size, from which the class
/// that was used least recently goes when room is needed. O(1) for a known class.
template <resource_vector R, class Knowledge>
class class_table {
 public:
  /// Place of a class in the table, and whether it has just been taken up (its knowledge is then
  /// what the class before it left, or fresh).
  struct found {
    std::size_t index;
    bool fresh;
  };

  void clear() noexcept {
    entries_.clear();
    slots_.clear();
  }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return entries_.size(); }
  [[nodiscard]] auto operator[](std::size_t index) noexcept -> Knowledge& {
    return entries_[index].known;
  }

  /// Finds the class of a task, or takes it up; `most` classes are kept.
  template <class Task>
  [[nodiscard]] auto find(const Task& t, std::uint64_t extra, std::size_t most) -> found {
    const auto hash = lepton::detail::task_class<R>::hash(t, extra);
    if (!slots_.empty()) {
      for (auto s = hash & mask(); slots_[s] != 0; s = (s + 1) & mask()) {
        auto& e = entries_[slots_[s] - 1];
        if (e.hash == hash && e.key.holds(t, extra)) {
          e.last_used = ++clock_;
          return {slots_[s] - 1, false};
        }
      }
    }
    return {add(t, extra, hash, most), true};
  }

 private:
  struct entry {
    lepton::detail::task_class<R> key;
    std::uint64_t hash;
    std::uint64_t last_used;
    Knowledge known{};
  };

  template <class Task>
  auto add(const Task& t, std::uint64_t extra, std::uint64_t hash, std::size_t most)
      -> std::size_t {
    if (entries_.size() < most) {
      entries_.push_back({lepton::detail::task_class<R>{t, extra}, hash, ++clock_});
      if (entries_.size() * 2 > slots_.size()) {
        rehash(std::max<std::size_t>(64, slots_.size() * 2));
      } else {
        link(entries_.size() - 1);
      }
      return entries_.size() - 1;
    }
    const auto oldest =
        std::min_element(entries_.begin(), entries_.end(),
                         [](const entry& a, const entry& b) { return a.last_used < b.last_used; });
    oldest->key = lepton::detail::task_class<R>{t, extra};
    oldest->hash = hash;
    oldest->last_used = ++clock_;
    rehash(slots_.size());
    return static_cast<std::size_t>(oldest - entries_.begin());
  }

  [[nodiscard]] auto mask() const noexcept -> std::size_t { return slots_.size() - 1; }
  void link(std::size_t index) noexcept {
    auto s = entries_[index].hash & mask();
    while (slots_[s] != 0) s = (s + 1) & mask();
    slots_[s] = static_cast<std::uint32_t>(index + 1);
  }
  void rehash(std::size_t slots) {
    slots_.assign(slots, 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) link(i);
  }

  std::vector<entry> entries_;
  std::vector<std::uint32_t> slots_;
  std::uint64_t clock_ = 0;
};

}  // namespace lepton::place::detail
