// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lepton/model/fwd.hpp>
#include <lepton/schedule/gang_id.hpp>

namespace lepton::schedule {

/// The gangs of a scheduler: their members, and how many run. A gang waits as one until at least
/// its minimum of members can start together; from then on further members start as room is found.
class gang_book {
 public:
  struct gang {
    std::size_t minimum = 1;
    std::vector<task_id> members{};  ///< in the order of their submission, those that ended out
    std::size_t running = 0;
    std::size_t completed = 0;
    bool together = true;  ///< waits as one, in its first member

    /// How many must run for it to go on.
    [[nodiscard]] auto needed() const noexcept -> std::size_t {
      return minimum - std::min(minimum, completed);
    }
  };

  void add(gang_id id, std::size_t minimum, std::vector<task_id> members) {
    gangs_.try_emplace(id, gang{minimum, std::move(members)});
  }
  [[nodiscard]] auto find(gang_id id) noexcept -> gang* {
    const auto at = gangs_.find(id);
    return at == gangs_.end() ? nullptr : &at->second;
  }
  /// Whether the gang waits as one.
  [[nodiscard]] auto waits(gang_id id) const noexcept -> bool {
    const auto at = gangs_.find(id);
    return at != gangs_.end() && at->second.together;
  }
  /// Whether the gang has begun but lost so many members that it must stop.
  [[nodiscard]] auto broken(gang_id id) const noexcept -> bool {
    const auto at = gangs_.find(id);
    return at != gangs_.end() && !at->second.together && at->second.running < at->second.needed();
  }

  /// A member is gone for good: it completed, or was cancelled. O(members).
  void leave(gang_id id, task_id member, bool completed) {
    auto* g = find(id);
    g->members.erase(std::find(g->members.begin(), g->members.end(), member));
    g->completed += std::size_t{completed};
    if (g->members.empty()) gangs_.erase(id);
  }

 private:
  std::unordered_map<gang_id, gang> gangs_;
};

}  // namespace lepton::schedule
