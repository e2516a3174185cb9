// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <lepton/config.hpp>
#include <lepton/detail/wide_integer.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/wishes.hpp>

// What orderings sort by: functions of a task. Any callable of a task will do; one of a task and
// `now` gives a timed ordering.

namespace lepton::order {

/// How long the task says that it will run.
struct by_estimate {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> duration {
    static_assert(has_estimate<Task>,
                  "lepton: this ordering needs to know how long tasks run: give the task a member "
                  "`estimate` (a duration) or specialise lepton::adapt, or name another measure");
    return estimate_of(t);
  }
};

/// The task's priority.
struct by_priority {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> std::int64_t {
    static_assert(has_priority<Task>,
                  "lepton: this ordering needs the tasks' priorities: give the task a member "
                  "`priority` (an integer) or specialise lepton::adapt, or name another measure");
    return priority_of(t);
  }
};

/// What the task asks for in one dimension of its demand.
class by_request {
 public:
  constexpr explicit by_request(std::size_t dimension = 0) noexcept : dimension_(dimension) {}

  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> amount {
    static_assert(task_like<Task>,
                  "lepton: this ordering needs what tasks ask for: give the task a member `demand` "
                  "(resources) or specialise lepton::adapt, or name another measure");
    const auto& demand = demand_of(t);
    LEPTON_ASSERT(dimension_ < demand.size(),
                  "by_request: the tasks have fewer dimensions; they count from 0");
    return demand[dimension_];
  }

 private:
  std::size_t dimension_;
};

/// The weighted sum of what the task asks for, exactly: Σ weight_d · demand_d.
template <std::size_t N>
class by_weighted_request {
 public:
  constexpr explicit by_weighted_request(std::array<std::int64_t, N> weights) noexcept
      : weights_(weights) {}

  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept
      -> lepton::detail::wide_integer {
    static_assert(resources_of_t<Task>::size() == N,
                  "lepton: by_weighted_request has one weight for each dimension of the demand");
    lepton::detail::wide_integer sum;
    for (std::size_t d = 0; d < N; ++d)
      sum = sum + lepton::detail::wide_integer::product(weights_[d], demand_of(t)[d]);
    return sum;
  }

 private:
  std::array<std::int64_t, N> weights_;
};

/// What the task will take up if it runs as long as it says: demand in one dimension · estimate.
class by_area {
 public:
  constexpr explicit by_area(std::size_t dimension = 0) noexcept : request_(dimension) {}

  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept
      -> lepton::detail::wide_integer {
    return lepton::detail::wide_integer::product(request_(t), by_estimate{}(t).count());
  }

 private:
  by_request request_;
};

}  // namespace lepton::order
