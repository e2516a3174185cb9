// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <lepton/model/adapt.hpp>
#include <lepton/model/wishes.hpp>

// What a task costs its tenant: `cost(task)` gives a whole number from 0 on, below 2^53.

namespace lepton::order {

/// Each task costs the same.
struct task_count {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task&) const noexcept -> std::uint64_t {
    return 1;
  }
};

/// What the task asks for of one resource.
struct task_size {
  std::size_t dimension = 0;

  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> std::uint64_t {
    const auto size = demand_of(t)[dimension];
    return size < 0 ? 0 : static_cast<std::uint64_t>(size);
  }
};

/// How many seconds the task says that it will run, rounded up; 2^53 - 1 at most.
struct task_seconds {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> std::uint64_t {
    const auto ns = estimate_of(t).count();
    return ns <= 0 ? 0 : (static_cast<std::uint64_t>(ns) + 999'999'999U) / 1'000'000'000U;
  }
};

/// What the task asks for of one resource times the seconds that it says it will run: the area it
/// takes in a plan; 2^53 - 1 at most.
struct task_area {
  std::size_t dimension = 0;

  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> std::uint64_t {
    constexpr std::uint64_t most = (std::uint64_t{1} << 53) - 1;
    const auto size = task_size{dimension}(t);
    const auto seconds = task_seconds{}(t);
    return seconds != 0 && size > most / seconds ? most : size * seconds;
  }
};

}  // namespace lepton::order
