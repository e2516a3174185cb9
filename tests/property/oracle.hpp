// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <lepton/model/decision.hpp>
#include <lepton/place/tie_order.hpp>

#include "property/world.hpp"

namespace lepton_test {

/// What a decision must be, written down from the definitions: slow, and shares no code with the
/// library beyond the plain data of nodes and tasks.
namespace oracle {

using lepton::node_index;
using lepton::reason;

inline auto value_of(const lepton::labels& set, const std::string& key)
    -> std::optional<std::string> {
  for (const auto& [k, v] : set) {
    if (k == key) return v;
  }
  return std::nullopt;
}

inline auto is_integer(const std::string& text) -> bool {
  const auto digits = text.substr(text.substr(0, 1) == "-" ? 1 : 0);
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
}

inline auto matches(const lepton::label_selector& selector, const lepton::labels& set) -> bool {
  for (const auto& r : selector.requirements) {
    const auto have = value_of(set, r.key);
    bool listed = false;
    for (const auto& v : r.values) listed = listed || (have && *have == v);
    const bool numbers = have && !r.values.empty() && is_integer(*have) && is_integer(r.values[0]);
    const auto number = numbers ? std::stoll(*have) : 0;
    const auto bound = numbers ? std::stoll(r.values[0]) : 0;
    bool holds = false;
    switch (r.op) {
      case lepton::label_operator::in:
        holds = listed;
        break;
      case lepton::label_operator::not_in:
        holds = !listed;
        break;
      case lepton::label_operator::exists:
        holds = have.has_value();
        break;
      case lepton::label_operator::absent:
        holds = !have.has_value();
        break;
      case lepton::label_operator::greater_than:
        holds = numbers && number > bound;
        break;
      case lepton::label_operator::less_than:
        holds = numbers && number < bound;
        break;
    }
    if (!holds) return false;
  }
  return true;
}

inline auto selected(const job& j, const nodes_type& v, std::size_t i) -> bool {
  if (j.rules.node_selectors.empty()) return true;
  for (const auto& s : j.rules.node_selectors) {
    if (matches(s, v[i].own_labels())) return true;
  }
  return false;
}

inline auto tolerates_all(const job& j, const nodes_type& v, std::size_t i) -> bool {
  for (const auto& t : v[i].taints()) {
    if (t.effect == lepton::taint_effect::prefer_no_schedule) continue;
    bool covered = false;
    for (const auto& o : j.rules.tolerations) {
      const auto key = o.key.empty() ? o.any_value : o.key == t.key;
      const auto value = o.any_value || o.value == t.value;
      const auto effect = o.any_effect || o.effect == t.effect;
      covered = covered || (key && value && effect);
    }
    if (!covered) return false;
  }
  return true;
}

/// The devices that a request can use, one by one.
inline auto usable_devices(const job& j, const nodes_type& v, std::size_t i)
    -> std::vector<std::size_t> {
  std::vector<std::size_t> usable;
  const auto& d = v[i].devices();
  for (std::size_t k = 0; k < d.count(); ++k) {
    if (d.free(k) >= j.devices.milli()) usable.push_back(k);
  }
  return usable;
}

/// Which nodes form the domain of node i under a key; none if the node has no such label.
inline auto domain(const std::string& key, const nodes_type& v, std::size_t i)
    -> std::vector<std::size_t> {
  if (key.empty()) return {i};
  std::vector<std::size_t> all;
  const auto mine = value_of(v[i].own_labels(), key);
  for (std::size_t k = 0; mine && k < v.size(); ++k) {
    if (value_of(v[k].own_labels(), key) == mine) all.push_back(k);
  }
  return all;
}

inline auto count_matching(const lepton::label_selector& s, const nodes_type& v,
                           const std::vector<std::size_t>& where) -> std::size_t {
  std::size_t count = 0;
  for (const auto i : where) {
    for (const auto& r : v[i].residents()) count += matches(s, r.own_labels) ? 1U : 0U;
  }
  return count;
}

/// The tests of one node, in the order of `reason`.
inline auto own_failure(const job& j, const nodes_type& v, std::size_t i) -> std::optional<reason> {
  const auto& n = v[i];
  if (!n.accepting()) return reason::closed;
  for (std::size_t d = 0; d < 2; ++d) {
    if (j.demand[d] > n.free()[d]) return d == 0 ? reason::resource_0 : lepton::resource_reason(1);
  }
  if (j.devices.count() != 0) {
    if (n.devices().count() == 0 || !j.devices.acceptable().contains(n.devices().type()))
      return reason::device_kind;
    if (usable_devices(j, v, i).size() < j.devices.count()) return reason::devices;
  }
  if (!selected(j, v, i)) return reason::selector;
  if (!tolerates_all(j, v, i)) return reason::taint;
  for (const auto& r : n.residents()) {
    for (const auto& term : j.rules.anti_affinity) {
      if (term.topology_key.empty() && matches(term.tasks, r.own_labels))
        return reason::anti_affinity;
    }
    for (const auto& term : r.anti_affinity) {
      if (term.topology_key.empty() && matches(term.tasks, j.own_labels))
        return reason::anti_affinity;
    }
  }
  return std::nullopt;
}

/// Whether a node counts in the spread of a task.
inline auto counts_in_spread(const job& j, const nodes_type& v, std::size_t i) -> bool {
  if (!v[i].present() || !selected(j, v, i)) return false;
  for (const auto& s : j.rules.spread) {
    if (s.required && domain(s.topology_key, v, i).empty()) return false;
  }
  return true;
}

/// The tests that look at other nodes.
inline auto far_failure(const job& j, const nodes_type& v, std::size_t i) -> std::optional<reason> {
  std::vector<std::size_t> everywhere;
  for (std::size_t k = 0; k < v.size(); ++k) everywhere.push_back(k);
  for (const auto& term : j.rules.affinity) {
    const auto here = domain(term.topology_key, v, i);
    if (here.empty()) return reason::affinity;
    if (count_matching(term.tasks, v, here) != 0) continue;
    if (count_matching(term.tasks, v, everywhere) != 0 || !matches(term.tasks, j.own_labels))
      return reason::affinity;
  }
  for (const auto& term : j.rules.anti_affinity) {
    if (count_matching(term.tasks, v, domain(term.topology_key, v, i)) != 0)
      return reason::anti_affinity;
  }
  for (std::size_t k = 0; k < v.size(); ++k) {
    for (const auto& r : v[k].residents()) {
      for (const auto& term : r.anti_affinity) {
        if (!matches(term.tasks, j.own_labels)) continue;
        for (const auto other : domain(term.topology_key, v, i)) {
          if (other == k) return reason::anti_affinity;
        }
      }
    }
  }
  for (const auto& spread : j.rules.spread) {
    if (!spread.required) continue;
    if (domain(spread.topology_key, v, i).empty()) return reason::topology_spread;
    const auto in_domain_of = [&](std::size_t k) {
      std::vector<std::size_t> counted;
      for (const auto m : domain(spread.topology_key, v, k)) {
        if (counts_in_spread(j, v, m)) counted.push_back(m);
      }
      return count_matching(spread.tasks, v, counted);
    };
    std::optional<std::size_t> least;
    for (std::size_t k = 0; k < v.size(); ++k) {
      if (!counts_in_spread(j, v, k)) continue;
      const auto there = in_domain_of(k);
      if (!least || there < *least) least = there;
    }
    const std::size_t self = matches(spread.tasks, j.own_labels) ? 1 : 0;
    if (least && in_domain_of(i) + self > *least + spread.max_skew) return reason::topology_spread;
  }
  return std::nullopt;
}

inline auto has_far_rules(const job& j, const nodes_type& v) -> bool {
  if (!j.rules.affinity.empty()) return true;
  for (const auto& a : j.rules.anti_affinity) {
    if (!a.topology_key.empty()) return true;
  }
  for (const auto& s : j.rules.spread) {
    if (s.required) return true;
  }
  for (std::size_t i = 0; i < v.size(); ++i) {
    for (const auto& r : v[i].residents()) {
      for (const auto& a : r.anti_affinity) {
        if (!a.topology_key.empty()) return true;
      }
    }
  }
  return false;
}

inline auto fits_when_empty(const job& j, const nodes_type& v, std::size_t i) -> bool {
  const auto& n = v[i];
  if (!n.present()) return false;
  for (std::size_t d = 0; d < 2; ++d) {
    if (j.demand[d] > n.capacity()[d]) return false;
  }
  if (j.devices.count() > n.devices().count()) return false;
  if (j.devices.count() != 0 && !j.devices.acceptable().contains(n.devices().type())) return false;
  return selected(j, v, i) && tolerates_all(j, v, i);
}

/// The tightest device for a share (the first of equals), the first free ones for whole requests.
inline auto tightest(const job& j, const nodes_type& v, std::size_t i) -> lepton::device_mask {
  const auto usable = usable_devices(j, v, i);
  const auto& d = v[i].devices();
  unsigned mask = 0;
  if (j.devices.count() == 1) {
    auto best = usable.front();
    for (const auto k : usable) best = d.free(k) < d.free(best) ? k : best;
    mask = 1U << best;
  } else {
    for (std::size_t k = 0; k < j.devices.count(); ++k) mask |= 1U << usable[k];
  }
  return static_cast<lepton::device_mask>(mask);
}

/// What a policy is meant to do.
struct rule {
  std::function<std::int64_t(const job&, const nodes_type&, node_index)>
      worth;  ///< the largest wins
  std::vector<std::function<bool(const job&, const nodes_type&, node_index)>> filters{};
  std::function<lepton::device_mask(const job&, const nodes_type&, node_index)> devices = tightest;
  /// Called once before the nodes are judged.
  std::function<void(const job&, const nodes_type&)> look = [](const job&, const nodes_type&) {};
};

inline auto decide(const rule& r, const job& j, const nodes_type& v, lepton::place::tie_order ties)
    -> lepton::decision {
  if (v.size() == 0) return lepton::decision::infeasible();
  ties.resize(v.size());
  r.look(j, v);
  const auto far = has_far_rules(j, v);
  lepton::reason_counts why;
  std::optional<node_index> best;
  std::int64_t best_worth = 0;
  bool feasible = false;
  for (node_index i = 0; i < v.size(); ++i) {
    feasible = feasible || fits_when_empty(j, v, i);
    auto failed = own_failure(j, v, i);
    for (std::size_t f = 0; !failed && f < r.filters.size(); ++f) {
      if (!r.filters[f](j, v, i)) failed = lepton::filter_reason(f);
    }
    if (!failed && far) failed = far_failure(j, v, i);
    if (failed) {
      ++why[*failed];
      continue;
    }
    const auto worth = r.worth(j, v, i);
    if (!best || worth > best_worth ||
        (worth == best_worth && ties.position_of(i) < ties.position_of(*best))) {
      best = i;
      best_worth = worth;
    }
  }
  if (!best) return feasible ? lepton::decision::busy(why) : lepton::decision::infeasible(why);
  return lepton::decision::placed(
      *best, j.devices.none() ? lepton::device_mask{0} : r.devices(j, v, *best));
}

}  // namespace oracle
}  // namespace lepton_test
