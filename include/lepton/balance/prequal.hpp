// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/distinct_draws.hpp>
#include <lepton/balance/probe_pool.hpp>
#include <lepton/balance/rif_quantile.hpp>
#include <lepton/balance/uniform_pick.hpp>

namespace lepton::balance {

/// Prequal: picks among the last answers to probes, in which backends report their requests in
/// flight (RIF, from all clients) and the latency they expect.
///
/// A backend is hot if its RIF is above the quantile `q_rif` of those reported lately. The pick is
/// the cold one of least latency, or if all are hot the one of least RIF. An answer may be used a
/// few times (each adds 1 to its RIF), then it is gone; and with each request `removals` go, the
/// oldest and the worst by turns. With fewer than `least_pool` answers of backends that are allowed
/// it is any backend that is allowed, at random.
///
/// The caller probes: for each request `probes_due()` says how many, `probe_targets` which, and
/// `probed` takes the answer in. Reads `context::random` and `context::now`; no `loads`. A pick is
/// O(pool size), lock-free with `shared`.
///
/// Source: Wydrowski, Kleinberg, Rumble, Archer: "Load is not what you should balance: Introducing
/// Prequal", NSDI 2024, with its values.
template <class Threading = shared>
class prequal {
 public:
  using threading = Threading;
  static constexpr std::size_t most_pool = detail::probe_pool<Threading>::most;

  struct options {
    double q_rif = 0.84;  ///< from 0 (go by RIF) to 1 (go by latency)
    double probes = 3;    ///< probes for each request; fractions are spread evenly
    double removals = 1;  ///< answers removed with each request, likewise
    double surplus = 1;   ///< the paper's delta: answers that may pile up for each request
    duration max_age = std::chrono::seconds{1};
    std::size_t pool_size = most_pool;
    std::size_t least_pool = 2;
  };

  prequal() = default;
  explicit prequal(const options& o) : options_(o) {}

  auto rebuild(const snapshot& s) -> status {
    const auto& o = options_;
    const auto from_0 = [](double x) { return std::isfinite(x) && x >= 0; };
    if (!(o.q_rif >= 0 && o.q_rif <= 1)) {
      return failure("prequal: q_rif is a quantile, give a number from 0 to 1");
    }
    if (!from_0(o.probes) || !from_0(o.removals) || !from_0(o.surplus)) {
      return failure("prequal: probes, removals and surplus must be finite and at least 0");
    }
    if (o.pool_size < 1 || o.pool_size > most_pool) {
      return failure("prequal: pool_size must be from 1 to 16");
    }
    if (o.max_age.count() < 1) return failure("prequal: max_age must be at least 1 ns");

    pool_.limit(o.pool_size, o.max_age);
    const auto n = static_cast<double>(std::max<std::size_t>(s.eligible().size(), 1));
    const auto fresh = (1 - static_cast<double>(o.pool_size) / n) * o.probes - o.removals;
    uses_ = fresh > 0 ? std::clamp((1 + o.surplus) / fresh, 1.0, 255.0) : 255.0;

    ids_.resize(s.size(), 0);
    for (backend_index i = 0; i < s.size(); ++i) {
      const auto id = s.is_member(i) ? s.id(i) : 0;
      if (ids_[i] == id) continue;
      ids_[i] = id;
      for (std::size_t k = 0; k < most_pool; ++k) pool_.remove(k, i);
    }
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    std::size_t count = 0;
    std::size_t at = 0;
    auto best = no_backend;
    std::uint64_t least = 0;
    const auto limit = rif_.value();
    for (std::size_t k = 0; k < pool_.slots(); ++k) {
      const auto p = pool_.read(k, c.now);
      if (!s.is_eligible(p.index) || !allowed(p.index)) continue;
      const auto mine = detail::hot_cold(p.rif, limit, p.latency);
      if (count++ != 0 && mine >= least) continue;
      at = k;
      best = p.index;
      least = mine;
    }
    if (count < options_.least_pool || count == 0) {
      best = detail::uniform_pick(s, c.random, allowed);
    } else {
      pool_.use(at, best);
    }
    const auto request = requests_.add(1);
    for (auto r = due(request, options_.removals); r > 0; --r) remove_one(c.now);
    return best;
  }

  /// How many probes to send now; call it once for each request.
  [[nodiscard]] auto probes_due() noexcept -> std::size_t {
    return due(asked_.add(1), options_.probes);
  }
  /// Different eligible backends at random, at most 16, into the front of `out`; returns how many.
  [[nodiscard]] auto probe_targets(const snapshot& s, std::uint64_t random,
                                   std::span<backend_index> out) const noexcept -> std::size_t {
    const auto n = s.eligible().size();
    const auto count = std::min({out.size(), n, most_pool});
    const auto drawn = detail::distinct_draws<most_pool>(random, n, count);
    for (std::size_t k = 0; k < count; ++k) out[k] = s.eligible()[drawn[k]];
    return count;
  }
  /// Backend i answers: its requests in flight and the latency it expects. An answer of a backend
  /// that left, or with a latency below 0, is not taken.
  void probed(backend_index i, std::uint32_t rif, duration latency, time_point now) noexcept {
    if (i >= ids_.size() || ids_[i] == 0 || latency.count() < 0) return;
    rif_.report(rif, options_.q_rif);
    pool_.put(i, rif, latency, static_cast<std::uint32_t>(due(answers_.add(1), uses_)), now);
  }

  /// How often an answer may be used, on average: the paper's b_reuse.
  [[nodiscard]] auto uses() const noexcept -> double { return uses_; }
  /// Answers in the pool that are not too old.
  [[nodiscard]] auto pool_count(time_point now) const noexcept -> std::size_t {
    std::size_t count = 0;
    for (std::size_t k = 0; k < pool_.slots(); ++k) {
      count += pool_.read(k, now).index != no_backend ? 1 : 0;
    }
    return count;
  }

 private:
  /// Of `rate` things for each turn, how many fall to turn k: whole numbers that add up to it.
  [[nodiscard]] static auto due(std::uint64_t k, double rate) noexcept -> std::size_t {
    const auto turn = static_cast<double>(k);
    return static_cast<std::size_t>(std::floor((turn + 1) * rate) - std::floor(turn * rate));
  }

  void remove_one(time_point now) noexcept {
    const bool by_age = removed_.add(1) % 2 == 0;
    const auto limit = rif_.value();
    std::size_t at = 0;
    auto who = no_backend;
    std::uint64_t greatest = 0;
    for (std::size_t k = 0; k < pool_.slots(); ++k) {
      const auto p = pool_.read(k, now);
      if (p.index == no_backend) continue;
      const auto mine = by_age ? std::uint64_t{p.age} : detail::hot_cold(p.rif, limit, p.latency);
      if (who != no_backend && mine <= greatest) continue;
      at = k;
      who = p.index;
      greatest = mine;
    }
    if (who != no_backend) pool_.remove(at, who);
  }

  using counter = typename Threading::template cell<std::uint64_t>;

  options options_{};
  double uses_ = 1;
  std::vector<std::uint64_t> ids_;  ///< of the backends; 0: no member
  detail::probe_pool<Threading> pool_;
  detail::rif_quantile<Threading> rif_;
  counter requests_;
  counter removed_;
  counter asked_;
  counter answers_;
};

}  // namespace lepton::balance
