// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include <lepton/balance/elapsed.hpp>
#include <lepton/balance/latency_estimator.hpp>
#include <lepton/balance/threading.hpp>

namespace lepton::balance::detail {

/// The estimator of one backend. For one thread: just that.
template <class Estimator, class Threading>
class estimator_slot {
 public:
  estimator_slot() = default;
  explicit estimator_slot(const Estimator& e) : estimator_(e) {}

  void update(double seconds, time_point now) noexcept { estimator_.update(seconds, now); }
  [[nodiscard]] auto estimate(const Estimator& /*rule*/, time_point now) noexcept -> double {
    return static_cast<double>(estimator_.estimate(now));
  }

 private:
  Estimator estimator_{};
};

/// For many: an update takes the estimator if it is free, and is dropped if not; then it leaves the
/// estimate and its moment in two atomic cells, which is all that others read. Who reads between
/// the two sees the new estimate with the moment before, this once.
template <class Estimator>
class alignas(64) estimator_slot<Estimator, shared> {
 public:
  estimator_slot() = default;
  explicit estimator_slot(const Estimator& e) : estimator_(e) {}
  estimator_slot(const estimator_slot& other) noexcept { copy(other); }
  auto operator=(const estimator_slot& other) noexcept -> estimator_slot& {
    if (this != &other) copy(other);
    return *this;
  }

  void update(double seconds, time_point now) noexcept {
    if (busy_.exchange(true, std::memory_order_acquire)) return;
    estimator_.update(seconds, now);
    const auto next = static_cast<double>(estimator_.estimate(now));
    value_.store(next);
    moment_.store(now.time_since_epoch().count());
    busy_.store(false, std::memory_order_release);
  }
  [[nodiscard]] auto estimate(const Estimator& rule, time_point now) const noexcept -> double {
    const auto value = value_.load();
    if constexpr (fading_estimator<Estimator>) {
      return static_cast<double>(
          rule.faded(value, elapsed(now, time_point{duration{moment_.load()}})));
    } else {
      return value;
    }
  }

 private:
  /// Waits for an update in `other` to end: a few instructions. Copies are made in `rebuild`.
  void copy(const estimator_slot& other) noexcept {
    while (other.busy_.exchange(true, std::memory_order_acquire)) {
    }
    estimator_ = other.estimator_;
    value_ = other.value_;
    moment_ = other.moment_;
    other.busy_.store(false, std::memory_order_release);
  }

  Estimator estimator_{};
  shared::cell<double> value_;
  shared::cell<std::int64_t> moment_;  ///< in ns since the epoch
  mutable std::atomic<bool> busy_{false};
};

}  // namespace lepton::balance::detail
