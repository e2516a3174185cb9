// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/schedule/batch_start.hpp>
#include <lepton/schedule/scheduler.hpp>
#include <lepton/simulate/queue_job.hpp>

namespace lepton::simulate {

/// A cluster of equal nodes of a few processors (GPUs) each, for `simulate_queue`. A job that fits
/// on one node gets all its processors on one; a larger one is a gang of whole nodes, and of a part
/// of one more if it does not come out even, which start together or not at all. Each goes where
/// it leaves the least free.
///
/// @tparam Order  an ordering of `lepton::task<1, processor_dimensions>`, or a policy that brings
///                its own queue. It sees the first task of a gang.
template <class Order>
class gang_machine {
 public:
  using task_type = task<1, processor_dimensions>;

  /// @param held_up  whether a job that finds no room holds up those behind it
  gang_machine(std::size_t nodes, std::int64_t per_node, Order order,
               schedule::blocking held_up = schedule::blocking::nobody)
      : per_node_(per_node),
        live_(nodes_of(nodes, per_node), std::move(order), place_type{place::best_fit{}}),
        free_{per_node * static_cast<std::int64_t>(nodes)},
        all_(free_) {
    live_.rules().held_up = held_up;
  }

  /// O(nodes that it needs + log waiting).
  auto submit(const queue_job& j, time_point now) -> status {
    if (j.demand[0] <= 0 || !fits(j.demand, all_)) {
      return failure("gang_machine: job " + std::to_string(j.number) + " asks for " +
                     std::to_string(j.demand[0]) + " processors; the nodes have " +
                     std::to_string(all_[0]));
    }
    if (j.id >> (64U - member_bits) != 0 || (j.demand[0] - 1) / per_node_ >> member_bits != 0) {
      return failure("gang_machine: job " + std::to_string(j.number) + " needs more than " +
                     std::to_string(1U << member_bits) +
                     " nodes, or its id is above 2^44 - 1; number the jobs from 0");
    }
    members_.clear();
    for (auto left = j.demand[0]; left > 0; left -= per_node_) {
      task_type t;
      t.id = (j.id << member_bits) | members_.size();
      t.demand = processors{std::min(left, per_node_)};
      t.tenant = j.tenant;
      t.estimate = j.estimate;
      members_.push_back(std::move(t));
    }
    auto done = members_.size() == 1 ? live_.submit(members_.front(), now)
                                     : live_.submit_gang({j.id + 1, members_.size()},
                                                         std::span<const task_type>{members_}, now);
    if (done) waiting_.insert(j.id);
    return done;
  }

  auto finish(task_id id, time_point now) -> status {
    std::size_t member = 0;
    while (const auto* held = live_.find_running((id << member_bits) | member)) {
      free_ += held->demand;
      if (auto done = live_.finish((id << member_bits) | member++, now); !done) return done;
    }
    if (member != 0) return {};
    return failure("gang_machine: job " + std::to_string(id) + " does not run");
  }

  auto run(time_point now) -> const std::vector<schedule::batch_start>& {
    started_.clear();
    for (const auto& a : live_.run(now)) {
      const auto job = a.id >> member_bits;
      if (!a.what) continue;
      free_ -= live_.find_running(a.id)->demand;
      if (waiting_.erase(job) != 0) started_.push_back({job, false});
    }
    for (auto& s : started_) s.backfilled = !waiting_.empty() && *waiting_.begin() < s.id;
    return started_;
  }

  [[nodiscard]] auto wakes_at() const noexcept -> time_point { return live_.wakes_at(); }
  /// Jobs.
  [[nodiscard]] auto waiting_count() const noexcept -> std::size_t { return waiting_.size(); }
  [[nodiscard]] auto free() const noexcept -> processors { return free_; }
  /// The scheduler behind it.
  [[nodiscard]] auto behind() noexcept -> auto& { return live_; }

 private:
  using cluster_type = cluster<1, processor_dimensions>;
  using place_type = place::greedy<place::best_fit>;
  static constexpr unsigned member_bits = 20;

  static auto nodes_of(std::size_t count, std::int64_t per_node) -> cluster_type {
    cluster_type nodes;
    for (std::size_t i = 0; i < count; ++i) {
      node_spec<1, processor_dimensions> spec;
      spec.capacity = processors{per_node};
      (void)nodes.add(std::move(spec));
    }
    return nodes;
  }

  std::int64_t per_node_;
  lepton::scheduler<cluster_type, Order, place_type> live_;
  processors free_;
  processors all_;
  std::set<task_id> waiting_{};
  std::vector<task_type> members_{};
  std::vector<schedule::batch_start> started_{};
};

}  // namespace lepton::simulate
