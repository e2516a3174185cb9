// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include <lepton/balance/wraps.hpp>

namespace lepton::balance {

/// A context that also says which backends have had this request before:
/// `retry_context{context{...}.with(in_flight), tried}`.
template <class Base = context>
struct retry_context : Base {
  constexpr retry_context(const Base& base, std::span<const backend_index> already) noexcept
      : Base(base), tried(already) {}
  std::span<const backend_index> tried;
};
template <class Base, class Tried>
retry_context(const Base&, const Tried&) -> retry_context<Base>;

/// What to do when every backend that is allowed has been tried.
enum class when_all_tried : std::uint8_t {
  give_up,   ///< `no_backend`: the caller answers with the last error
  try_again  ///< as if none had been tried
};

/// A retry goes to a backend that has not had the request before (Envoy's previous_hosts
/// predicate). Reads `tried` of the context, a span of indices (or another range with begin and
/// end); a context without that member is a first try. O(tried) for each backend that the inner
/// policy tests.
template <class Inner>
class retry_exclusion : public detail::wraps<Inner> {
 public:
  explicit retry_exclusion(Inner inner = Inner{}, when_all_tried then = when_all_tried::give_up)
      : inner_(std::move(inner)), then_(then) {}

  auto rebuild(const snapshot& s) -> status { return inner_.rebuild(s); }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    if constexpr (requires { std::begin(c.tried) != std::end(c.tried); }) {
      const auto first = std::begin(c.tried);
      const auto last = std::end(c.tried);
      if (first != last) {
        const auto fresh = [&](backend_index i) noexcept {
          return std::find(first, last, i) == last && allowed(i);
        };
        const auto i = inner_.pick(s, c, fresh);
        if (i != no_backend || then_ == when_all_tried::give_up) return i;
      }
    }
    return inner_.pick(s, c, allowed);
  }

  void started(backend_index i, const context& c) noexcept { tell_started(inner_, i, c); }
  void finished(backend_index i, const outcome& how) noexcept { tell_finished(inner_, i, how); }

  [[nodiscard]] auto inner() noexcept -> Inner& { return inner_; }

 private:
  Inner inner_;
  when_all_tried then_;
};

}  // namespace lepton::balance
