// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <lepton/detail/rng.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/distributions.hpp>
#include <lepton/simulate/request.hpp>

// Arrival processes: `fill(requests, random)` sets the arrivals of the next requests, rising.

namespace lepton::simulate {

/// Requests that know nothing of each other: a Poisson process, with exponential gaps.
class poisson_arrivals {
 public:
  /// @param mean_gap  nanoseconds between arrivals on average; > 0
  explicit poisson_arrivals(double mean_gap) noexcept : mean_gap_(mean_gap) {}

  void fill(std::span<request> requests, lepton::detail::pcg32& random) noexcept {
    for (auto& r : requests) {
      now_ += detail::whole_nanoseconds(exponential(random, mean_gap_));
      r.arrival = now_;
    }
  }

 private:
  double mean_gap_;
  time_point now_{};
};

/// How bursts differ from calm.
struct burst_options {
  double ratio = 5;                     ///< rate in a burst over the rate in calm; at least 1
  double share = 0.1;                   ///< part of the time that is bursts; above 0 and below 1
  duration mean_length{1'000'000'000};  ///< of a burst
};

/// Bursts and calm in turn, each of exponential length and a Poisson process of its own rate: a
/// Markov-modulated Poisson process with two states (Fischer and Meier-Hellstern 1993).
class burst_arrivals {
 public:
  /// @param mean_gap  nanoseconds between arrivals on average over bursts and calm; > 0
  burst_arrivals(double mean_gap, const burst_options& o) noexcept
      : calm_gap_(mean_gap * (1 - o.share + o.share * o.ratio)),
        burst_gap_(calm_gap_ / o.ratio),
        burst_length_(static_cast<double>(o.mean_length.count())),
        calm_length_(burst_length_ * (1 - o.share) / o.share) {}

  void fill(std::span<request> requests, lepton::detail::pcg32& random) noexcept {
    for (auto& r : requests) {
      for (;;) {
        const double gap = exponential(random, burst_ ? burst_gap_ : calm_gap_);
        if (now_ + gap <= phase_end_) {
          now_ += gap;
          break;
        }
        // Exponential gaps have no memory: the next phase draws afresh from its beginning.
        now_ = phase_end_;
        burst_ = now_ > 0 && !burst_;
        phase_end_ = now_ + exponential(random, burst_ ? burst_length_ : calm_length_);
      }
      r.arrival = at(duration{static_cast<std::int64_t>(now_)});
    }
  }

 private:
  double calm_gap_;
  double burst_gap_;
  double burst_length_;
  double calm_length_;
  double now_ = 0;
  double phase_end_ = 0;
  bool burst_ = false;
};

}  // namespace lepton::simulate
