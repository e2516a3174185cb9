// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/balance/level_loads.hpp>
#include <lepton/balance/wraps.hpp>

namespace lepton::balance {

struct priority_options {
  /// So many percent of its members may be unhealthy on top of what a level needs: at 140 a level
  /// with 71.4 % of its members healthy still takes everything.
  std::uint32_t overprovisioning_percent = 140;
  /// When all levels together cannot take everything, a level with less than this percentage of
  /// healthy members uses them all, whatever their health. 0: never.
  std::uint32_t panic_percent = 50;
  /// Health counts weights instead of members.
  bool weighted_health = false;
  draw_by draws = draw_by::random;
};

/// Backends in levels by `backend::priority`: the lowest gets the requests while enough of it is
/// healthy, then they spill over to the next (priority levels of Envoy: the percentages are its
/// whole numbers, see `detail::level_loads`). Each level has an inner policy of its own.
///
/// Members of weight 0 do not count; those that drain count as not healthy. In panic - and only
/// then - a level picks among its members whatever their health, but not draining ones. If nobody
/// of the drawn level is allowed, the other levels are tried, the lowest first. It costs a draw and
/// a comparison for each level; memory O(levels × size).
///
/// Put it outside wrappers that narrow down the snapshot (`zone_aware`, subsets): inside of one,
/// unhealthy backends that are not in the subset still count as unhealthy members of their level.
template <class Inner>
class priority_levels : public detail::wraps<Inner> {
 public:
  static constexpr bool picks_unhealthy = true;

  explicit priority_levels(Inner inner = Inner{}, const priority_options& options = {})
      : fresh_(std::move(inner)), options_(options) {}

  auto rebuild(const snapshot& s) -> status {
    if (options_.overprovisioning_percent < 100)
      return failure("priority_levels: overprovisioning_percent must be at least 100");
    if (options_.panic_percent > 100)
      return failure("priority_levels: panic_percent must be from 0 to 100");

    std::vector<std::uint32_t> priorities;
    for_each_member(s, [&](backend_index i) { priorities.push_back(s.priority(i)); });
    std::sort(priorities.begin(), priorities.end());
    priorities.erase(std::unique(priorities.begin(), priorities.end()), priorities.end());

    std::vector<std::uint32_t> level_of(s.size(), none);
    std::vector<detail::level_health> health(priorities.size());
    std::vector<std::vector<backend_index>> eligible(priorities.size());
    std::vector<std::vector<backend_index>> in_panic(priorities.size());
    const auto place_of = [&](backend_index i) {
      return static_cast<std::size_t>(
          std::lower_bound(priorities.begin(), priorities.end(), s.priority(i)) -
          priorities.begin());
    };
    // Of all members: a request may end on one that counts no more.
    for (backend_index i = 0; i < s.size(); ++i) {
      const auto k = s.is_member(i) ? place_of(i) : priorities.size();
      if (k < priorities.size() && priorities[k] == s.priority(i))
        level_of[i] = static_cast<std::uint32_t>(k);
    }
    for_each_member(s, [&](backend_index i) {
      const auto k = place_of(i);
      ++health[k].members;
      health[k].member_weight += s.weight(i);
      if (!s.is_draining(i)) in_panic[k].push_back(i);
      if (!s.is_eligible(i)) return;
      ++health[k].healthy;
      health[k].healthy_weight += s.weight(i);
      eligible[k].push_back(i);
    });

    std::vector<level> levels;
    std::vector<std::uint32_t> up_to;
    levels.reserve(priorities.size());
    if (!priorities.empty()) {
      const auto loads = detail::level_loads(health, options_.overprovisioning_percent,
                                             options_.panic_percent, options_.weighted_health);
      std::uint32_t sum = 0;
      for (std::size_t k = 0; k < priorities.size(); ++k) {
        auto part = detail::part_of(s.restricted(loads[k].panic ? in_panic[k] : eligible[k]),
                                    known_policy(priorities[k]));
        if (!part) return unexpected{part.error()};
        sum += loads[k].percent;
        up_to.push_back(sum);
        levels.push_back({std::move(*part), priorities[k], loads[k]});
      }
    }
    levels_ = std::move(levels);
    up_to_ = std::move(up_to);
    level_of_ = std::move(level_of);
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& /*s*/, const Context& c,
                          const Allowed& allowed = {}) noexcept -> backend_index {
    if (levels_.empty()) return no_backend;
    std::size_t drawn = 0;
    if (up_to_.front() < 100) {
      // Without a branch for each level: which it is cannot be predicted.
      const auto u = below(detail::draw(c, options_.draws, detail::priority_salt), 100);
      for (const auto edge : up_to_) drawn += u >= edge ? 1U : 0U;
    }
    if (const auto i = levels_[drawn].backends.pick(c, allowed); i != no_backend) return i;
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      if (k == drawn) continue;
      if (const auto i = levels_[k].backends.pick(c, allowed); i != no_backend) return i;
    }
    return no_backend;
  }

  void started(backend_index i, const context& c) noexcept {
    if (auto* l = level_with(i)) tell_started(l->backends.policy, i, c);
  }
  void finished(backend_index i, const outcome& how) noexcept {
    if (auto* l = level_with(i)) tell_finished(l->backends.policy, i, how);
  }

  /// Levels that have members, the first is 0.
  [[nodiscard]] auto level_count() const noexcept -> std::size_t { return levels_.size(); }
  /// `backend::priority` of the members of level k.
  [[nodiscard]] auto priority(std::size_t k) const noexcept -> std::uint32_t {
    return levels_[k].priority;
  }
  /// How much of the requests level k gets.
  [[nodiscard]] auto percent(std::size_t k) const noexcept -> std::uint32_t {
    return levels_[k].load.percent;
  }
  [[nodiscard]] auto in_panic(std::size_t k) const noexcept -> bool {
    return levels_[k].load.panic;
  }
  /// The policy of level k.
  [[nodiscard]] auto inner(std::size_t k) noexcept -> Inner& { return levels_[k].backends.policy; }

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;

  struct level {
    detail::part<Inner> backends;
    std::uint32_t priority;
    detail::level_load load;
  };

  template <class Visit>
  static void for_each_member(const snapshot& s, const Visit& visit) {
    for (backend_index i = 0; i < s.size(); ++i) {
      // Healthy, but not eligible: a wrapper around this one has ruled it out.
      const bool ruled_out = s.is_healthy(i) && !s.is_draining(i) && !s.is_eligible(i);
      if (s.is_member(i) && s.weight(i) > 0 && !ruled_out) visit(i);
    }
  }
  [[nodiscard]] auto known_policy(std::uint32_t priority) const -> Inner {
    for (const auto& l : levels_) {
      if (l.priority == priority) return l.backends.policy;
    }
    return fresh_;
  }
  [[nodiscard]] auto level_with(backend_index i) noexcept -> level* {
    return i < level_of_.size() && level_of_[i] != none ? &levels_[level_of_[i]] : nullptr;
  }

  Inner fresh_;
  priority_options options_;
  std::vector<level> levels_;
  std::vector<std::uint32_t> up_to_;  ///< percent of each level and those before
  std::vector<std::uint32_t> level_of_;
};

}  // namespace lepton::balance
