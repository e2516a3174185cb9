// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/place/item_pool.hpp>
#include <lepton/place/item_size.hpp>
#include <lepton/place/open_bins.hpp>

// Packings that fill one bin after another, each time with the item that suits best what is still
// free in the bin. Panigrahy, Talwar, Uyeda, Wieder: "Heuristics for vector bin packing" (2011).

namespace lepton::place {
namespace detail {

/// Fills one bin after another with the items of highest `score(demand, free)`.
template <resource_vector R, class Score>
[[nodiscard]] auto fill_bins(const packing_problem<R>& p, demand_weights weights, Score score)
    -> packing<R> {
  open_bins<R> bins{p};
  item_pool<R> pool{p};
  std::vector<bool> packed(p.size());
  for (const auto& next : largest_first(p, size_of_amounts<R>{p, {item_size::sum, weights}})) {
    while (!packed[next.item]) {  // the bin opened for it may fill up with others
      const auto bin = bins.open_for(p.demands()[next.item]);
      while (const auto found = pool.best(bins.free(bin), score)) {
        bins.put(found->item, bin);
        packed[found->item] = true;
        pool.take(*found);
      }
    }
  }
  return std::move(bins).close();
}

}  // namespace detail

/// Dot-product greedy: puts into the bin the item with the largest Σ w_d · x_d · r_d, for demand x
/// and free amounts r in parts of the (largest) capacities, until no item fits; then opens the next
/// bin. An item goes where what it needs most is plentiful.
///
/// A new bin is of the type that `first_fit_decreasing` would open for the largest item left
/// (`sum`); at the end each becomes the cheapest type that holds its load. Ties go to the lowest
/// index. Fails as `first_fit_decreasing` does.
///
/// Feasibility is exact; so are the products if the least common multiple of the capacities is at
/// most 2^20, else x and r are rounded down to multiples of 2^−20. n items of m different demands
/// take O(n log n) and n searches in a k-d tree of m leaves: O(log m) if all goes well, O(m) at
/// worst.
template <item_view Items>
[[nodiscard]] auto dot_product_greedy(const Items& items,
                                      std::span<const bin_type<item_resources_t<Items>>> types,
                                      demand_weights weights = demand_weights::equal)
    -> expected<packing<item_resources_t<Items>>> {
  const auto p = detail::packing_problem<item_resources_t<Items>>::of(items, types);
  if (!p) return unexpected{p.error()};
  const auto w = detail::weights_of(*p, weights);
  return detail::fill_bins(*p, weights, [&w](const auto& demand, const auto& free) {
    std::int64_t sum = 0;
    for (std::size_t d = 0; d < w.size(); ++d) sum += w[d] * (demand[d] * free[d]);
    return sum;
  });
}
/// The same for bins of one type.
template <item_view Items>
[[nodiscard]] auto dot_product_greedy(const Items& items,
                                      const bin_type<item_resources_t<Items>>& type,
                                      demand_weights weights = demand_weights::equal)
    -> expected<packing<item_resources_t<Items>>> {
  return dot_product_greedy(items, std::span{&type, 1}, weights);
}

/// Norm-based greedy, L2: as `dot_product_greedy`, but takes the item with the least
/// Σ w_d · (x_d − r_d)², the one that comes closest to filling the bin.
template <item_view Items>
[[nodiscard]] auto l2_norm_greedy(const Items& items,
                                  std::span<const bin_type<item_resources_t<Items>>> types,
                                  demand_weights weights = demand_weights::equal)
    -> expected<packing<item_resources_t<Items>>> {
  const auto p = detail::packing_problem<item_resources_t<Items>>::of(items, types);
  if (!p) return unexpected{p.error()};
  const auto w = detail::weights_of(*p, weights);
  return detail::fill_bins(*p, weights, [&w](const auto& demand, const auto& free) {
    std::int64_t sum = 0;
    for (std::size_t d = 0; d < w.size(); ++d) {
      const auto left = free[d] - demand[d];
      sum -= w[d] * (left * left);
    }
    return sum;
  });
}
/// The same for bins of one type.
template <item_view Items>
[[nodiscard]] auto l2_norm_greedy(const Items& items, const bin_type<item_resources_t<Items>>& type,
                                  demand_weights weights = demand_weights::equal)
    -> expected<packing<item_resources_t<Items>>> {
  return l2_norm_greedy(items, std::span{&type, 1}, weights);
}

}  // namespace lepton::place
