// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/reasons.hpp>
#include <lepton/place/feasibility.hpp>
#include <lepton/place/topology.hpp>

namespace lepton::place {

/// The constraints that look at more than one node: affinity, anti-affinity over a topology, and
/// topology spread. The semantics are those of Kubernetes:
///
/// - *affinity*: the node's domain holds a matching task; if no task anywhere matches and the
///   incoming one matches its own term, the first of its kind may start on any node of the
///   topology;
/// - *anti-affinity*: the domain holds no matching task; it works both ways, so a task already
///   there keeps others away as well;
/// - *spread*: with the task, the domain holds at most `max_skew` more matching tasks than the
///   emptiest domain; only nodes count that the task's selectors allow and that have a domain under
///   each of its spread constraints.
class domain_rules {
 public:
  /// Whether the task, on this view, is subject to any of them. O(1) on a cluster.
  template <task_like Task, node_view View>
  [[nodiscard]] static auto concern(const Task& t, const View& v) noexcept -> bool {
    const auto& rules = constraints_of(t);
    if (!rules.affinity.empty()) return true;
    const auto far = [](const affinity_term& term) { return !term.topology_key.empty(); };
    if (std::any_of(rules.anti_affinity.begin(), rules.anti_affinity.end(), far)) return true;
    if (std::any_of(rules.spread.begin(), rules.spread.end(),
                    [](const auto& s) { return s.required; }))
      return true;
    if constexpr (requires { v.far_reaching_residents(); }) {
      return v.far_reaching_residents() != 0;
    } else {
      return has_residents<node_of_t<View>>;
    }
  }

  /// Counts the tasks that matter for one decision. O(n + labelled tasks) for each term.
  template <task_like Task, node_view View>
  void look(const Task& t, const View& v) {
    terms_.clear();
    const auto& rules = constraints_of(t);
    const auto& own = labels_of(t);
    for (const auto& term : rules.affinity) {
      auto& counted = count(term.topology_key, v,
                            [&](const resident& r) { return term.tasks.matches(r.own_labels); });
      counted.why = reason::affinity;
      counted.first_of_its_kind = counted.matches == 0 && term.tasks.matches(own);
    }
    for (const auto& term : rules.anti_affinity) {
      if (term.topology_key.empty()) continue;
      count(term.topology_key, v, [&](const resident& r) {
        return term.tasks.matches(r.own_labels);
      }).why = reason::anti_affinity;
    }
    for (const auto& key : foreign_keys(v)) {
      count(key, v, [&](const resident& r) {
        return std::any_of(r.anti_affinity.begin(), r.anti_affinity.end(),
                           [&](const affinity_term& term) {
                             return term.topology_key == key && term.tasks.matches(own);
                           });
      }).why = reason::anti_affinity;
    }
    for (const auto& spread : rules.spread) {
      if (spread.required) add_spread(spread, own, rules, v);
    }
  }

  /// The rule that node `i` of the view last looked at breaks, if any.
  [[nodiscard]] auto failure(std::size_t i) const noexcept -> std::optional<reason> {
    for (const auto& term : terms_) {
      const auto domain = term.domain_of[i];
      const auto known = domain != topology::none;
      switch (term.why) {
        case reason::affinity:
          if (!known || (term.in_domain[domain] == 0 && !term.first_of_its_kind)) return term.why;
          break;
        case reason::anti_affinity:
          if (known && term.in_domain[domain] != 0) return term.why;
          break;
        default:
          if (!known || term.in_domain[domain] + term.self > term.most) return term.why;
      }
    }
    return std::nullopt;
  }

 private:
  struct counted_term {
    reason why = reason::affinity;
    bool first_of_its_kind = false;
    std::uint32_t self = 0;
    std::uint64_t most = 0;
    std::uint64_t matches = 0;
    std::vector<std::uint32_t> domain_of;
    std::vector<std::uint32_t> in_domain;
  };

  template <class View, class Matches>
  auto count(const std::string& key, const View& v, Matches matches) -> counted_term& {
    const auto& where = topologies_.find(key, v);
    auto& term = terms_.emplace_back();
    term.domain_of = where.domain_of;
    term.in_domain.assign(where.domains, 0);
    for (std::size_t i = 0; i < term.domain_of.size(); ++i) {
      const auto& there = residents_of(v[i]);
      const auto found =
          static_cast<std::uint32_t>(std::count_if(there.begin(), there.end(), matches));
      term.matches += found;
      if (term.domain_of[i] != topology::none) term.in_domain[term.domain_of[i]] += found;
    }
    return term;
  }

  template <class View>
  void add_spread(const spread_constraint& spread, const labels& own, const constraints& rules,
                  const View& v) {
    const auto& where = topologies_.find(spread.topology_key, v);
    auto& term = terms_.emplace_back();
    term.why = reason::topology_spread;
    term.domain_of = where.domain_of;
    term.in_domain.assign(where.domains, 0);
    term.self = spread.tasks.matches(own) ? 1 : 0;
    std::vector<char> eligible(where.domains, 0);
    for (std::size_t i = 0; i < term.domain_of.size(); ++i) {
      if (!is_present(v[i]) || !selected(rules, v[i]) || !in_all_topologies(rules, v[i])) continue;
      eligible[term.domain_of[i]] = 1;
      for (const resident& r : residents_of(v[i])) {
        if (spread.tasks.matches(r.own_labels)) ++term.in_domain[term.domain_of[i]];
      }
    }
    auto emptiest = std::numeric_limits<std::uint32_t>::max();
    for (std::size_t d = 0; d < eligible.size(); ++d) {
      if (eligible[d] != 0) emptiest = std::min(emptiest, term.in_domain[d]);
    }
    term.most = std::uint64_t{emptiest} + spread.max_skew;
  }

  /// Whether the node has a domain under each of the task's spread constraints.
  template <class Node>
  [[nodiscard]] static auto in_all_topologies(const constraints& rules, const Node& n) noexcept
      -> bool {
    return std::all_of(rules.spread.begin(), rules.spread.end(), [&](const spread_constraint& s) {
      return !s.required || s.topology_key.empty() || labels_of(n).find(s.topology_key) != nullptr;
    });
  }
  template <class Node>
  [[nodiscard]] static auto is_present(const Node& n) noexcept -> bool {
    if constexpr (requires { n.present(); }) {
      return n.present();
    } else {
      return true;
    }
  }

  /// Topology keys of the anti-affinities of tasks already there, each once.
  template <class View>
  [[nodiscard]] static auto foreign_keys(const View& v) -> std::vector<std::string> {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < static_cast<std::size_t>(v.size()); ++i) {
      for (const resident& r : residents_of(v[i])) {
        for (const auto& term : r.anti_affinity) {
          if (!term.topology_key.empty()) keys.push_back(term.topology_key);
        }
      }
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
  }

  topology_cache topologies_;
  std::vector<counted_term> terms_;
};

}  // namespace lepton::place
