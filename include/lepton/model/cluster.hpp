// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/slot_map.hpp>
#include <lepton/model/allocation.hpp>
#include <lepton/model/change_log.hpp>
#include <lepton/model/cluster_errors.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/node.hpp>
#include <lepton/model/suspended.hpp>

namespace lepton {

/// The nodes, what is free on them, and who holds the rest.
///
/// Every change is all or nothing and conserves to the last unit: for each node and resource,
/// free + used by others + allocations = capacity, at all times. A view in the sense of
/// `revisioned_view`: policies ask what changed since they last looked; the cluster knows none.
///
/// A copy is a cluster of its own (for what-if questions): receipts are valid in both.
template <std::size_t N, class Dimensions>
class cluster {
 public:
  using resources_type = resources<N, Dimensions>;
  using node_type = node<N, Dimensions>;
  using spec_type = node_spec<N, Dimensions>;
  using allocation_type = allocation<N, Dimensions>;

  /// Adds a node; the index of one removed earlier is used again. O(1) amortised.
  /// Fails when an amount is negative, above `max_amount`, or more is used than there is.
  auto add(spec_type spec) -> expected<node_index> {
    for (std::size_t i = 0; i < N; ++i) {
      if (spec.capacity[i] < 0 || spec.capacity[i] > max_amount || spec.used[i] < 0 ||
          spec.used[i] > spec.capacity[i]) {
        return detail::impossible_amounts(spec, i);
      }
    }
    if (nodes_.size() == std::numeric_limits<node_index>::max())
      return failure("a cluster holds at most 2^32 - 1 nodes");
    auto index = static_cast<node_index>(nodes_.size());
    if (vacant_.empty()) {
      nodes_.push_back(node_type{std::move(spec)});
    } else {
      index = vacant_.back();
      vacant_.pop_back();
      nodes_[index] = node_type{std::move(spec)};
    }
    restructured(index);
    return index;
  }

  /// Adds a node of the program's own type, read through `adapt`; what is not free on it counts
  /// as used by tasks that the cluster does not know.
  template <node_like Host>
    requires std::same_as<resources_of_t<Host>, resources<N, Dimensions>>
  auto add(const Host& host) -> expected<node_index> {
    spec_type spec;
    spec.capacity = capacity_of(host);
    spec.used = spec.capacity - free_of(host);
    spec.devices = devices_of(host);
    spec.own_labels = labels_of(host);
    const auto& marks = taints_of(host);
    spec.taints.assign(marks.begin(), marks.end());
    return add(std::move(spec));
  }

  /// Gives the node no further tasks; those on it stay. O(1).
  auto drain(node_index i) -> status { return set_draining(i, true); }
  /// Ends a drain. O(1).
  auto resume(node_index i) -> status { return set_draining(i, false); }

  /// Takes the node out, and with it every task on it: their receipts, now invalid, are returned
  /// so that the tasks can be placed anew. O(allocations).
  auto remove(node_index i) -> expected<std::vector<allocation_id>> {
    if (!is_member(i)) return no_such_node(i);
    std::vector<allocation_id> lost;
    allocations_.for_each([&](allocation_id id, const allocation_type& a) {
      if (a.node == i) lost.push_back(id);
    });
    vacant_.reserve(vacant_.size() + 1);
    for (const auto id : lost) allocations_.erase(id);
    auto& n = nodes_[i];
    n.present_ = false;
    n.free_ = n.capacity_ = resources_type{};
    n.devices_ = device_set{};
    n.tasks_ = 0;
    far_reaching_ -= static_cast<std::size_t>(
        std::count_if(n.residents_.begin(), n.residents_.end(), reaches_far));
    n.residents_.clear();
    vacant_.push_back(i);
    restructured(i);
    return lost;
  }

  /// Replaces a node's labels or taints. O(1) amortised.
  auto relabel(node_index i, labels set) -> status {
    if (!is_member(i)) return no_such_node(i);
    nodes_[i].labels_ = std::move(set);
    restructured(i);
    return {};
  }
  auto retaint(node_index i, std::vector<taint> marks) -> status {
    if (!is_member(i)) return no_such_node(i);
    nodes_[i].taints_ = std::move(marks);
    restructured(i);
    return {};
  }

