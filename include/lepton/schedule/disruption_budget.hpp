// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/labels.hpp>
#include <lepton/model/selector.hpp>

namespace lepton::schedule {

/// Number of a budget in its table.
using budget_index = std::uint32_t;

/// How many of a group of tasks may be missing at a time on the scheduler's account (Kubernetes'
/// pod disruption budget).
struct disruption_budget {
  enum class limit : std::uint8_t { min_available, max_unavailable };

  label_selector tasks{};  ///< the group, for `disruption_budgets::matching`; empty matches none
  limit kind = limit::max_unavailable;
  std::int64_t value = 0;  ///< tasks, or percent of the expected ones, rounded up
  bool is_percent = false;

  /// The number that may be disrupted if `running` of `expected` tasks run now: what runs beyond
  /// those that must, at least 0.
  [[nodiscard]] constexpr auto allowed(std::int64_t expected, std::int64_t running) const noexcept
      -> std::int64_t {
    if (expected <= 0) return 0;
    const auto share = is_percent ? (expected * value + 99) / 100 : value;
    const auto needed = kind == limit::min_available ? share : expected - share;
    return std::max<std::int64_t>(0, running - std::max<std::int64_t>(0, needed));
  }
};

/// The budgets, the tasks that each expects and has running, and so how many disruptions it allows.
/// Every call is O(1) but `matching`.
class disruption_budgets {
 public:
  auto add(disruption_budget budget) -> budget_index {
    groups_.push_back({std::move(budget), 0, 0});
    allowed_.push_back(0);
    refresh(static_cast<budget_index>(groups_.size() - 1));
    return static_cast<budget_index>(groups_.size() - 1);
  }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return groups_.size(); }

  /// The budgets whose selector matches the labels of a task; a task without labels is in none.
  /// O(budgets); keep the answer with the
  /// task.
  [[nodiscard]] auto matching(const labels& own) const -> std::vector<budget_index> {
    std::vector<budget_index> found;
    if (own.empty()) return found;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const auto& tasks = groups_[i].budget.tasks;
      if (!tasks.requirements.empty() && tasks.matches(own))
        found.push_back(static_cast<budget_index>(i));
    }
    return found;
  }

  /// A task that should run is there from now on (+1), or will not be any more (-1): it was
  /// submitted; it finished or was cancelled.
  void expect(std::span<const budget_index> of, std::int64_t change) {
    for (const auto b : of) {
      groups_[b].expected += change;
      refresh(b);
    }
  }
  /// A task runs from now on (+1), or does not any more (-1): finished, cancelled, evicted or lost.
  void run(std::span<const budget_index> of, std::int64_t change) {
    for (const auto b : of) {
      groups_[b].running += change;
      refresh(b);
    }
  }

  /// For each budget, how many of its tasks may be disrupted now.
  [[nodiscard]] auto allowed() const noexcept -> std::span<const std::int64_t> { return allowed_; }

 private:
  struct group {
    disruption_budget budget;
    std::int64_t expected;
    std::int64_t running;
  };
  void refresh(budget_index b) {
    const auto& g = groups_[b];
    LEPTON_ASSERT(g.expected >= 0 && g.running >= 0,
                  "disruption_budgets: more tasks left a budget than had joined it");
    allowed_[b] = g.budget.allowed(g.expected, g.running);
  }

  std::vector<group> groups_;
  std::vector<std::int64_t> allowed_;
};

}  // namespace lepton::schedule
