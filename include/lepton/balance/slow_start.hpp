// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <lepton/balance/per_backend.hpp>
#include <lepton/balance/thinning.hpp>

namespace lepton::balance {

struct slow_start_options {
  /// How long a newcomer takes to get its full share.
  duration window = std::chrono::seconds{30};
  /// 1: the share grows evenly; above 1 faster at the beginning, below 1 slower.
  double aggression = 1;
  /// What it gets at least, in percent of its share.
  double min_weight_percent = 10;
};

/// Newcomers, and backends that come back, begin with a part of their share and ramp up:
///
///   share × max(min_weight_percent / 100, (age / window)^(1 / aggression))
///
/// (slow start of Envoy; HAProxy's slowstart is alike.) The age is `context::now` less the time at
/// which the backend joined; for one that becomes eligible again, less the time of the first pick
/// after the rebuild that said so. When the youngest backend's window is over, and as long as no
/// other comes, a pick is the inner policy's and one comparison.
///
/// How the share is cut is the second parameter: see `thin_by`. By `draws`, the shares of the
/// backends are to each other as weight × factor, also when all are new: factors count relative to
/// the largest, so that backends that all joined at once are picked as if none were new. A policy
/// that always names the same backend (fewest connections) needs `loads`. With `hash`, a request
/// stays on the backend it had before until the newcomer is ripe enough for it, and then moves
/// once. It is never because of slow start that there is no backend.
///
/// @tparam Inner  any policy
template <class Inner, thin_by By = thin_by::draws,
          class Threading = detail::threading_or_shared<Inner>>
class slow_start : public detail::wraps<Inner> {
 public:
  using threading = Threading;

  explicit slow_start(Inner inner = Inner{}, const slow_start_options& options = {})
      : inner_(std::move(inner)), options_(options) {}

  auto rebuild(const snapshot& s) -> status {
    if (!(options_.window >= duration{0}))
      return failure("slow_start: the window is negative; 0 switches it off");
    if (!(options_.aggression > 0) || !std::isfinite(options_.aggression))
      return failure("slow_start: the aggression must be a positive number; 1 is an even ramp");
    if (!(options_.min_weight_percent >= 0 && options_.min_weight_percent <= 100))
      return failure("slow_start: min_weight_percent must be from 0 to 100");
    if (auto built = inner_.rebuild(s); !built) return built;
    starts_.follow(s);
    bool asks_for_time = false;
    for (backend_index i = 0; i < s.size(); ++i) {
      auto& b = starts_[i];
      if (s.is_eligible(i) && !b.eligible) {
        b.since.store(b.known ? unknown : s.joined(i).time_since_epoch().count());
      }
      b.eligible = s.is_eligible(i);
      b.known = s.is_member(i);
      asks_for_time = asks_for_time || (b.eligible && b.since.load() == unknown);
    }
    asks_for_time_.store(asks_for_time);
    if (asks_for_time) {
      ripe_at_.store(unknown);
    } else {
      look(s);
    }
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    const auto now = c.now.time_since_epoch().count();
    if (now >= ripe_at_.load()) return inner_.pick(s, c, allowed);
    if (asks_for_time_.load()) settle(s, now);
    return detail::thinned_pick<By>(
        inner_, s, c, allowed, factor_of(oldest_.load(), now),
        [&](backend_index i) noexcept { return factor_of(starts_[i].since.load(), now); });
  }

  void started(backend_index i, const context& c) noexcept { tell_started(inner_, i, c); }
  void finished(backend_index i, const outcome& how) noexcept { tell_finished(inner_, i, how); }

  /// The part of its share that backend i gets at a time, from 0 to 1.
  [[nodiscard]] auto factor(backend_index i, time_point now) const noexcept -> double {
    if (i >= starts_.size() || starts_[i].since.load() == unknown) return 1;
    return factor_of(starts_[i].since.load(), now.time_since_epoch().count());
  }
  [[nodiscard]] auto inner() noexcept -> Inner& { return inner_; }

 private:
  using ticks = std::int64_t;
  template <class T>
  using cell = typename Threading::template cell<T>;
  static constexpr ticks unknown = std::numeric_limits<ticks>::max();

  struct start {
    cell<ticks> since{unknown};  ///< nanoseconds; unknown until a pick says what time it is
    bool known = false;
    bool eligible = false;
  };

  [[nodiscard]] auto factor_of(ticks since, ticks now) const noexcept -> double {
    // Unsigned, so that times far apart do not overflow.
    const auto age = static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(since);
    const auto window = static_cast<std::uint64_t>(options_.window.count());
    if (now >= since && age >= window) return 1;
    double x = now <= since ? 0 : static_cast<double>(age) / static_cast<double>(window);
    if (options_.aggression != 1) x = std::pow(x, 1 / options_.aggression);
    return std::max(x, options_.min_weight_percent / 100);
  }

  /// The first pick after a rebuild: those that came back begin now.
  void settle(const snapshot& s, ticks now) noexcept {
    for (const auto i : s.eligible()) {
      if (starts_[i].since.load() == unknown) starts_[i].since.store(now);
    }
    look(s);
    asks_for_time_.store(false);
  }
  void look(const snapshot& s) noexcept {
    ticks oldest = std::numeric_limits<ticks>::max();
    ticks youngest = std::numeric_limits<ticks>::min();
    for (const auto i : s.eligible()) {
      const auto since = starts_[i].since.load();
      oldest = std::min(oldest, since);
      youngest = std::max(youngest, since);
    }
    const auto window = options_.window.count();
    const auto never = std::numeric_limits<ticks>::max();
    oldest_.store(oldest);
    ripe_at_.store(youngest > never - window ? never : youngest + window);
  }

  Inner inner_;
  slow_start_options options_;
  per_backend<start> starts_;
  cell<ticks> ripe_at_{std::numeric_limits<ticks>::min()};
  cell<ticks> oldest_{0};
  cell<bool> asks_for_time_{false};
};

}  // namespace lepton::balance
