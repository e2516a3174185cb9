// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/model/cluster.hpp>

#include "property/choices.hpp"

namespace lepton_test {

/// A program's own task: what a local score may see, and one thing more.
struct job {
  lepton::task_id id = 0;
  lepton::resources<2> demand{};
  lepton::device_request devices{};
  lepton::labels own_labels{};
  lepton::constraints rules{};
  std::uint32_t colour = 0;  ///< only filters and scores of the program's own look at it
};

using nodes_type = lepton::cluster<2>;

/// What kinds of constraints tasks may have. Tasks that are under none are the majority, so that
/// the indices are asked; a task that reaches over nodes makes every decision a scan.
enum class rules_kind { none, of_one_node, across_nodes };

/// A random cluster under random changes, and the tasks that come to it.
class world {
 public:
  world(choices& c, std::size_t most_nodes, rules_kind kind) : kind_(kind) {
    // One world in four has identical nodes, the best soil for ties.
    same_ = c.chance(25);
    const auto n = 1 + c.below(static_cast<std::uint32_t>(most_nodes));
    for (std::uint32_t i = 0; i < n; ++i) add_node(c);
    for (int i = 0; i < 8; ++i) usual_.push_back(new_job(c));
    if (c.chance(50)) fill(c);
  }

  nodes_type nodes;
  std::vector<lepton::allocation_id> held{};

  void add_node(choices& c) { (void)nodes.add(some_spec(c)); }

  [[nodiscard]] auto some_spec(choices& c) const -> lepton::node_spec<2> {
    constexpr lepton::amount cpu[] = {8000, 0, 1000, 4000, 8000, 16000, 64000};
    constexpr lepton::amount memory[] = {16384, 0, 512, 4096, 16384, 32768};
    constexpr std::uint8_t devices[] = {0, 0, 1, 2, 4, 8, 16};
    lepton::node_spec<2> spec;
    spec.name = "n" + std::to_string(nodes.size());
    spec.capacity = same_ ? lepton::resources<2>{8000, 16384}
                          : lepton::resources<2>{c.one_of(cpu), c.one_of(memory)};
    if (!same_ && c.chance(20)) spec.used[0] = spec.capacity[0] / 3;
    spec.devices =
        same_ ? lepton::device_set{4, 0}
              : lepton::device_set{c.one_of(devices), static_cast<lepton::device_type>(c.below(3))};
    spec.own_labels = node_labels(c);
    spec.taints = node_taints(c);
    return spec;
  }

  static auto node_labels(choices& c) -> lepton::labels {
    lepton::labels set;
    const char* const disks[] = {"ssd", "hdd"};
    const char* const ranks[] = {"1", "5", "-3", "007", "five", ""};
    if (!c.chance(15)) set.set("zone", "z" + std::to_string(c.below(3)));
    if (c.chance(60)) set.set("disk", c.one_of(disks));
    if (c.chance(60)) set.set("rank", c.one_of(ranks));
    if (c.chance(50)) set.set("rack", std::to_string(c.below(5)));
    return set;
  }
  static auto node_taints(choices& c) -> std::vector<lepton::taint> {
    constexpr lepton::taint_effect effects[] = {lepton::taint_effect::no_schedule,
                                                lepton::taint_effect::prefer_no_schedule,
                                                lepton::taint_effect::no_execute};
    std::vector<lepton::taint> marks;
    while (marks.size() < 3 && c.chance(15)) {
      marks.push_back(
          {c.chance(50) ? "gpu" : "spot", c.chance(50) ? "yes" : "", c.one_of(effects)});
    }
    return marks;
  }

  /// One thing that happens to the cluster between decisions.
  void happen(choices& c) {
    const auto what = c.below(100);
    const auto i =
        static_cast<lepton::node_index>(c.below(static_cast<std::uint32_t>(nodes.size())));
    if (what < 72) {
      release_one(c);
    } else if (what < 77) {
      (void)nodes.drain(i);
    } else if (what < 88) {
      (void)nodes.resume(i);
    } else if (what < 90) {
      (void)nodes.remove(i);  // the receipts of what ran there are found out later
    } else if (what < 94) {
      if (nodes.size() < 400) add_node(c);
    } else if (what < 97) {
      (void)nodes.relabel(i, node_labels(c));
    } else {
      (void)nodes.retaint(i, node_taints(c));
    }
  }

  void release_one(choices& c) {
    if (held.empty()) return;
    std::swap(held[c.below(static_cast<std::uint32_t>(held.size()))], held.back());
    (void)nodes.release(held.back());
    held.pop_back();
  }

  /// More changes than the cluster's log keeps.
  void pause(choices& c) {
    const auto changes = 2 * (2 * nodes.size() + 1024) + c.below(100);
    for (std::size_t done = 0; done < changes; ++done) {
      const auto i =
          static_cast<lepton::node_index>(c.below(static_cast<std::uint32_t>(nodes.size())));
      if (const auto receipt = nodes.allocate(i, {0, 0})) {
        (void)nodes.release(*receipt);
      } else {
        (void)nodes.relabel(i, nodes[i].own_labels());
      }
    }
  }

  /// A wave of departures.
  void ebb(choices& c) {
    for (auto leaving = c.below(static_cast<std::uint32_t>(held.size() + 1)); leaving > 0;
         --leaving)
      release_one(c);
  }

