// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <lepton/place/packing_problem.hpp>

namespace lepton::place {

/// A number of bins that no packing can go below: in each dimension the sum of the demands over the
/// largest capacity, rounded up; the largest of these. 1 if there are only items that ask for
/// nothing.
///
/// Fails as a packing would. O(items · (dimensions + types)).
template <item_view Items>
[[nodiscard]] auto bin_count_lower_bound(const Items& items,
                                         std::span<const bin_type<item_resources_t<Items>>> types)
    -> expected<std::size_t> {
  using problem = detail::packing_problem<item_resources_t<Items>>;
  const auto p = problem::of(items, types);
  if (!p) return unexpected{p.error()};
  std::size_t bound = p->size() != 0 ? 1 : 0;
  for (std::size_t d = 0; d < problem::dimension_count; ++d) {
    const auto& total = p->total(d);
    bound = std::max(bound, static_cast<std::size_t>(total.bins) + (total.rest != 0 ? 1U : 0U));
  }
  return bound;
}
/// The same for bins of one type.
template <item_view Items>
[[nodiscard]] auto bin_count_lower_bound(const Items& items,
                                         const bin_type<item_resources_t<Items>>& type)
    -> expected<std::size_t> {
  return bin_count_lower_bound(items, std::span{&type, 1});
}

}  // namespace lepton::place
