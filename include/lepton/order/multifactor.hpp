// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/detail/descending.hpp>
#include <lepton/detail/saturate.hpp>
#include <lepton/detail/wide_integer.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/linear_ordering.hpp>
#include <lepton/order/measures.hpp>
#include <lepton/order/multifactor_options.hpp>

namespace lepton::order {

/// Slurm's multifactor priority (plugin priority/multifactor): the largest is next of
///
///     age · A + association · S + fair share · F + size · J + partition · P + qos · Q
///         + tres + site − nice
///
/// with the weights of `multifactor_options` and factors in [0, 1], summed in doubles in this
/// order, then at least 1, cut to a whole number and to 32 bits. The age factor is the wait in
/// whole seconds / max_age, at most 1. With n nodes of N and c processors of C, the size factor is
/// (n/N + c/C) / 2; if small jobs are favoured ((N − n)/N + (C − c)/C) / 2; relative to time
/// max(n C/N, c) / (minutes · C), or 1 minus that. Of equal priorities the one submitted first is
/// next, as in Slurm.
///
/// A linear ordering with rounded priorities: exactly Slurm's order, without computing all anew.
/// When a fair share factor or another fact changes, `rekey_tenant` or `rekey` the tasks it
/// concerns (Slurm does so every PriorityCalcPeriod).
///
/// @tparam Facts      `facts(task)`: its `multifactor_facts`
/// @tparam FairShare  `share(tenant)`: its factor; or `share(tenant, now)`, then it is a timed one
template <class Facts = demand_facts, class FairShare = no_fair_share>
class multifactor {
 public:
  static constexpr bool by_tenant = !std::is_same_v<FairShare, no_fair_share>;

  constexpr explicit multifactor(const multifactor_options& options, Facts facts = {},
                                 FairShare share = {})
      : options_(options), facts_(std::move(facts)), share_(std::move(share)) {
    LEPTON_ASSERT(options.processors > 0 && options.nodes > 0,
                  "multifactor: the machine must have processors and nodes");
  }

  /// The number that sprio shows.
  template <class Task>
  [[nodiscard]] constexpr auto priority(const queued<Task>& q, time_point now) const
      -> std::uint32_t {
    const double sum = sum_of(q.what, age_factor(q, now), now);
    if (!(sum >= 1)) return 1;
    return sum < highest ? static_cast<std::uint32_t>(sum) : static_cast<std::uint32_t>(highest);
  }
  template <class Task>
  [[nodiscard]] constexpr auto rank(const queued<Task>& q, time_point now) const {
    return lepton::detail::descending{priority(q, now)};
  }

  /// In units of a point / nanoseconds of max_age.
  template <class Task>
    requires requires(const FairShare& share, tenant_id t) { share(t); }
  [[nodiscard]] constexpr auto line(const queued<Task>& q, time_point now) const -> priority_line {
    const auto since = q.submitted.time_since_epoch().count();
    const auto ripe = at(duration{lepton::detail::add_saturating(since, unit())});
    if (now >= ripe) return {in_units(sum_of(q.what, 1, now)), 0, time_point::max()};
    const auto young = in_units(sum_of(q.what, 0, now));
    if (now < q.submitted) return {young, 0, q.submitted};
    return {young - lepton::detail::wide_integer::product(options_.age, since), options_.age, ripe};
  }
  /// No priority of a task whose line is at most at `value` is above this.
  [[nodiscard]] constexpr auto ceiling(lepton::detail::wide_integer value) const noexcept
      -> std::uint32_t {
    const auto points = (value.to_double() + 1e9 * options_.age) / static_cast<double>(unit()) + 1;
    return static_cast<std::uint32_t>(std::clamp(points, 1.0, highest));
  }

 private:
  static constexpr double highest = 4294967295.0;

