// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/order/fcfs.hpp>
#include <lepton/place/typical_tasks.hpp>
#include <lepton/schedule/scheduler.hpp>
#include <lepton/simulate/cluster_of.hpp>
#include <lepton/simulate/event_queue.hpp>
#include <lepton/simulate/named_policies.hpp>
#include <lepton/simulate/stopwatch.hpp>
#include <lepton/simulate/virtual_clock.hpp>
#include <lepton/simulate/workload.hpp>

namespace lepton::simulate {

/// What a timed replay found.
struct replay_result {
  std::string policy;
  std::uint64_t seed = 0;
  std::size_t tasks = 0;
  std::size_t placed = 0;
  std::size_t never_placed = 0;  ///< still waiting when nothing was left to happen
  std::size_t infeasible = 0;    ///< no node could hold them even when empty
  std::size_t max_queue = 0;     ///< most tasks that waited after a scheduling pass
  double mean_wait_seconds = 0;  ///< of the placed tasks
  double max_wait_seconds = 0;
  double gpu_utilisation_percent = 0;  ///< time-weighted, from the first event to the last
  double makespan_seconds = 0;
  std::size_t decisions = 0;  ///< tasks placed or turned away
  double seconds = 0;         ///< deciding only
};

/// Replays a workload at its recorded times: a task arrives when it was created and holds its
/// resources for as long as it lived, from the moment it is placed. At one time stamp tasks end
/// first, then arrive, then there is one scheduling pass. Tasks that find no room wait.
///
/// Fails when the policy's name is unknown or a task has no times.
[[nodiscard]] inline auto run_timed_replay(std::string_view policy, const workload& w,
                                           std::uint64_t seed) -> expected<replay_result> {
  for (const auto& t : w.tasks) {
    if (!t.created || !t.deleted) {
      return failure("a timed replay needs the creation and deletion time of every task; '" +
                     t.name + "' of workload '" + w.name + "' has none");
    }
  }
  auto nodes = cluster_of(w);
  if (!nodes) return unexpected<error>{nodes.error()};
  const auto typical = place::typical_tasks(
      w.tasks, [](const recorded_task& t) -> const task<2>& { return t.what; });
  auto chosen = make_policy(policy, {typical, scale_of(w), seed});
  if (!chosen) return unexpected<error>{chosen.error()};
  scheduler live{std::move(*nodes), order::fcfs{}, std::move(*chosen)};

  struct event {
    bool arrival = false;
    std::uint32_t task = 0;
  };
  constexpr int ends = 0;
  constexpr int arrives = 1;
  event_queue<event> events;
  for (std::uint32_t i = 0; i < w.tasks.size(); ++i)
    events.push(*w.tasks[i].created, arrives, {true, i});

  replay_result result;
  result.policy = policy;
  result.seed = seed;
  result.tasks = w.tasks.size();
  const auto gpu_capacity = capacity_of_nodes(w).gpu_milli;
  const auto in_seconds = [](duration d) { return std::chrono::duration<double>(d).count(); };
  const auto start = events.empty() ? time_point{} : events.next().when;
  virtual_clock clock{start};
  stopwatch deciding;
  amount gpu = 0;
  double gpu_seconds = 0;
  double waited = 0;
  while (!events.empty()) {
    const auto now = events.next().when;
    gpu_seconds += static_cast<double>(gpu) * in_seconds(now - clock.now());
    clock.advance_to(now);
    while (!events.empty() && events.next().when == now) {
      const auto e = events.pop().what;
      const auto& what = w.tasks[e.task].what;
      const auto done = e.arrival ? live.submit(what, now) : live.finish(what.id, now);
      if (!done) return unexpected<error>{done.error()};
      if (!e.arrival) gpu -= what.devices.total_milli();
    }
    deciding.start();
    const auto& assigned = live.run(now);
    deciding.stop();
    for (const auto& a : assigned) {
      ++result.decisions;
      if (!a.what) {
        ++result.infeasible;
        continue;
      }
      const auto& t = w.tasks[static_cast<std::size_t>(a.id)];
      ++result.placed;
      gpu += t.what.devices.total_milli();
      waited += in_seconds(a.waited);
      result.max_wait_seconds = std::max(result.max_wait_seconds, in_seconds(a.waited));
      // A task that ends at once must still end after this pass: time moves on by a tick.
      const auto lived = std::max(*t.deleted - *t.created, duration{1});
      events.push(now + lived, ends, {false, static_cast<std::uint32_t>(a.id)});
    }
    result.max_queue = std::max(result.max_queue, live.waiting_count());
  }
  result.never_placed = live.waiting_count();
  result.seconds = deciding.seconds();
  result.makespan_seconds = in_seconds(clock.now() - start);
  if (result.placed != 0) result.mean_wait_seconds = waited / static_cast<double>(result.placed);
  if (gpu_capacity != 0 && result.makespan_seconds > 0) {
    result.gpu_utilisation_percent =
        100.0 * gpu_seconds / (static_cast<double>(gpu_capacity) * result.makespan_seconds);
  }
  return result;
}

}  // namespace lepton::simulate
