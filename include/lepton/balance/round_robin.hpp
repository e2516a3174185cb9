// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/cycle_cursor.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::balance {

template <class Threading = shared>
class round_robin;

/// One eligible backend after the other, in the order of their indices: equal shares whatever the
/// weights, exact over any n picks. O(1).
///
/// When the next backend is not allowed the pick goes on to the following one that is, and the
/// round goes on behind that.
///
/// Each rebuild goes on at another place, in steps of the golden ratio of the round. So, however
/// often there are updates, nobody starves and nobody is favoured - also if others went on picking
/// from an older copy of the policy while this one was rebuilt.
template <class Threading>
class round_robin {
 public:
  using threading = Threading;

  /// Seed 0 starts at the first backend, any other at a random one, so that many clients that start
  /// at once do not fall upon the same backend.
  round_robin() = default;
  explicit round_robin(std::uint64_t seed) noexcept
      : phase_(seed == 0 ? 0 : lepton::detail::mix(seed)) {}

  auto rebuild(const snapshot& s) -> status {
    if (built_) phase_ += 0x9e3779b97f4a7c15ULL;
    built_ = true;
    const auto n = s.eligible().size();
    cursor_.restart(n, static_cast<std::size_t>(below(phase_, n)));
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& /*c*/,
                          const Allowed& allowed = {}) noexcept -> backend_index {
    const auto n = cursor_.length();
    if (n == 0) return no_backend;
    const auto order = s.eligible();
    auto at = cursor_.take();
    if (allowed(order[at])) return order[at];
    for (std::size_t steps = 1; steps < n; ++steps) {
      if (++at == n) at = 0;
      if (!allowed(order[at])) continue;
      cursor_.skip(steps);
      return order[at];
    }
    return no_backend;
  }

 private:
  detail::cycle_cursor<Threading> cursor_;
  std::uint64_t phase_ = 0;  ///< where the round starts, in 2^-64 of it
  bool built_ = false;
};

}  // namespace lepton::balance
