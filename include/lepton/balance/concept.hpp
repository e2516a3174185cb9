// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>

#include <lepton/balance/context.hpp>
#include <lepton/balance/fwd.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/balance/threading.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::balance {

/// A balancing policy: names the backend of a snapshot that a request goes to.
///
/// 1. It is a value: a copy is independent of the original and picks the same from then on.
/// 2. `p.rebuild(s)` makes it ready for snapshot `s`: tables are built here. It keeps what it has
///    learned of backends that `s` still has. When it fails (no memory, a table too small for the
///    number of backends) it says why, and the policy is as before.
/// 3. `p.pick(s, c, allowed)` is given the snapshot of the last `rebuild` (or an equal one) and
///    returns an eligible backend for which `allowed` is true, or `no_backend` if there is none. It
///    does not throw, allocate, lock, or read a clock. Before the first `rebuild` it may be given
///    an empty snapshot.
/// 4. `p.pick(s, c)` is the same with everyone allowed.
/// 5. The same calls in the same order on equal policies give the same answers.
/// 6. A policy whose picks change it has a member type `threading`; with `shared`, any number of
///    threads may pick at once. One without it is never changed by a pick.
template <class P, class Context = loaded_context<loads<shared>>>
concept policy = std::copyable<P> &&
    requires(P& p, const snapshot& s, const Context& c, const everyone& allowed) {
  { p.rebuild(s) } -> std::same_as<status>;
  { p.pick(s, c) }
  noexcept->std::same_as<backend_index>;
  { p.pick(s, c, allowed) }
  noexcept->std::same_as<backend_index>;
};

/// A policy that wants to know when a request begins on a backend ...
template <class P>
concept learns_of_starts = requires(P& p, backend_index i, const context& c) {
  { p.started(i, c) }
  noexcept;
};
/// ... and how it ended.
template <class P>
concept learns_of_outcomes = requires(P& p, backend_index i, const outcome& how) {
  { p.finished(i, how) }
  noexcept;
};

/// Tells the policy, if it wants to know. Wrappers pass the word on by these.
template <class P>
constexpr void tell_started(P& p, backend_index i, const context& c) noexcept {
  if constexpr (learns_of_starts<P>) p.started(i, c);
}
template <class P>
constexpr void tell_finished(P& p, backend_index i, const outcome& how) noexcept {
  if constexpr (learns_of_outcomes<P>) p.finished(i, how);
}

/// Says so at compile time when a policy that compares loads is given none.
template <class Context>
constexpr void require_loads() noexcept {
  static_assert(has_loads<Context>,
                "lepton: this balancing policy compares loads: pick with context{...}.with(loads), "
                "where loads[i] is the number of requests in flight on backend i");
}

}  // namespace lepton::balance