  /// The same few jobs again and again, and now and then a new one.
  [[nodiscard]] auto some_job(choices& c) const -> job {
    if (!c.chance(75)) return new_job(c);
    auto j = usual_[c.below(static_cast<std::uint32_t>(usual_.size()))];
    if (c.chance(20)) j.colour = c.below(3);
    return j;
  }

 private:
  /// Puts tasks where there is room, whatever the rules say of them.
  void fill(choices& c) {
    for (lepton::node_index i = 0; i < nodes.size(); ++i) {
      for (auto tasks = c.below(6); tasks > 0; --tasks) {
        const auto j = some_job(c);
        const auto anti = j.rules.anti_affinity;
        if (const auto receipt = nodes.allocate(i, j.demand, j.devices, 0, j.own_labels, anti))
          held.push_back(*receipt);
      }
    }
  }

  [[nodiscard]] auto new_job(choices& c) const -> job {
    constexpr lepton::amount cpu[] = {0, 500, 1000, 1000, 1000, 3000, 3000, 8000};
    constexpr lepton::amount memory[] = {0, 256, 1024, 1024, 4096};
    job j;
    j.demand = {c.one_of(cpu), c.one_of(memory)};
    if (c.chance(3)) j.demand[c.below(2)] = 100'000;
    j.devices = some_request(c);
    j.colour = c.below(3);
    if (kind_ == rules_kind::none) return j;
    if (c.chance(40)) j.own_labels = lepton::labels{{"app", app(c)}};
    if (c.chance(20)) j.own_labels.set("tier", c.chance(50) ? "back" : "front");
    if (c.chance(30)) j.rules.tolerations = some_tolerations(c);
    if (c.chance(20)) {
      const auto alternatives = 1 + c.below(2);
      for (std::uint32_t i = 0; i < alternatives; ++i)
        j.rules.node_selectors.push_back(some_selector(c));
    }
    if (c.chance(10)) j.rules.anti_affinity.push_back({app_selector(c), ""});
    if (c.chance(10)) {
      j.rules.spread.push_back({app_selector(c), some_key(c), 1 + c.below(2), false});
    }
    if (kind_ == rules_kind::of_one_node) return j;
    if (c.chance(15)) j.rules.affinity.push_back({app_selector(c), some_key(c)});
    if (c.chance(5)) j.rules.affinity.push_back({app_selector(c), some_key(c)});
    if (c.chance(10)) j.rules.anti_affinity.push_back({app_selector(c), some_key(c)});
    if (c.chance(20))
      j.rules.spread.push_back({app_selector(c), some_key(c), 1 + c.below(3), true});
    if (c.chance(5)) j.rules.spread.push_back({app_selector(c), some_key(c), c.below(2), true});
    return j;
  }

  static auto some_request(choices& c) -> lepton::device_request {
    using lepton::device_request;
    using lepton::device_types;
    constexpr std::uint16_t shares[] = {1, 100, 250, 500, 500, 999, 1000};
    constexpr std::uint8_t whole[] = {1, 1, 1, 2, 2, 4, 8, 16};
    auto types = device_types::any();
    if (c.chance(30)) types = device_types::only(static_cast<lepton::device_type>(c.below(3)));
    if (c.chance(10)) types.insert(2);
    const auto what = c.below(10);
    if (what < 6) return {};
    return what < 9 ? device_request::share(c.one_of(shares), types)
                    : device_request::whole(c.one_of(whole), types);
  }

  static auto app(choices& c) -> std::string {
    return std::string(1, static_cast<char>('a' + c.below(3)));
  }
  static auto some_key(choices& c) -> std::string {
    const char* const keys[] = {"zone", "zone", "disk", "rack", ""};
    return c.one_of(keys);
  }
  static auto some_tolerations(choices& c) -> std::vector<lepton::toleration> {
    std::vector<lepton::toleration> all;
    do {
      const char* const keys[] = {"gpu", "spot", ""};
      all.push_back(
          {c.one_of(keys), c.chance(50) ? "yes" : "",
           c.chance(70) ? lepton::taint_effect::no_schedule : lepton::taint_effect::no_execute,
           c.chance(50), c.chance(30)});
    } while (c.chance(30));
    return all;
  }
  static auto some_selector(choices& c) -> lepton::label_selector {
    using op = lepton::label_operator;
    lepton::label_selector s;
    do {
      switch (c.below(6)) {
        case 0:
          s.requirements.push_back({"zone", op::in, {"z0", "z2"}});
          break;
        case 1:
          s.requirements.push_back({"zone", op::not_in, {"z1"}});
          break;
        case 2:
          s.requirements.push_back({"disk", op::exists, {}});
          break;
        case 3:
          s.requirements.push_back({"disk", op::absent, {}});
          break;
        case 4:
          s.requirements.push_back({"rank", op::greater_than, {"0"}});
          break;
        default:
          s.requirements.push_back({"rank", op::less_than, {"6"}});
          break;
      }
    } while (c.chance(25));
    return s;
  }
  static auto app_selector(choices& c) -> lepton::label_selector {
    using op = lepton::label_operator;
    switch (c.below(5)) {
      case 0:
        return {{"tier", op::exists, {}}};
      case 1:
        return {{"app", op::not_in, {"a", "b"}}};
      default:
        return lepton::label_selector::equals("app", app(c));
    }
  }

  rules_kind kind_;
  bool same_ = false;
  std::vector<job> usual_{};
};

}  // namespace lepton_test
