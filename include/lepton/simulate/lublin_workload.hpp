// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <lepton/detail/rng.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/simulate/distributions.hpp>
#include <lepton/simulate/gamma_number.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/zipf_keys.hpp>

namespace lepton::simulate {

/// The published parameters of Lublin and Feitelson's model for jobs of all kinds together (batch
/// and interactive). Of the sizes, those that go by the machine are worked out from it.
struct lublin_parameters {
  double serial = 0.244;        ///< part of the jobs with one processor
  double power_of_two = 0.576;  ///< part of the jobs with a power of two, two and more
  double size_low = 0.8;        ///< log2 of the sizes of parallel jobs: uniform from low to
  double size_gap = 2.5;        ///< the machine's log2 less this, with probability
  double size_break = 0.86;     ///< this, and else uniform from there to the machine's log2

  double short_shape = 4.2;  ///< ln of the run time in seconds: gamma of short runs
  double short_scale = 0.94;
  double long_shape = 312;  ///< and of long ones
  double long_scale = 0.03;
  double short_slope = -0.0054;  ///< part of short runs: slope · processors
  double short_base = 0.78;      ///< + base

  double gap_shape = 10.2303 * 1.0225;  ///< ln of the gap between arrivals, in seconds: gamma
  double gap_scale = 0.4871;
  double day_shape = 8.1737;  ///< arrivals over the half hours of a day: density of a gamma
  double day_scale = 3.9631;
};

/// What is to be generated.
struct lublin_options {
  std::size_t jobs = 10'000;
  std::int64_t processors = 128;
  std::uint64_t seed = 0;
  std::uint32_t users = 64;
};

/// Arrivals with the cycle of a day: while the gap to the next job passes, each half hour takes as
/// much of it as it has jobs, by the density of a gamma, in parts of the mean.
class lublin_arrivals {
 public:
  static constexpr std::size_t half_hours = 48;

  explicit lublin_arrivals(const lublin_parameters& of) : parameters_(of) {
    // The gamma's day begins late in the morning: half hours 11 to 58, the 1st of them number 0.
    constexpr std::size_t first = 11;
    double sum = 0;
    for (std::size_t i = first; i < first + half_hours; ++i)
      sum += weights_[(i - 1) % half_hours] = mass(static_cast<double>(i));
    for (auto& w : weights_) w *= half_hours / sum;
  }

  /// Jobs in each half hour from midnight on, in parts of the mean.
  [[nodiscard]] auto weights() const noexcept -> const std::array<double, half_hours>& {
    return weights_;
  }

  /// Seconds from the first midnight to the next arrival.
  [[nodiscard]] auto next(lepton::detail::pcg32& random) noexcept -> double {
    double gap = 0;
    do {
      gap = gamma_number(random, parameters_.gap_shape, parameters_.gap_scale);
    } while (gap > longest_gap);
    points_ += std::exp(gap) / seconds;
    while (points_ > weights_[half_hour_ % half_hours]) {
      points_ -= weights_[half_hour_ % half_hours];
      ++half_hour_;
    }
    return seconds *
           (static_cast<double>(half_hour_) + points_ / weights_[half_hour_ % half_hours]);
  }

 private:
  static constexpr double longest_gap = 13;  ///< e^13 s are five days
  static constexpr double seconds = 1800;    ///< of a half hour

  /// The gamma's integral over a half hour but for a factor, by Simpson's rule.
  [[nodiscard]] auto mass(double middle) const noexcept -> double {
    constexpr int steps = 16;
    double sum = 0;
    for (int k = 0; k <= steps; ++k) {
      const double x = middle - 0.5 + static_cast<double>(k) / steps;
      const double density =
          std::exp((parameters_.day_shape - 1) * std::log(x) - x / parameters_.day_scale);
      sum += density * (k == 0 || k == steps ? 1 : k % 2 == 1 ? 4 : 2);
    }
    return sum;
  }

