// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <lepton/balance/outlier_options.hpp>
#include <lepton/balance/per_backend.hpp>
#include <lepton/balance/success_rates.hpp>
#include <lepton/balance/wraps.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::balance {

/// Backends that answer with errors get no requests for a while (outlier detection of Envoy).
///
/// Ejects by errors in a row, as they end (`finished`); and by success rate and failure percentage
/// in a sweep at the end of each interval, over the requests of that interval. The k-th ejection in
/// a row lasts k × base_ejection_time, up to the maximum; k falls by one with each interval that a
/// backend is back without being ejected. It comes back when its time is over by `context::now`
/// (Envoy: at the end of the interval after). At most max_ejection_percent of the members are out
/// at a time.
///
/// If every allowed backend is ejected, ejections are ignored: a doubtful backend is better than
/// none. Time comes from `outcome::now`; the first request that ends after the interval sweeps,
/// O(size) once an interval; or call `sweep(now)` yourself. A pick with nobody ejected is the inner
/// policy's and one load. Errors are those for which `outcome::success` is false. Statistics stay
/// with the backend over rebuilds.
template <class Inner, class Threading = detail::threading_or_shared<Inner>>
class outlier_ejection : public detail::wraps<Inner> {
 public:
  using threading = Threading;

  explicit outlier_ejection(Inner inner = Inner{}, const outlier_options& options = {})
      : inner_(std::move(inner)), options_(options) {}

  auto rebuild(const snapshot& s) -> status {
    if (auto good = options_.check(); !good) return good;
    if (auto built = inner_.rebuild(s); !built) return built;
    records_.follow(s);
    members_ = 0;
    std::uint32_t out = 0;
    for (backend_index i = 0; i < s.size(); ++i) {
      auto& r = records_[i];
      if (r.until.load() == deciding) r.until.store(never);
      members_ += s.is_member(i) ? 1U : 0U;
      out += r.is_out() ? 1U : 0U;
    }
    out_.store(out);
    // A copy may have been made while another thread swept or ejected; it does not go on here.
    sweeping_.store(false);
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    if (out_.load() != 0) {
      const auto now = c.now.time_since_epoch().count();
      const auto in = [&](backend_index i) noexcept {
        return records_[i].until.load() <= now && allowed(i);
      };
      if (const auto i = inner_.pick(s, c, in); i != no_backend) return i;
    }
    return inner_.pick(s, c, allowed);
  }

  void started(backend_index i, const context& c) noexcept { tell_started(inner_, i, c); }
  void finished(backend_index i, const outcome& how) noexcept {
    tell_finished(inner_, i, how);
    if (i >= records_.size()) return;
    auto& r = records_[i];
    r.total.add(1);
    const auto now = how.now.time_since_epoch().count();
    if (how.success) {
      if (r.errors_in_row.load() != 0) r.errors_in_row.store(0);
    } else {
      r.failed.add(1);
      if (r.errors_in_row.add(1) + 1 == options_.consecutive_errors && !r.is_out()) {
        eject(i, now);
        r.errors_in_row.store(0);
      }
    }
    if (now >= next_sweep_.load()) sweep_if_due(now);
  }

  /// Ends an interval: brings back whose time is over, ejects by success rate and failure
  /// percentage. Does nothing while another thread sweeps. O(size).
  void sweep(time_point now) noexcept {
    if (sweeping_.exchange(true)) return;
    const auto t = now.time_since_epoch().count();
    next_sweep_.store(later(t, options_.interval.count()));
    for_each_record([&](record& r, backend_index) noexcept {
      bring_back_if_over(r, t);
      r.last_total.store(r.total.exchange(0));
      r.last_failed.store(r.failed.exchange(0));
    });
    eject_by_rates(t);
    for_each_record([&](record& r, backend_index) noexcept {
      const auto back = r.back_since.load();
      if (r.is_out() || back == never || t < later(back, options_.interval.count())) return;
      if (r.in_row.load() != 0) r.in_row.subtract(1);
    });
    sweeping_.store(false);
  }

  /// Whether backend i gets no requests at this time.
  [[nodiscard]] auto is_ejected(backend_index i, time_point now) const noexcept -> bool {
    return i < records_.size() && records_[i].until.load() > now.time_since_epoch().count();
  }
  /// Number of backends that are ejected, or were and have not been swept up yet.
  [[nodiscard]] auto ejected_count() const noexcept -> std::uint32_t { return out_.load(); }
  [[nodiscard]] auto inner() noexcept -> Inner& { return inner_; }

 private:
  using ticks = std::int64_t;
  template <class T>
  using cell = typename Threading::template cell<T>;
  static constexpr ticks never = std::numeric_limits<ticks>::min();
  static constexpr ticks deciding = never + 1;  ///< a thread is about to eject it, or not

