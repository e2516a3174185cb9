// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <type_traits>

#include <lepton/model/constraints.hpp>
#include <lepton/model/device_set.hpp>
#include <lepton/model/devices.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/model/resources.hpp>

namespace lepton {

/// How the library reads a type that is not its own. Specialise it with static functions of the
/// names below and leave the type untouched; or give the type members (functions or data) of the
/// same names. A function of the trait wins over a member.
///
/// | of a task                  | returns              | default        |
/// |----------------------------|----------------------|----------------|
/// | `demand(t)`                | `resources<N>`       | (required)     |
/// | `devices(t)`               | `device_request`     | no device      |
/// | `own_labels(t)`            | `labels`             | none           |
/// | `rules(t)`                 | `constraints`        | none           |
/// | `id(t)`                    | an integer           | (for schedulers) |
///
/// | of a node                  | returns              | default        |
/// |----------------------------|----------------------|----------------|
/// | `free(n)`                  | `resources<N>`       | (required)     |
/// | `capacity(n)`              | `resources<N>`       | `free(n)`      |
/// | `devices(n)`               | `device_set`         | no device      |
/// | `own_labels(n)`            | `labels`             | none           |
/// | `taints(n)`                | range of `taint`     | none           |
/// | `residents(n)`             | range of `resident`  | none           |
/// | `accepting(n)`             | `bool`               | `true`         |
template <class T>
struct adapt {};

/// What a node knows of a task that runs on it, as far as other tasks' affinities care.
struct resident {
  labels own_labels{};
  std::vector<affinity_term> anti_affinity{};
  std::uint64_t allocation = 0;  ///< who it is, opaque
};

namespace detail {

template <class T>
concept has_demand = requires(const T& t) {
  adapt<T>::demand(t);
}
|| requires(const T& t) { t.demand(); }
|| requires(const T& t) { t.demand; };
template <class T>
concept has_free = requires(const T& t) {
  adapt<T>::free(t);
}
|| requires(const T& t) { t.free(); }
|| requires(const T& t) { t.free; };
template <class T>
concept has_id = requires(const T& t) {
  adapt<T>::id(t);
}
|| requires(const T& t) { t.id(); }
|| requires(const T& t) { t.id; };

inline const labels no_labels{};
inline const constraints no_constraints{};

}  // namespace detail

/// What the task needs.
template <detail::has_demand T>
[[nodiscard]] constexpr auto demand_of(const T& t) noexcept -> decltype(auto) {
  if constexpr (requires { adapt<T>::demand(t); }) {
    return adapt<T>::demand(t);
  } else if constexpr (requires { t.demand(); }) {
    return t.demand();
  } else {
    return (t.demand);
  }
}

/// The task's name.
template <detail::has_id T>
[[nodiscard]] constexpr auto id_of(const T& t) noexcept -> task_id {
  if constexpr (requires { adapt<T>::id(t); }) {
    return static_cast<task_id>(adapt<T>::id(t));
  } else if constexpr (requires { t.id(); }) {
    return static_cast<task_id>(t.id());
  } else {
    return static_cast<task_id>(t.id);
  }
}

/// What is free on the node.
template <detail::has_free T>
[[nodiscard]] constexpr auto free_of(const T& n) noexcept -> decltype(auto) {
  if constexpr (requires { adapt<T>::free(n); }) {
    return adapt<T>::free(n);
  } else if constexpr (requires { n.free(); }) {
    return n.free();
  } else {
    return (n.free);
  }
}

/// What the node has when nothing runs on it.
template <detail::has_free T>
[[nodiscard]] constexpr auto capacity_of(const T& n) noexcept -> decltype(auto) {
  if constexpr (requires { adapt<T>::capacity(n); }) {
    return adapt<T>::capacity(n);
  } else if constexpr (requires { n.capacity(); }) {
    return n.capacity();
  } else if constexpr (requires { n.capacity; }) {
    return (n.capacity);
  } else {
    return free_of(n);
  }
}

/// The task's device request, or the node's devices.
template <class T>
[[nodiscard]] constexpr auto devices_of(const T& x) noexcept -> decltype(auto) {
  if constexpr (requires { adapt<T>::devices(x); }) {
    return adapt<T>::devices(x);
  } else if constexpr (requires { x.devices(); }) {
    return x.devices();
  } else if constexpr (requires { x.devices; }) {
    return (x.devices);
  } else if constexpr (detail::has_demand<T>) {
    return device_request{};
  } else {
    return device_set{};
  }
}

/// The labels of a task or node.
template <class T>
[[nodiscard]] constexpr auto labels_of(const T& x) noexcept -> decltype(auto) {
  if constexpr (requires { adapt<T>::own_labels(x); }) {
    return adapt<T>::own_labels(x);
  } else if constexpr (requires { x.own_labels(); }) {
    return x.own_labels();
  } else if constexpr (requires { x.own_labels; }) {
    return (x.own_labels);
  } else {
    return (detail::no_labels);
  }
}

/// Whether reading the rules of `T` can ever yield any.
template <class T>
inline constexpr bool has_rules = requires(const T& t) {
  adapt<T>::rules(t);
}
|| requires(const T& t) { t.rules(); }
|| requires(const T& t) { t.rules; };

/// The task's constraints.
template <class T>
[[nodiscard]] constexpr auto constraints_of(const T& t) noexcept -> decltype(auto) {
  if constexpr (requires { adapt<T>::rules(t); }) {
    return adapt<T>::rules(t);
  } else if constexpr (requires { t.rules(); }) {
    return t.rules();
  } else if constexpr (requires { t.rules; }) {
    return (t.rules);
  } else {
    return (detail::no_constraints);
  }
}

/// The node's taints.
template <class T>
[[nodiscard]] constexpr auto taints_of(const T& n) noexcept -> decltype(auto) {
  if constexpr (requires { adapt<T>::taints(n); }) {
    return adapt<T>::taints(n);
  } else if constexpr (requires { n.taints(); }) {
    return n.taints();
  } else if constexpr (requires { n.taints; }) {
    return (n.taints);
  } else {
    return std::span<const taint>{};
  }
}

/// Whether reading the residents of `T` can ever yield any.
template <class T>
inline constexpr bool has_residents = requires(const T& n) {
  adapt<T>::residents(n);
}
|| requires(const T& n) { n.residents(); }
|| requires(const T& n) { n.residents; };

/// The tasks on the node that carry labels or anti-affinities.
template <class T>
[[nodiscard]] constexpr auto residents_of(const T& n) noexcept -> decltype(auto) {
  if constexpr (requires { adapt<T>::residents(n); }) {
    return adapt<T>::residents(n);
  } else if constexpr (requires { n.residents(); }) {
    return n.residents();
  } else if constexpr (requires { n.residents; }) {
    return (n.residents);
  } else {
    return std::span<const resident>{};
  }
}

/// Whether the node takes tasks at all (false while it drains or is gone).
template <class T>
[[nodiscard]] constexpr auto accepting(const T& n) noexcept -> bool {
  if constexpr (requires { adapt<T>::accepting(n); }) {
    return adapt<T>::accepting(n);
  } else if constexpr (requires { n.accepting(); }) {
    return n.accepting();
  } else if constexpr (requires { n.accepting; }) {
    return n.accepting;
  } else {
    return true;
  }
}

}  // namespace lepton
