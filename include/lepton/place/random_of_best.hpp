// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/place/feasible_nodes.hpp>
#include <lepton/place/none_found.hpp>

namespace lepton::place {

/// One of the k best nodes by a score, each equally likely (equal scores: lowest index first).
/// Keeps schedulers that work from the same stale view from all choosing the same node. O(n).
template <class Score>
class random_of_best {
 public:
  /// @param k  at least 1
  random_of_best(Score score, std::size_t k, std::uint64_t seed = 0) noexcept
      : score_(std::move(score)), k_(k), random_(seed) {
    LEPTON_ASSERT(k >= 1, "random_of_best: k must be at least 1");
  }

  template <class Task, class View>
  [[nodiscard]] auto pick(const Task& t, const View& v) -> decision {
    if (v.size() == 0) return decision::infeasible();
    if constexpr (preparable<Score, View>) score_.prepare(v);
    nodes_.look(t, v);
    ranked_.clear();
    for (node_index i = 0; i < static_cast<std::size_t>(v.size()); ++i) {
      if (!nodes_.failure(t, v, i))
        ranked_.emplace_back(-static_cast<std::int64_t>(score_(t, v[i])), i);
    }
    if (ranked_.empty())
      return detail::none_found(t, v, [&](node_index i) { return nodes_.failure(t, v, i); });
    const auto best = std::min(k_, ranked_.size());
    std::partial_sort(ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(best),
                      ranked_.end());
    const auto chosen = ranked_[random_.below(static_cast<std::uint32_t>(best))].second;
    if constexpr (chooses_devices<Score, Task, node_of_t<View>>) {
      if (!devices_of(t).none()) {
        return decision::placed(chosen, score_.choose_devices(t, v[chosen]));
      }
    }
    return detail::placed_tightest(t, v, chosen);
  }

 private:
  Score score_;
  std::size_t k_;
  lepton::detail::pcg32 random_;
  detail::feasibility nodes_;
  std::vector<std::pair<std::int64_t, node_index>> ranked_;
};

}  // namespace lepton::place
