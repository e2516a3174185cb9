// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/fwd.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/detail/multiply_high.hpp>
#include <lepton/model/time.hpp>

namespace lepton::balance {

/// A context that also gives the loads to look at: `context{...}.with(in_flight)`, or
/// `with_loads(c, in_flight)` for contexts of other types, which keep their members.
template <class Loads, class Context = context>
struct loaded_context;

/// What a pick may depend on besides the backends. Policies draw no random numbers, hash nothing
/// and read no clock by themselves: the caller gives what they need, and leaves the rest out.
struct context {
  /// The request's hash: of the client's address, the session, the cache key.
  std::uint64_t hash = 0;
  /// 64 random bits, fresh for each pick.
  std::uint64_t random = 0;
  time_point now{};

  template <class Loads>
  [[nodiscard]] constexpr auto with(const Loads& in_flight) const noexcept -> loaded_context<Loads>;
};

template <class Loads, class Context>
struct loaded_context : Context {
  constexpr loaded_context(const Context& c, const Loads& in_flight) noexcept
      : Context(c), loads(in_flight) {}
  const Loads& loads;
};

template <class Context, class Loads>
[[nodiscard]] constexpr auto with_loads(const Context& c, const Loads& in_flight) noexcept
    -> loaded_context<Loads, Context> {
  return {c, in_flight};
}
template <class Loads>
constexpr auto context::with(const Loads& in_flight) const noexcept -> loaded_context<Loads> {
  return with_loads(*this, in_flight);
}

/// Requests in flight, by backend: `loads[i]` is a number. A `balance::loads`, an array, ...
template <class L>
concept load_view = requires(const L& l, backend_index i) {
  { l[i] } -> std::convertible_to<std::uint64_t>;
};

/// A context that gives loads.
template <class C>
concept has_loads = requires(const C& c) {
  requires load_view<std::remove_cvref_t<decltype(c.loads)>>;
};

/// May any eligible backend be picked? Yes.
struct everyone {
  constexpr auto operator()(backend_index) const noexcept -> bool { return true; }
};

/// A test that a backend must pass to be picked; without side effects.
template <class A>
concept admission = requires(const A& a, backend_index i) {
  { a(i) } -> std::convertible_to<bool>;
};

/// How a request went.
struct outcome {
  duration latency{-1};  ///< from the pick to the end; negative: not measured
  bool success = true;   ///< false: an error of the backend's (a reset, a 5xx), not of the request
  time_point now{};      ///< when it ended
};

/// The k-th further word of random bits made of one.
[[nodiscard]] constexpr auto more_random(std::uint64_t random, std::uint64_t k) noexcept
    -> std::uint64_t {
  return lepton::detail::mix(random + (k + 1) * 0x9e3779b97f4a7c15ULL);
}

/// A uniform number below `bound` from 64 random bits: the high half of the product. The bias is
/// below bound / 2^64.
[[nodiscard]] constexpr auto below(std::uint64_t random, std::uint64_t bound) noexcept
    -> std::uint64_t {
  return lepton::detail::multiply_high(random, bound);
}

}  // namespace lepton::balance
