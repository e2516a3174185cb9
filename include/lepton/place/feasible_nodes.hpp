// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/place/domain_rules.hpp>
#include <lepton/place/feasibility.hpp>

namespace lepton::place::detail {

/// The library's own tests, of one task against any node of a view, those across nodes included.
class feasibility {
 public:
  /// Takes up a task. O(1) unless its constraints, or those of tasks there, reach over nodes.
  template <class Task, class View>
  void look(const Task& t, const View& v) {
    across_ = domain_rules::concern(t, v);
    if (across_) domains_.look(t, v);
  }

  /// The first test that node i fails for the task last taken up.
  template <class Task, class View>
  [[nodiscard]] auto failure(const Task& t, const View& v, node_index i) const noexcept
      -> std::optional<reason> {
    if (const auto own = first_failure(t, v[i])) return own;
    return across_ ? domains_.failure(i) : std::nullopt;
  }

 private:
  domain_rules domains_;
  bool across_ = false;
};

/// A placed decision with the customary choice of devices.
template <class Task, class View>
[[nodiscard]] auto placed_tightest(const Task& t, const View& v, node_index i) noexcept
    -> decision {
  const auto& request = devices_of(t);
  if (request.none()) return decision::placed(i);
  return decision::placed(i, devices_of(v[i]).tightest(request));
}

}  // namespace lepton::place::detail
