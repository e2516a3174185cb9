// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <lepton/config.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/gang_spec.hpp>
#include <lepton/schedule/quota_verdict.hpp>

namespace lepton::schedule::detail {

[[nodiscard]] LEPTON_COLD inline auto impossible_task(task_id id) -> status {
  return failure("submit: task " + std::to_string(id) +
                 " asks for a negative amount, or for devices that no node can have (1 to 16 whole "
                 "ones, or a share of 1 to 999 milli of one)");
}
[[nodiscard]] LEPTON_COLD inline auto id_in_use(task_id id) -> status {
  return failure("submit: a task with id " + std::to_string(id) + " is waiting or running already");
}
template <class Quota, class Task>
[[nodiscard]] LEPTON_COLD auto over_quota(const Quota& quota, const Task& t, const quota_verdict& v)
    -> status {
  std::string why = "its quota could never let it start";
  if constexpr (requires { quota.explain(tenant_of(t), demand_of(t), v); })
    why = quota.explain(tenant_of(t), demand_of(t), v);
  return failure("submit: task " + std::to_string(id_of(t)) + ": " + why);
}
[[nodiscard]] LEPTON_COLD inline auto unknown_task(const std::string& call, task_id id) -> status {
  return failure(call + ": no task with id " + std::to_string(id) + " is " +
                 (call == "finish" ? "running" : "waiting or running"));
}
[[nodiscard]] LEPTON_COLD inline auto unknown_gang(gang_id id) -> status {
  return failure("cancel_gang: there is no gang " + std::to_string(id));
}
[[nodiscard]] LEPTON_COLD inline auto waits_in_gang(task_id id, gang_id gang) -> status {
  return failure("cancel: task " + std::to_string(id) + " waits in gang " + std::to_string(gang) +
                 ", which starts together; cancel the gang");
}
[[nodiscard]] LEPTON_COLD inline auto bad_gang(const gang_spec& spec, std::size_t size, bool in_use)
    -> status {
  const auto name = "submit_gang: gang " + std::to_string(spec.id);
  if (in_use) return failure(name + " is waiting or running already");
  if (spec.id == 0) return failure("submit_gang: the id 0 stands for no gang; take another");
  if (size > spec.maximum) {
    return failure(name + " has " + std::to_string(size) + " tasks, and a maximum of " +
                   std::to_string(spec.maximum) + "; leave the others out, or raise the maximum");
  }
  return failure(name + " has " + std::to_string(size) + " tasks and a minimum of " +
                 std::to_string(spec.minimum) +
                 "; the minimum must be from 1 to the number of tasks");
}

}  // namespace lepton::schedule::detail
