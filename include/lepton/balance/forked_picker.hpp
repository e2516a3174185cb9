// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <lepton/balance/balancer.hpp>

namespace lepton::balance {

/// A policy that can give each thread a form of itself that costs no atomics: `p.fork(seed)`.
template <class P>
concept forkable = requires(const P& p, std::uint64_t seed) {
  p.fork(seed);
};

/// One thread's own picks from a shared balancer whose policy can `fork`: the thread's fork picks,
/// and is renewed when the backends changed. Requests are counted in the balancer, which must
/// outlive this.
template <class Balancer>
class forked_picker;

template <forkable Policy, class Threading>
class forked_picker<balancer<Policy, Threading>> {
 public:
  using owner_type = balancer<Policy, Threading>;

  /// Give each thread another seed.
  explicit forked_picker(owner_type& owner, std::uint64_t seed) : owner_(owner), seed_(seed) {}

  template <class Context = context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const Context& c, const Allowed& allowed = {}) noexcept ->
      typename owner_type::lease_type {
    return owner_.read([&](const snapshot& s, const Policy& p) -> typename owner_type::lease_type {
      if (s.version() != version_) {
        mine_ = p.fork(more_random(seed_, version_));
        version_ = s.version();
      }
      const auto i = mine_.pick(s, with_loads(c, owner_.loads()), allowed);
      if (i == no_backend) return {};
      return owner_.take(i, c);
    });
  }

 private:
  owner_type& owner_;
  std::uint64_t seed_;
  std::uint64_t version_ = 0;
  decltype(std::declval<const Policy&>().fork(0)) mine_{};
};

template <class Balancer>
forked_picker(Balancer&, std::uint64_t) -> forked_picker<Balancer>;

}  // namespace lepton::balance
