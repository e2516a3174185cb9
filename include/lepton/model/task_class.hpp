// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <lepton/detail/hash.hpp>
#include <lepton/model/concepts.hpp>

namespace lepton::detail {

/// Hash of labels and rules; 0 when there are none, which is the common case and costs nothing.
[[nodiscard]] inline auto hash_rules(const labels& own, const constraints& rules) noexcept
    -> std::uint64_t {
  if (own.empty() && rules.empty()) return 0;
  std::uint64_t h = 1;
  const auto add_selector = [&](const label_selector& s) {
    h = combine(h, s.requirements.size());
    for (const auto& r : s.requirements) {
      h = combine(combine(h, std::string_view{r.key}), static_cast<std::uint64_t>(r.op));
      for (const auto& value : r.values) h = combine(h, std::string_view{value});
    }
  };
  const auto add_terms = [&](const auto& terms) {
    h = combine(h, terms.size());
    for (const auto& term : terms) {
      add_selector(term.tasks);
      h = combine(h, std::string_view{term.topology_key});
    }
  };
  for (const auto& [key, value] : own)
    h = combine(combine(h, std::string_view{key}), std::string_view{value});
  for (const auto& s : rules.node_selectors) add_selector(s);
  for (const auto& t : rules.tolerations)
    h = combine(combine(h, std::string_view{t.key}), std::string_view{t.value});
  add_terms(rules.affinity);
  add_terms(rules.anti_affinity);
  add_terms(rules.spread);
  return h;
}

/// All that a local score may see of a task. Tasks of one class are interchangeable.
template <resource_vector R>
class task_class {
 public:
  template <class Task>
  task_class(const Task& t, std::uint64_t extra)
      : demand_(demand_of(t)),
        request_(devices_of(t)),
        extra_(extra),
        own_(labels_of(t)),
        rules_(constraints_of(t)) {}

  template <class Task>
  [[nodiscard]] static auto hash(const Task& t, std::uint64_t extra) noexcept -> std::uint64_t {
    std::uint64_t h = extra;
    const auto& demand = demand_of(t);
    for (const auto a : demand) h = combine(h, static_cast<std::uint64_t>(a));
    const auto& request = devices_of(t);
    if (!request.none()) {
      h = combine(h, (std::uint64_t{request.count()} << 32) | request.milli());
      h = combine(h, request.acceptable().bits());
    }
    const auto rules = hash_rules(labels_of(t), constraints_of(t));
    return mix(rules == 0 ? h : combine(h, rules));
  }

  template <class Task>
  [[nodiscard]] auto holds(const Task& t, std::uint64_t extra) const noexcept -> bool {
    return demand_ == demand_of(t) && request_ == devices_of(t) && extra_ == extra &&
           own_ == labels_of(t) && rules_ == constraints_of(t);
  }

 private:
  R demand_;
  device_request request_;
  std::uint64_t extra_;
  labels own_;
  constraints rules_;
};

}  // namespace lepton::detail
