// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/model/time.hpp>
#include <lepton/simulate/queue_curves.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_result.hpp>

namespace lepton_sim {

struct time_window {
  lepton::time_point from{};
  lepton::time_point to{};
};

/// Some of a job's processors in the picture: `count` of them from `first` on.
struct gantt_block {
  std::size_t job = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// The jobs that hold processors in the window, by their starts, at most so many of them. A job
/// gets the lowest processors that lie together and are free, or where no free ones lie together
/// long enough, the lowest free ones in several blocks. The simulation knows no such places; they
/// are for the eye.
[[nodiscard]] auto gantt_blocks(const lepton::simulate::queue_workload& workload,
                                const lepton::simulate::queue_run& run, time_window window,
                                std::size_t most_jobs) -> std::vector<gantt_block>;

/// Number of the jobs that hold processors in the window.
[[nodiscard]] auto jobs_in(const lepton::simulate::queue_run& run, time_window window)
    -> std::size_t;

/// The window of that length in which most jobs wait, on average; of equal ones that with most
/// processors in use, and then the first.
[[nodiscard]] auto busiest_window(std::span<const lepton::simulate::curve_point> waiting,
                                  std::span<const lepton::simulate::curve_point> busy,
                                  lepton::duration length) -> time_window;

}  // namespace lepton_sim
