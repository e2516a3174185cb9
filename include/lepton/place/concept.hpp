// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>

namespace lepton::place {

/// A placement policy: looks at a view of nodes and names one for the task.
///
/// 1. `p.pick(t, v)` answers with a decision and changes neither task nor view.
/// 2. A placed decision names a node that can take the task at that moment.
/// 3. Without a node the decision is `infeasible` if no node that is not gone could hold the task
///    even when empty, and `busy` otherwise.
/// 4. The same calls in the same order on equal policies give the same answers.
template <class P, class Task, class View>
concept policy = placeable_on<Task, View> && requires(P& p, const Task& t, const View& v) {
  { p.pick(t, v) } -> std::same_as<decision>;
};

/// Whether a task that found no node can be helped only by a change of a node which then has room
/// for it (rules that look at other tasks aside), and tasks of equal demand, devices, labels, rules
/// and, if the policy has it, `class_key(t)` are the same to it. A policy says so by a static
/// member of this name.
template <class P>
inline constexpr bool looks_at_nodes_alone = requires {
  requires P::looks_at_nodes_alone;
};

/// What a score (or filter) looks at. It decides which index answers a decision.
enum class score_kind : std::uint8_t {
  /// Only the node: the task does not change the order of the nodes. One balanced tree serves all.
  ordered,
  /// The node's state and the task's class, that is its demand, device request, labels and rules
  /// (and what the score's `class_key(task)` returns, if it has one). A winner tree for each class.
  local,
  /// Other nodes, or anything else: every node is looked at in every decision.
  global
};

/// The kind of a score or filter: its static member `kind`, `local` when it has none.
template <class S>
[[nodiscard]] constexpr auto kind_of() noexcept -> score_kind {
  if constexpr (requires { S::kind; }) {
    return S::kind;
  } else {
    return score_kind::local;
  }
}

/// A test that one node passes or fails for a task.
///
/// 1. `f(t, n)` is true if the node may take the task.
/// 2. It depends on what its kind says only.
template <class F, class Task, class Node>
concept filter = requires(const F& f, const Task& t, const Node& n) {
  { f(t, n) } -> std::same_as<bool>;
};

/// A number that says how good a node is for a task that fits on it; the largest wins.
///
/// 1. `s(t, n)` is an integer: 32 bits for local scores (above −2^31 + 255), up to 64 for others.
/// 2. It depends on what its kind says only. An `ordered` score also has `order_key(n)`, a 64-bit
///    integer within ±2^61; the smallest key wins, and it ranks the nodes as the score does. If
///    `least_key(t)` is there, no node with a smaller key may have room for t: the search starts at
///    it.
/// 3. Optionally `choose_devices(t, n)` says which devices of the node the task shall get; without
///    it a share goes to the fitting device with the least left, whole requests to the first free.
/// 4. Optionally `prepare(v)` is called before the first use and whenever nodes join or leave or
///    change other than in what is free. It may return whether scores have changed (`bool`); a
///    `void` one counts as a change.
template <class S, class Task, class Node>
concept score = requires(const S& s, const Task& t, const Node& n) {
  { s(t, n) } -> std::integral;
};

/// A score of kind `global` may also ask for the whole view: `s(t, v, i)` is the worth of node i.
/// If it has `look(t, v)`, that is called once before each decision.
template <class S, class Task, class View>
concept global_score = kind_of<S>()
== score_kind::global&& requires(const S& s, const Task& t, const View& v) {
  { s(t, v, node_index{}) } -> std::integral;
};

/// The optional parts of a score.
template <class S, class View>
concept preparable = requires(S& s, const View& v) {
  s.prepare(v);
};
template <class S, class Task, class View>
concept looks_first = requires(S& s, const Task& t, const View& v) {
  s.look(t, v);
};
template <class S, class Task>
concept has_class_key = requires(const S& s, const Task& t) {
  { s.class_key(t) } -> std::integral;
};
template <class S, class Task, class Node>
concept chooses_devices = requires(const S& s, const Task& t, const Node& n) {
  { s.choose_devices(t, n) } -> std::same_as<device_mask>;
};

/// A score that ranks the nodes without the task.
template <class S, class Node>
concept ordered_score = kind_of<S>()
== score_kind::ordered&& requires(const S& s, const Node& n) {
  { s.order_key(n) } -> std::same_as<std::int64_t>;
};

}  // namespace lepton::place
