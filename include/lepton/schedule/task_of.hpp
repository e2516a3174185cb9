// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include <lepton/model/concepts.hpp>
#include <lepton/model/task.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton {

/// The library's own task for a cluster's resources.
template <class Cluster>
using task_of = task<Cluster::resources_type::dimension_count,
                     typename Cluster::resources_type::dimension_names>;

/// Reads a task of the program's own type, through `adapt`, into the library's.
template <class Task, task_like Source>
[[nodiscard]] auto to_task(const Source& source) -> Task {
  Task t;
  t.id = id_of(source);
  t.demand = demand_of(source);
  t.devices = devices_of(source);
  t.own_labels = labels_of(source);
  t.rules = constraints_of(source);
  t.priority = priority_of(source);
  t.tenant = tenant_of(source);
  t.estimate = estimate_of(source);
  t.deadline = deadline_of(source);
  return t;
}

}  // namespace lepton
