// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <lepton/model/adapt.hpp>
#include <lepton/model/resources.hpp>

namespace lepton {

/// A type whose demand the library can read.
///
/// 1. `demand_of(t)` gives a `resources<N, Dimensions>`; every component is at least 0.
/// 2. Reading it twice gives the same value as long as nobody changes the task.
/// 3. What else a task may say (devices, labels, rules) is optional: see `adapt`.
template <class T>
concept task_like = detail::has_demand<T> && requires(const T& t) {
  requires resource_vector<std::remove_cvref_t<decltype(demand_of(t))>>;
};

/// A type whose free resources the library can read.
///
/// 1. `free_of(n)` gives a `resources<N, Dimensions>`; `capacity_of(n)` gives the same type.
/// 2. The node's state does not change during a `pick`.
template <class T>
concept node_like = detail::has_free<T> && requires(const T& n) {
  requires resource_vector<std::remove_cvref_t<decltype(free_of(n))>>;
  requires std::same_as<std::remove_cvref_t<decltype(capacity_of(n))>,
                        std::remove_cvref_t<decltype(free_of(n))>>;
};

/// A random-access, sized collection of nodes: `std::span<const host>`, `std::vector<host>`, a
/// `cluster`.
///
/// 1. `v.size()` is the number of nodes, below 2^32 − 1.
/// 2. `v[i]` is node i, for 0 ≤ i < size, in constant time.
template <class V>
concept node_view = requires(const V& v, std::size_t i) {
  { v.size() } -> std::convertible_to<std::size_t>;
  requires node_like<std::remove_cvref_t<decltype(v[i])>>;
};

/// The node type of a view.
template <node_view V>
using node_of_t = std::remove_cvref_t<decltype(std::declval<const V&>()[std::size_t{0}])>;

/// The resource vector of a node or task type.
template <class T>
struct resources_of;
template <task_like T>
struct resources_of<T> {
  using type = std::remove_cvref_t<decltype(demand_of(std::declval<const T&>()))>;
};
template <node_like T>
  requires(!task_like<T>)
struct resources_of<T> {
  using type = std::remove_cvref_t<decltype(free_of(std::declval<const T&>()))>;
};
template <class T>
using resources_of_t = typename resources_of<T>::type;

/// A task that can be placed on the nodes of a view: both speak of the same resources.
template <class T, class V>
concept placeable_on =
    task_like<T> && node_view<V> && std::same_as<resources_of_t<T>, resources_of_t<node_of_t<V>>>;

/// A view that says what changed, so that a policy can keep an index of it.
///
/// 1. `identity()` differs between any two collections that ever lived in this process.
/// 2. `revision()` grows with every change; `changed_since(r)` gives the indices of the nodes
///    changed after revision r, oldest first (an index may occur more than once), or nothing when
///    that is too long ago.
/// 3. `last_change(i)` is the revision just after the latest change of node i.
/// 4. `structure_revision()` grows whenever the set of nodes, or anything of a node other than
///    what is free on it, changes.
template <class V>
concept revisioned_view = node_view<V> && requires(const V& v, std::uint64_t r, std::size_t i) {
  { v.identity() } -> std::convertible_to<std::uint64_t>;
  { v.revision() } -> std::convertible_to<std::uint64_t>;
  { v.structure_revision() } -> std::convertible_to<std::uint64_t>;
  { v.last_change(i) } -> std::convertible_to<std::uint64_t>;
  { v.changed_since(r) } -> std::same_as<std::optional<std::span<const node_index>>>;
};

}  // namespace lepton
