// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <lepton/place/explain.hpp>

#include "property/oracle.hpp"

namespace lepton_test {

/// A policy under test: its indexed answer, and that of its own scan.
class subject {
 public:
  template <class Policy>
  explicit subject(Policy policy) : held_(std::make_unique<holder<Policy>>(std::move(policy))) {}
  subject(const subject& other) : held_(other.held_->copy()) {}
  subject(subject&&) noexcept = default;
  auto operator=(subject other) noexcept -> subject& {
    held_ = std::move(other.held_);
    return *this;
  }
  ~subject() = default;

  auto pick(const job& j, const nodes_type& v) -> lepton::decision { return held_->pick(j, v); }
  auto scan(const job& j, const nodes_type& v) -> lepton::decision { return held_->scan(j, v); }

 private:
  struct base {
    base() = default;
    base(const base&) = default;
    auto operator=(const base&) -> base& = delete;
    virtual ~base() = default;
    virtual auto pick(const job& j, const nodes_type& v) -> lepton::decision = 0;
    virtual auto scan(const job& j, const nodes_type& v) -> lepton::decision = 0;
    [[nodiscard]] virtual auto copy() const -> std::unique_ptr<base> = 0;
  };
  template <class Policy>
  struct holder final : base {
    explicit holder(Policy p) : policy(std::move(p)) {}
    auto pick(const job& j, const nodes_type& v) -> lepton::decision override {
      return policy.pick(j, v);
    }
    auto scan(const job& j, const nodes_type& v) -> lepton::decision override {
      if constexpr (requires { policy.pick_by_scan(j, v); }) {
        return policy.pick_by_scan(j, v);
      } else {
        return policy.pick(j, v);
      }
    }
    [[nodiscard]] auto copy() const -> std::unique_ptr<base> override {
      return std::make_unique<holder>(policy);
    }
    Policy policy;
  };

  std::unique_ptr<base> held_;
};

inline auto to_text(const lepton::decision& d, const nodes_type& v) -> std::string {
  return lepton::place::explain(d, v);
}

/// One history: worlds change, the policy decides, and each decision is compared with its own scan
/// and with the oracle. Gives the first difference, or an empty text.
inline auto compare_history(choices& c, const subject& policy, const oracle::rule& rule,
                            const lepton::place::tie_order& ties, std::size_t most_nodes,
                            std::size_t decisions) -> std::string {
  constexpr rules_kind kinds[] = {rules_kind::none, rules_kind::none, rules_kind::of_one_node,
                                  rules_kind::of_one_node, rules_kind::across_nodes};
  const auto kind = c.one_of(kinds);
  // The oracle compares every node with every other there.
  if (kind == rules_kind::across_nodes) most_nodes = std::min<std::size_t>(most_nodes, 16);
  world here{c, most_nodes, kind};
  world there{c, most_nodes, kind};
  auto indexed = policy;
  auto scanning = policy;
  std::optional<subject> kept;  // an earlier copy of the policy, with an index that has grown old
  for (std::size_t number = 0; number < decisions && !c.exhausted(); ++number) {
    // Mostly one cluster, so that indices live long.
    auto& w = c.chance(4) ? there : here;
    // Arrivals outweigh departures, so that the cluster fills; now and then a wave leaves.
    if (c.chance(40)) w.happen(c);
    if (c.chance(2)) w.ebb(c);
    if (c.chance(1)) w.pause(c);
    if (c.chance(2)) kept = indexed;
    if (kept && c.chance(3)) std::swap(*kept, indexed);
    if (c.chance(1)) w.nodes = nodes_type{w.nodes};

    const auto j = w.some_job(c);
    const auto found = indexed.pick(j, w.nodes);
    const auto scanned = scanning.scan(j, w.nodes);
    const auto wanted = oracle::decide(rule, j, w.nodes, ties);
    if (!(found == wanted) || !(scanned == wanted)) {
      return "decision " + std::to_string(number) + " on " + std::to_string(w.nodes.size()) +
             " nodes\n  index:  " + to_text(found, w.nodes) +
             "\n  scan:   " + to_text(scanned, w.nodes) + "\n  wanted: " + to_text(wanted, w.nodes);
    }
    if (!found && found.reasons().total() != w.nodes.size())
      return "the reasons do not add up to the nodes";
    if (found && !c.chance(15)) {
      const auto receipt = w.nodes.allocate(j, found);
      if (!receipt) return "the cluster refuses the decision: " + receipt.error().message;
      w.held.push_back(*receipt);
    }
  }
  return {};
}

/// Histories of many sizes until so many decisions are made.
inline auto compare_many(const std::string& name, const subject& policy, const oracle::rule& rule,
                         std::optional<std::uint64_t> tie_seed, std::size_t decisions)
    -> std::string {
  constexpr std::size_t sizes[] = {6, 20, 1, 40, 3, 80, 12, 300};
  const auto ties = tie_seed ? lepton::place::tie_order{*tie_seed} : lepton::place::tie_order{};
  std::size_t made = 0;
  for (std::size_t round = 0; made < decisions; ++round) {
    const auto most_nodes = sizes[round % std::size(sizes)];
    const std::size_t length = most_nodes > 100 ? 600 : 150;  // large clusters fill slowly
    made += length;
    choices c{seed_for(name, round)};
    const auto difference = compare_history(c, policy, rule, ties, most_nodes, length);
    if (!difference.empty()) {
      return name + ", history " + std::to_string(round) + " (" + how_to_repeat() +
             "): " + difference;
    }
  }
  return {};
}

/// The same with bytes that RapidCheck shrinks, on tiny clusters.
inline auto compare_shrinking(const std::string& name, const subject& policy,
                              const oracle::rule& rule, std::optional<std::uint64_t> tie_seed)
    -> bool {
  const auto ties = tie_seed ? lepton::place::tie_order{*tie_seed} : lepton::place::tie_order{};
  return rc::check(name + ", shrinking", [&](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    RC_ASSERT(compare_history(c, policy, rule, ties, 6, bytes.size()) == "");
  });
}

/// How many policies share LEPTON_PROPERTY_DECISIONS, see the tests `greedy_*.cpp`.
inline constexpr std::size_t decisions_of_one = LEPTON_PROPERTY_DECISIONS / 40 + 1;

}  // namespace lepton_test
