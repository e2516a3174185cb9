// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>

#include <lepton/schedule/quota_verdict.hpp>

namespace lepton::schedule {

/// What a scheduler asks before it starts a task: may its tenant use that much?
///
/// 1. `q.may_start(t)` changes nothing.
/// 2. `q.started(t)` follows only where `may_start(t)` said yes and nothing was called in between.
/// 3. `q.ended(t)` gives back exactly what `started(t)` took; each started task ends once.
/// 4. Whether a task may start depends only on the tasks that run, not on how they came to run.
template <class Q, class Task>
concept quota_policy = requires(Q& q, const Q& constant, const Task& t) {
  { constant.may_start(t) } -> std::same_as<quota_verdict>;
  q.started(t);
  q.ended(t);
};

}  // namespace lepton::schedule
