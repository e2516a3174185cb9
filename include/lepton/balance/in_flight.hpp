// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <lepton/balance/loads.hpp>
#include <lepton/balance/threading.hpp>

namespace lepton::balance {

/// Loads that also know their sum at once: one more shared counter, for the policies that ask for
/// it (`bounded_loads`).
template <class Threading>
class summed_loads : public loads<Threading> {
 public:
  using loads<Threading>::loads;

  void start(backend_index i) noexcept {
    loads<Threading>::start(i);
    sum_.add(1);
  }
  void finish(backend_index i) noexcept {
    sum_.subtract(1);
    loads<Threading>::finish(i);
  }
  [[nodiscard]] auto take(backend_index i) noexcept -> lease<summed_loads> {
    start(i);
    return lease<summed_loads>{*this, i};
  }
  /// All requests in flight. O(1).
  [[nodiscard]] auto in_flight() const noexcept -> std::uint64_t { return sum_.load(); }

 private:
  alignas(64) typename Threading::template cell<std::uint64_t> sum_{};
};

/// Whether a policy, or one that it wraps, asks for the sum: it has `reads_total_load = true`.
template <class Policy>
[[nodiscard]] constexpr auto reads_total_load() noexcept -> bool {
  if constexpr (requires { Policy::reads_total_load; }) {
    return Policy::reads_total_load;
  } else {
    return false;
  }
}

/// The loads that a balancer keeps for a policy.
template <class Policy, class Threading>
using in_flight =
    std::conditional_t<reads_total_load<Policy>(), summed_loads<Threading>, loads<Threading>>;

}  // namespace lepton::balance
