// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include <lepton/detail/block_tree.hpp>
#include <lepton/detail/wide_integer.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/order/queued.hpp>

// What a linear_queue keeps of a task.

namespace lepton::order::detail {

using linear_value = lepton::detail::wide_integer;

template <class Task>
struct linear_record;

/// In the index of a slope: the largest level first.
template <class Task>
struct linear_item {
  linear_value level{};
  std::uint64_t sequence = 0;
  linear_record<Task>* record = nullptr;
};
template <class Task>
struct linear_rules {
  using item = linear_item<Task>;
  [[nodiscard]] static auto before(const item& a, const item& b) noexcept -> bool {
    return a.level != b.level ? b.level < a.level : a.sequence < b.sequence;
  }
  static void set_block(const item& i, std::uint32_t block) noexcept { i.record->block = block; }
  [[nodiscard]] static auto block_of(const item& i) noexcept -> std::uint32_t {
    return i.record->block;
  }
};

/// In the index of the moments at which lines end: the first first.
template <class Task>
struct linear_end {
  time_point until{};
  std::uint64_t sequence = 0;
  linear_record<Task>* record = nullptr;
};
template <class Task>
struct linear_end_rules {
  using item = linear_end<Task>;
  [[nodiscard]] static auto before(const item& a, const item& b) noexcept -> bool {
    return a.until != b.until ? a.until < b.until : a.sequence < b.sequence;
  }
  static void set_block(const item& i, std::uint32_t block) noexcept {
    i.record->end_block = block;
  }
  [[nodiscard]] static auto block_of(const item& i) noexcept -> std::uint32_t {
    return i.record->end_block;
  }
};

/// The tasks of one slope.
template <class Task>
struct linear_slope {
  using index = lepton::detail::block_tree<linear_item<Task>, linear_rules<Task>>;

  explicit linear_slope(std::int64_t s) : steepness(s) {}

  std::int64_t steepness;
  index tasks;
  typename index::cursor next{};  ///< of the pass
};

template <class Task>
struct linear_record {
  const queued<Task>* task = nullptr;
  linear_slope<Task>* slope = nullptr;
  linear_value level{};
  time_point until{};
  std::uint32_t block = 0;
  std::uint32_t end_block = 0;
  std::uint32_t number = 0;
  std::uint32_t previous = none;  ///< of the same tenant
  std::uint32_t next = none;

  static constexpr std::uint32_t none = 0xffff'ffffU;
};

/// The records by number, and, if asked for, those of each tenant in a list.
template <class Task, bool ByTenant>
class linear_records {
 public:
  using record = linear_record<Task>;

  [[nodiscard]] auto size() const noexcept -> std::size_t { return all_.size() - unused_.size(); }
  [[nodiscard]] auto bound() const noexcept -> std::size_t { return all_.size(); }
  [[nodiscard]] auto operator[](std::uint64_t number) noexcept -> record& { return all_[number]; }

  auto add(const queued<Task>& w) -> record& {
    if (unused_.empty()) {
      unused_.push_back(static_cast<std::uint32_t>(all_.size()));
      all_.emplace_back();
    }
    const auto number = unused_.back();
    unused_.pop_back();
    auto& r = all_[number];
    r = {};
    r.task = &w;
    r.number = number;
    if constexpr (ByTenant) {
      auto& first = first_of_.try_emplace(tenant_of(w.what), record::none).first->second;
      r.next = first;
      if (first != record::none) all_[first].previous = number;
      first = number;
    }
    return r;
  }

  void drop(record& r) {
    if constexpr (ByTenant) {
      if (r.next != record::none) all_[r.next].previous = r.previous;
      if (r.previous != record::none) {
        all_[r.previous].next = r.next;
      } else if (r.next != record::none) {
        first_of_[tenant_of(r.task->what)] = r.next;
      } else {
        first_of_.erase(tenant_of(r.task->what));
      }
    }
    r.task = nullptr;
    unused_.push_back(r.number);
  }

  template <class Visit>
  void each_of(tenant_id tenant, Visit visit) {
    const auto first = first_of_.find(tenant);
    if (first == first_of_.end()) return;
    for (auto i = first->second; i != record::none; i = all_[i].next) visit(all_[i]);
  }

 private:
  std::deque<record> all_;
  std::vector<std::uint32_t> unused_;
  std::unordered_map<tenant_id, std::uint32_t> first_of_;  ///< of each tenant that waits
};

}  // namespace lepton::order::detail
