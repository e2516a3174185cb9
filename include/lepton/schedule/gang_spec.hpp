// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>

#include <lepton/schedule/gang_id.hpp>

namespace lepton::schedule {

/// A gang: tasks of which at least `minimum` start together or none does, and which can use up to
/// `maximum`.
struct gang_spec {
  gang_id id = 0;
  std::size_t minimum = 1;
  std::size_t maximum = std::numeric_limits<std::size_t>::max();
};

/// Part of a gang with a minimum of its own (one launcher and n workers): the `count` tasks that
/// follow those of the role before.
struct gang_role {
  std::size_t count = 0;
  std::size_t minimum = 0;
};

}  // namespace lepton::schedule
