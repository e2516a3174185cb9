// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lepton/balance/anchor_hash.hpp>
#include <lepton/balance/bounded_loads.hpp>
#include <lepton/balance/edf_round_robin.hpp>
#include <lepton/balance/ip_hash.hpp>
#include <lepton/balance/ipvs_least_connections.hpp>
#include <lepton/balance/ipvs_round_robin.hpp>
#include <lepton/balance/ipvs_source_hash.hpp>
#include <lepton/balance/jump_hash.hpp>
#include <lepton/balance/key_hashes.hpp>
#include <lepton/balance/least_connections.hpp>
#include <lepton/balance/local_prequal.hpp>
#include <lepton/balance/maglev.hpp>
#include <lepton/balance/modulo_hash.hpp>
#include <lepton/balance/nginx_least_connections.hpp>
#include <lepton/balance/outlier_ejection.hpp>
#include <lepton/balance/peak_ewma.hpp>
#include <lepton/balance/peak_ewma_estimator.hpp>
#include <lepton/balance/power_of_d.hpp>
#include <lepton/balance/prequal.hpp>
#include <lepton/balance/priority_levels.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/rendezvous_hash.hpp>
#include <lepton/balance/ring_hash.hpp>
#include <lepton/balance/round_robin.hpp>
#include <lepton/balance/slow_start.hpp>
#include <lepton/balance/smooth_round_robin.hpp>
#include <lepton/balance/static_stride.hpp>
#include <lepton/balance/weighted_random.hpp>
#include <lepton/balance/weighted_round_robin.hpp>
#include <lepton/balance/zone_aware.hpp>
#include <lepton/detail/prime.hpp>
#include <lepton/simulate/balance_policy_entry.hpp>

