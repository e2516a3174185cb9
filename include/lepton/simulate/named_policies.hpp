// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/any_policy.hpp>
#include <lepton/place/balanced_allocation.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/best_fit_percent.hpp>
#include <lepton/place/dot_product.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/fragmentation_gradient.hpp>
#include <lepton/place/gpu_clustering.hpp>
#include <lepton/place/gpu_packing.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/place/most_allocated.hpp>
#include <lepton/place/next_fit.hpp>
#include <lepton/place/nomad_fit.hpp>
#include <lepton/place/random_fit.hpp>
#include <lepton/place/ray_hybrid.hpp>
#include <lepton/place/requested_to_capacity_ratio.hpp>
#include <lepton/place/worst_fit.hpp>
#include <lepton/simulate/workload.hpp>

namespace lepton::simulate {

/// A policy of the simulator, chosen by name.
using named_policy = place::any_policy<task<2>, cluster<2>>;

/// What the policies of a comparison are made from.
struct policy_setting {
  std::span<const place::typical_task> typical;  ///< of the workload
  place::percent_scale scale{};                  ///< the largest node
  std::uint64_t seed = 0;                        ///< of ties and random choices
};

namespace detail {

struct policy_entry {
  std::string_view name;
  named_policy (*make)(const policy_setting&);
};

template <class Score>
[[nodiscard]] auto seeded(Score score, const policy_setting& s) -> named_policy {
  return place::greedy{std::move(score)}.with_ties(s.seed);
}

inline constexpr std::array policy_table{
    policy_entry{"fgd",
                 [](const policy_setting& s) {
                   return seeded(place::fragmentation_gradient{s.typical}, s);
                 }},
    policy_entry{
        "best-fit",
        [](const policy_setting& s) { return seeded(place::best_fit_percent{s.scale}, s); }},
    policy_entry{"gpu-packing",
                 [](const policy_setting& s) { return seeded(place::gpu_packing{}, s); }},
    policy_entry{
        "gpu-clustering",
        [](const policy_setting& s) { return seeded(place::gpu_clustering{s.scale.devices}, s); }},
    policy_entry{
        "dot-product",
        [](const policy_setting& s) {
          return seeded(place::dot_product{s.scale, place::dot_product::preference::tightness}, s);
        }},
    policy_entry{"random",
                 [](const policy_setting& s) -> named_policy { return place::random_fit{s.seed}; }},
    policy_entry{"first-fit",
                 [](const policy_setting& s) { return seeded(place::first_fit{}, s); }},
    policy_entry{"next-fit",
                 [](const policy_setting&) -> named_policy { return place::next_fit{}; }},
    policy_entry{"best-fit-exact",
                 [](const policy_setting& s) { return seeded(place::best_fit{}, s); }},
    policy_entry{"worst-fit",
                 [](const policy_setting& s) { return seeded(place::worst_fit{}, s); }},
    policy_entry{"tetris",
                 [](const policy_setting& s) { return seeded(place::dot_product{s.scale}, s); }},
    policy_entry{"least-allocated",
                 [](const policy_setting& s) { return seeded(place::least_allocated{}, s); }},
    policy_entry{"most-allocated",
                 [](const policy_setting& s) { return seeded(place::most_allocated{}, s); }},
    policy_entry{"balanced",
                 [](const policy_setting& s) { return seeded(place::balanced_allocation{}, s); }},
    policy_entry{"requested-to-capacity",
                 [](const policy_setting& s) {
                   return seeded(place::requested_to_capacity_ratio{{0, 0}, {100, 100}}, s);
                 }},
    policy_entry{"nomad-bin-pack",
                 [](const policy_setting& s) { return seeded(place::nomad_bin_pack{}, s); }},
    policy_entry{"nomad-spread",
                 [](const policy_setting& s) { return seeded(place::nomad_spread{}, s); }},
    policy_entry{"ray-hybrid",
                 [](const policy_setting& s) { return seeded(place::ray_hybrid{}, s); }},
};

inline constexpr auto policy_name_table = [] {
  std::array<std::string_view, policy_table.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = policy_table[i].name;
  return names;
}();

}  // namespace detail

/// The names, in the order of tables; the six of Weng et al. (USENIX ATC 2023) come first.
[[nodiscard]] inline auto policy_names() noexcept -> std::span<const std::string_view> {
  return detail::policy_name_table;
}
[[nodiscard]] inline auto is_policy_name(std::string_view name) noexcept -> bool {
  return std::find(detail::policy_name_table.begin(), detail::policy_name_table.end(), name) !=
         detail::policy_name_table.end();
}

/// The policy of that name, or an error that lists the names.
[[nodiscard]] inline auto make_policy(std::string_view name, const policy_setting& setting)
    -> expected<named_policy> {
  for (const auto& entry : detail::policy_table) {
    if (entry.name == name) return entry.make(setting);
  }
  std::string text = "there is no policy '" + std::string{name} + "'; the policies are:";
  for (const auto& entry : detail::policy_table) text += " " + std::string{entry.name};
  return failure(std::move(text));
}

}  // namespace lepton::simulate