  [[nodiscard]] static constexpr auto factor(double f) noexcept -> double {
    return f > 0 ? std::min(f, 1.0) : 0;  // also of NaN
  }
  [[nodiscard]] constexpr auto unit() const noexcept -> std::int64_t {
    return std::max<std::int64_t>(options_.max_age.count(), 1);
  }

  /// A double of points as exactly as doubles have it.
  [[nodiscard]] constexpr auto in_units(double points) const noexcept
      -> lepton::detail::wide_integer {
    const double held = std::clamp(points, -1e15, 1e15);
    const auto whole = static_cast<std::int64_t>(held);
    const double rest = held - static_cast<double>(whole);
    return lepton::detail::wide_integer::product(whole, unit()) +
           static_cast<std::int64_t>(rest * static_cast<double>(unit()));
  }

  template <class Task>
  [[nodiscard]] constexpr auto age_factor(const queued<Task>& q, time_point now) const -> double {
    const auto age = std::max<std::int64_t>(
        whole_seconds(now.time_since_epoch()) - whole_seconds(q.submitted.time_since_epoch()), 0);
    const auto longest = whole_seconds(options_.max_age);
    return age < longest ? static_cast<double>(age) / static_cast<double>(longest) : 1.0;
  }
  [[nodiscard]] static constexpr auto whole_seconds(duration d) noexcept -> std::int64_t {
    const auto s = d.count() / 1'000'000'000;
    return s * 1'000'000'000 > d.count() ? s - 1 : s;
  }

  template <class Task>
  [[nodiscard]] constexpr auto share_of(const Task& t, time_point now) const -> double {
    if constexpr (!by_tenant) {
      return 0;
    } else {
      static_assert(has_tenant<Task>,
                    "lepton: multifactor with a fair share needs to know whose the tasks are: give "
                    "the task a member `tenant` (an integer) or specialise lepton::adapt");
      if constexpr (requires { share_(tenant_of(t)); }) {
        return share_(tenant_of(t));
      } else {
        return share_(tenant_of(t), now);
      }
    }
  }

  template <class Task>
  [[nodiscard]] constexpr auto size_factor(const Task& t, const multifactor_facts& f) const
      -> double {
    const auto n = static_cast<double>(f.nodes);
    const auto c = static_cast<double>(f.processors);
    const auto nodes = static_cast<double>(options_.nodes);
    const auto processors = static_cast<double>(options_.processors);
    if (options_.relative_to_time) {
      constexpr std::int64_t minute = 60'000'000'000;
      const auto limit = estimate_of(t).count();
      const auto minutes = std::max<std::int64_t>(limit / minute + (limit % minute > 0 ? 1 : 0), 1);
      const double size =
          std::max(n * processors / nodes, c) / static_cast<double>(minutes) / processors;
      return factor(options_.favour_small ? 1.0 - size : size);
    }
    double size = options_.favour_small ? (nodes - n) / nodes : n / nodes;
    if (f.processors != 0) {
      size += options_.favour_small ? (processors - c) / processors : c / processors;
      size /= 2;
    }
    return factor(size);
  }

  template <class Task>
  [[nodiscard]] constexpr auto sum_of(const Task& t, double age, time_point now) const -> double {
    const multifactor_facts f = facts_(t);
    const double size = options_.job_size == 0 ? 0 : size_factor(t, f);
    const double share = options_.fair_share == 0 ? 0 : share_of(t, now);
    const double tres = f.tres > 0 ? f.tres : 0;
    return age * options_.age + factor(f.association) * options_.association +
           factor(share) * options_.fair_share + size * options_.job_size +
           factor(f.partition) * options_.partition + factor(f.qos) * options_.qos + tres +
           static_cast<double>(f.site) - static_cast<double>(f.nice);
  }

  multifactor_options options_;
  Facts facts_;
  FairShare share_;
};

explicit multifactor(const multifactor_options&)->multifactor<>;
template <class Facts>
multifactor(const multifactor_options&, Facts) -> multifactor<Facts>;

}  // namespace lepton::order