namespace lepton::simulate {
namespace detail {

using one_thread = balance::single_threaded;

[[nodiscard]] inline auto envoy_key_hash(std::string_view key) -> std::uint64_t {
  return balance::envoy_hash(key);
}
[[nodiscard]] inline auto ketama_key_hash(std::string_view key) -> std::uint64_t {
  return balance::ketama_hash(key);
}
[[nodiscard]] inline auto nginx_key_hash(std::string_view key) -> std::uint64_t {
  return balance::nginx_hash(key);
}

/// Envoy's and Katran's size, and more where it would be too small for even shares.
[[nodiscard]] inline auto maglev_size(std::size_t servers) -> std::uint64_t {
  constexpr std::uint64_t usual = 65'537;
  return servers <= usual / 100 ? usual : lepton::detail::next_prime(100 * servers);
}

inline constexpr std::array balance_policy_table{
    entry_of("random", "any server", false,
             [](const balance_setting&) { return balance::random_choice{}; }),
    entry_of("weighted-random", "any server, by weight", false,
             [](const balance_setting&) { return balance::weighted_random{}; }),
    entry_of("round-robin", "one after the other", false,
             [](const balance_setting&) { return balance::round_robin<one_thread>{}; }),
    entry_of("weighted-round-robin", "by weight, well mixed", false,
             [](const balance_setting&) { return balance::weighted_round_robin<one_thread>{}; }),
    entry_of("nginx-round-robin", "nginx: smooth, by weight", false,
             [](const balance_setting&) { return balance::smooth_round_robin{}; }),
    entry_of("envoy-edf", "Envoy: earliest deadline, by weight", false,
             [](const balance_setting&) { return balance::edf_round_robin{}; }),
    entry_of("grpc-stride", "gRPC: static stride, by weight", false,
             [](const balance_setting&) { return balance::static_stride<one_thread>{}; }),
    entry_of("ipvs-wrr", "IPVS wrr: by weight", false,
             [](const balance_setting&) { return balance::ipvs_weighted_round_robin{}; }),
    entry_of("least-connections", "fewest in flight for its weight", false,
             [](const balance_setting&) { return balance::least_connections<one_thread>{}; }),
    entry_of("nginx-least-conn", "nginx least_conn", false,
             [](const balance_setting&) { return balance::nginx_least_connections{}; }),
    entry_of("ipvs-lc", "IPVS lc: fewest in flight", false,
             [](const balance_setting&) { return balance::ipvs_least_connections{}; }),
    entry_of("ipvs-wlc", "IPVS wlc: fewest for its weight", false,
             [](const balance_setting&) { return balance::ipvs_weighted_least_connections{}; }),
    entry_of("ipvs-sed", "IPVS sed: shortest expected delay", false,
             [](const balance_setting&) { return balance::shortest_expected_delay{}; }),
    entry_of("ipvs-nq", "IPVS nq: never queue", false,
             [](const balance_setting&) { return balance::never_queue{}; }),
    entry_of("power-of-two", "the better of two drawn", false,
             [](const balance_setting&) { return balance::power_of_d<2>{}; }),
    entry_of("peak-ewma", "the better of two: latency peaks times in flight", false,
             [](const balance_setting&) { return balance::peak_ewma<one_thread>{}; }),
    entry_of("prequal", "probes: cold and fast before hot", false,
             [](const balance_setting&) { return balance::prequal<one_thread>{}; }),
    entry_of("local-prequal", "the same of three drawn, without probes", false,
             [](const balance_setting&) {
               return balance::local_prequal<3, balance::peak_ewma_estimator, one_thread>{};
             }),
    entry_of(
        "maglev", "a table, Envoy's", true,
        [](const balance_setting& s) { return balance::maglev{{maglev_size(s.servers)}}; },
        envoy_key_hash),
    entry_of("katran-maglev", "a table, Katran's", true,
             [](const balance_setting& s) {
               return balance::maglev{{maglev_size(s.servers), balance::maglev_mode::katran_v2}};
             }),
    entry_of(
        "ring-hash", "a ring, Envoy's", true,
        [](const balance_setting&) { return balance::ring_hash{}; }, envoy_key_hash),
    entry_of(
        "ketama", "a ring, libmemcached's", true,
        [](const balance_setting&) {
          return balance::ring_hash{{balance::ring_hash_mode::ketama}};
        },
        ketama_key_hash),
    entry_of(
        "nginx-hash", "a ring, nginx hash consistent", true,
        [](const balance_setting&) { return balance::ring_hash{{balance::ring_hash_mode::nginx}}; },
        nginx_key_hash),
    entry_of("rendezvous", "the highest random weight", true,
             [](const balance_setting&) { return balance::rendezvous_hash{}; }),
    entry_of("jump-hash", "jumps, without weights", true,
             [](const balance_setting&) { return balance::jump_hash{}; }),
    entry_of("anchor-hash", "anchors", true,
             [](const balance_setting&) { return balance::anchor_hash{}; }),
    entry_of("modulo-hash", "hash modulo the number of servers", true,
             [](const balance_setting&) { return balance::modulo_hash{}; }),
    entry_of<address_contexts>("nginx-ip-hash", "nginx ip_hash: the client's network", true,
                               [](const balance_setting&) { return balance::ip_hash<>{}; }),
    entry_of<address_contexts>("ipvs-sh", "IPVS sh: the client's address", true,
                               [](const balance_setting&) { return balance::ipvs_source_hash{}; }),
    entry_of(
        "bounded-ring-hash", "ring-hash within 1.25 times the mean load", true,
        [](const balance_setting&) {
          return balance::bounded_loads<balance::ring_hash, one_thread>{};
        },
        envoy_key_hash),
    entry_of(
        "bounded-maglev", "maglev within 1.25 times the mean load", true,
        [](const balance_setting& s) {
          return balance::bounded_loads<balance::maglev, one_thread>{
              1.25, balance::maglev{{maglev_size(s.servers)}}};
        },
        envoy_key_hash),
    entry_of("slow-start", "least-connections, newcomers ramp up in 30 s", false,
             [](const balance_setting&) {
               return balance::slow_start<balance::least_connections<one_thread>,
                                          balance::thin_by::loads>{};
             }),
    entry_of("outlier-ejection", "round-robin without what fails", false,
             [](const balance_setting&) {
               return balance::outlier_ejection<balance::round_robin<one_thread>>{};
             }),
    entry_of("priority-levels", "round-robin in levels", false,
             [](const balance_setting&) {
               return balance::priority_levels<balance::round_robin<one_thread>>{};
             }),
    entry_of("zone-aware", "round-robin, near before far", false,
             [](const balance_setting& s) {
               return balance::zone_aware<balance::round_robin<one_thread>>{{}, {s.zone}};
             }),
};
/// The last ones do nothing that others do not without failures, levels or zones.
inline constexpr std::size_t special_policies = 4;

inline constexpr auto balance_policy_name_table = [] {
  std::array<std::string_view, balance_policy_table.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = balance_policy_table[i].name;
  return names;
}();

}  // namespace detail

/// The names of the policies, in the order of tables.
[[nodiscard]] inline auto balance_policy_names() noexcept -> std::span<const std::string_view> {
  return detail::balance_policy_name_table;
}
/// Those of a comparison of all: without wrappers that only matter in special settings.
[[nodiscard]] inline auto common_balance_policy_names() noexcept
    -> std::span<const std::string_view> {
  return balance_policy_names().first(balance_policy_names().size() - detail::special_policies);
}
/// The policy of that name; nullptr if there is none.
[[nodiscard]] inline auto find_balance_policy(std::string_view name) noexcept
    -> const balance_policy_entry* {
  const auto& table = detail::balance_policy_table;
  const auto at = std::find_if(table.begin(), table.end(),
                               [&](const auto& entry) { return entry.name == name; });
  return at == table.end() ? nullptr : &*at;
}

}  // namespace lepton::simulate