  /// Threads that finish requests of different backends do not disturb each other.
  struct alignas(64) record {
    cell<ticks> until{never};       ///< ejected before this; never: not ejected
    cell<ticks> back_since{never};  ///< when the last ejection ended
    cell<std::uint32_t> errors_in_row{0};
    cell<std::uint32_t> total{0};  ///< requests of this interval, and those of them that failed
    cell<std::uint32_t> failed{0};
    cell<std::uint32_t> last_total{0};  ///< of the interval before
    cell<std::uint32_t> last_failed{0};
    cell<std::uint32_t> in_row{0};  ///< ejections in a row
    cell<std::uint32_t> ejections{0};

    [[nodiscard]] auto is_out() const noexcept -> bool { return until.load() > deciding; }
    [[nodiscard]] auto success_rate() const noexcept -> double {
      const double all = last_total.load();
      return (all - last_failed.load()) * 100.0 / all;
    }
  };

  /// Without overflow; `by` is not negative.
  [[nodiscard]] static auto later(ticks t, ticks by) noexcept -> ticks {
    constexpr auto end = std::numeric_limits<ticks>::max();
    return t > end - by ? end : t + by;
  }
  template <class Visit>
  void for_each_record(const Visit& visit) noexcept {
    for (backend_index i = 0; i < records_.size(); ++i) visit(records_[i], i);
  }

  void sweep_if_due(ticks now) noexcept {
    auto due = next_sweep_.load();
    if (due == never) {
      next_sweep_.compare_exchange(due, later(now, options_.interval.count()));
      return;
    }
    while (now >= due) {
      if (next_sweep_.compare_exchange(due, later(now, options_.interval.count()))) {
        return sweep(time_point{duration{now}});
      }
    }
  }

  void eject_by_rates(ticks now) noexcept {
    const auto each = [&](std::uint32_t volume, const auto& visit) noexcept {
      for_each_record([&](record& r, backend_index i) noexcept {
        const auto total = r.last_total.load();
        if (total != 0 && total >= volume && !r.is_out()) visit(r.success_rate(), i);
      });
    };
    // The threshold for failures counts whom the other test is about to eject, too.
    const auto& o = options_;
    std::size_t enough = 0;
    if (o.eject_on_failure_percentage)
      each(o.failure_percentage_request_volume, [&](double, backend_index) noexcept { ++enough; });
    if (o.eject_on_success_rate) {
      const detail::success_rates rates{[&](const auto& visit) noexcept {
        each(o.success_rate_request_volume,
             [&](double rate, backend_index) noexcept { visit(rate); });
      }};
      if (rates.count() != 0 && rates.count() >= o.success_rate_minimum_hosts) {
        const auto threshold = rates.threshold(o.success_rate_stdev_factor);
        each(o.success_rate_request_volume, [&](double rate, backend_index i) noexcept {
          if (rate < threshold) eject(i, now);
        });
      }
    }
    if (enough != 0 && enough >= o.failure_percentage_minimum_hosts) {
      each(o.failure_percentage_request_volume, [&](double rate, backend_index i) noexcept {
        if (100.0 - rate >= o.failure_percentage_threshold) eject(i, now);
      });
    }
  }

  void eject(backend_index i, ticks now) noexcept {
    auto& r = records_[i];
    if (!change(r.until, never, deciding)) return;
    for (auto out = out_.load();;) {
      const auto percent = 100.0 * (out + 1.0) / static_cast<double>(members_);
      const bool room =
          percent <= options_.max_ejection_percent || (options_.always_eject_one && out == 0);
      if (!room) return r.until.store(never);
      if (out_.compare_exchange(out, out + 1)) break;
    }
    const auto base = options_.base_ejection_time.count();
    const auto most = options_.longest_ejection().count();
    // Without overflow; k stops growing once k × base has reached the maximum.
    auto k = static_cast<ticks>(r.in_row.load());
    if (k <= (most - 1) / base + 1) ++k;
    r.in_row.store(static_cast<std::uint32_t>(k));
    const auto lasts = k > most / base ? most : base * k;
    const auto draws = lepton::detail::mix(
        lepton::detail::combine(lepton::detail::combine(options_.seed, i), r.ejections.add(1)));
    const auto jitter = static_cast<ticks>(
        below(draws, static_cast<std::uint64_t>(options_.max_ejection_jitter.count()) + 1));
    r.until.store(later(later(now, lasts), jitter));
  }

  void bring_back_if_over(record& r, ticks now) noexcept {
    const auto until = r.until.load();
    if (until <= deciding || until > now || !change(r.until, until, never)) return;
    r.back_since.store(now);
    r.errors_in_row.store(0);
    out_.subtract(1);
  }
  /// From `before` to `after`, if it is `before`.
  static auto change(cell<ticks>& c, ticks before, ticks after) noexcept -> bool {
    for (auto seen = before; seen == before;) {
      if (c.compare_exchange(seen, after)) return true;
    }
    return false;
  }

  Inner inner_;
  outlier_options options_;
  per_backend<record> records_;
  std::uint32_t members_ = 0;
  cell<std::uint32_t> out_{0};
  cell<ticks> next_sweep_{never};
  cell<bool> sweeping_{false};
};

}  // namespace lepton::balance
