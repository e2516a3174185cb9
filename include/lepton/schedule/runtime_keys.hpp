// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <lepton/detail/hash.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>

// Which tasks are alike, so that the run times of some say something of another's: a key is a small
// value, and `key(task)` gives the same number for tasks that are alike (for others almost surely
// different ones).

namespace lepton::schedule {

/// The tenant's tasks are alike.
struct same_tenant {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> std::uint64_t {
    return tenant_of(t);
  }
};

/// The tenant's tasks of one application (a member `application`, if the task has one).
struct same_application {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> std::uint64_t {
    std::uint64_t application = 0;
    if constexpr (requires { t.application(); }) {
      application = static_cast<std::uint64_t>(t.application());
    } else if constexpr (requires { t.application; }) {
      application = static_cast<std::uint64_t>(t.application);
    }
    return lepton::detail::combine(tenant_of(t), application);
  }
};

/// The tenant's tasks of one application and one estimate.
struct same_estimate {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> std::uint64_t {
    return lepton::detail::combine(same_application{}(t),
                                   static_cast<std::uint64_t>(estimate_of(t).count()));
  }
};

/// The tenant's tasks of one application, estimate and demand.
struct same_request {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> std::uint64_t {
    auto key = same_estimate{}(t);
    const auto& demand = demand_of(t);
    for (std::size_t i = 0; i < demand.size(); ++i)
      key = lepton::detail::combine(key, static_cast<std::uint64_t>(demand[i]));
    return key;
  }
};

}  // namespace lepton::schedule
