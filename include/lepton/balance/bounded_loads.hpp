// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/wraps.hpp>

namespace lepton::balance {

template <class Inner, class Threading = shared>
class bounded_loads;

namespace detail {

/// a * b < c * d, without overflow.
[[nodiscard]] constexpr auto product_less(std::uint64_t a, std::uint64_t b, std::uint64_t c,
                                          std::uint64_t d) noexcept -> bool {
  const auto left = below(a, b);
  const auto right = below(c, d);
  return left != right ? left < right : a * b < c * d;
}

}  // namespace detail

/// Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam 2018; HAProxy's
/// `hash-balance-factor`, Envoy's `hash_balance_factor`), around any policy: a backend is allowed
/// while its requests in flight are fewer than
///
///     ceil(factor * (total + 1) * weight / total weight)
///
/// where `total` are all requests in flight. Only requests that would exceed the bound go
/// elsewhere: to whom `Inner` picks among the others. The factor trades evenness (1) for fewer
/// moved requests; 1.25 is usual. It counts to the fourth decimal place; the bound is exact.
///
/// Reads the context's loads, and their sum from `loads.in_flight()` (`summed_loads`, which a
/// `balancer` keeps for it): O(1). If they do not have that: the `single_threaded` form counts by
/// the hooks `started` and `finished`, the `shared` one asks `loads.total()`, which is O(n). A sum
/// that is too small only tightens the bound. When nobody allowed is below the bound (the others
/// were excluded, or threads pick at once) the bound is lifted: whom `Inner` picks.
///
/// Exact if picks and ends come one at a time. Each of k concurrent picks may exceed a bound by
/// one.
///
/// @tparam Inner      a policy
/// @tparam Threading  `shared`, or `single_threaded` with a count of its own
template <class Inner, class Threading>
class bounded_loads {
 public:
  /// `shared` if both are.
  using threading = std::conditional_t<std::is_same_v<Threading, shared>,
                                       detail::threading_or_shared<Inner>, single_threaded>;
  static constexpr bool picks_unhealthy = detail::may_pick_unhealthy<Inner>();
  static constexpr bool reads_total_load = true;

  /// @param factor  at least 1, at most 10,000: checked by `rebuild`
  explicit bounded_loads(double factor = 1.25, Inner inner = Inner{})
      : factor_(factor), inner_(std::move(inner)) {}

  auto rebuild(const snapshot& s) -> status {
    if (!(factor_ >= 1 && factor_ <= 10'000)) {
      return failure(
          "bounded_loads: the factor must be at least 1, or the loads have no room, and at most "
          "10,000; 1.25 is usual");
    }
    units_ = static_cast<std::uint64_t>(std::lround(factor_ * units));
    return inner_.rebuild(s);
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    require_loads<Context>();
    if constexpr (has_loads<Context>) {
      const auto room = units_ * (total(c) + 1);
      const auto total_weight = s.total_weight();
      const auto below_bound = [&](backend_index i) noexcept -> bool {
        return detail::product_less(std::uint64_t{c.loads[i]} * units, total_weight, room,
                                    s.weight(i)) &&
               allowed(i);
      };
      const auto i = inner_.pick(s, c, below_bound);
      return i != no_backend ? i : inner_.pick(s, c, allowed);
    }
  }

  void started(backend_index i, const context& c) noexcept {
    if constexpr (counts) ++in_flight_;
    tell_started(inner_, i, c);
  }
  void finished(backend_index i, const outcome& how) noexcept {
    if constexpr (counts) in_flight_ -= in_flight_ > 0 ? 1 : 0;
    tell_finished(inner_, i, how);
  }

  /// The most requests that backend i may have in flight, the new one among them, while `total` are
  /// in flight without it.
  [[nodiscard]] auto bound(const snapshot& s, backend_index i, std::uint64_t total) const noexcept
      -> std::uint64_t {
    std::uint64_t low = 0;
    std::uint64_t high = std::uint64_t{1} << 48;
    while (low < high) {
      const auto middle = low + (high - low) / 2;
      const bool has_room =
          detail::product_less(middle * units, s.total_weight(), units_ * (total + 1), s.weight(i));
      has_room ? low = middle + 1 : high = middle;
    }
    return low;
  }

  [[nodiscard]] auto inner() const noexcept -> const Inner& { return inner_; }

 private:
  static constexpr std::uint64_t units = 10'000;  // of the factor
  static constexpr bool counts = std::is_same_v<threading, single_threaded>;

  template <class Context>
  [[nodiscard]] auto total(const Context& c) const noexcept -> std::uint64_t {
    if constexpr (requires { c.loads.in_flight(); }) {
      return c.loads.in_flight();
    } else if constexpr (counts) {
      return in_flight_;
    } else {
      static_assert(
          requires { c.loads.total(); },
          "lepton: bounded_loads must know the sum of the loads: pick with "
          "context{...}.with(loads), where loads is a summed_loads");
      return c.loads.total();
    }
  }

  double factor_;
  std::uint64_t units_ = 0;
  Inner inner_;
  std::uint64_t in_flight_ = 0;
};

}  // namespace lepton::balance
