// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>

#include <lepton/model/fwd.hpp>
#include <lepton/model/time.hpp>

namespace lepton::order {

/// A task that waits.
template <class Task>
struct queued {
  Task what;
  task_id id = 0;
  time_point submitted{};
  std::uint64_t sequence = 0;  ///< number of the submission: earlier ones are smaller
};

/// An ordering policy: which of two waiting tasks is next.
///
/// 1. `o.before(a, b)` is a strict weak order.
/// 2. Tasks that it holds equal are taken in the order of their submission.
template <class O, class Task>
concept ordering = requires(const O& o, const queued<Task>& a, const queued<Task>& b) {
  { o.before(a, b) } -> std::same_as<bool>;
};

}  // namespace lepton::order
