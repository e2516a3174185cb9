// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/balance/wraps.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/detail/key_index.hpp>

namespace lepton::balance {

/// A context that also carries the session's cookie: `cookie_context{context{...}, cookie}`.
template <class Base = context>
struct cookie_context : Base {
  constexpr cookie_context(const Base& base, std::uint64_t value) noexcept
      : Base(base), cookie(value) {}
  std::uint64_t cookie;  ///< 0: none yet
};
template <class Base>
cookie_context(const Base&, std::uint64_t) -> cookie_context<Base>;

/// Sessions stay on the backend that they began on, by a cookie (as HAProxy's `cookie` and nginx'
/// `sticky`): the caller gives the client `cookie(i)` of the backend that was picked, and hands it
/// back as `cookie` of the context. It names the backend by its id, so it survives rebuilds,
/// restarts and another order of the backends. While that backend is eligible and allowed it is
/// picked; otherwise, and without a cookie, the inner policy picks (then set the cookie anew).
///
/// It asks the wrappers around it, not those inside, whether a backend may be picked: put it inside
/// `outlier_ejection`, `drain` and `retry_exclusion`, and around `slow_start` and subsets.
///
/// A cookie is the id, scrambled with the secret, but not signed: a client that guesses can at
/// worst name another backend. O(1) on average.
template <class Inner>
class sticky_sessions : public detail::wraps<Inner> {
 public:
  /// @param secret  the same in all processes that shall understand each other's cookies
  explicit sticky_sessions(Inner inner = Inner{}, std::uint64_t secret = 0)
      : inner_(std::move(inner)), secret_(secret) {}

  auto rebuild(const snapshot& s) -> status {
    if (auto built = inner_.rebuild(s); !built) return built;
    cookies_.assign(s.size(), 0);
    by_cookie_ = lepton::detail::key_index{s.size()};
    for (backend_index i = 0; i < s.size(); ++i) {
      if (!s.is_member(i)) continue;
      cookies_[i] = lepton::detail::mix(lepton::detail::combine(secret_, s.id(i)));
      if (cookies_[i] == 0) cookies_[i] = 1;
      by_cookie_.insert(cookies_[i], i);
    }
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    if constexpr (requires { c.cookie != 0; }) {
      if (c.cookie != 0) {
        const auto i = by_cookie_.find(static_cast<std::uint64_t>(c.cookie));
        if (i != lepton::detail::key_index::none && s.is_eligible(i) && allowed(i)) return i;
      }
    }
    return inner_.pick(s, c, allowed);
  }

  void started(backend_index i, const context& c) noexcept { tell_started(inner_, i, c); }
  void finished(backend_index i, const outcome& how) noexcept { tell_finished(inner_, i, how); }

  /// What the client of a session on backend i shall bring back; 0 if there is no such backend.
  [[nodiscard]] auto cookie(backend_index i) const noexcept -> std::uint64_t {
    return i < cookies_.size() ? cookies_[i] : 0;
  }
  [[nodiscard]] auto inner() noexcept -> Inner& { return inner_; }

 private:
  Inner inner_;
  std::uint64_t secret_;
  std::vector<std::uint64_t> cookies_;
  lepton::detail::key_index by_cookie_;
};

}  // namespace lepton::balance
