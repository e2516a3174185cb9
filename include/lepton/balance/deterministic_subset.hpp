// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/balance/wraps.hpp>
#include <lepton/detail/bit_set.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/detail/rng.hpp>

namespace lepton::balance {

/// How a client chooses its backends.
enum class subset_by : std::uint8_t {
  /// Clients numbered from 0 without gaps take turns: in each round of ⌊members / size⌋ clients
  /// every member is taken at most once, in an order shuffled anew for each round (deterministic
  /// subsetting; Beyer et al., Site Reliability Engineering, 2016, ch. 20). The numbers of clients
  /// of two members differ by at most one for each round. A member more or less changes everything.
  rounds,
  /// The backends with the largest hashes of client and backend (rendezvous hashing; Thaler and
  /// Ravishankar 1996; random subsetting of gRPC). Clients may have any ids. A backend more or less
  /// changes at most one of a client's backends. Balanced as draws are, not exactly.
  rendezvous
};

struct deterministic_subset_options {
  std::uint64_t client = 0;  ///< number or id of this process
  std::size_t size = 20;     ///< so many backends for each client
  subset_by by = subset_by::rounds;
  std::uint64_t seed = 0;  ///< the same in all clients
};

/// Each client uses only a few of many backends, so that not everybody is connected to everybody.
/// The inner policy picks among them.
///
/// Depends on the keys of the backends, not on their order, so that all clients agree. Only
/// eligible backends are taken: for one that fails the next in the client's order comes in, and the
/// others stay (with `rounds` that may be a backend of the next client). A pick is the inner
/// policy's. Rebuilding is O(n log n).
template <class Inner>
class deterministic_subset : public detail::wraps<Inner> {
 public:
  explicit deterministic_subset(Inner inner = Inner{},
                                const deterministic_subset_options& options = {})
      : options_(options), chosen_{{}, std::move(inner)} {}

  auto rebuild(const snapshot& s) -> status {
    if (options_.size == 0)
      return failure("deterministic_subset: a subset of no backends; give a size of at least 1");
    auto mine = options_.by == subset_by::rounds ? by_rounds(s) : by_rendezvous(s);
    std::sort(mine.begin(), mine.end());
    auto part = detail::part_of(s.restricted(mine), chosen_.policy);
    if (!part) return unexpected{part.error()};
    in_ = lepton::detail::bit_set{s.size()};
    for (const auto i : mine) in_.set(i);
    chosen_ = std::move(*part);
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& /*s*/, const Context& c,
                          const Allowed& allowed = {}) noexcept -> backend_index {
    if constexpr (detail::may_pick_unhealthy<Inner>()) {
      return chosen_.pick(c, [&](backend_index i) noexcept { return in_.test(i) && allowed(i); });
    } else {
      return chosen_.pick(c, allowed);
    }
  }

  void started(backend_index i, const context& c) noexcept { tell_started(chosen_.policy, i, c); }
  void finished(backend_index i, const outcome& how) noexcept {
    tell_finished(chosen_.policy, i, how);
  }

  /// The backends of this client, rising.
  [[nodiscard]] auto chosen() const noexcept -> std::span<const backend_index> {
    return chosen_.backends.eligible();
  }
  [[nodiscard]] auto inner() noexcept -> Inner& { return chosen_.policy; }

 private:
  [[nodiscard]] auto by_rounds(const snapshot& s) const -> std::vector<backend_index> {
    std::vector<backend_index> order;
    for (backend_index i = 0; i < s.size(); ++i) {
      if (s.is_member(i) && s.weight(i) > 0) order.push_back(i);
    }
    std::sort(order.begin(), order.end(),
              [&](backend_index a, backend_index b) { return s.key(a) < s.key(b); });
    const auto count = std::max<std::size_t>(1, order.size() / options_.size);
    auto random = lepton::detail::pcg32{options_.seed, options_.client / count};
    lepton::detail::shuffle(order, random);
    const auto start = options_.client % count * options_.size;
    std::vector<backend_index> mine;
    for (std::size_t k = 0; k < order.size() && mine.size() < options_.size; ++k) {
      const auto i = order[(start + k) % order.size()];
      if (s.is_eligible(i)) mine.push_back(i);
    }
    return mine;
  }
  [[nodiscard]] auto by_rendezvous(const snapshot& s) const -> std::vector<backend_index> {
    using lepton::detail::combine;
    const auto client = lepton::detail::mix(combine(options_.seed, options_.client));
    std::vector<std::pair<std::uint64_t, backend_index>> ranked;
    for (const auto i : s.eligible())
      ranked.emplace_back(lepton::detail::mix(combine(client, s.id(i))), i);
    std::sort(ranked.begin(), ranked.end(),
              [](const auto& a, const auto& b) { return a.first > b.first; });
    if (ranked.size() > options_.size) ranked.resize(options_.size);
    std::vector<backend_index> mine;
    mine.reserve(ranked.size());
    for (const auto& [rank, i] : ranked) mine.push_back(i);
    return mine;
  }

  deterministic_subset_options options_;
  detail::part<Inner> chosen_;
  lepton::detail::bit_set in_;
};

}  // namespace lepton::balance
