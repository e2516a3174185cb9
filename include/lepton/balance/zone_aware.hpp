// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/balance/wraps.hpp>
#include <lepton/balance/zone_routes.hpp>

namespace lepton::balance {

/// How many of the processes that send requests stand in a zone; any common unit will do.
struct zone_callers {
  std::string zone{};
  std::uint64_t count = 0;
};

struct zone_options {
  /// The zone of this process.
  std::string local_zone{};
  /// All processes that send requests to these backends, this one included. Empty: equally many in
  /// each zone that has backends.
  std::vector<zone_callers> callers{};
  /// With fewer eligible backends zones are ignored.
  std::uint32_t min_cluster_size = 6;
  /// So many percent of the requests are routed by zone, the others as if there were no zones.
  std::uint32_t routing_percent = 100;
  /// Compares sums of weights instead of numbers of backends.
  bool by_weight = false;
  draw_by draws = draw_by::random;
};

/// Requests stay in their zone as far as its backends can take them without getting more than
/// others (zone aware routing of Envoy, see `detail::zone_routes`). An inner policy for each zone,
/// and one for all backends.
///
/// Zones are ignored - all eligible backends are one - while backends or callers stand in fewer
/// than two zones, no callers are in the local zone, or there are fewer than min_cluster_size
/// backends. If nobody of the drawn zone is allowed, all zones count. Up to two draws; memory
/// O(zones × size). The inner policies hear of each request on a backend of theirs, whichever
/// picked it.
template <class Inner>
class zone_aware : public detail::wraps<Inner> {
 public:
  explicit zone_aware(Inner inner = Inner{}, zone_options options = {})
      : fresh_(std::move(inner)), options_(std::move(options)), all_{{}, fresh_} {}

  auto rebuild(const snapshot& s) -> status {
    if (options_.routing_percent > 100)
      return failure("zone_aware: routing_percent must be from 0 to 100");
    auto all = all_.policy;
    if (auto built = all.rebuild(s); !built) return built;

    std::vector<zone> zones;
    std::vector<std::uint32_t> zone_of(s.size(), none);
    detail::zone_routes routes;
    std::size_t local = none;
    if (s.eligible().size() >= options_.min_cluster_size) {
      const auto names = s.zone_names();
      std::vector<std::vector<backend_index>> members(names.size());
      std::vector<std::uint64_t> amounts(names.size());
      for (const auto i : s.eligible()) {
        members[s.zone(i)].push_back(i);
        amounts[s.zone(i)] += options_.by_weight ? s.weight(i) : 1;
      }
      std::vector<std::uint64_t> backends;
      std::vector<std::uint64_t> callers;
      for (std::size_t z = 0; z < names.size(); ++z) {
        if (members[z].empty()) continue;
        if (names[z] == options_.local_zone) local = zones.size();
        // Of all members: a request may end on one that is eligible no more.
        for (backend_index i = 0; i < s.size(); ++i) {
          if (s.is_member(i) && s.zone(i) == z)
            zone_of[i] = static_cast<std::uint32_t>(zones.size());
        }
        auto part = detail::part_of(s.restricted(members[z]), known_policy(names[z]));
        if (!part) return unexpected{part.error()};
        zones.push_back({std::move(*part), names[z]});
        backends.push_back(amounts[z]);
        callers.push_back(options_.callers.empty() ? 1 : callers_in(names[z]));
      }
      std::uint64_t all_callers = options_.callers.empty() ? zones.size() : 0;
      std::size_t zones_with_callers = options_.callers.empty() ? zones.size() : 0;
      for (const auto& z : options_.callers) {
        all_callers += z.count;
        if (all_callers < z.count) return failure("zone_aware: the callers add up to 2^64 or more");
        zones_with_callers += z.count > 0 ? 1 : 0;
      }
      const bool here =
          options_.callers.empty() ? local != none : callers_in(options_.local_zone) > 0;
      if (zones.size() < 2 || zones_with_callers < 2 || !here) {
        zones.clear();
      } else {
        routes = detail::zone_routes::plan(backends, callers, all_callers, local);
      }
    }
    all_ = {{}, std::move(all)};
    zones_ = std::move(zones);
    zone_of_ = std::move(zone_of);
    routes_ = std::move(routes);
    local_ = local;
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    if (!zones_.empty() && routed(c)) {
      const auto i = zones_[draw_zone(c)].backends.pick(c, allowed);
      if (i != no_backend) return i;
    }
    return all_.policy.pick(s, c, allowed);
  }

  void started(backend_index i, const context& c) noexcept {
    tell_started(all_.policy, i, c);
    if (auto* z = zone_with(i)) tell_started(z->backends.policy, i, c);
  }
  void finished(backend_index i, const outcome& how) noexcept {
    tell_finished(all_.policy, i, how);
    if (auto* z = zone_with(i)) tell_finished(z->backends.policy, i, how);
  }

  /// Whether zones count at present.
  [[nodiscard]] auto routes_by_zone() const noexcept -> bool { return !zones_.empty(); }
  /// Of 10,000 requests that are routed by zone, how many stay in it.
  [[nodiscard]] auto local_share() const noexcept -> std::uint32_t {
    return zones_.empty() ? 0 : routes_.all_local ? 10'000 : routes_.stays_local;
  }
  /// What a zone has left for requests of other zones, in 1/10,000 of all requests.
  [[nodiscard]] auto residual(std::string_view name) const noexcept -> std::uint64_t {
    for (std::size_t z = 0; z < zones_.size(); ++z) {
      if (zones_[z].name == name)
        return routes_.residual[z] - (z > 0 ? routes_.residual[z - 1] : 0);
    }
    return 0;
  }

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;

  struct zone {
    detail::part<Inner> backends;
    std::string name;
  };

  template <class Context>
  [[nodiscard]] auto draw(const Context& c, std::uint64_t k, std::uint64_t bound) const noexcept
      -> std::uint64_t {
    return below(detail::draw(c, options_.draws, detail::zone_salt + k), bound);
  }
  template <class Context>
  [[nodiscard]] auto routed(const Context& c) const noexcept -> bool {
    return options_.routing_percent == 100 || draw(c, 0, 100) < options_.routing_percent;
  }
  template <class Context>
  [[nodiscard]] auto draw_zone(const Context& c) const noexcept -> std::size_t {
    if (routes_.all_local) return local_;
    return routes_.zone_at(draw(c, 1, routes_.bound), local_);
  }

  [[nodiscard]] auto callers_in(std::string_view name) const noexcept -> std::uint64_t {
    std::uint64_t sum = 0;
    for (const auto& z : options_.callers) sum += z.zone == name ? z.count : 0;
    return sum;
  }
  [[nodiscard]] auto known_policy(std::string_view name) const -> Inner {
    for (const auto& z : zones_) {
      if (z.name == name) return z.backends.policy;
    }
    return fresh_;
  }
  [[nodiscard]] auto zone_with(backend_index i) noexcept -> zone* {
    return !zones_.empty() && i < zone_of_.size() && zone_of_[i] != none ? &zones_[zone_of_[i]]
                                                                         : nullptr;
  }

  Inner fresh_;
  zone_options options_;
  detail::part<Inner> all_;  ///< its snapshot is the caller's
  std::vector<zone> zones_;  ///< those that have backends; none: zones do not count
  std::vector<std::uint32_t> zone_of_;
  detail::zone_routes routes_;
  std::size_t local_ = none;
};

}  // namespace lepton::balance
