// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/compare_loads.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/balance/per_backend.hpp>

namespace lepton::balance {

/// nginx's `least_conn`, with its picks and its tie-breaks: the least in_flight / weight by cross
/// products; where several are least, smooth weighted round robin among just those. Reads
/// `c.loads`, and `c.now` if `max_fails` is set. O(n), so `least_connections` is faster, and fairer
/// with ties.
///
/// `allowed` stands for what nginx leaves out: servers that were tried, are down, or have
/// `max_conns` connections.
///
/// Source: nginx, ngx_http_upstream_least_conn_module.c and ngx_http_upstream_round_robin.c.
class nginx_least_connections {
 public:
  using threading = single_threaded;

  struct options {
    /// After so many failures a server gets nothing for `fail_timeout`, and each failure lowers its
    /// turn in ties by weight / max_fails until it has been a candidate in ties often enough. 0
    /// switches this off; it is 1 in nginx's configuration if nothing is said.
    std::uint32_t max_fails = 0;
    /// In whole seconds, as nginx's clock.
    std::chrono::seconds fail_timeout{10};
  };

  nginx_least_connections() = default;
  explicit nginx_least_connections(const options& o) : options_(o) {}

  auto rebuild(const snapshot& s) -> status {
    if (options_.fail_timeout.count() < 0) {
      return failure("nginx_least_connections: fail_timeout is negative; give seconds from 0");
    }
    peers_.follow(s);
    for (backend_index i = 0; i < s.size(); ++i) {
      auto& p = peers_[i];
      if (p.weight == s.weight(i)) continue;
      p.effective = p.weight = s.weight(i);
    }
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    require_loads<Context>();
    const auto candidates = s.eligible();
    if (s.size() == 1 && !candidates.empty())
      return allowed(candidates[0]) ? candidates[0] : no_backend;
    const auto now = options_.max_fails == 0 ? 0 : seconds_of(c.now);
    const auto share = [&](backend_index i) noexcept {
      return detail::relative_load{detail::load_of(c.loads, i), s.weight(i)};
    };
    const auto open = [&](backend_index i) noexcept { return allowed(i) && !failed(i, now); };

    std::size_t first = candidates.size();
    detail::relative_load least{0, 1};
    bool many = false;
    for (std::size_t k = 0; k < candidates.size(); ++k) {
      const auto i = candidates[k];
      if (!open(i)) continue;
      const auto mine = share(i);
      if (first == candidates.size() || mine < least) {
        first = k;
        least = mine;
        many = false;
      } else {
        many = many || mine == least;
      }
    }
    if (first == candidates.size()) return no_backend;

    auto best = candidates[first];
    std::int64_t total = 0;
    for (auto k = first; many && k < candidates.size(); ++k) {
      const auto i = candidates[k];
      if (!open(i) || !(share(i) == least)) continue;
      auto& p = peers_[i];
      p.current += p.effective;
      total += p.effective;
      p.effective += p.effective < p.weight ? 1 : 0;
      if (p.current > peers_[best].current) best = i;
    }
    auto& chosen = peers_[best];
    chosen.current -= total;
    if (now - chosen.checked > options_.fail_timeout.count()) chosen.checked = now;
    return best;
  }

  /// Counts failures if `max_fails` is set.
  void finished(backend_index i, const outcome& how) noexcept {
    if (options_.max_fails == 0 || i >= peers_.size()) return;
    auto& p = peers_[i];
    if (!how.success) {
      ++p.fails;
      p.accessed = p.checked = seconds_of(how.now);
      p.effective -= p.weight / options_.max_fails;
      if (p.effective < 0) p.effective = 0;
    } else if (p.accessed < p.checked) {
      p.fails = 0;
    }
  }

 private:
  struct peer {
    std::int64_t current = 0;    ///< nginx's current_weight
    std::int64_t effective = 0;  ///< its effective_weight
    std::int64_t weight = 0;
    std::int64_t accessed = 0;
    std::int64_t checked = 0;
    std::uint32_t fails = 0;
  };

  [[nodiscard]] static auto seconds_of(time_point t) noexcept -> std::int64_t {
    return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
  }
  [[nodiscard]] auto failed(backend_index i, std::int64_t now) const noexcept -> bool {
    if (options_.max_fails == 0) return false;
    const auto& p = peers_[i];
    return p.fails >= options_.max_fails && now - p.checked <= options_.fail_timeout.count();
  }

  options options_{};
  per_backend<peer> peers_;
};

}  // namespace lepton::balance