  /// Gives a task what it needs on node `i`, or changes nothing and says why.
  ///
  /// @param chosen  the devices; 0 lets the cluster choose (the tightest share, the first whole
  /// ones)
  /// @param own, anti_affinity  kept with the node for the affinities of later tasks
  ///
  /// O(1). Whether constraints hold is the policies' business and not checked again.
  auto allocate(node_index i, const resources_type& demand, const device_request& request = {},
                device_mask chosen = 0, const labels& own = {},
                const std::vector<affinity_term>& anti_affinity = {}) -> expected<allocation_id> {
    if (i >= nodes_.size() || !nodes_[i].accepting()) return no_such_node(i);
    auto& n = nodes_[i];
    if (any_negative(demand) || !fits(demand, n.free_)) return detail::does_not_fit(n, demand);
    if (!request.none()) {
      if (!request.valid() || !n.devices_.fits(request)) return detail::devices_do_not_fit(n);
      if (chosen == 0) chosen = n.devices_.tightest(request);
      if (!n.devices_.fits_on(request, chosen)) return detail::devices_do_not_fit(n);
    } else if (chosen != 0) {
      return detail::devices_do_not_fit(n);
    }
    const auto keeps_resident = !own.empty() || !anti_affinity.empty();
    const allocation_type a{demand, request, i, chosen, keeps_resident};
    const auto id = allocations_.insert(a);
    if (keeps_resident) {
      n.residents_.push_back({own, anti_affinity, opaque(id)});
      if (reaches_far(n.residents_.back())) ++far_reaching_;
    }
    hand_out(a);
    return id;
  }

  /// Carries out a placed decision for a task.
  template <task_like Task>
  auto allocate(const Task& t, const decision& d) -> expected<allocation_id> {
    if (!d) return failure("allocate: the task was not placed; test the decision first");
    const auto& rules = constraints_of(t);
    return allocate(d.node(), demand_of(t), devices_of(t), d.devices(), labels_of(t),
                    rules.anti_affinity);
  }

  /// Gives back what an allocation holds. O(1), plus the labelled tasks of the node if it is one.
  auto release(allocation_id id) -> status {
    const auto* a = allocations_.find(id);
    if (a == nullptr) return detail::no_such_allocation("release");
    if (a->has_resident) nodes_[a->node].residents_.erase(resident_of(nodes_[a->node], id));
    give_back(*a);
    allocations_.erase(id);
    return {};
  }

  /// Releases an allocation for the time being. Its receipt is not valid until `reinstate` makes
  /// it so again; `discard` makes the release final. Costs what `release` costs.
  auto suspend(allocation_id id) -> expected<suspended> {
    const auto* a = allocations_.find(id);
    if (a == nullptr) return detail::no_such_allocation("suspend");
    suspended s{id, std::nullopt, 0};
    if (a->has_resident) {
      auto& residents = nodes_[a->node].residents_;
      const auto at = resident_of(nodes_[a->node], id);
      s.place = static_cast<std::size_t>(at - residents.begin());
      s.labelled = std::move(*at);
      residents.erase(at);
    }
    give_back(*a);
    allocations_.hide(id);
    return s;
  }
  /// Undoes `suspend`, to the last detail if what happened to the node since was undone before.
  /// What the allocation held must be free, and its node must not have been removed.
  void reinstate(suspended s) {
    allocations_.show(s.id);
    const auto& a = *allocations_.find(s.id);
    auto& n = nodes_[a.node];
    LEPTON_ASSERT(n.present() && fits(a.demand, n.free_) &&
                      (a.request.none() || n.devices_.fits_on(a.request, a.devices)),
                  "reinstate: the node was removed, or what the allocation held is not free");
    if (s.labelled) {
      if (reaches_far(*s.labelled)) ++far_reaching_;
      const auto place = std::min(s.place, n.residents_.size());
      n.residents_.insert(n.residents_.begin() + static_cast<std::ptrdiff_t>(place),
                          std::move(*s.labelled));
    }
    hand_out(a);
  }
  void discard(const suspended& s) noexcept { allocations_.drop(s.id); }

