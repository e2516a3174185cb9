// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

namespace lepton {

/// What a taint does to a task that does not tolerate it.
enum class taint_effect : std::uint8_t {
  no_schedule,         ///< the task is not placed on the node
  prefer_no_schedule,  ///< the node is a poor choice (see `place::taint_toleration`)
  no_execute           ///< the task is not placed; running ones are for the operator to evict
};

/// A mark on a node that keeps tasks away.
struct taint {
  std::string key;
  std::string value{};
  taint_effect effect = taint_effect::no_schedule;
  friend auto operator==(const taint&, const taint&) -> bool = default;
};

/// A task's leave to ignore a taint (Kubernetes' rules): the keys are equal (an empty key stands
/// for every key), the values are equal unless `any_value`, and the effects are equal unless
/// `any_effect`.
struct toleration {
  std::string key{};
  std::string value{};
  taint_effect effect = taint_effect::no_schedule;
  bool any_value = false;
  bool any_effect = false;

  [[nodiscard]] auto tolerates(const taint& t) const noexcept -> bool {
    if (!any_effect && effect != t.effect) return false;
    if (key.empty()) return any_value;
    return key == t.key && (any_value || value == t.value);
  }
  friend auto operator==(const toleration&, const toleration&) -> bool = default;
};

/// Whether one of the tolerations covers the taint.
[[nodiscard]] inline auto tolerated(const taint& t,
                                    std::span<const toleration> tolerations) noexcept -> bool {
  return std::any_of(tolerations.begin(), tolerations.end(),
                     [&](const toleration& o) { return o.tolerates(t); });
}

}  // namespace lepton
