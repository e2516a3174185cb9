// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include <lepton/detail/rng.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/distributions.hpp>
#include <lepton/simulate/request.hpp>

// Service times: `fill(requests, random)` sets the work of the next requests. Means are in
// nanoseconds and above 0.

namespace lepton::simulate {
/// No memory: many short, few long; the deviation is the mean.
class exponential_service {
 public:
  explicit exponential_service(double mean) noexcept : mean_(mean) {}
  void fill(std::span<request> requests, lepton::detail::pcg32& random) noexcept {
    for (auto& r : requests) r.work = detail::whole_nanoseconds(exponential(random, mean_));
  }

 private:
  double mean_;
};

/// All the same.
class fixed_service {
 public:
  explicit fixed_service(double mean) noexcept : work_(detail::whole_nanoseconds(mean)) {}
  void fill(std::span<request> requests, lepton::detail::pcg32& /*random*/) noexcept {
    for (auto& r : requests) r.work = work_;
  }

 private:
  duration work_;
};

/// A long tail, as of most services: log-normal.
class log_normal_service {
 public:
  /// @param variation  deviation over mean; > 0
  log_normal_service(double mean, double variation) noexcept
      : sigma_(std::sqrt(std::log1p(variation * variation))),
        mu_(std::log(mean) - sigma_ * sigma_ / 2) {}
  void fill(std::span<request> requests, lepton::detail::pcg32& random) noexcept {
    for (auto& r : requests) r.work = detail::whole_nanoseconds(log_normal(random, mu_, sigma_));
  }

 private:
  double sigma_;
  double mu_;
};

/// A heavy tail: Pareto.
class pareto_service {
 public:
  /// @param shape  of the tail; > 1, and the smaller the heavier
  pareto_service(double mean, double shape) noexcept
      : least_(mean * (shape - 1) / shape), shape_(shape) {}
  void fill(std::span<request> requests, lepton::detail::pcg32& random) noexcept {
    for (auto& r : requests) r.work = detail::whole_nanoseconds(pareto(random, least_, shape_));
  }

 private:
  double least_;
  double shape_;
};

}  // namespace lepton::simulate
