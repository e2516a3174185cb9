// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/model/fwd.hpp>
#include <lepton/schedule/running_task.hpp>

namespace lepton::schedule::detail {

/// Whether the first task is the last to be evicted: the higher priority, then the earlier start.
[[nodiscard]] inline auto more_important(const running_task& a, const running_task& b) noexcept
    -> bool {
  return a.priority != b.priority ? a.priority > b.priority : a.started < b.started;
}

/// Tasks that are evicted together or not at all, as seen from one node: one task; or what a gang
/// cannot do without, with all its other members.
struct victim_unit {
  std::int64_t priority = 0;
  time_point started{};
  std::span<const std::uint32_t> core{};   ///< stand or fall together; indices of running tasks
  std::span<const std::uint32_t> spare{};  ///< members that may go alone, and go if the core does
  bool violating = false;                  ///< evicting the core would break a budget

  [[nodiscard]] friend auto more_important(const victim_unit& a, const victim_unit& b) noexcept
      -> bool {
    if (a.priority != b.priority) return a.priority > b.priority;
    const auto size = [](const victim_unit& u) { return u.core.size() + u.spare.size(); };
    if (size(a) != size(b)) return size(a) > size(b);
    return a.started < b.started;
  }
};

/// The tasks that may be evicted for the sake of one of a higher priority, by node, and what goes
/// with them.
class victim_units {
 public:
  /// Takes up the running tasks: those of lower priority that hold an allocation and of which
  /// `may_evict` holds. A gang of which some member may not go can only spare what it has above its
  /// minimum; one below its minimum can spare everything. O(running + nodes), and the sorting of
  /// gang members.
  template <class Cluster, class May>
  void take_up(const Cluster& nodes, std::span<const running_task> running, std::int64_t priority,
               May may_evict) {
    running_ = running;
    node_.assign(running.size(), nowhere);
    member_of_.assign(running.size(), none);
    first_.assign(nodes.size() + 1, 0);
    members_.clear();
    for (std::uint32_t k = 0; k < running.size(); ++k) {
      const auto* a = nodes.find(running[k].allocation);
      if (a == nullptr) continue;
      if (running[k].gang != 0) members_.push_back(k);
      if (running[k].priority < priority && may_evict(running[k])) node_[k] = a->node;
    }
    form_gangs();
    for (std::uint32_t k = 0; k < running.size(); ++k) {
      if (may_go(k)) ++first_[node_[k] + 1];
    }
    for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
    by_node_.resize(first_.back());
    auto next = first_;
    for (std::uint32_t k = 0; k < running.size(); ++k) {
      if (may_go(k)) by_node_[next[node_[k]]++] = k;
    }
  }

  /// The tasks on a node that may be evicted.
  [[nodiscard]] auto on(node_index i) noexcept -> std::span<std::uint32_t> {
    return std::span{by_node_}.subspan(first_[i], first_[i + 1] - first_[i]);
  }

  /// The same as units, the most important first. Reorders `on(i)`; valid until the next call.
  [[nodiscard]] auto units(node_index i) -> std::vector<victim_unit>& {
    units_.clear();
    const auto tasks = on(i);
    std::stable_sort(tasks.begin(), tasks.end(), [this](std::uint32_t a, std::uint32_t b) {
      return more_important(running_[a], running_[b]);
    });
    if (gangs_.empty()) {
      for (const auto& k : tasks) add_single(k);
      return units_;
    }
    std::stable_sort(tasks.begin(), tasks.end(), [this](std::uint32_t a, std::uint32_t b) {
      return member_of_[a] < member_of_[b];
    });
    cores_.clear();
    cores_.reserve(members_.size());  // so that spans into it stay good
    for (std::size_t at = 0; at < tasks.size();) {
      const auto group = member_of_[tasks[at]];
      const auto start = at++;
      while (group != none && at < tasks.size() && member_of_[tasks[at]] == group) ++at;
      if (group == none) {
        add_single(tasks[start]);
      } else {
        add_gang(i, tasks.subspan(start, at - start), gangs_[group]);
      }
    }
    std::stable_sort(units_.begin(), units_.end(), [](const victim_unit& a, const victim_unit& b) {
      return more_important(a, b);
    });
    return units_;
  }

 private:
  static constexpr auto nowhere = std::numeric_limits<node_index>::max();
  static constexpr auto none = std::numeric_limits<std::uint32_t>::max();

  struct gang {
    std::uint32_t first;  ///< in members_
    std::uint32_t count;
    std::size_t spare;  ///< members that it can do without
    bool whole;         ///< it may be evicted as a whole
  };

  [[nodiscard]] auto may_go(std::uint32_t k) const noexcept -> bool {
    if (node_[k] == nowhere) return false;
    if (member_of_[k] == none) return true;
    const auto& g = gangs_[member_of_[k]];
    return g.whole || g.spare != 0;
  }

  void form_gangs() {
    gangs_.clear();
    std::stable_sort(members_.begin(), members_.end(), [this](std::uint32_t a, std::uint32_t b) {
      return running_[a].gang < running_[b].gang;
    });
    for (std::uint32_t at = 0; at < members_.size();) {
      const auto id = running_[members_[at]].gang;
      gang g{at, 0, 0, true};
      std::size_t minimum = 0;
      for (; at < members_.size() && running_[members_[at]].gang == id; ++at, ++g.count) {
        minimum = std::max(minimum, running_[members_[at]].gang_minimum);
        g.whole = g.whole && node_[members_[at]] != nowhere;
        member_of_[members_[at]] = static_cast<std::uint32_t>(gangs_.size());
      }
      // What is below its minimum already cannot be broken any more.
      g.spare = g.count < minimum ? g.count : g.count - minimum;
      gangs_.push_back(g);
    }
  }

  void add_single(const std::uint32_t& k) {
    units_.push_back({running_[k].priority, running_[k].started, {&k, 1}, {}, false});
  }
  /// `here`: the members on node i that may go, the most important first.
  void add_gang(node_index i, std::span<const std::uint32_t> here, const gang& g) {
    const auto needed = here.size() - std::min(g.spare, here.size());
    if (needed == 0 || !g.whole) {
      for (const auto& k : here.subspan(needed)) add_single(k);
      return;
    }
    victim_unit u{running_[here[0]].priority, running_[here[0]].started, {}, here.subspan(needed)};
    const auto start = cores_.size();
    cores_.insert(cores_.end(), here.begin(), here.begin() + static_cast<std::ptrdiff_t>(needed));
    for (auto at = g.first; at < g.first + g.count; ++at) {
      const auto k = members_[at];
      u.priority = std::max(u.priority, running_[k].priority);
      u.started = std::min(u.started, running_[k].started);
      if (node_[k] != i) cores_.push_back(k);
    }
    u.core = std::span{cores_}.subspan(start);
    units_.push_back(u);
  }

  std::span<const running_task> running_;
  std::vector<node_index> node_;          ///< of those that may be evicted
  std::vector<std::uint32_t> member_of_;  ///< gang of a task, or `none`
  std::vector<std::uint32_t> members_;    ///< members of gangs, gang by gang
  std::vector<gang> gangs_;
  std::vector<std::uint32_t> first_;  ///< of each node in by_node_
  std::vector<std::uint32_t> by_node_;
  std::vector<std::uint32_t> cores_;
  std::vector<victim_unit> units_;
};

}  // namespace lepton::schedule::detail
