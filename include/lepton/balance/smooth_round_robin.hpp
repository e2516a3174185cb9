// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/per_backend.hpp>

namespace lepton::balance {

struct smooth_round_robin_options {
  /// So many failures in a row take all of a backend's weight away; 0: failures change nothing.
  std::uint32_t max_fails = 1;
};

/// nginx's smooth weighted round robin, pick for pick: every candidate's current weight grows by
/// its effective weight, the largest (ties: the lowest index) is picked and pays the sum of what
/// all gained. Exact shares over a period, the heavy well mixed with the light: weights 5, 1, 1
/// give a a b a c a a. O(n) a pick; at large n `weighted_round_robin` gives the same shares in
/// O(1).
///
/// A failure takes weight / max_fails off the backend's effective weight (not below 0), and each
/// pick it is a candidate for gives one back. Backends that are not allowed are no candidates:
/// nothing of theirs changes.
///
/// Current weights stay over a rebuild; a newcomer starts at 0. If they are of another scale than
/// the new weights, above 16 times their total, all shrink alike to within that, else old debts
/// would keep backends from requests for long. An effective weight that failures have lowered
/// stays; others follow the new weight.
///
/// Left out of nginx: `fail_timeout`, the pause of a backend after max_fails failures in that time
/// (that is what ejection is for), and that failures of an only backend are forgotten.
///
/// Source: nginx, src/http/ngx_http_upstream_round_robin.c.
class smooth_round_robin {
 public:
  using threading = single_threaded;

  smooth_round_robin() = default;
  explicit smooth_round_robin(smooth_round_robin_options options) noexcept
      : max_fails_(options.max_fails) {}

  auto rebuild(const snapshot& s) -> status {
    peers_.follow(s);
    std::int64_t largest = 0;
    for (const auto i : s.eligible()) {
      auto& p = peers_[i];
      const std::int64_t weight = s.weight(i);
      p.effective = p.effective == p.weight ? weight : std::min(p.effective, weight);
      p.weight = weight;
      largest = std::max(largest, p.current < 0 ? -p.current : p.current);
    }
    const auto total = static_cast<std::int64_t>(s.total_weight());
    if (largest <= 16 * total) return {};
    const auto divisor = largest / (16 * total) + 1;
    for (backend_index i = 0; i < s.size(); ++i) peers_[i].current /= divisor;
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& /*c*/,
                          const Allowed& allowed = {}) noexcept -> backend_index {
    auto best = no_backend;
    std::int64_t largest = 0;
    std::int64_t total = 0;
    for (const auto i : s.eligible()) {
      if (!allowed(i)) continue;
      auto& p = peers_[i];
      p.current += p.effective;
      total += p.effective;
      p.effective += p.effective < p.weight ? 1 : 0;
      if (best == no_backend || p.current > largest) {
        best = i;
        largest = p.current;
      }
    }
    if (best != no_backend) peers_[best].current -= total;
    return best;
  }

  void finished(backend_index i, const outcome& how) noexcept {
    if (how.success || max_fails_ == 0 || i >= peers_.size()) return;
    auto& p = peers_[i];
    p.effective = std::max<std::int64_t>(p.effective - p.weight / max_fails_, 0);
  }

  /// What a backend has gained and not yet paid.
  [[nodiscard]] auto current_weight(backend_index i) const noexcept -> std::int64_t {
    return peers_[i].current;
  }
  /// Its weight, less what failures took.
  [[nodiscard]] auto effective_weight(backend_index i) const noexcept -> std::int64_t {
    return peers_[i].effective;
  }

 private:
  struct peer {
    std::int64_t current = 0;
    std::int64_t effective = 0;
    std::int64_t weight = 0;
  };

  per_backend<peer> peers_;
  std::uint32_t max_fails_ = smooth_round_robin_options{}.max_fails;
};

}  // namespace lepton::balance
