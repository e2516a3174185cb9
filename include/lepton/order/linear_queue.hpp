// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/block_tree.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/linear_ordering.hpp>
#include <lepton/order/linear_record.hpp>

namespace lepton::order {

/// The queue of a linear ordering: one index for each slope, as tasks of the same slope keep their
/// order while time goes on, and the moments at which lines end. A pass puts those tasks anew whose
/// line has ended, and merges the slopes. With n tasks and s slopes, push and erase O(log n),
/// begin_pass O(s + ended · log n), next O(log s), whatever the time that has gone by. (For rounded
/// priorities next also ranks the tasks within a rounding of the one it gives.) Meets `discipline`.
template <class Task, linear_ordering<Task> Order>
class linear_queue {
 public:
  linear_queue() = default;
  explicit linear_queue(Order order) : order_(std::move(order)) {}

  void push(const queued<Task>& w, time_point now) {
    tell_queued(order_, w, now);
    auto& r = records_.add(w);
    w.hook = r.number;
    insert(r, now);
  }
  void erase(const queued<Task>& w) {
    auto& r = records_[w.hook];
    remove(r);
    records_.drop(r);
  }

  /// Something outside has changed the priority of a task that waits. O(log n).
  void rekey(const queued<Task>& w, time_point now) {
    auto& r = records_[w.hook];
    remove(r);
    insert(r, now);
  }
  /// The same for all tasks of a tenant, if the ordering says `static constexpr bool by_tenant =
  /// true`. O(log n) for each of them.
  void rekey_tenant(tenant_id tenant, time_point now) {
    static_assert(by_tenant,
                  "lepton: rekey_tenant is for orderings whose priorities depend on the tenant: "
                  "they say so by static constexpr bool by_tenant = true");
    records_.each_of(tenant, [&](record& r) {
      remove(r);
      insert(r, now);
    });
  }
  /// The same for all tasks. O(n log n).
  void rekey_all(time_point now) {
    for (std::uint64_t i = 0; i < records_.bound(); ++i) {
      auto& r = records_[i];
      if (r.task == nullptr) continue;
      remove(r);
      insert(r, now);
    }
  }

  void begin_pass(time_point now) {
    now_ = now;
    offered_ = nullptr;
    while (!ends_.empty() && ends_[ends_.begin()].until <= now) {
      auto& r = *ends_[ends_.begin()].record;
      remove(r);
      insert(r, now);
    }
    if (slopes_.size() > 64) {
      std::erase_if(slopes_, [](const auto& s) { return s->tasks.empty(); });
    }
    merge_.clear();
    window_.clear();
    for (auto& s : slopes_) {
      s->next = s->tasks.begin();
      enter(*s);
    }
    std::make_heap(merge_.begin(), merge_.end(), after);
  }
  [[nodiscard]] auto next() -> const queued<Task>* {
    offered_ = rounded ? next_rounded() : pull();
    return offered_ == nullptr ? nullptr : offered_->task;
  }
  void take() {
    LEPTON_ASSERT(offered_ != nullptr, "order queue: take() comes after next() gave a task");
    auto& r = *std::exchange(offered_, nullptr);
    auto& s = *r.slope;
    const auto* const behind = s.next.is_end() ? nullptr : s.tasks[s.next].record;
    remove(r);
    if (behind != nullptr) s.next = s.tasks.find(item_of(*behind));
    records_.drop(r);
  }
  void ended(const queued<Task>& w, time_point now) { tell_ended(order_, w, now); }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return records_.size(); }
  [[nodiscard]] auto order() noexcept -> Order& { return order_; }
  [[nodiscard]] auto order() const noexcept -> const Order& { return order_; }

 private:
  static constexpr bool rounded = requires(const Order& o, detail::linear_value value) {
    o.ceiling(value);
  };

  static constexpr bool by_tenant = [] {
    if constexpr (requires { Order::by_tenant; }) {
      return Order::by_tenant;
    } else {
      return false;
    }
  }();

