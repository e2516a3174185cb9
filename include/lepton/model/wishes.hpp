// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/model/adapt.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/model/time.hpp>

// What a task may say of itself for the sake of its turn: read like the rest of `adapt`, from a
// static function of `adapt<T>` or a member (function or data) of the same name.
//
// | of a task     | returns        | meaning                                                      |
// |---------------|----------------|--------------------------------------------------------------|
// | `priority(t)` | an integer     | larger goes first                                            |
// | `tenant(t)`   | an integer     | whose task it is: user, queue, account, namespace            |
// | `estimate(t)` | a `duration`   | how long it says that it will run, from its start            |
// | `deadline(t)` | a `time_point` | when it should be done                                       |

namespace lepton {

/// Who owns a task: a number of the program's choice.
using tenant_id = std::uint64_t;

template <class T>
concept has_priority = requires(const T& t) {
  adapt<T>::priority(t);
}
|| requires(const T& t) { t.priority(); }
|| requires(const T& t) { t.priority; };
template <class T>
concept has_tenant = requires(const T& t) {
  adapt<T>::tenant(t);
}
|| requires(const T& t) { t.tenant(); }
|| requires(const T& t) { t.tenant; };
template <class T>
concept has_estimate = requires(const T& t) {
  adapt<T>::estimate(t);
}
|| requires(const T& t) { t.estimate(); }
|| requires(const T& t) { t.estimate; };
template <class T>
concept has_deadline = requires(const T& t) {
  adapt<T>::deadline(t);
}
|| requires(const T& t) { t.deadline(); }
|| requires(const T& t) { t.deadline; };

/// The task's priority, larger first; 0 if it says nothing.
template <class T>
[[nodiscard]] constexpr auto priority_of(const T& t) noexcept -> std::int64_t {
  if constexpr (requires { adapt<T>::priority(t); }) {
    return static_cast<std::int64_t>(adapt<T>::priority(t));
  } else if constexpr (requires { t.priority(); }) {
    return static_cast<std::int64_t>(t.priority());
  } else if constexpr (requires { t.priority; }) {
    return static_cast<std::int64_t>(t.priority);
  } else {
    return 0;
  }
}

/// The task's owner; 0 if it says nothing.
template <class T>
[[nodiscard]] constexpr auto tenant_of(const T& t) noexcept -> tenant_id {
  if constexpr (requires { adapt<T>::tenant(t); }) {
    return static_cast<tenant_id>(adapt<T>::tenant(t));
  } else if constexpr (requires { t.tenant(); }) {
    return static_cast<tenant_id>(t.tenant());
  } else if constexpr (requires { t.tenant; }) {
    return static_cast<tenant_id>(t.tenant);
  } else {
    return 0;
  }
}

/// How long the task says that it will run; `duration::max()` if it says nothing.
template <class T>
[[nodiscard]] constexpr auto estimate_of(const T& t) noexcept -> duration {
  if constexpr (requires { adapt<T>::estimate(t); }) {
    return adapt<T>::estimate(t);
  } else if constexpr (requires { t.estimate(); }) {
    return t.estimate();
  } else if constexpr (requires { t.estimate; }) {
    return t.estimate;
  } else {
    return duration::max();
  }
}

/// When the task should be done; `time_point::max()` if it says nothing.
template <class T>
[[nodiscard]] constexpr auto deadline_of(const T& t) noexcept -> time_point {
  if constexpr (requires { adapt<T>::deadline(t); }) {
    return adapt<T>::deadline(t);
  } else if constexpr (requires { t.deadline(); }) {
    return t.deadline();
  } else if constexpr (requires { t.deadline; }) {
    return t.deadline;
  } else {
    return time_point::max();
  }
}

}  // namespace lepton
