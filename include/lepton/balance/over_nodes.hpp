// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/per_backend.hpp>
#include <lepton/balance/room.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>

namespace lepton::balance {

/// Every node has weight 1.
struct equal_nodes {
  template <class Node>
  [[nodiscard]] auto operator()(const Node&) const noexcept -> double {
    return 1;
  }
};

/// Places tasks on nodes by a balancing policy: round robin, fewest tasks, by the hash of the
/// task's id, ... among the nodes that have room. It is a placement policy, so a `scheduler` takes
/// it.
///
/// A node is a backend: its key is its name (its number if it has none, or the name is taken), its
/// weight `weigh(node)`, its load the number of tasks on it - `task_count()` of the node; its
/// residents if it has no such member; else the tasks that this policy put there and that `ended`
/// has not taken away. The context's hash is the task's id, mixed; its random bits are seeded.
///
/// The backends are taken anew when the view's structure has changed; of views that do not say so
/// (no `revisioned_view`), when their size has, or after `refresh()`. A decision costs a pick, in
/// which the nodes without room are not allowed; one without a node O(n), to count the reasons.
/// `started` is told to the policy with each placed decision.
///
/// @tparam Fits   which nodes can take a task: see `room`, the default, which looks at resources
/// and
///                devices only. For labels, taints and the like:
///                `[](const auto& t, const auto& n) { return place::first_failure(t, n); }`
/// @tparam Weigh  a node's weight, a finite number; nodes of weight 0 get nothing
template <class Policy, class Fits = room, class Weigh = equal_nodes>
class over_nodes {
 public:
  explicit over_nodes(Policy policy = Policy{}, Fits fits = Fits{}, Weigh weigh = Weigh{},
                      std::uint64_t seed = 0)
      : policy_(std::move(policy)),
        fits_(std::move(fits)),
        weigh_(std::move(weigh)),
        random_(seed) {}

  /// Busy, with no reason counted, if the policy could not be built over the nodes: see `problem`.
  template <class Task, class View>
    requires placeable_on<Task, View>
  [[nodiscard]] auto pick(const Task& t, const View& v) -> decision {
    if (!is_current(v) && !take_up(v)) return decision::busy();
    const node_loads<View> tasks{v, placed_};
    const auto random = std::uint64_t{random_()} << 32 | random_();
    context c;
    c.random = random;
    c.hash = random;
    if constexpr (lepton::detail::has_id<Task>)
      c.hash = lepton::detail::mix(static_cast<std::uint64_t>(id_of(t)));
    const auto has_room = [&](backend_index i) noexcept { return !fits_(t, v[i]).has_value(); };
    const auto i = policy_.pick(nodes_, c.with(tasks), has_room);
    if (i == no_backend) return none(t, v);
    if (i < placed_.size()) ++placed_[i];
    tell_started(policy_, i, c);
    const auto& request = devices_of(t);
    if (request.none()) return decision::placed(i);
    return decision::placed(i, devices_of(v[i]).tightest(request));
  }

  /// A task ended on node i: for views whose nodes do not count their tasks, and policies that
  /// learn from outcomes.
  void ended(node_index i, const outcome& how = {}) noexcept {
    if (i < placed_.size() && placed_[i] > 0) --placed_[i];
    tell_finished(policy_, i, how);
  }
  /// Looks at the nodes anew before the next decision.
  void refresh() noexcept { known_ = false; }
  /// Why the policy could not be built; good if it could.
  [[nodiscard]] auto problem() const noexcept -> const status& { return problem_; }
  [[nodiscard]] auto policy() noexcept -> Policy& { return policy_; }

 private:
  template <class View>
  struct node_loads {
    const View& view;
    const per_backend<std::uint32_t>& placed;
    [[nodiscard]] auto operator[](backend_index i) const noexcept -> std::uint32_t {
      if constexpr (counts_tasks<node_of_t<View>>) {
        return detail::task_count(view[i]);
      } else {
        return placed[i];
      }
    }
  };

  template <class View>
  [[nodiscard]] auto is_current(const View& v) const noexcept -> bool {
    if (!known_ || static_cast<std::size_t>(v.size()) != nodes_.size()) return false;
    if constexpr (revisioned_view<View>) {
      return v.identity() == identity_ && v.structure_revision() == structure_;
    } else {
      return true;
    }
  }

  template <class View>
  [[nodiscard]] LEPTON_COLD auto take_up(const View& v) -> bool {
    std::vector<backend> list(static_cast<std::size_t>(v.size()));
    std::unordered_set<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto& n = v[i];
      auto& b = list[i];
      if (!detail::is_gone(n)) b.key = std::string{detail::name_of_node(n)};
      while (b.key.empty() || !names.insert(b.key).second) b.key += "#" + std::to_string(i);
      b.weight = weigh_(n);
      // A view that does not tell of changes may open a node later: the test decides alone.
      if constexpr (revisioned_view<View>) b.healthy = accepting(n);
    }
    auto built = snapshot::build(list);
    problem_ = built ? policy_.rebuild(*built) : status{unexpected{built.error()}};
    known_ = problem_.has_value();
    if (!known_) return false;
    nodes_ = std::move(*built);
    if constexpr (!counts_tasks<node_of_t<View>>) placed_.follow(nodes_);
    if constexpr (revisioned_view<View>) {
      identity_ = v.identity();
      structure_ = v.structure_revision();
    }
    return true;
  }

  template <class Task, class View>
  [[nodiscard]] LEPTON_COLD auto none(const Task& t, const View& v) const -> decision {
    reason_counts why;
    bool could = false;
    for (node_index i = 0; i < nodes_.size(); ++i) {
      if (const auto failed = fits_(t, v[i])) ++why[*failed];
      could = could || fits_when_empty(t, v[i]);
    }
    return could ? decision::busy(why) : decision::infeasible(why);
  }
  template <class Task, class Node>
  [[nodiscard]] auto fits_when_empty(const Task& t, const Node& n) const noexcept -> bool {
    if constexpr (requires { fits_.when_empty(t, n); }) {
      return fits_.when_empty(t, n);
    } else {
      return room{}.when_empty(t, n);
    }
  }

  Policy policy_;
  Fits fits_;
  Weigh weigh_;
  lepton::detail::pcg32 random_;
  snapshot nodes_;
  per_backend<std::uint32_t> placed_;  ///< tasks, where nodes do not count them
  status problem_;
  std::uint64_t identity_ = 0;
  std::uint64_t structure_ = 0;
  bool known_ = false;
};

}  // namespace lepton::balance
