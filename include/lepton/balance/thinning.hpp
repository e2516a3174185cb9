// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/wraps.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::balance {

/// How a backend is held to a fraction of its share without a rebuild.
enum class thin_by : std::uint8_t {
  /// Picks of it are kept with the probability of the fraction, and otherwise made again with other
  /// random bits. The shares are exact for policies that draw or go round.
  draws,
  /// The inner policy sees its load divided by the fraction, as if its weight were smaller: for
  /// policies that compare `context::loads`.
  loads,
  /// As `draws`, but by the hash of the request, and the second pick leaves the backend out: for
  /// hash policies. While the fraction grows (or falls) each key moves once, and no other key
  /// moves.
  hash
};

namespace detail {

/// Loads as a policy shall see them: (load + 1) / fraction - 1, at most 2^31.
template <class Loads, class Fraction>
struct thinned_loads {
  const Loads& loads;
  const Fraction& fraction;
  [[nodiscard]] auto operator[](backend_index i) const noexcept -> std::uint32_t {
    constexpr double most = 2'147'483'648.0;
    const double share = fraction(i);
    const auto load = static_cast<double>(loads[i]);
    const double seen = share >= 1 ? load : share > 0 ? (load + 1) / share - 1 : most;
    return static_cast<std::uint32_t>(seen < most ? seen : most);
  }
};

/// A context whose loads are replaced; whatever else it has stays.
template <class Context, class Loads>
struct with_other_loads : Context {
  with_other_loads(const Context& c, const Loads& other) noexcept : Context(c), loads(other) {}
  const Loads& loads;
};

/// True with the probability `chance` (of `most`).
[[nodiscard]] inline auto happens(double chance, double most, std::uint64_t bits) noexcept -> bool {
  return chance >= most || static_cast<double>(bits >> 11) * 0x1p-53 * most < chance;
}

/// A pick in which backend i gets `fraction(i)` of its share; `most` is the largest of the
/// fractions. Without thinning there would be a pick if and only if there is one with it.
template <thin_by By, class Inner, class Context, admission Allowed, class Fraction>
[[nodiscard]] auto thinned_pick(Inner& inner, const snapshot& s, const Context& c,
                                const Allowed& allowed, double most,
                                const Fraction& fraction) noexcept -> backend_index {
  if constexpr (By == thin_by::loads) {
    require_loads<Context>();
    using view = thinned_loads<std::remove_cvref_t<decltype(c.loads)>, Fraction>;
    const view seen{c.loads, fraction};
    return inner.pick(s, with_other_loads<Context, view>{c, seen}, allowed);
  } else {
    constexpr std::size_t draws = By == thin_by::draws ? 8 : 1;
    constexpr std::size_t most_left_out = 8;
    auto again = c;
    const auto kept = [&](backend_index i, std::uint64_t k) noexcept {
      const auto bits = By == thin_by::hash
                            ? lepton::detail::mix(lepton::detail::combine(c.hash, s.id(i)))
                            : more_random(c.random, thinning_salt + 2 * k);
      return happens(fraction(i), most, bits);
    };
    backend_index first = no_backend;
    backend_index last = no_backend;
    std::uint64_t k = 0;
    for (; k < draws; ++k) {
      if constexpr (By == thin_by::draws) {
        if (k > 0) again.random = more_random(c.random, thinning_salt + 2 * k + 1);
      }
      last = inner.pick(s, again, allowed);
      if (last == no_backend || kept(last, k)) return last;
      if (first == no_backend) first = last;
    }
    // The policy insists: leave out what was turned down, one after the other.
    std::array<backend_index, most_left_out> left_out{};
    for (std::size_t n = 0; n < most_left_out; ++k) {
      left_out[n++] = last;
      const auto others = [&](backend_index i) noexcept {
        return std::find(left_out.begin(), left_out.begin() + n, i) == left_out.begin() + n &&
               allowed(i);
      };
      last = inner.pick(s, again, others);
      if (last == no_backend) break;
      if (kept(last, k)) return last;
    }
    return first;
  }
}

}  // namespace detail
}  // namespace lepton::balance