  /// The allocation behind a receipt, or nullptr.
  [[nodiscard]] auto find(allocation_id id) const noexcept -> const allocation_type* {
    return allocations_.find(id);
  }
  /// Number of tasks whose anti-affinity reaches beyond their own node.
  [[nodiscard]] auto far_reaching_residents() const noexcept -> std::size_t {
    return far_reaching_;
  }
  [[nodiscard]] auto allocation_count() const noexcept -> std::size_t {
    return allocations_.size();
  }

  /// Number of indices in use, removed nodes that wait for reuse included.
  [[nodiscard]] auto size() const noexcept -> std::size_t { return nodes_.size(); }
  [[nodiscard]] auto operator[](std::size_t i) const noexcept -> const node_type& {
    return nodes_[i];
  }

  [[nodiscard]] auto identity() const noexcept -> std::uint64_t { return identity_.value(); }
  [[nodiscard]] auto revision() const noexcept -> std::uint64_t { return log_.revision(); }
  [[nodiscard]] auto structure_revision() const noexcept -> std::uint64_t {
    return structure_revision_;
  }
  [[nodiscard]] auto last_change(std::size_t i) const noexcept -> std::uint64_t {
    return nodes_[i].last_change_;
  }
  [[nodiscard]] auto changed_since(std::uint64_t revision) const noexcept
      -> std::optional<std::span<const node_index>> {
    return log_.since(revision);
  }

 private:
  [[nodiscard]] static auto opaque(allocation_id id) noexcept -> std::uint64_t {
    return (std::uint64_t{id.generation} << 32) | id.slot;
  }
  [[nodiscard]] auto is_member(node_index i) const noexcept -> bool {
    return i < nodes_.size() && nodes_[i].present();
  }

  [[nodiscard]] static auto reaches_far(const resident& r) noexcept -> bool {
    return std::any_of(r.anti_affinity.begin(), r.anti_affinity.end(),
                       [](const affinity_term& term) { return !term.topology_key.empty(); });
  }
  /// The allocation's resident, which is about to leave.
  auto resident_of(node_type& n, allocation_id id) {
    const auto at = std::find_if(n.residents_.begin(), n.residents_.end(),
                                 [&](const resident& r) { return r.allocation == opaque(id); });
    if (reaches_far(*at)) --far_reaching_;
    return at;
  }
  void hand_out(const allocation_type& a) {
    auto& n = nodes_[a.node];
    n.free_ -= a.demand;
    n.devices_.take(a.request, a.devices);
    ++n.tasks_;
    touch(a.node);
  }
  void give_back(const allocation_type& a) {
    auto& n = nodes_[a.node];
    n.free_ += a.demand;
    n.devices_.give(a.request, a.devices);
    --n.tasks_;
    touch(a.node);
  }

  void touch(node_index i) { nodes_[i].last_change_ = log_.append(i, nodes_.size()); }
  void restructured(node_index i) {
    ++structure_revision_;
    touch(i);
  }
  auto set_draining(node_index i, bool draining) -> status {
    if (!is_member(i)) return no_such_node(i);
    if (nodes_[i].draining_ != draining) {
      nodes_[i].draining_ = draining;
      restructured(i);
    }
    return {};
  }

  [[nodiscard]] auto no_such_node(node_index i) const -> unexpected<error> {
    return detail::no_such_node(nodes_, i);
  }

  std::vector<node_type> nodes_;
  std::vector<node_index> vacant_;
  detail::slot_map<allocation_type, allocation_id> allocations_;
  detail::change_log log_;
  std::uint64_t structure_revision_ = 0;
  std::size_t far_reaching_ = 0;
  detail::unique_identity identity_;
};

}  // namespace lepton