  using record = detail::linear_record<Task>;
  using slope = detail::linear_slope<Task>;
  struct front {
    detail::linear_value value{};
    std::uint64_t sequence = 0;
    slope* of = nullptr;
  };
  struct candidate {
    std::remove_cvref_t<decltype(std::declval<const Order&>().rank(
        std::declval<const queued<Task>&>(), time_point{}))>
        rank{};
    record* of = nullptr;
  };

  [[nodiscard]] static auto item_of(const record& r) noexcept -> detail::linear_item<Task> {
    return {r.level, r.task->sequence, const_cast<record*>(&r)};
  }
  [[nodiscard]] static auto after(const front& a, const front& b) noexcept -> bool {
    return a.value != b.value ? a.value < b.value : b.sequence < a.sequence;
  }
  [[nodiscard]] static auto later(const candidate& a, const candidate& b) noexcept -> bool {
    return b.rank < a.rank || (!(a.rank < b.rank) && b.of->task->sequence < a.of->task->sequence);
  }

  void insert(record& r, time_point now) {
    const auto line = order_.line(*r.task, now);
    LEPTON_ASSERT(line.until > now || line.until == time_point::max(),
                  "order queue: a priority line must hold beyond the present");
    r.level = line.level;
    r.until = line.until;
    r.slope = &slope_of(line.slope);
    r.slope->tasks.insert(item_of(r));
    if (r.until != time_point::max()) ends_.insert({r.until, r.task->sequence, &r});
  }
  void remove(record& r) {
    r.slope->tasks.erase(item_of(r));
    if (r.until != time_point::max()) ends_.erase({r.until, r.task->sequence, &r});
  }
  auto slope_of(std::int64_t steepness) -> slope& {
    const auto at =
        std::lower_bound(slopes_.begin(), slopes_.end(), steepness,
                         [](const auto& s, std::int64_t wanted) { return s->steepness < wanted; });
    if (at != slopes_.end() && (*at)->steepness == steepness) return **at;
    return **slopes_.insert(at, std::make_unique<slope>(steepness));
  }

  /// Puts the next task of a slope, if there is one, at the end of the heap.
  void enter(slope& s) {
    if (s.next.is_end()) return;
    const auto& i = s.tasks[s.next];
    const priority_line line{i.level, s.steepness, {}};
    merge_.push_back({line.at(now_), i.sequence, &s});
  }
  /// The next task in the order of the lines' values.
  auto pull() -> record* {
    if (merge_.empty()) return nullptr;
    std::pop_heap(merge_.begin(), merge_.end(), after);
    auto& s = *merge_.back().of;
    merge_.pop_back();
    auto* const r = s.tasks[s.next].record;
    s.next = s.tasks.after(s.next);
    if (!s.next.is_end()) {
      enter(s);
      std::push_heap(merge_.begin(), merge_.end(), after);
    }
    return r;
  }
  /// Pulls until nothing left can come before the first of what was pulled.
  auto next_rounded() -> record* {
    if constexpr (rounded) {
      while (!merge_.empty() &&
             (window_.empty() || !(order_.ceiling(merge_.front().value) <
                                   order_.priority(*window_.front().of->task, now_)))) {
        auto* const r = pull();
        window_.push_back({order_.rank(*r->task, now_), r});
        std::push_heap(window_.begin(), window_.end(), later);
      }
    }
    if (window_.empty()) return nullptr;
    std::pop_heap(window_.begin(), window_.end(), later);
    auto* const r = window_.back().of;
    window_.pop_back();
    return r;
  }

  Order order_{};
  detail::linear_records<Task, by_tenant> records_;
  std::vector<std::unique_ptr<slope>> slopes_;  ///< in the order of their steepness
  lepton::detail::block_tree<detail::linear_end<Task>, detail::linear_end_rules<Task>> ends_;
  std::vector<front> merge_;       ///< heap: each slope's next task
  std::vector<candidate> window_;  ///< heap: pulled, not offered yet
  record* offered_ = nullptr;
  time_point now_{};
};

}  // namespace lepton::order
