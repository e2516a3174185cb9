// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <lepton/model/fwd.hpp>
#include <lepton/schedule/assignment.hpp>
#include <lepton/schedule/backoff.hpp>
#include <lepton/schedule/gang_book.hpp>

namespace lepton::schedule::detail {

/// What a scheduler remembers that does not depend on its policies: gangs, what backs off, the last
/// pass, and what happened since that could help a task.
struct scheduler_memory {
  gang_book gangs{};
  backoff_queue backing_off{};
  std::uint64_t sequence = 0;          ///< of the next submission
  std::uint64_t pass = 0;              ///< number of the last one, or of that under way
  std::vector<assignment> assigned{};  ///< by it
  std::vector<eviction> evicted{};     ///< in it, or by the loss of a node since

  // The cluster as the last pass left it.
  std::uint64_t revision_seen = 0;
  std::uint64_t structure_seen = 0;
  bool far_seen = false;  ///< tasks ran whose anti-affinity reaches over nodes

  std::uint64_t events = 0;  ///< calls that may help somebody
  std::uint64_t events_seen = 0;
  std::vector<task_id> held{};         ///< evicted tasks that wait for the next event
  bool try_all = false;                ///< whatever was refused may be helped
  bool pass_due = false;               ///< the last pass left something to do
  bool gangs_progressed = false;       ///< members completed since `refresh_gangs`
  std::vector<node_index> relieved{};  ///< for one pass: the nodes that changed before it
};

}  // namespace lepton::schedule::detail
