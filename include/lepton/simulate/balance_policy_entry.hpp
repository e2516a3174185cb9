// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/balance/backend.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/simulate/balance_result.hpp>
#include <lepton/simulate/distributions.hpp>
#include <lepton/simulate/request_context.hpp>
#include <lepton/simulate/request_options.hpp>
#include <lepton/simulate/request_simulation.hpp>
#include <lepton/simulate/request_stream.hpp>
#include <lepton/simulate/server_spec.hpp>

namespace lepton::simulate {

/// What a policy is made for.
struct balance_setting {
  std::size_t servers = 0;
  std::uint64_t seed = 0;
  std::string zone{};  ///< where the balancer stands
};

/// Picks one after the other, outside of a simulation.
struct pick_script {
  std::vector<balance::backend> backends{};
  std::size_t count = 0;
  std::vector<std::string> keys{};  ///< of the requests, again and again; or none
  bool hold = false;                ///< requests stay in flight; else each ends before the next
  std::uint64_t seed = 0;
};

/// The hash that a program makes of a request's key.
using key_hasher = auto(*)(std::string_view) -> std::uint64_t;

[[nodiscard]] inline auto own_key_hash(std::string_view key) -> std::uint64_t {
  return lepton::detail::mix(lepton::detail::combine(0, key));
}

/// A policy of the simulator: how to run it, without knowing its type.
struct balance_policy_entry {
  std::string_view name;
  std::string_view about;  ///< a few words for tables
  bool keyed;              ///< the key says which server
  auto(*run)(const balance_setting&, std::span<const server_spec>, request_stream, request_options)
      -> expected<balance_result>;
  auto(*picks)(const balance_setting&, const pick_script&, key_hasher)
      -> expected<std::vector<balance::backend_index>>;
  key_hasher hash_of = own_key_hash;
};

namespace detail {

template <class Contexts, class Policy>
[[nodiscard]] auto run_picks(Policy policy, const pick_script& script, key_hasher hash_of)
    -> expected<std::vector<balance::backend_index>> {
  const auto s = balance::snapshot::build(script.backends);
  if (!s) return unexpected{s.error()};
  if (auto good = policy.rebuild(*s); !good) return unexpected{good.error()};
  simulated_loads in_flight{s->size()};
  lepton::detail::pcg32 random{script.seed, 14};
  std::vector<balance::backend_index> picks;
  picks.reserve(script.count);
  for (std::size_t k = 0; k < script.count; ++k) {
    const auto now = at(std::chrono::milliseconds{k});
    const auto word = random_word(random);
    const auto key = script.keys.empty() ? std::string_view{} : script.keys[k % script.keys.size()];
    const auto hash = script.keys.empty() ? key_hash(k) : hash_of(key);
    auto c = Contexts{}(hash, word, now, in_flight);
    if constexpr (balance::has_address<decltype(c)>) {
      if (const auto client = balance::client_address::parse(key)) c.address = *client;
    }
    const auto i = policy.pick(*s, c);
    picks.push_back(i);
    if (i == balance::no_backend) continue;
    in_flight.start(i);
    balance::tell_started(policy, i, c);
    if (script.hold) continue;
    in_flight.finish(i);
    balance::tell_finished(policy, i, balance::outcome{std::chrono::milliseconds{1}, true, now});
  }
  return picks;
}

/// @tparam Contexts  what the policy is told of a request
/// @tparam Make      a lambda without captures: a policy of a `balance_setting`
template <class Contexts = plain_contexts, class Make>
[[nodiscard]] constexpr auto entry_of(std::string_view name, std::string_view about, bool keyed,
                                      Make /*make*/, key_hasher hash_of = own_key_hash)
    -> balance_policy_entry {
  return {name,
          about,
          keyed,
          [](const balance_setting& setting, std::span<const server_spec> servers,
             request_stream stream, request_options options) -> expected<balance_result> {
            request_simulation simulation{Make{}(setting), servers, std::move(stream),
                                          std::move(options), Contexts{}};
            return simulation.run();
          },
          [](const balance_setting& setting, const pick_script& script,
             key_hasher hasher) -> expected<std::vector<balance::backend_index>> {
            return run_picks<Contexts>(Make{}(setting), script, hasher);
          },
          hash_of};
}

}  // namespace detail
}  // namespace lepton::simulate
