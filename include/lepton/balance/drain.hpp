// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <lepton/balance/per_backend.hpp>
#include <lepton/balance/thinning.hpp>

namespace lepton::balance {

struct drain_options {
  /// How long a graceful drain takes.
  duration window = std::chrono::seconds{30};
};

/// Takes backends out of use between two picks, without a rebuild: a maintenance switch.
///
/// `start(i)` ends the picks of backend i at once; `start(i, now)` lets its share fall evenly to
/// nothing over the window (slow start backwards; how the share is cut is the second parameter: see
/// `thin_by`). `stop(i)` gives it its share back. With nothing drained a pick is the inner policy's
/// and one load. If all allowed backends are drained there is no backend; those that are still
/// falling count as there. A drain stays with the backend over rebuilds, and ends when it leaves.
///
/// The switches may be used while other threads pick (with `shared` state). A `balancer` that
/// changes its backends at that moment may lose one, as its new state is a copy made before: throw
/// it inside `balancer::update`, where changes take turns.
template <class Inner, thin_by By = thin_by::draws,
          class Threading = detail::threading_or_shared<Inner>>
class drain : public detail::wraps<Inner> {
 public:
  using threading = Threading;

  explicit drain(Inner inner = Inner{}, const drain_options& options = {})
      : inner_(std::move(inner)), options_(options) {}

  auto rebuild(const snapshot& s) -> status {
    if (options_.window < duration{0})
      return failure("drain: the window is negative; 0 drains at once");
    if (auto built = inner_.rebuild(s); !built) return built;
    since_.follow(s, cell<ticks>{open});
    std::uint32_t drained = 0;
    for (backend_index i = 0; i < s.size(); ++i) drained += since_[i].load() != open ? 1U : 0U;
    drained_.store(drained);
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    if (drained_.load() == 0) return inner_.pick(s, c, allowed);
    const auto now = c.now.time_since_epoch().count();
    const auto left = [&](backend_index i) noexcept { return share(since_[i].load(), now); };
    return detail::thinned_pick<By>(
        inner_, s, c, [&](backend_index i) noexcept { return left(i) > 0 && allowed(i); }, 1.0,
        left);
  }

  void started(backend_index i, const context& c) noexcept { tell_started(inner_, i, c); }
  void finished(backend_index i, const outcome& how) noexcept { tell_finished(inner_, i, how); }

  /// Drains backend i at once. False if there is no such backend.
  auto start(backend_index i) noexcept -> bool { return set(i, at_once); }
  /// Drains it gracefully: its share begins to fall now.
  auto start(backend_index i, time_point now) noexcept -> bool {
    return set(i, now.time_since_epoch().count());
  }
  /// Ends the drain.
  auto stop(backend_index i) noexcept -> bool { return set(i, open); }

  [[nodiscard]] auto is_draining(backend_index i) const noexcept -> bool {
    return i < since_.size() && since_[i].load() != open;
  }
  [[nodiscard]] auto inner() noexcept -> Inner& { return inner_; }

 private:
  using ticks = std::int64_t;
  template <class T>
  using cell = typename Threading::template cell<T>;
  static constexpr ticks open = std::numeric_limits<ticks>::max();
  static constexpr ticks at_once = std::numeric_limits<ticks>::min();

  auto set(backend_index i, ticks since) noexcept -> bool {
    if (i >= since_.size()) return false;
    // Counted before the first pick can see it, and given back after the last.
    if (since != open) drained_.add(1);
    const auto before = since_[i].exchange(since);
    if (before != open) drained_.subtract(1);
    return true;
  }

  /// The part of its share that a backend still gets.
  [[nodiscard]] auto share(ticks since, ticks now) const noexcept -> double {
    if (since == open) return 1;
    if (since == at_once) return 0;
    if (now <= since) return 1;
    const auto age = static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(since);
    const auto window = static_cast<std::uint64_t>(options_.window.count());
    if (age >= window) return 0;
    return 1 - static_cast<double>(age) / static_cast<double>(window);
  }

  Inner inner_;
  drain_options options_;
  per_backend<cell<ticks>> since_;
  cell<std::uint32_t> drained_{0};
};

}  // namespace lepton::balance