  lublin_parameters parameters_;
  std::array<double, half_hours> weights_{};
  std::uint64_t half_hour_ = 0;  ///< since the first midnight
  double points_ = 0;            ///< of it that have passed
};

namespace lublin_detail {

[[nodiscard]] inline auto size(lepton::detail::pcg32& random, const lublin_parameters& of,
                               std::int64_t processors) noexcept -> std::int64_t {
  const double kind = unit_number(random);
  if (kind <= of.serial || processors < 2) return 1;
  const double high = std::log2(static_cast<double>(processors));
  const double low = std::min(of.size_low, high);
  const double middle = std::max(high - of.size_gap, low + (high - low) / 3);
  const bool small = unit_number(random) <= of.size_break;
  const double from = small ? low : middle;
  double log2 = from + unit_number(random) * ((small ? middle : high) - from);
  if (kind <= of.serial + of.power_of_two) log2 = std::min(std::round(log2), std::floor(high));
  return std::clamp<std::int64_t>(std::llround(std::exp2(log2)), 1, processors);
}

[[nodiscard]] inline auto run_seconds(lepton::detail::pcg32& random, const lublin_parameters& of,
                                      std::int64_t size) noexcept -> std::int64_t {
  constexpr double longest = 12;  // e^12 s are two days
  const double part = of.short_slope * static_cast<double>(size) + of.short_base;
  double log = 0;
  do {
    log = unit_number(random) <= part ? gamma_number(random, of.short_shape, of.short_scale)
                                      : gamma_number(random, of.long_shape, of.long_scale);
  } while (log > longest);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::exp(log)));
}

/// What a user may have asked for: the run takes an even part of it, and people like round times.
[[nodiscard]] inline auto estimate_seconds(lepton::detail::pcg32& random, std::int64_t run) noexcept
    -> std::int64_t {
  constexpr std::array<std::int64_t, 15> round{
      60,        300,       600,       900,        1800,       3600,       2 * 3600,  3 * 3600,
      4L * 3600, 6L * 3600, 8L * 3600, 12L * 3600, 18L * 3600, 24L * 3600, 48L * 3600};
  const double asked = static_cast<double>(run) / unit_number(random);
  const auto at = std::find_if(round.begin(), round.end(),
                               [&](auto s) { return static_cast<double>(s) >= asked; });
  return std::max(at == round.end() ? round.back() : *at, run);
}

}  // namespace lublin_detail

/// Jobs of a generated log: arrivals, sizes and run times by the model of Lublin and Feitelson (The
/// workload on parallel supercomputers: modeling the characteristics of rigid jobs, J. Parallel and
/// Distributed Computing 63, 2003), with its published parameters. The run time is correlated with
/// the size, and the rate of arrivals has the cycle of a day. Time 0 is a midnight.
///
/// The model knows no users and no estimates. Ours: users in proportion to 1 / rank, and estimates
/// of which the run is a uniform part, rounded up to one of fifteen popular times (up to two days).
///
/// The same jobs of the same options. An error: no jobs, no processors, no users.
[[nodiscard]] inline auto lublin_workload(const lublin_options& options,
                                          const lublin_parameters& of = {})
    -> expected<queue_workload> {
  if (options.jobs == 0) return failure("a workload without jobs; generate at least one");
  if (options.processors < 1)
    return failure("a machine of " + std::to_string(options.processors) +
                   " processors; it must have at least one");
  if (options.users == 0) return failure("a workload without users; it must have at least one");

  lepton::detail::pcg32 random{options.seed, 2003};
  lepton::detail::pcg32 habits{options.seed, 2004};  // what is ours leaves the model's alone
  lublin_arrivals arrivals{of};
  const zipf_keys users{options.users, 1};
  queue_workload made;
  made.name = "the Lublin-Feitelson model";
  made.processors = options.processors;
  made.jobs.reserve(options.jobs);
  for (std::size_t i = 0; i < options.jobs; ++i) {
    queue_job job;
    job.id = i;
    job.number = static_cast<std::int64_t>(i) + 1;
    job.submitted = at(std::chrono::seconds{static_cast<std::int64_t>(arrivals.next(random))});
    const auto size = lublin_detail::size(random, of, options.processors);
    const auto run = lublin_detail::run_seconds(random, of, size);
    job.demand = processors{size};
    job.run = std::chrono::seconds{run};
    job.estimate = std::chrono::seconds{lublin_detail::estimate_seconds(habits, run)};
    job.tenant = users.draw(habits) + 1;
    made.jobs.push_back(job);
  }
  return made;
}

}  // namespace lepton::simulate
